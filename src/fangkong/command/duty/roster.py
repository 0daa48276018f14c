"""Entering, changing and cancelling shifts: one, a week by pattern, or pasted rows; checked before they are kept.

A roster that breaks a rule is kept only by whoever has seen which rules it breaks: the first try is refused with
the violations and a token of them, and the same deed with that token goes through. Somebody else's edit in between
makes other violations, another token, and a second look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, InputError
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import Row, load, revise
from fangkong.record.locking import lock_name

from ..models import DutyShift
from ..timers.office import office_timer_cancel
from .checks import PlannedShift, Violation, check_roster, new_violations
from .holidays import holidays
from .rows import (
    CANCELLED,
    ON,
    PHONE,
    PLANNED,
    WRITE,
    check_seen,
    check_state,
    limits,
    locked_shift,
    officers,
    planned,
    reach,
    shift_key_of,
    shifts_of,
)

LOADED = kill_point("duty.roster_loaded")

#: What two edits of one office's roster wait for: rest and overlap are between shifts, no row of which stands for all.
ROSTER = "roster"

#: The most days that one pattern fills.
MOST_DAYS = 92


class RosterBroken(InputError):
    """The roster would break its rules: ``violations`` say which, ``token`` keeps it all the same."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("duty.roster_broken", n=len(violations))
        self.violations = list(violations)
        self.token = token_of(violations)


def token_of(violations: Iterable[Violation]) -> str:
    """What somebody who has seen exactly these violations hands back to keep them; "" for none."""
    names = sorted(each.name for each in violations)
    return hashlib.blake2b("\n".join(names).encode(), digest_size=12).hexdigest() if names else ""


@dataclass(frozen=True)
class NewShift:
    """One shift to enter: when, and who in which post, by user key."""

    starts_at: datetime
    ends_at: datetime
    chief_key: str
    deputy_key: str = ""
    expert_keys: Sequence[str] = ()


@dataclass(frozen=True)
class Team:
    """The people of one shift of a pattern."""

    chief_key: str
    deputy_key: str = ""
    expert_keys: Sequence[str] = field(default_factory=tuple)


def shift_enter(new: NewShift, *, area_code: str, knowingly: str = "", actor: Actor, at: datetime) -> str:
    """The key of the shift; entered again, it stays as it is. Raises as :func:`shifts_enter`."""
    return shifts_enter([new], area_code=area_code, knowingly=knowingly, actor=actor, at=at)[0]


def shifts_enter(
    given: Sequence[NewShift], *, area_code: str, knowingly: str = "", actor: Actor, at: datetime
) -> list[str]:
    """The keys of the shifts, all entered or none.

    Raises Forbidden without ``duty.write`` in the area; InputError ``duty.ends_before`` or ``duty.nothing``;
    Conflict ``duty.shift_there`` where another shift begins at that very moment; and RosterBroken with every
    violation that they bring, unless ``knowingly`` is its token.
    """
    actor.require(WRITE, area_code)
    if not given:
        raise InputError("duty.nothing")
    for new in given:
        if new.ends_at <= new.starts_at:
            raise InputError("duty.ends_before")
    rows = {row["key"]: row for row in (_row(new, area_code, actor) for new in given)}
    if len(rows) < len(given):
        raise InputError("duty.twice_in_list")
    with audit.writing():
        lock_name(ROSTER, area_code)
        held = {shift.key: shift for shift in DutyShift.objects.open().filter(key__in=rows)}
        fresh = {key: row for key, row in rows.items() if not _there(held.get(key), row)}
        if fresh:
            since = min(row["starts_at"] for row in fresh.values())
            until = max(row["ends_at"] for row in fresh.values())
            before = _near(area_code, since, until)
            after = [*before, *(_as_planned(row) for row in fresh.values())]
            kept = _allowed(area_code, before, after, (since, until), knowingly)
            for row in fresh.values():
                row["kept_despite"] = _codes(kept, row["key"])
            load(DutyShift, list(fresh.values()), actor=actor.key, source_key=actor.key, known_from=at)
            for key in sorted(fresh):
                audit.note(
                    actor=actor.key,
                    verb="duty.enter",
                    object_kind="dutyshift",
                    object_key=key,
                    area_code=area_code,
                    values=fresh[key],
                )
            LOADED.passed()
    return list(rows)


