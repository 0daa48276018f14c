"""What applies to one person today: at the address, on leaving, on the way and on arrival, in that order.

Each duty is a code with parameters, so that a face can say the whole in one sentence; each cites its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import InForce
from fangkong.science.rules.basis import Basis, Inquiry, joined
from fangkong.science.rules.movement.reading import may_leave_area, reading
from fangkong.science.rules.packs import Row, jurisdiction_of
from fangkong.science.rules.resolver import RuleBook

_DAY = timedelta(days=1)
_TRAVELLER = "traveller"


@dataclass(frozen=True, slots=True)
class Duty:
    """One clause of the sentence: ``code`` with ``params``, where it holds, and the row behind it.

    ``step``: ``here``, ``leaving``, ``on_the_way`` or ``arriving``. A clause without a row says what the lack
    of any duty means (``applies.nothing``).
    """

    step: str
    code: str
    params: Mapping[str, Any] = field(hash=False)
    area: str
    row: Row | None

    @property
    def rule_row(self) -> str:
        """The stable name of the row; "" without one."""
        return self.row.row_id if self.row else ""


@dataclass(frozen=True, slots=True)
class WhatApplies:
    """The duties in order, as one sentence's data, and what they rest on.

    ``may_leave`` is False when the regime at the address lets nobody out, None when no regime decides.
    """

    duties: tuple[Duty, ...]
    may_leave: bool | None
    basis: Basis

    @property
    def sentence(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """The clauses to be joined into one sentence: code and parameters."""
        return tuple((duty.code, duty.params) for duty in self.duties)


def applies_to_me(
    book: RuleBook,
    *,
    address_area: str,
    area_risk: str | None,
    on: date,
    disease: str,
    journey_to: str | None = None,
    to_risk: str | None = None,
    role: str = _TRAVELLER,
    left_on: date | None = None,
    transport: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> WhatApplies:
    """What the rules in force on ``on`` ask of a person at ``address_area``, and of a journey if there is one.

    ``area_risk`` and ``to_risk`` are the risk levels of the two areas as the packs name them (None: no level).
    ``role`` is a scope ``person`` of the packs: ``traveller``, or one with duties of its own on arrival
    (``inbound_traveller``, ``closed_loop_worker``); any other counts as a traveller. ``left_on`` is the day on
    which the address was last left, day 0 of the stages (default ``on``). ``transport`` names a means as the
    packs do; ``facts`` add scope facts.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> found = applies_to_me(rule_book(), address_area="320100", area_risk="low", on=date(2022, 7, 6),
    ...                       disease="covid-19", journey_to="320500")
    >>> [duty.code for duty in found.duties]
    ['applies.regime.personal_protection_avoid_gathering', 'applies.exit_pcr', 'applies.tests_in_window']
    """
    here = Inquiry(book, on=on, disease=disease, area=address_area)
    duties: list[Duty] = []
    may_leave: bool | None = None
    if area_risk is not None:
        regime = here.row("area.regime", facts, area=area_risk)
        if regime:
            may_leave = may_leave_area(regime.value)
            duties.append(_duty("here", f"applies.regime.{regime.value}", {}, here, regime))
    inquiries = [here]
    if journey_to is not None:
        there = Inquiry(book, on=on, disease=disease, area=journey_to)
        inquiries.append(there)
        duties.extend(_leaving(here, area_risk, facts))
        duties.extend(_on_the_way(here, there, transport, facts))
        day0 = left_on or on
        duties.extend(_arriving(there, role, area_risk, day0, facts))
        if to_risk is not None and (regime := there.row("area.regime", facts, area=to_risk)):
            duties.append(_duty("arriving", f"applies.there.{regime.value}", {}, there, regime))
    basis = joined(*(inquiry.basis() for inquiry in inquiries))
    if not duties:
        code = "applies.not_in_pack" if basis.unanswered else "applies.nothing"
        duties.append(Duty("here", code, {}, jurisdiction_of(address_area or HOME_COUNTRY), None))
    return WhatApplies(tuple(duties), may_leave, basis)


def _leaving(here: Inquiry, risk: str | None, facts: Mapping[str, Any] | None) -> Iterator[Duty]:
    if risk is None:
        exit_test = here.cite("area.exit_pcr_hours", facts)
    else:
        exit_test = here.row("area.exit_pcr_hours", facts, area=risk)
    if exit_test:
        yield _duty("leaving", "applies.exit_pcr", {"hours": exit_test.value}, here, exit_test)


def _on_the_way(
    here: Inquiry, there: Inquiry, transport: str | None, facts: Mapping[str, Any] | None
) -> Iterator[Duty]:
    if transport is not None:
        check = here.row("checks.transport_pcr_hours", facts, place=transport)
        if check:
            yield _duty("on_the_way", "applies.transport_pcr", {"hours": check.value}, here, check)
    crossing = there.cite("checks.cross_region", facts, person=_TRAVELLER)
    if crossing:
        code = "applies.checked_on_the_way" if crossing.value else "applies.no_check_on_the_way"
        yield _duty("on_the_way", code, {}, there, crossing)


def _arriving(
    there: Inquiry, role: str, risk: str | None, day0: date, facts: Mapping[str, Any] | None
) -> Iterator[Duty]:
    """Stages and tests on arrival, by the risk level of the area left or by the person's role."""
    person = role if role in reading()["arrival"] else _TRAVELLER
    keys = reading()["arrival"][person]
    scope: dict[str, Any] = {**(facts or {}), "person": person}
    if keys["by_risk"] and risk is not None:
        scope["area"] = risk
    asks = not keys["by_risk"] or risk is not None
    stages = (there.row if asks else there.cite)(keys["stages"], scope)
    tests = there.cite(keys["test_days"], scope) if stages and stages.value else None
    first_on = day0 + _DAY
    for stage in stages.value if stages else ():
        last_on = first_on + (stage["days"] - 1) * _DAY
        days = (tests.value.get(stage["place"], ()) if tests else ()) or ()
        params = {
            "place": stage["place"],
            "days": stage["days"],
            "first_day": first_on.isoformat(),
            "last_day": last_on.isoformat(),
            "test_days": tuple((first_on + (day - 1) * _DAY).isoformat() for day in days),
        }
        code = f"applies.stage.{stage['place']}"
        assert stages is not None
        yield _duty("arriving", code, params, there, stages)
        first_on = last_on + _DAY
    window = there.cite("travel.tests_in_window", scope)
    if window:
        yield _duty("arriving", "applies.tests_in_window", dict(window.value), there, window)
    landing = there.cite("testing.landing", facts, person=_TRAVELLER)
    if landing and landing.value:
        yield _duty("arriving", "applies.landing_test", {}, there, landing)
    register = there.cite("travel.register", scope)
    if register:
        yield _duty("arriving", "applies.register", {"how": register.value}, there, register)


def _duty(step: str, code: str, params: Mapping[str, Any], inquiry: Inquiry, answer: InForce) -> Duty:
    return Duty(step, code, params, jurisdiction_of(inquiry.area), answer.row)
