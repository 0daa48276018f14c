"""Rows of a table of tasks (matter, office, time limit), as they stand in a text: cells parted by tabs or bars."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from .classes import order_begins
from .details import Deadline, deadline
from .owners import is_body
from .vocabulary import words

_BAR = re.compile(r"[\t|｜]")
#: A row has so many cells at least; a matter is no shorter than this many characters.
LEAST_CELLS, LEAST_MATTER = 3, 6
#: A cell that is nothing but a day or an hour.
_DAY = re.compile(r"(?:20\d\d年)?\d{1,2}月(?:\d{1,2}日|底|[上中下]旬)(?:\d{1,2}[时点](?:\d{1,2}分)?)?")


def cells(line: str) -> Iterator[tuple[int, int]]:
    """Where the cells of ``line`` that are not empty begin and end; none where it is no row."""
    if len(_BAR.findall(line)) < LEAST_CELLS - 1:
        return
    at = 0
    for bar in [*(match.start() for match in _BAR.finditer(line)), len(line)]:
        cell = line[at:bar]
        if cell.strip():
            start = at + len(cell) - len(cell.lstrip())
            yield start, at + len(cell.rstrip())
        at = bar + 1


def _texts(line: str) -> list[str]:
    return [line[start:end] for start, end in cells(line)]


def is_heading_row(line: str) -> bool:
    """Whether ``line`` names the columns of a table of tasks (任务, 责任单位, 完成时限)."""
    heads = words("owners", "columns", "heads")
    return sum(any(cell.endswith(head) for head in heads) for cell in _texts(line)) >= LEAST_CELLS - 1


def is_task_row(line: str) -> bool:
    """Whether ``line`` gives a matter to an office, with a time limit or with an order's words."""
    found = _texts(line)
    if row_owner(line) is None:
        return False
    return row_deadline(line) is not None or any(
        len(cell) >= LEAST_MATTER and order_begins().match(cell) and not is_body(cell) for cell in found
    )


def matter_cell(line: str) -> tuple[int, int]:
    """Where the matter stands: the longest cell that is neither an office nor a day."""
    plain = [
        (end - start, -start, end)
        for start, end in cells(line)
        if not is_body(line[start:end]) and not _DAY.match(line[start:end])
    ]
    _, start, end = max(plain, default=(0, 0, len(line)))
    return -start, end


def row_owner(line: str) -> str | None:
    """The office of a row: the last cell that holds nothing but names of bodies, or None."""
    for cell in reversed(_texts(line)):
        if len(cell) > 1 and all(is_body(name) for name in re.split(r"[、，,]", cell) if name):
            return cell
    return None


def row_deadline(line: str, meeting: date | None = None) -> Deadline | None:
    """The time limit of a row: a cell that states one, or that is nothing but a day; else None.

    >>> row_deadline("1\\t出租房排查\\t市公安局\\t3月12日", date(2022, 3, 9)).value
    '2022-03-12'
    """
    for cell in reversed(_texts(line)):
        bare = _DAY.fullmatch(cell)
        found = deadline(f"{cell}前" if bare else cell, meeting)
        if found:
            return Deadline(cell, found.kind, found.value, found.basis) if bare else found
    return None