def roster_fill(
    *,
    area_code: str,
    first_on: date,
    days: int,
    changes: Sequence[time],
    teams: Sequence[Team],
    knowingly: str = "",
    actor: Actor,
    at: datetime,
) -> list[str]:
    """The keys of the shifts of ``days`` days from ``first_on``: each runs from one change to the next.

    ``changes`` are the hours at which a shift changes (one: 24-hour shifts); ``teams`` take the shifts in turn.
    The last one ends at the first change of the day behind. Raises InputError ``duty.pattern_wrong`` without
    changes, teams or a sensible number of days, and as :func:`shifts_enter`.
    """
    hours = sorted(set(changes))
    if not hours or not teams or not 1 <= days <= MOST_DAYS:
        raise InputError("duty.pattern_wrong", most=MOST_DAYS)
    zone = installation().zone
    starts = [
        datetime.combine(first_on + timedelta(days=n), hour, zone) for n in range(days) for hour in hours
    ]
    ends = [*starts[1:], datetime.combine(first_on + timedelta(days=days), hours[0], zone)]
    given = [
        NewShift(start, end, team.chief_key, team.deputy_key, tuple(team.expert_keys))
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
        for team in [teams[n % len(teams)]]
    ]
    return shifts_enter(given, area_code=area_code, knowingly=knowingly, actor=actor, at=at)


def shift_change(
    shift_key: str,
    *,
    ends_at: datetime | None = None,
    chief_key: str | None = None,
    deputy_key: str | None = None,
    expert_keys: Sequence[str] | None = None,
    seen: str = "",
    knowingly: str = "",
    actor: Actor,
    at: datetime,
) -> None:
    """The shift with other people or another end; what is None stays. It always begins when it began.

    Raises NotFound, Forbidden without ``duty.write``, Conflict ``duty.wrong_state`` for one that is over or
    cancelled and ``duty.changed_meanwhile`` when somebody changed it since the version ``seen``, and
    RosterBroken as :func:`shifts_enter`.
    """
    given = {
        "ends_at": None if ends_at is None else _utc(ends_at),
        "chief_key": chief_key,
        "deputy_key": deputy_key,
        "expert_keys": None
        if expert_keys is None
        else list(dict.fromkeys(key for key in expert_keys if key)),
    }
    with audit.writing():
        shift = locked_shift(shift_key, actor)
        actor.require(WRITE, shift.area_code)
        changes = {name: value for name, value in given.items() if value not in (None, getattr(shift, name))}
        if not changes:
            return
        check_state(shift, PLANNED, ON)
        check_seen(shift, seen)
        shift_revise(shift, changes, verb="duty.change", knowingly=knowingly, actor=actor, at=at)


def shift_cancel(shift_key: str, *, seen: str = "", knowingly: str = "", actor: Actor, at: datetime) -> None:
    """The shift is off; a second time changes nothing. Raises as :func:`shift_change`: it may leave a hole."""
    with audit.writing():
        shift = locked_shift(shift_key, actor)
        actor.require(WRITE, shift.area_code)
        if shift.state == CANCELLED:
            return
        check_state(shift, PLANNED)
        check_seen(shift, seen)
        lock_name(ROSTER, shift.area_code)
        before = _near(shift.area_code, shift.starts_at, shift.ends_at)
        after = [each for each in before if each.key != shift.key]
        _allowed(shift.area_code, before, after, (shift.starts_at, shift.ends_at), knowingly)
        revise(shift, at=at, actor=actor.key, verb="duty.cancel", state=CANCELLED)
        office_timer_cancel(PHONE, [shift.key], actor=actor, at=at)


