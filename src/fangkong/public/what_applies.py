"""What applies to anybody at an address, on a day and on a journey: answered from the rules, never kept.

Nothing of a question is stored, counted or logged: no person, no address and no answer.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fangkong.core.areas import level_of
from fangkong.core.errors import InputError
from fangkong.desks.control.alternatives import area_levels
from fangkong.desks.control.rulebook import rulebook
from fangkong.science.rules.movement.commuter import CommuteAnswer, CommuteFacts, Test, commute_answer
from fangkong.science.rules.movement.travellers import WhatApplies, applies_to_me

#: The years that are answered about: outside of them there are no rules and no sensible journeys.
FIRST_YEAR, LAST_YEAR = 1950, 2100

#: The hour at which a commute is asked about: when people set out to work.
_SETS_OUT = time(8)

#: The longest that an hour or a day count may lie back, so that no moment falls out of the calendar.
MOST_BACK = 10_000


def diseases() -> tuple[str, ...]:
    """The diseases that the rules speak of."""
    return tuple(rulebook().diseases())


def risk_levels() -> tuple[str, ...]:
    """The risk levels that the rules name."""
    return area_levels()


def what_applies(
    area: str, *, risk: str, on: date, disease: str, journey_to: str = "", to_risk: str = ""
) -> WhatApplies:
    """What the rules in force on ``on`` ask of somebody at ``area``, and on the way to ``journey_to`` if given.

    Areas are administrative codes, ``risk`` and ``to_risk`` levels of ``risk_levels`` ("": none). Raises
    InputError ``applies.area_wrong``, ``applies.risk_unknown``, ``applies.disease_unknown`` or
    ``applies.day_out_of_range``.
    """
    _check(on, disease, risk, to_risk)
    return applies_to_me(
        rulebook(),
        address_area=_area(area),
        area_risk=risk or None,
        on=on,
        disease=disease,
        journey_to=_area(journey_to) if journey_to else None,
        to_risk=to_risk or None,
    )


def commute_applies(
    home: str,
    work: str,
    *,
    home_risk: str,
    work_risk: str,
    on: date,
    disease: str,
    zone: ZoneInfo,
    negative_hours_ago: int | None = None,
    registered_hours_ago: int | None = None,
    risk_street_days: int | None = None,
) -> CommuteAnswer:
    """Whether a commuter may set out on the morning of ``on``, as both ends' rules say.

    Hours and days lie back from that morning, 0 to ``MOST_BACK``; None where there was no such test,
    registration or stay. Raises InputError as ``what_applies`` does, ``applies.number_wrong``, or
    ``commute.same_area``.
    """
    _check(on, disease, home_risk, work_risk)
    for back in (negative_hours_ago, registered_hours_ago, risk_street_days):
        if back is not None and not 0 <= back <= MOST_BACK:
            raise InputError("applies.number_wrong", most=MOST_BACK)
    at = datetime.combine(on, _SETS_OUT, zone)
    tests = () if negative_hours_ago is None else (Test(at - timedelta(hours=negative_hours_ago)),)
    facts = CommuteFacts(
        at,
        registered_at=None if registered_hours_ago is None else at - timedelta(hours=registered_hours_ago),
        tests=tests,
        risk_street_days=risk_street_days,
        home_risk=home_risk or None,
        work_risk=work_risk or None,
    )
    return commute_answer(
        rulebook(), home_area=_area(home), work_area=_area(work), on=on, disease=disease, facts=facts
    )


def _area(code: str) -> str:
    given = code.strip()
    try:
        level_of(given)
    except ValueError:
        raise InputError("applies.area_wrong", given=given[:24]) from None
    if not given.isdigit():
        raise InputError("applies.area_wrong", given=given[:24])
    return given


def _check(on: date, disease: str, *risks: str) -> None:
    if not FIRST_YEAR <= on.year <= LAST_YEAR:
        raise InputError("applies.day_out_of_range", first=str(FIRST_YEAR), last=str(LAST_YEAR))
    if disease not in diseases():
        raise InputError("applies.disease_unknown", given=disease[:24])
    known = risk_levels()
    for risk in risks:
        if risk and risk not in known:
            raise InputError("applies.risk_unknown", given=risk[:24])
