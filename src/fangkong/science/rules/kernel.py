"""Plans for millions: what the rows say is compiled once per stretch of days, a plan is two look-ups and a sum.

The index holds the pack, never a situation: for a disease, a role, the facts that rows know and the places
whose rows count, the calendar is cut where any row or coverage begins or ends. Within a stretch every answer
is the same, so the readable reader is asked once for it, when somebody first needs it. ``reference.py`` is
the twin without an index; both must give the same plans.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.packs import ANY_DISEASE, Coverage, Row, RulePack
from fangkong.science.rules.plan import Plan, Silence, StagePlan
from fangkong.science.rules.reading import Book, Reading, read
from fangkong.science.rules.reference import plan_by_reading
from fangkong.science.rules.roles import ISOLATED_ON, RELEASED_ON, Role, situation_of

_from_ordinal = date.fromordinal
_LAST_ORDINAL = date.max.toordinal()


@dataclass(slots=True)
class _Counted:
    """Stages as days from day 0: (place, days, first, last, tests or None, choice)."""

    stages: tuple[tuple[str, int, int, int, tuple[int, ...] | None, str], ...]

    def lay(self, plan: Plan) -> tuple[StagePlan, ...]:
        """The stages on the calendar."""
        if plan.day0_on is None:
            return ()
        day0 = plan.day0_on.toordinal()
        return tuple(
            StagePlan(
                place,
                days,
                _from_ordinal(day0 + first),
                _from_ordinal(day0 + last),
                None if tests is None else tuple([_from_ordinal(day0 + test) for test in tests]),
                choice,
            )
            for place, days, first, last, tests, choice in self.stages
        )


@dataclass(slots=True)
class _Isolation:
    """An isolation: days from the anchor to its end, or to the earliest one; tests; what follows."""

    place: str
    end: int | None
    not_before: int | None
    tests: tuple[int, ...] | None
    after: tuple[str, int] | None

    def lay(self, plan: Plan) -> tuple[StagePlan, ...]:
        """The stages on the calendar."""
        dates = situation_of(plan.situation).dates
        anchor = plan.day0_on
        first = dates.get(ISOLATED_ON) or anchor or plan.resolved_on
        last, not_before = dates.get(RELEASED_ON), None
        if anchor is not None:
            if self.not_before is not None:
                not_before = _from_ordinal(anchor.toordinal() + self.not_before)
            elif self.end is not None:
                last = _from_ordinal(anchor.toordinal() + self.end)
        if last is not None and last < first:
            return ()
        start = first.toordinal()
        due = None
        if self.tests is not None:
            due = tuple([_from_ordinal(start + number - 1) for number in self.tests])
        days = None if last is None else last.toordinal() - start + 1
        stages = [StagePlan(self.place, days, first, last, due, "", not_before)]
        if self.after:
            place, count = self.after
            if last is None:
                stages.append(StagePlan(place, count, None, None, None))
            else:
                end = last.toordinal()
                stages.append(
                    StagePlan(place, count, _from_ordinal(end + 1), _from_ordinal(end + count), None)
                )
        return tuple(stages)


@dataclass(slots=True)
class _Cell:
    """One stretch of days: the reading with its lay-out, or the silence."""

    result: Reading | Silence
    by_event: bool
    silence_by_event: bool
    anchor_fields: tuple[str, ...]
    layout: _Counted | _Isolation | None


@dataclass(slots=True)
class _Family:
    """The stretches of one role, disease, set of facts and set of places."""

    breaks: list[int]
    area: str
    scope: dict[str, Any]
    cells: list[_Cell | None]
    event_cells: dict[tuple[int, int], _Cell]


class PlanIndex:
    """The compiled planner of one book."""

    def __init__(self, book: Book, packs: Iterable[RulePack]) -> None:
        self._book = book
        self._packs = tuple(packs)
        self._diseases = {pack.disease for pack in self._packs} - {ANY_DISEASE}
        rows = [row for pack in self._packs for row in pack.rows]
        entries = [entry for pack in self._packs for entry in pack.coverage]
        known = {row.jurisdiction for row in rows} | {area for entry in entries for area in entry.areas}
        self._known_places = frozenset(known)
        self._lengths = tuple(sorted({len(place) for place in known}))
        self._families: dict[tuple[Any, ...], _Family] = {}
        self._fact_values: dict[str, frozenset[Any]] = {}

    def plan(self, given: Mapping[str, Any], on: date, area: str) -> Plan | Silence:
        """The plan for ``given`` under the rules of ``on``; ``area`` as the packs write it."""
        situation = situation_of(given)
        role, disease, facts = situation.role, situation.disease, situation.facts
        if disease not in self._diseases or (facts and not self._are_known(role, facts)):
            return plan_by_reading(self._book, given, on=on, area=area)
        lane = self._lane(area)
        family = self._families.get((role.name, disease, facts, lane))
        if family is None:
            family = self._family(role, disease, situation.scope, area)
            self._families[role.name, disease, facts, lane] = family
        at = bisect_right(family.breaks, on.toordinal())
        cell = family.cells[at] or self._compile(family, role, disease, at, None)
        event_on = situation.event_on()
        if cell.by_event and event_on is not None:
            event_at = bisect_right(family.breaks, event_on.toordinal())
            cell = family.event_cells.get((at, event_at)) or self._compile(
                family, role, disease, at, event_at
            )
        if not isinstance(cell.result, Reading):
            asked_on = event_on if cell.silence_by_event and event_on is not None else on
            silence = cell.result
            return replace(silence, asked=replace(silence.asked, on=asked_on, area=area))
        day0_on = event_on
        layout = cell.layout
        if layout is not None:
            day0_on = None
            if cell.anchor_fields:
                day0_on = situation.dates.get(cell.anchor_fields[0])
                if day0_on is None:
                    day0_on = cell.result.day0_of(situation.dates, cell.anchor_fields)
        return Plan(
            disease=disease,
            role=role.name,
            area=area,
            resolved_on=on,
            day0_on=day0_on,
            situation=dict(given),
            reading=cell.result,
            lay=_no_stages if layout is None else layout.lay,
        )

    def _are_known(self, role: Role, facts: tuple[tuple[str, Any], ...]) -> bool:
        """True when every value of ``facts`` is one that a row of the role speaks of."""
        values = self._fact_values.get(role.name)
        if values is None:
            values = frozenset(
                (name, value) for row in self._rows(role, None) for name, value in row.scope.items()
            )
            self._fact_values[role.name] = values
        return all(fact in values for fact in facts)

    def _lane(self, area: str) -> tuple[str, ...]:
        """The places of rows and coverages that speak of ``area``; with the area where one names it."""
        if area == HOME_COUNTRY:
            return (area,)
        known = self._known_places
        found = [area[:length] for length in self._lengths if length <= len(area) and area[:length] in known]
        return (*found, "" if area in known else "-")

    def _rows(self, role: Role, disease: str | None) -> Iterable[Row]:
        keys = set(role.keys)
        return (
            row
            for pack in self._packs
            if disease is None or pack.disease in (disease, ANY_DISEASE)
            for row in pack.rows
            if row.key in keys
        )

    def _coverages(self, role: Role, disease: str) -> Iterable[Coverage]:
        return (
            entry
            for pack in self._packs
            if pack.disease in (disease, ANY_DISEASE)
            for entry in pack.coverage
            if any(entry.holds(key, entry.from_on) for key in role.keys)
        )

    def _family(self, role: Role, disease: str, scope: dict[str, Any], area: str) -> _Family:
        """The calendar cut where an answer can change: the first days of rows and coverages, and those after."""
        cuts = set()
        for row in self._rows(role, disease):
            cuts.add(row.effective_from.toordinal())
            if row.effective_to is not None:
                cuts.add(row.effective_to.toordinal() + 1)
        for entry in self._coverages(role, disease):
            cuts |= {entry.from_on.toordinal(), entry.to_on.toordinal() + 1}
        breaks = sorted(cut for cut in cuts if cut <= _LAST_ORDINAL)
        return _Family(breaks, area, scope, [None] * (len(breaks) + 1), {})

    def _compile(self, family: _Family, role: Role, disease: str, at: int, event_at: int | None) -> _Cell:
        found = read(
            self._book,
            role,
            disease=disease,
            area=family.area,
            scope=family.scope,
            on=_day_in(family.breaks, at),
            event_on=None if event_at is None else _day_in(family.breaks, event_at),
        )
        fields: tuple[str, ...] = ()
        layout = None
        if isinstance(found.result, Reading) and found.result.stages:
            fields, layout = found.result.anchor_fields, _layout(found.result)
        cell = _Cell(found.result, found.by_event, found.silence_by_event, fields, layout)
        if event_at is None:
            family.cells[at] = cell
        else:
            family.event_cells[at, event_at] = cell
        return cell


def _no_stages(plan: Plan) -> tuple[StagePlan, ...]:
    return ()


def _day_in(breaks: list[int], at: int) -> date:
    """The first day of the stretch ``at``; before the first cut, the day before it."""
    if not breaks:
        return date.min
    return _from_ordinal(breaks[at - 1] if at else max(breaks[0] - 1, 1))


def _layout(reading: Reading) -> _Counted | _Isolation:
    role, value = reading.role, reading.stages
    if role.form == "isolation":
        until, release = reading.value("until", {}), reading.value("release_rule", {})
        tests, after = release.get("isolation_test_days"), release.get("after")
        return _Isolation(
            place=str(reading.value("place", role.place)),
            end=until.get("days", until.get("day")),
            not_before=until.get("min_days"),
            tests=None if tests is None else tuple(sorted(tests)),
            after=(after["place"], after["days"]) if after else None,
        )
    if role.form == "window":
        first, last = value["from_day"], value["to_day"]
        return _Counted(((role.place, last - first + 1, first, last, None, ""),))
    if role.form == "days":
        value = ({"place": role.place, "days": value},)
    tests = reading.value("test_days", None)
    stages, before = [], 0
    for stage in value:
        place, days = stage["place"], stage["days"]
        due = None
        if tests is not None:
            due = tuple(before + day for day in sorted(set(tests.get(place, ()))) if 1 <= day <= days)
        if days > 0:
            stages.append((place, days, before + 1, before + days, due, stage.get("choice", "")))
            before += days
    return _Counted(tuple(stages))
