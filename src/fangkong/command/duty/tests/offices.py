"""An office with five officers of duty, a keeper, and a week of 24-hour shifts, for tests."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from fangkong.command.duty.actions import NewShift, Team, roster_fill, shift_enter
from fangkong.command.models import DutyShift
from fangkong.desks.control.tests.people import clock, colleague
from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.installation import installation_set
from fangkong.record.models import User

CITY, DISTRICT, OTHER = "9901", "990101", "990102"
#: Monday 09:00; the week before the shifts of the tests is empty.
AT = clock("2022-04-11", "09:00")
MONDAY = date(2022, 4, 18)
WORKER = system_actor("worker")

#: Roles of the people on the roster: all of them do duty, two of them keep it.
ROLES = ("duty_officer", "health_authority", "investigation_group", "community_group", "supply_group")


def office() -> None:
    installation_set(actor="test", area_code=CITY, disease="covid-19")


def known(role: str, area: str = CITY, name: str = "") -> Actor:
    """The person of this role and office, made when nobody has asked for them before."""
    username = name or f"{role}-{area}"
    held = User.objects.filter(username=username).first()
    return actor_of(held) if held else colleague(role, area, name=username)


def officer(n: int) -> Actor:
    """The n-th officer of the roster."""
    return known(ROLES[n])


def keeper() -> Actor:
    """Who keeps the roster and is not on it."""
    return known("general_group", name="keeper")


def monday(hours: float) -> datetime:
    """An instant by hours since Monday midnight of the week of the roster."""
    return clock(MONDAY.isoformat(), "00:00") + timedelta(hours=hours)


def enter(since: float, until: float, chief: str, deputy: str = "", **more: Any) -> str:
    new = NewShift(monday(since), monday(until), chief, deputy, more.pop("experts", ()))
    given: dict[str, Any] = {"area_code": CITY, "actor": keeper(), "at": AT}
    return shift_enter(new, **(given | more))


def week(area: str = CITY, **more: Any) -> list[str]:
    """Seven shifts of 24 hours from Monday 08:00; chief n and deputy n+2 of five leave everybody a day of rest."""
    people = [officer(n).key for n in range(5)]
    given: dict[str, Any] = {
        "area_code": area,
        "first_on": MONDAY,
        "days": 7,
        "changes": [time(8)],
        "teams": [Team(people[n], people[(n + 2) % 5]) for n in range(5)],
        "actor": keeper(),
        "at": AT,
    }
    return roster_fill(**(given | more))


def shift(key: str) -> DutyShift:
    return DutyShift.objects.open().get(key=key)
