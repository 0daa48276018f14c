"""References to cases: 病例1, 病例3、病例4, "病例9、12", 待查."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..codes import issue
from ..context import Context
from ..parts import Cell
from .text import bare, changes, clean, is_pending, is_placeholder
from .value import EMPTY, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading

_SPLIT = re.compile(r"\s*(?:[、,，;；/+&]|和|及|与|\band\b)\s*")
_NUMBERED = re.compile(r"(?P<stem>.*?\D)?(?P<number>\d+)(?P<tail>号?)")
_RANGE = re.compile(
    r"(?P<stem>\D*[^\W\d_][\W_]*)?(?P<first>\d{1,4})\s*(?:-|~|～|—|至|到)\s*(?:\D{0,4})(?P<last>\d{1,4})"
)
_UNRESOLVED = re.compile(
    r"待[查核定确补]|不[详明清]|未知|未查|不确定|查不到|排查中|调查中|核实中|存疑|源头不|unknown|unresolved|unclear|tbd|tbc|pending|[?？]",
    re.IGNORECASE,
)
#: A longer range of cases is more likely a number with a dash.
_LONGEST_RANGE = 30


def case_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to the tuple of case references in it, each as the sender writes a single one."""
    name = reading.name

    def read(cell: Cell) -> Value:
        cleaned = clean(cell.text.removesuffix(".0") if isinstance(cell.value, float) else cell.text)
        text = cleaned.text
        if not text:
            return EMPTY
        if is_pending(text) or _UNRESOLVED.search(text):
            return Value(None, (issue(None, name, "CASE_UNRESOLVED"),), "pending")
        if is_placeholder(text):
            return Value(None, (), "placeholder")
        info = changes(name, cleaned, spaced=False)
        refs = case_references(text)
        if len(refs) > 1:
            info = (issue(None, name, "MULTIPLE_CASES_IN_CELL", count=len(refs)), *info)
        return Value(refs, info, "read") if refs else Value(None, info, "unreadable")

    return read


def case_references(text: str) -> tuple[str, ...]:
    """The references in ``text``, without repeats.

    >>> case_references("病例9、12"), case_references("病例1-3"), case_references("CASE-2020-0016")
    (('病例9', '病例12'), ('病例1', '病例2', '病例3'), ('CASE-2020-0016',))
    """
    found: list[str] = []
    stem = tail = ""
    for part in _SPLIT.split(bare(text) and text):
        part = part.strip(" 。.")
        if not part:
            continue
        ranged = _RANGE.fullmatch(part)
        if ranged and (ranged["stem"] or stem):
            first, last = int(ranged["first"]), int(ranged["last"])
            if 0 < last - first <= _LONGEST_RANGE:
                stem = ranged["stem"] or stem
                found += [f"{stem}{number}" for number in range(first, last + 1)]
                continue
        numbered = _NUMBERED.fullmatch(part)
        if numbered and numbered["stem"]:
            stem, tail = numbered["stem"], numbered["tail"]
            found.append(part.replace(" ", "") if not part.isascii() else part)
        elif numbered and stem:
            found.append(f"{stem}{numbered['number']}{tail}")
        else:
            found.append(part)
    return tuple(dict.fromkeys(found))
