"""Fictional minutes annotated by hand, one clause a line: ``class,also accepted/owner@deadline|text``.

Classes: D decision, S standing duty, P principle, F fact, H heading; L is a lead-in, N a new paragraph, # a remark.
The deadline is its value, or its words for an event. An owner or a deadline that is not written is not stated.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fangkong.science.minutes.page import Report
from fangkong.science.minutes.repaired import repair

FOLDER = Path(__file__).parent / "annotated"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.txt")))
_CLASSES = {"D": "decision", "S": "standing_duty", "P": "principle", "F": "fact", "H": "principle"}
_LABEL = re.compile(r"(?P<kinds>[DSPFH,]+)(?:/(?P<owner>[^@|]*))?(?:@(?P<deadline>[^|]+))?$")


def annotated(name: str) -> tuple[str, list[dict[str, Any]]]:
    """The text of ``name`` and its clauses in the shape of the annotation of the seed pages."""
    source, gold = "", []
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        if line == "N":
            source += "\n"
            continue
        label, text = line.split("|", 1)
        if label != "L":
            gold.append(_clause(label, text, len(source)))
        source += text
    return source, gold


def _clause(label: str, text: str, start: int) -> dict[str, Any]:
    match = _LABEL.match(label)
    assert match, label
    classes = [_CLASSES[kind] for kind in match["kinds"].split(",")]
    heading = match["kinds"] == "H"
    quote = text.rstrip("，。；：")
    return {
        "class": classes[0],
        "also_accept": list(_CLASSES.values()) if heading else classes[1:],
        "span": [start, start + len(quote)],
        "text": quote,
        "owner": {"name": match["owner"], "basis": "stated"} if match["owner"] else None,
        "deadline": match["deadline"],
        "is_heading": heading,
        "duplicate_of": "the body" if heading else None,
    }


def whole(source: str) -> Report:
    """All of ``source`` as a report, no page around it."""
    return Report((0, len(source)), (), None, None, (), repair(source))
