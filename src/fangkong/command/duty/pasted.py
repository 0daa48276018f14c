"""A roster pasted from a spreadsheet: rows of day, chief, deputy, and where needed the hours of the shift."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from fangkong.core.errors import InputError
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import User

from ..office_clocks import office_clock
from .roster import NewShift, shifts_enter
from .rows import HANDOVER, WRITE, duty_staff

#: The most rows that are taken at once.
MOST_ROWS = 200

_COLUMNS = ("day", "chief", "deputy", "from", "to")
_DAY = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D*")
_HOUR = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：]\d{2})?")
#: A first cell that is a heading and no day.
_HEADING = re.compile(r"\D+")


def roster_import(text: str, *, area_code: str, knowingly: str = "", actor: Actor, at: datetime) -> list[str]:
    """The keys of the shifts of ``text``: one line each, cells parted by tabs or commas, a heading allowed.

    Cells are day, chief, deputy ("" for none), and from and to where the shift does not run from one hand-over
    hour to the next. People are named as the office signs them or by sign-in name. Raises InputError with
    ``row`` and ``column`` (``duty.paste_day``, ``duty.paste_hour``, ``duty.paste_nobody``,
    ``duty.paste_two_people``, ``duty.paste_cells``), ``duty.paste_rows`` for too many, and as
    :func:`.roster.shifts_enter`. Nothing is entered unless every row can be.
    """
    actor.require(WRITE, area_code)
    people = _by_name(duty_staff(area_code))
    given = [_shift(row, cells, people) for row, cells in _rows(text)]
    return shifts_enter(given, area_code=area_code, knowingly=knowingly, actor=actor, at=at)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    for n, line in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in re.split("\t|,|，", line)]
        if not any(cells):
            continue
        if not found and _HEADING.fullmatch(cells[0]):
            continue
        found.append((n, cells))
    if not found:
        raise InputError("duty.nothing")
    if len(found) > MOST_ROWS:
        raise InputError("duty.paste_rows", n=len(found), most=MOST_ROWS)
    return found


def _shift(row: int, cells: list[str], people: Mapping[str, Sequence[User]]) -> NewShift:
    if len([cell for cell in cells[len(_COLUMNS) :] if cell]):
        raise InputError("duty.paste_cells", row=row, n=len(cells), most=len(_COLUMNS))
    cells = [*cells, *[""] * len(_COLUMNS)][: len(_COLUMNS)]
    day = _day(row, cells[0])
    zone, change = installation().zone, office_clock(HANDOVER).at
    assert change is not None
    since, until = (_hour(row, n, cells[n - 1]) or change for n in (4, 5))
    starts_at = datetime.combine(day, since, zone)
    ends_at = datetime.combine(day if until > since else day + timedelta(days=1), until, zone)
    return NewShift(starts_at, ends_at, _person(row, 2, cells[1], people), _person(row, 3, cells[2], people))


def _day(row: int, given: str) -> date:
    found = _DAY.fullmatch(given)
    try:
        if found is None:
            raise ValueError
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise InputError("duty.paste_day", row=row, column=1, given=given[:20]) from None


def _hour(row: int, column: int, given: str) -> time | None:
    if not given:
        return None
    found = _HOUR.fullmatch(given)
    try:
        if found is None:
            raise ValueError
        return time(int(found[1]), int(found[2]))
    except ValueError:
        raise InputError("duty.paste_hour", row=row, column=column, given=given[:20]) from None


def _person(row: int, column: int, given: str, people: Mapping[str, Sequence[User]]) -> str:
    if not given:
        return ""
    found = people.get(given, ())
    if not found:
        raise InputError("duty.paste_nobody", row=row, column=column)
    if len(found) > 1:
        raise InputError("duty.paste_two_people", row=row, column=column, n=len(found))
    return found[0].key


def _by_name(staff: Sequence[User]) -> dict[str, list[User]]:
    found: dict[str, list[User]] = {}
    for user in staff:
        for name in {user.display_name.strip(), user.username}:
            found.setdefault(name, []).append(user)
    return found
