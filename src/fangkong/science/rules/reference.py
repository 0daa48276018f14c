"""The readable twin of the plan kernel: one situation at a time, nothing compiled, nothing remembered.

It asks the resolver for the very day and counts days one by one. The kernel must give the same plans.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fangkong.science.rules.plan import Plan, Silence, StagePlan
from fangkong.science.rules.reading import Book, Reading, read
from fangkong.science.rules.roles import ISOLATED_ON, RELEASED_ON, Situation, situation_of

_DAY = timedelta(days=1)


def plan_by_reading(book: Book, given: Mapping[str, Any], *, on: date, area: str) -> Plan | Silence:
    """The plan for the situation ``given`` under the rules of ``on`` in ``area`` (as the packs write it)."""
    situation = situation_of(given)
    found = read(
        book,
        situation.role,
        disease=situation.disease,
        area=area,
        scope=situation.scope,
        on=on,
        event_on=situation.event_on(),
    ).result
    if not isinstance(found, Reading):
        return found
    day0_on = _day0(found, situation)
    stages = _stages(found, situation, day0_on, on)
    return Plan(
        disease=situation.disease,
        role=situation.role.name,
        area=area,
        resolved_on=on,
        day0_on=day0_on,
        situation=dict(given),
        reading=found,
        lay=lambda plan: stages,
    )


def _day0(reading: Reading, situation: Situation) -> date | None:
    if not reading.stages:
        return situation.event_on()
    return reading.day0_of(situation.dates, reading.anchor_fields)


def _stages(reading: Reading, situation: Situation, day0_on: date | None, on: date) -> tuple[StagePlan, ...]:
    if not reading.stages:
        return ()
    role = situation.role
    if role.form == "isolation":
        return _isolation(reading, situation, day0_on, on)
    assert day0_on is not None
    if role.form == "window":
        from_day, to_day = reading.stages["from_day"], reading.stages["to_day"]
        first, last = day0_on + from_day * _DAY, day0_on + to_day * _DAY
        return (StagePlan(role.place, to_day - from_day + 1, first, last, None),)
    values = reading.stages
    if role.form == "days":
        values = [{"place": role.place, "days": reading.stages}]
    return tuple(_end_to_end(values, reading.value("test_days", None), day0_on))


def _end_to_end(values: Any, tests: Any, day0_on: date) -> list[StagePlan]:
    """Stages laid end to end from the day after day 0."""
    planned = []
    day = day0_on
    for stage in values:
        inside = [day + (count + 1) * _DAY for count in range(stage["days"])]
        due = None
        if tests is not None:
            wanted = tests.get(stage["place"], ())
            due = tuple(each for count, each in enumerate(inside, 1) if count in wanted)
        if inside:
            planned.append(
                StagePlan(stage["place"], len(inside), inside[0], inside[-1], due, stage.get("choice", ""))
            )
            day = inside[-1]
    return planned


def _isolation(
    reading: Reading, situation: Situation, day0_on: date | None, on: date
) -> tuple[StagePlan, ...]:
    until = reading.value("until", {})
    release = reading.value("release_rule", {})
    first = situation.dates.get(ISOLATED_ON) or day0_on or on
    last, not_before = situation.dates.get(RELEASED_ON), None
    if day0_on is not None and "min_days" in until:
        not_before = day0_on + until["min_days"] * _DAY
    elif day0_on is not None and ("days" in until or "day" in until):
        last = day0_on + until.get("days", until.get("day")) * _DAY
    if last is not None and last < first:
        return ()
    tests = release.get("isolation_test_days")
    due = None if tests is None else tuple(first + (number - 1) * _DAY for number in sorted(tests))
    days = None if last is None else (last - first).days + 1
    place = str(reading.value("place", situation.role.place))
    stages = [StagePlan(place, days, first, last, due, "", not_before)]
    after = release.get("after")
    if after:
        start = None if last is None else last + _DAY
        end = None if last is None else last + after["days"] * _DAY
        stages.append(StagePlan(after["place"], after["days"], start, end, None))
    return tuple(stages)
