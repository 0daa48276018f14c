"""Reads on duty: the week's roster with what is wrong with it, who is on, swaps, the close-out, the hand-over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Max, Min, Q, QuerySet

from fangkong.core.clock import start_of_day
from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation

from ..models import DutyShift, Handover, ShiftSwap
from ..office_clocks import office_clock
from .checks import Span, Violation, check_roster, holes
from .open_items import KINDS, OpenItem, item_of, open_items
from .rows import CANCELLED, HOLE, READ, limits, officers, planned, reach
from .swaps import WAITING

#: The most shifts or swaps on one list.
MOST = 200


@dataclass(frozen=True)
class RosterWeek:
    """The shifts of an office that touch a stretch of days, and every violation, beside its shift or, "", alone."""

    shifts: list[DutyShift]
    violations: dict[str, list[Violation]]
    window: Span

    @property
    def violation_count(self) -> int:
        """How many rules are broken in all."""
        return sum(len(found) for found in self.violations.values())


@dataclass(frozen=True)
class CloseOut:
    """What is open at the close of a day, as its reader may see it."""

    items: list[OpenItem]
    #: Kind -> (how many, of them without a reason), every kind that the reader may see.
    counts: dict[str, tuple[int, int]]

    @property
    def without_reason(self) -> int:
        """How many lines still want a reason for the night."""
        return sum(missing for _, missing in self.counts.values())


def roster_days(area_code: str, first_on: date, days: int, *, actor: Actor, at: datetime) -> RosterWeek:
    """The roster of ``days`` days from ``first_on``, as known at ``at``; three queries.

    Holes are looked for between the first and the last shift of the stretch, and in all of it once a shift
    stands behind it. Raises Forbidden without ``duty.read`` in the area.
    """
    actor.require(READ, area_code)
    zone = installation().zone
    since, until = start_of_day(first_on, zone), start_of_day(first_on + timedelta(days=days), zone)
    rows = _shifts(area_code, actor, at).filter(starts_at__lt=until + reach(), ends_at__gt=since - reach())
    near = list(rows.order_by("starts_at", "key"))
    shown = [shift for shift in near if shift.starts_at < until and shift.ends_at > since]
    if not near:
        return RosterWeek([], {}, (since, until))
    window = (max(since, min(shift.starts_at for shift in near)), until)
    people = officers(area_code, (key for shift in near for key in planned(shift).people))
    found: dict[str, list[Violation]] = {}
    if window[0] < window[1]:
        keys = {shift.key for shift in shown}
        for each in check_roster(
            [planned(shift) for shift in near], window=window, people=people, limits=limits()
        ):
            found.setdefault(each.shift_key if each.shift_key in keys else "", []).append(each)
    return RosterWeek(shown, found, window)


def shift_get(shift_key: str, *, actor: Actor, at: datetime) -> DutyShift:
    """The shift as it was known at ``at``. Raises NotFound ``duty.unknown``, also outside the scope."""
    actor.require(READ)
    shift = visible(DutyShift.objects.known_at(at), actor).filter(key=shift_key).first()
    if shift is None:
        raise NotFound("duty.unknown", key=shift_key)
    return shift


def shift_history(shift_key: str, *, actor: Actor, at: datetime) -> list[DutyShift]:
    """Every version of the shift known by ``at``, the first one first. Raises NotFound."""
    shift_get(shift_key, actor=actor, at=at)
    return list(DutyShift.objects.filter(key=shift_key, known_from__lte=at).order_by("known_from"))


def shifts_on(area_code: str, *, actor: Actor, at: datetime) -> list[DutyShift]:
    """The shifts of the office that are on at ``at``: more than one while they overlap, none in a hole."""
    actor.require(READ, area_code)
    rows = _shifts(area_code, actor, at).filter(starts_at__lte=at, ends_at__gt=at)
    return list(rows.order_by("starts_at", "key"))


def shifts_mine(*, actor: Actor, at: datetime) -> list[DutyShift]:
    """The actor's own shifts that are not over, the next one first."""
    actor.require(READ)
    rows = _shifts(actor.area_code, actor, at).filter(ends_at__gt=at)
    # An office has a few hundred shifts to come at most; whose they are stands in a list that SQLite cannot search.
    mine = [shift for shift in rows.order_by("starts_at", "key") if actor.key in planned(shift).people]
    return mine[:MOST]


def swaps_list(
    area_code: str, *, actor: Actor, at: datetime, mine: bool = False, waiting: bool = False
) -> list[ShiftSwap]:
    """The swaps of the office, those that wait first and the latest first among them; the first ``MOST``.

    ``mine``: that the actor asked for or is asked for; ``waiting``: only those.
    """
    actor.require(READ, area_code)
    rows = visible(ShiftSwap.objects.known_at(at), actor).filter(area_code=area_code)
    if mine:
        rows = rows.filter(Q(from_key=actor.key) | Q(to_key=actor.key))
    if waiting:
        rows = rows.filter(state__in=WAITING)
    found = list(rows.order_by("-known_from", "key")[:MOST])
    return sorted(found, key=lambda swap: swap.state not in WAITING)


def swap_history(keys: Sequence[str], *, at: datetime) -> dict[str, list[ShiftSwap]]:
    """Swap key -> every version known by ``at``, for swaps that the reader was given; one query."""
    found: dict[str, list[ShiftSwap]] = {key: [] for key in keys}
    for row in ShiftSwap.objects.filter(key__in=found, known_from__lte=at).order_by("known_from"):
        found[row.key].append(row)
    return found


