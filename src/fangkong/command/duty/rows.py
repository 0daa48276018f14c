"""What every file of this room needs: permissions, states, one shift locked, people of an office, its limits."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.errors import Conflict, NotFound
from fangkong.core.keys import stable_key
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles, roles_that_may
from fangkong.record.installation import installation
from fangkong.record.locking import locked_one
from fangkong.record.models import User

from ..models import DutyShift
from ..office_clocks import office_clock
from .checks import Limits, Officer, PlannedShift
from .holidays import holidays

READ, WRITE, OWN = "duty.read", "duty.write", "duty.own"

PLANNED, ON, HANDED_OVER, CANCELLED = "planned", "on", "handed_over", "cancelled"

#: Who answers for a shift, and who signs for it.
POSTS = ("chief", "deputy", "expert")

#: The office's limits, by their names in office_clocks.toml.
REST, LONGEST, PHONE, CLOSE_OUT, HANDOVER, HOLE = (
    "duty_rest",
    "duty_longest",
    "phone_test",
    "close_out",
    "handover",
    "duty_hole",
)


def shift_key_of(area_code: str, starts_at: datetime) -> str:
    """The key of the shift of an office that begins then: entered twice, it is one shift."""
    return stable_key("duty_shift", area_code, starts_at.isoformat())


def limits() -> Limits:
    """The office's limits on rest and length."""
    return Limits(rest=_within(REST), longest=_within(LONGEST))


def reach() -> timedelta:
    """How far from a shift another can lie and still matter to it: a longest shift and a rest, and a day of grace."""
    return _within(REST) + _within(LONGEST) + timedelta(days=1)


def _within(name: str) -> timedelta:
    within = office_clock(name).within
    assert within is not None, f"{name} is a limit, as office_clocks.toml has it"
    return within


def hour_of(name: str, day: date) -> datetime:
    """The instant of the office's hour ``name`` (close_out, handover) on ``day``."""
    at = office_clock(name).at
    assert at is not None, f"{name} is an hour of the day, as office_clocks.toml has it"
    return datetime.combine(day, at, installation().zone)


def shifts_of(area_code: str, since: datetime, until: datetime) -> QuerySet[DutyShift]:
    """The open versions of the office's shifts that overlap the stretch, cancelled ones left out."""
    rows = DutyShift.objects.open().filter(area_code=area_code, starts_at__lt=until, ends_at__gt=since)
    return rows.exclude(state=CANCELLED).order_by("starts_at", "key")


def planned(shift: DutyShift) -> PlannedShift:
    """The shift as the rules see it; whether it begins on a holiday is read from the calendar, not from the row."""
    day = civil_day(shift.starts_at, installation().zone)
    holiday = holidays().get(day)
    return PlannedShift(
        key=shift.key,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        chief_key=shift.chief_key,
        deputy_key=shift.deputy_key,
        expert_keys=tuple(shift.expert_keys),
        holiday=holiday.zh if holiday else shift.holiday,
    )


def officers(area_code: str, keys: Iterable[str]) -> dict[str, Officer]:
    """Key -> what the rules ask of each person, for those of ``keys`` who are users; one query."""
    wanted = sorted({key for key in keys if key})
    found = {}
    for user in User.objects.filter(key__in=wanted):
        may = roles().get(user.role, {"may": ()})["may"]
        found[user.key] = Officer(user.is_active, user.area_code == area_code, OWN in may)
    return found


def duty_staff(area_code: str) -> list[User]:
    """The people who can stand on the roster of an office: active, of it, in a role that does duty; by name."""
    rows = User.objects.filter(area_code=area_code, is_active=True, role__in=roles_that_may(OWN))
    return list(rows.order_by("display_name", "key"))


def locked_shift(shift_key: str, actor: Actor) -> DutyShift:
    """The open version of the shift, locked. Raises NotFound ``duty.unknown``, also outside the scope."""
    rows = DutyShift.objects.filter(key=shift_key, known_to=FAR_FUTURE)
    shift = locked_one(visible(rows, actor))
    if shift is None:
        raise NotFound("duty.unknown", key=shift_key)
    return shift


def version_of(row: DutyShift) -> str:
    """The version that a page shows, as its form carries it back in ``seen``."""
    return row.known_from.isoformat()


def check_seen(shift: DutyShift, seen: str) -> None:
    """Nothing when nobody changed the shift since the version ``seen`` ("" for whoever saw none).

    Raises Conflict ``duty.changed_meanwhile``: the state, since when, by whom.
    """
    if seen and seen != version_of(shift):
        raise Conflict(
            "duty.changed_meanwhile",
            key=shift.key,
            state=shift.state,
            by=shift.source_key,
            since=shift.known_from.isoformat(),
        )


def check_state(shift: DutyShift, *allowed: str) -> None:
    """Nothing when the shift is in one of ``allowed``. Raises Conflict ``duty.wrong_state``."""
    if shift.state not in allowed:
        raise Conflict("duty.wrong_state", key=shift.key, state=shift.state, by=shift.source_key)


def leads(shift: DutyShift, user_key: str) -> bool:
    """True for the chief and the deputy: they sign and answer for the shift."""
    return bool(user_key) and user_key in (shift.chief_key, shift.deputy_key)