def shift_revise(
    shift: DutyShift, changes: Row, *, verb: str, knowingly: str, actor: Actor, at: datetime
) -> None:
    """A new version of the locked ``shift`` with ``changes``, once the rules allow it or it is kept knowingly."""
    lock_name(ROSTER, shift.area_code)
    before = _near(
        shift.area_code, shift.starts_at, max(shift.ends_at, changes.get("ends_at", shift.ends_at))
    )
    if changes.get("ends_at", shift.ends_at) <= shift.starts_at:
        raise InputError("duty.ends_before")
    for name, value in changes.items():
        setattr(shift, name, value)
    mine = planned(shift)
    after = [mine if each.key == shift.key else each for each in before]
    span = (min(each.starts_at for each in after), max(each.ends_at for each in after))
    kept = _allowed(shift.area_code, before, after, span, knowingly)
    held = DutyShift.objects.get(pk=shift.pk)
    revise(held, at=at, actor=actor.key, verb=verb, **changes, kept_despite=_codes(kept, shift.key))


def _codes(kept: Iterable[Violation], shift_key: str) -> list[str]:
    """What the shift breaks by its own fault; holes and the like are the roster's."""
    return sorted({each.code for each in kept if each.shift_key == shift_key and each.code != "hole"})


def _row(new: NewShift, area_code: str, actor: Actor) -> Row:
    holiday = holidays().get(civil_day(new.starts_at, installation().zone))
    return {
        "key": shift_key_of(area_code, _utc(new.starts_at)),
        "area_code": area_code,
        "starts_at": _utc(new.starts_at),
        "ends_at": _utc(new.ends_at),
        "chief_key": new.chief_key,
        "deputy_key": new.deputy_key,
        "expert_keys": list(dict.fromkeys(key for key in new.expert_keys if key)),
        "holiday": holiday.zh if holiday else "",
        "state": PLANNED,
        "entered_by": actor.key,
    }


def _there(held: DutyShift | None, row: Row) -> bool:
    """True when the very same shift stands already. Raises Conflict ``duty.shift_there`` for another one."""
    if held is None or held.state == CANCELLED:
        return False
    same = ("ends_at", "chief_key", "deputy_key", "expert_keys")
    if any(getattr(held, name) != row[name] for name in same):
        raise Conflict("duty.shift_there", key=held.key, since=held.starts_at.isoformat(), by=held.source_key)
    return True


def _as_planned(row: Row) -> PlannedShift:
    return PlannedShift(
        row["key"],
        row["starts_at"],
        row["ends_at"],
        row["chief_key"],
        row["deputy_key"],
        tuple(row["expert_keys"]),
        row["holiday"],
    )


def _near(area_code: str, since: datetime, until: datetime) -> list[PlannedShift]:
    """The shifts that can matter to the stretch: within a longest shift and a rest of it."""
    return [planned(shift) for shift in shifts_of(area_code, since - reach(), until + reach())]


def _allowed(
    area_code: str,
    before: Sequence[PlannedShift],
    after: Sequence[PlannedShift],
    span: tuple[datetime, datetime],
    knowingly: str,
) -> list[Violation]:
    """Every violation of the roster as edited. Raises RosterBroken for new ones that ``knowingly`` does not keep."""
    people = officers(area_code, (key for shift in [*before, *after] for key in shift.people))
    # Holes count between shifts that stand: the empty stretch behind the last one is no hole yet.
    ends = [end for shift in before for end in (shift.starts_at, shift.ends_at)] or list(span)
    window = (min(*ends, span[0]), max(*ends, span[1]))
    asked: dict[str, Any] = {"window": window, "people": people, "limits": limits()}
    found = check_roster(after, **asked)
    broken = new_violations(check_roster(before, **asked), found)
    if broken and token_of(broken) != knowingly:
        raise RosterBroken(broken)
    return found


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
