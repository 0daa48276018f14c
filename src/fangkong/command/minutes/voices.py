"""What readers of a page wrote below the report: offered to Listening, never read as clauses."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Voice:
    """One comment: its words, the votes for it, and its day where the page shows one."""

    words: str
    votes: int = 0
    voiced_on: date | None = None


def voices(text: str, report_end: int) -> list[Voice]:
    """The comments in ``text`` behind ``report_end`` (a code point), in their order; none where none are marked.

    A page's own lines are left out, and so is every line that stands there more than once.

    >>> page = "报道。\\n发表于 2022-3-29\\n班车什么时候恢复\\n支持 3\\n"
    >>> voices(page, 3)
    [Voice(words='班车什么时候恢复', votes=3, voiced_on=datetime.date(2022, 3, 29))]
    """
    words = _table()
    lines = [line.strip() for line in text[report_end:].splitlines()]
    often = {line for line, n in Counter(lines).items() if n > 1}
    found: list[Voice] = []
    opened, day = False, None
    for line in lines:
        if opened and any(word in line for word in words["ends"]):
            break
        if not opened and any(word in line for word in words["opens"]):
            opened = True
        if not opened or not line:
            continue
        if votes := _votes().search(line):
            if found:
                found[-1] = Voice(found[-1].words, int(votes[1]), found[-1].voiced_on)
        elif dated := _day().search(line):
            day = _date(dated)
        elif len(line) >= words["least_characters"] and line not in often and not _of_page(line):
            found.append(Voice(line, 0, day))
    return found[: words["most"]]


def _of_page(line: str) -> bool:
    return any(word in line for word in _table()["page"])


def _date(match: re.Match[str]) -> date | None:
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


@cache
def _votes() -> re.Pattern[str]:
    return re.compile(_table()["votes"])


@cache
def _day() -> re.Pattern[str]:
    return re.compile(_table()["day"])


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("voices.toml").read_text(encoding="utf-8"))