def shifts_named(keys: Sequence[str], *, actor: Actor, at: datetime) -> dict[str, DutyShift]:
    """Key -> shift, for those that the actor sees; one query."""
    rows = visible(DutyShift.objects.known_at(at), actor).filter(key__in={key for key in keys if key})
    return {shift.key: shift for shift in rows}


def close_out(area_code: str, on: date, *, actor: Actor, at: datetime) -> CloseOut:
    """Everything open at ``at`` for the close-out of ``on``, in the kinds that the actor may read.

    The number of queries is fixed. Raises Forbidden without ``duty.read`` in the area.
    """
    actor.require(READ, area_code)
    items = open_items(area_code, on, actor=actor, at=at)
    every, missing = (
        Counter(item.kind for item in items),
        Counter(item.kind for item in items if not item.why),
    )
    kinds = [kind for kind, permission in KINDS.items() if actor.may(permission)]
    return CloseOut(items, {kind: (every[kind], missing[kind]) for kind in kinds})


def handover_get(area_code: str, on: date, *, actor: Actor, at: datetime) -> Handover | None:
    """The hand-over of the office for the night of ``on``, None before it is drawn up."""
    actor.require(READ, area_code)
    rows = visible(Handover.objects.known_at(at), actor).filter(area_code=area_code, on=on)
    return rows.first()


def handover_lines(handover: Handover, actor: Actor) -> tuple[list[tuple[OpenItem, str]], int]:
    """The lines of a hand-over that the actor may read, each with "", "closed" or "since"; and how many others.

    "closed": done between drawing up and signing; "since": came in between.
    """
    shown, hidden = [], 0
    for row in handover.open_items:
        if not actor.may(KINDS.get(row["kind"], READ)):
            hidden += 1
            continue
        mark = "closed" if row.get("closed") else "since" if row.get("since") else ""
        shown.append((item_of(row), mark))
    return shown, hidden


def handovers_until(
    area_code: str, on: date, *, actor: Actor, at: datetime, limit: int = 8
) -> list[Handover]:
    """The latest hand-overs of the office, that of the night of ``on`` first where it is there; one query."""
    actor.require(READ, area_code)
    rows = visible(Handover.objects.known_at(at), actor).filter(area_code=area_code, on__lte=on)
    return list(rows.order_by("-on")[:limit])


def holes_of_the_day(*, actor: Actor, at: datetime) -> dict[str, list[Span]]:
    """Office -> stretches that nobody covers, now or within the office's notice, where the actor sees; four queries.

    What the board warns of. Empty for a role without ``duty.read``.
    """
    if not actor.may(READ):
        return {}
    rows = visible(DutyShift.objects.known_at(at), actor).exclude(state=CANCELLED)
    offices = list(rows.order_by("area_code").values_list("area_code", flat=True).distinct())
    return holes_ahead(offices, at)


def holes_ahead(offices: Sequence[str], at: datetime) -> dict[str, list[Span]]:
    """Office -> its holes that are not over and begin within the office's notice (``duty_hole``); three queries.

    A hole begins where the last shift before it ended, however long ago, and ends where the next one begins: it
    stays the same hole. Before an office's first shift there is none; behind its last, none is seen beyond the
    notice.
    """
    until = office_clock(HOLE).due(at)
    rows = DutyShift.objects.known_at(at).filter(area_code__in=list(offices)).exclude(state=CANCELLED)
    ended = dict(
        rows.filter(ends_at__lte=at).order_by().values_list("area_code").annotate(last=Max("ends_at"))
    )
    later = rows.filter(starts_at__gte=until).order_by().values_list("area_code")
    next_begins = dict(later.annotate(first=Min("starts_at")))
    near: dict[str, list[DutyShift]] = {}
    for shift in rows.filter(ends_at__gt=at, starts_at__lt=until).order_by("starts_at", "key"):
        near.setdefault(shift.area_code, []).append(shift)
    found = {}
    for area_code in offices:
        coming = near.get(area_code, [])
        starts = [shift.starts_at for shift in coming[:1]]
        since = ended.get(area_code) or (starts[0] if starts else None)
        if since is None:
            continue
        gaps = holes([planned(shift) for shift in coming], (since, until))
        whole = [(first, next_begins.get(area_code, last) if last == until else last) for first, last in gaps]
        if not_over := [hole for hole in whole if hole[1] > at]:
            found[area_code] = not_over
    return found


def names_on(shifts: Sequence[DutyShift]) -> list[str]:
    """Every person on the shifts, by key, once."""
    return list(dict.fromkeys(key for shift in shifts for key in planned(shift).people))


def posts_of(shift: DutyShift, user_key: str) -> list[str]:
    """The posts that the person holds on the shift."""
    held: Mapping[str, bool] = {
        "chief": user_key == shift.chief_key,
        "deputy": user_key == shift.deputy_key,
        "expert": user_key in shift.expert_keys,
    }
    return [post for post, there in held.items() if there]


def _shifts(area_code: str, actor: Actor, at: datetime) -> QuerySet[DutyShift]:
    rows = visible(DutyShift.objects.known_at(at), actor).filter(area_code=area_code)
    return rows.exclude(state=CANCELLED)
