"""What people type into the forms of meetings: one chair, venue or item a line, numbers, moments."""

from __future__ import annotations

from typing import Any

from fangkong.core.errors import InputError


def pairs_typed(given: str, first: str, second: str) -> list[dict[str, str]]:
    """Each line as two parts around a bar, the second one left out where nobody typed it.

    >>> pairs_typed("周启明 | 市长", "name", "post")
    [{'name': '周启明', 'post': '市长'}]
    """
    found = []
    for line in given.splitlines():
        head, _, tail = line.replace("｜", "|").partition("|")
        if head.strip() or tail.strip():
            found.append({first: head.strip(), second: tail.strip()})
    return found


def venues_typed(given: str) -> list[dict[str, Any]]:
    """Each line as a venue and how many are expected there. Raises InputError ``meeting.bad_expected``.

    >>> venues_typed("市主会场 | 30")
    [{'name': '市主会场', 'expected': 30}]
    """
    return [
        {"name": each["name"], "expected": _count(each["expected"], each["name"])}
        for each in pairs_typed(given, "name", "expected")
    ]


def _count(given: str, venue: str) -> int | None:
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 8):
        raise InputError("meeting.bad_expected", venue=venue[:40])
    return int(given)


def number_or_none(given: str, code: str) -> int | None:
    """The whole number typed, None when nothing was. Raises InputError ``code`` for anything else."""
    text = given.strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise InputError(code, limit=32767)
    return int(text)
