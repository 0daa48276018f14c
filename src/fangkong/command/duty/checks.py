"""What is wrong with a roster: pure functions on its shifts, without the record.

Everything that a rule forbids is found and nothing is changed; the office's limits come in as arguments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: The rules, in the order in which a shift's violations are shown.
CODES = (
    "hole",
    "no_chief",
    "twice_in_shift",
    "twice_at_once",
    "too_long",
    "rest_short",
    "not_known",
    "inactive",
    "other_office",
    "not_of_duty",
    "holiday_unstaffed",
)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class PlannedShift:
    """One shift as the rules see it. ``holiday`` is the name of the holiday that it begins on, "" for none."""

    key: str
    starts_at: datetime
    ends_at: datetime
    chief_key: str
    deputy_key: str = ""
    expert_keys: tuple[str, ...] = ()
    holiday: str = ""

    @property
    def people(self) -> list[str]:
        """Everybody on the shift, post by post; somebody in two posts stands twice."""
        return [key for key in (self.chief_key, self.deputy_key, *self.expert_keys) if key]


@dataclass(frozen=True)
class Officer:
    """What the rules ask of a person: active, of the office, in a role that does duty."""

    active: bool
    of_office: bool
    does_duty: bool


@dataclass(frozen=True)
class Violation:
    """One rule broken by one shift (``shift_key``, "" for a hole with no shift behind it).

    ``user_key`` is the person it is about, "" where it is about nobody; ``params`` are what the words need.
    """

    code: str
    shift_key: str = ""
    user_key: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells this violation from any other: the same before and after an edit that leaves it alone."""
        told = "|".join(f"{name}={self.params[name]}" for name in sorted(self.params))
        return f"{self.code}|{self.shift_key}|{self.user_key}|{told}"


@dataclass(frozen=True)
class Limits:
    """The office's limits: rest between two shifts of one person, and the longest shift."""

    rest: timedelta
    longest: timedelta


def check_roster(
    shifts: Sequence[PlannedShift], *, window: Span, people: Mapping[str, Officer], limits: Limits
) -> list[Violation]:
    """Everything that is wrong with ``shifts`` within ``window``, in the order of time and then of ``CODES``.

    ``shifts`` hold the neighbours before and after the window too (at least a longest shift and a rest away),
    so that rest is seen across its ends; shifts wholly outside the window are not themselves reported.
    """
    ordered = sorted(shifts, key=lambda shift: (shift.starts_at, shift.ends_at, shift.key))
    inside = {shift.key for shift in ordered if shift.starts_at < window[1] and shift.ends_at > window[0]}
    found = [_hole(hole, ordered) for hole in holes(ordered, window)]
    for shift in ordered:
        if shift.key in inside:
            found += _of_shift(shift, people, limits)
    found += [each for each in _of_pairs(ordered, limits.rest) if each.shift_key in inside]
    starts = {shift.key: shift.starts_at for shift in ordered}
    return sorted(
        found,
        key=lambda each: (starts.get(each.shift_key, window[1]), CODES.index(each.code), each.user_key),
    )


def holes(shifts: Iterable[PlannedShift], window: Span) -> list[Span]:
    """The stretches of ``window`` that no shift covers, in order; touching shifts leave none between them."""
    found: list[Span] = []
    covered_to = window[0]
    for shift in sorted(shifts, key=lambda shift: shift.starts_at):
        if shift.starts_at >= window[1]:
            break
        if shift.starts_at > covered_to:
            found.append((covered_to, shift.starts_at))
        covered_to = max(covered_to, shift.ends_at)
    if covered_to < window[1]:
        found.append((covered_to, window[1]))
    return found


def new_violations(before: Collection[Violation], after: Collection[Violation]) -> list[Violation]:
    """Those of ``after`` that an edit brought: a hole that only shrank or stayed is not among them."""
    known = {each.name for each in before}
    old_holes = [_span(each) for each in before if each.code == "hole"]
    return [
        each
        for each in after
        if each.name not in known
        and not (each.code == "hole" and any(_holds(hole, _span(each)) for hole in old_holes))
    ]


def _hole(hole: Span, ordered: Sequence[PlannedShift]) -> Violation:
    """Shown beside the shift that comes after it."""
    behind = next((shift.key for shift in ordered if shift.starts_at >= hole[1]), "")
    return Violation("hole", behind, params={"since": hole[0], "until": hole[1]})


def _span(hole: Violation) -> Span:
    return hole.params["since"], hole.params["until"]


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _of_shift(shift: PlannedShift, people: Mapping[str, Officer], limits: Limits) -> list[Violation]:
    found = []
    if not shift.chief_key:
        found.append(Violation("no_chief", shift.key))
    if shift.holiday and not (shift.chief_key and shift.deputy_key):
        found.append(Violation("holiday_unstaffed", shift.key))
    length = shift.ends_at - shift.starts_at
    if length > limits.longest:
        found.append(Violation("too_long", shift.key, params={"length": length, "most": limits.longest}))
    for key in dict.fromkeys(shift.people):
        if shift.people.count(key) > 1:
            found.append(Violation("twice_in_shift", shift.key, key))
        if key not in people:
            found.append(Violation("not_known", shift.key, key))
            continue
        officer = people[key]
        faults = {
            "inactive": not officer.active,
            "other_office": not officer.of_office,
            "not_of_duty": not officer.does_duty,
        }
        found += [Violation(code, shift.key, key) for code, wrong in faults.items() if wrong]
    return found


def _of_pairs(ordered: Sequence[PlannedShift], rest: timedelta) -> list[Violation]:
    """Two shifts of one person that overlap, or that leave too little rest between them."""
    mine: dict[str, list[PlannedShift]] = defaultdict(list)
    found = []
    for shift in ordered:
        for key in dict.fromkeys(shift.people):
            # The last one to end decides on rest; any that has not ended yet overlaps.
            running = [other for other in mine[key] if other.ends_at > shift.starts_at]
            if running:
                found.append(_pair("twice_at_once", shift, key, running[0], {}))
            elif mine[key]:
                last = max(mine[key], key=lambda other: other.ends_at)
                left = shift.starts_at - last.ends_at
                if left < rest:
                    found.append(_pair("rest_short", shift, key, last, {"rest": left, "least": rest}))
            mine[key].append(shift)
    return found


def _pair(
    code: str, shift: PlannedShift, key: str, other: PlannedShift, more: Mapping[str, Any]
) -> Violation:
    told = {"since": other.starts_at, "until": other.ends_at, **more}
    return Violation(code, shift.key, key, told)
