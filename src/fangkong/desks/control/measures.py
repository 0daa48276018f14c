"""From the rules in force to the measure on one person: no database, no rule's number.

A contact's stages come from ``contact.<tier>.stages`` by ``science.rules.quarantine_plan``; where a disease
has no stages, ``contact.quarantine`` or ``contact.observe_days`` speak. A positive person's isolation comes
from the ``case.*`` rows; where they give a condition and no date, the safeguard's end stands in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Literal, cast

from fangkong.core.errors import InputError
from fangkong.science.rules import (
    Conflict,
    InForce,
    NoRuleInForce,
    NotInPack,
    Plan,
    Row,
    RuleBook,
    quarantine_plan,
)
from fangkong.science.rules.answers import Answer, lowest_confidence
from fangkong.science.rules.packs import CONFIDENCE_ORDER

from .proposals import Measure, Proposal
from .safeguards import safeguards

#: Tiers of contacts for which rules may ask for an order; a general contact is told, not ordered.
ORDERED_TIERS = ("close", "secondary")

#: Parts of a plan that set a clock for the authority and nothing for the person.
_CLOCK_PARTS = ("transfer_within_hours",)

UNVERIFIED = CONFIDENCE_ORDER[-1]

_CODES: dict[type, str] = {
    NoRuleInForce: "no_rule_in_force",
    NotInPack: "not_in_pack",
    Conflict: "rules_conflict",
}


@lru_cache(maxsize=4096)
def contact_plan(
    book: RuleBook, disease: str, tier: str, last_exposure_on: date, on: date, area_code: str
) -> Plan | NoRuleInForce | NotInPack | Conflict:
    """``quarantine_plan``, remembered: a thousand contacts of one day ask a handful of questions."""
    return quarantine_plan(
        book,
        disease,
        tier=cast(Literal["close", "secondary"], tier),
        last_exposure_on=last_exposure_on,
        on=on,
        area=area_code,
    )


def contact_measure(
    book: RuleBook, *, disease: str, tier: str, last_exposure_on: date, on: date, area_code: str
) -> Measure | Proposal:
    """The measure that the rules of the civil day ``on`` ask for a contact, or why there is none."""
    if tier not in ORDERED_TIERS:
        return Proposal("nothing_to_do", params={"tier": tier})
    try:
        plan = contact_plan(book, disease, tier, last_exposure_on, on, area_code)
    except InputError as refused:
        if refused.code != "rules.day0_other_event":
            raise
        return Proposal("rules_other_event", params=dict(refused.params))
    if isinstance(plan, Plan):
        return _from_plan(plan, on)
    return _without_stages(book, plan, last_exposure_on, on)


def _from_plan(plan: Plan, on: date) -> Measure | Proposal:
    uses = [use for use in plan.uses if use.part not in _CLOCK_PARTS]
    first_on, last_on = plan.first_on, plan.last_on
    if first_on is None or last_on is None:
        return Proposal("nothing_to_do", params={"rule_rows": [use.rule_row for use in uses]})
    open_parts = bool(plan.unanswered or plan.unplaced_tests)
    return _checked(
        Measure(
            kind="quarantine",
            starts_on=max(first_on, on),
            expires_on=last_on,
            stages=[
                _stage(stage.place, stage.first_on, stage.last_on, stage.test_dates, stage.choice)
                for stage in plan.stages
            ],
            rule_rows=[use.rule_row for use in uses],
            legal_basis=_basis(use.row for use in uses),
            # A part that no row decides weighs like an unverified one: whoever approves says why.
            confidence=UNVERIFIED if open_parts else lowest_confidence(use.row for use in uses),
            release_condition=plan.release_rule,
            dates_from="rule_row",
            day0_on=plan.day0_on,
        ),
        on,
    )


def _without_stages(
    book: RuleBook, silence: NoRuleInForce | NotInPack | Conflict, day0_on: date, on: date
) -> Measure | Proposal:
    """The measure of a disease whose contacts have no stages: none, or days of observation."""
    if not isinstance(silence, NotInPack):
        return _undecided(silence)
    asked = silence.asked

    def ask(key: str) -> Answer:
        scope = {"person": "contact"}
        return book.resolve(key, on=asked.on, disease=asked.disease, area=asked.area, scope=scope)

    quarantine, observation = ask("contact.quarantine"), ask("contact.observe_days")
    if isinstance(observation, InForce):
        first_on, last_on = day0_on + timedelta(days=1), day0_on + timedelta(days=int(observation.value))
        return _checked(
            Measure(
                kind="monitoring",
                starts_on=max(first_on, on),
                expires_on=last_on,
                stages=[_stage("medical_observation", first_on, last_on, None)],
                rule_rows=[row.row_id for row in observation.used],
                legal_basis=_basis(observation.used),
                confidence=observation.confidence,
                release_condition="no_symptoms",
                dates_from="rule_row",
                day0_on=day0_on,
            ),
            on,
        )
    if isinstance(quarantine, InForce) and quarantine.value is False:
        return Proposal("nothing_to_do", params={"rule_rows": [quarantine.rule_row]})
    return _undecided(silence)


def case_measure(
    book: RuleBook,
    *,
    disease: str,
    on: date,
    area_code: str,
    person: str,
    severity: str = "",
    onset_on: date | None = None,
) -> Measure | Proposal:
    """The isolation that the rules of the civil day ``on`` ask for a positive person, or why there is none.

    ``person`` is ``case`` or ``asymptomatic`` as the rows call them; ``severity`` is "" before anybody graded
    it. The order ends on the row's day where the row counts from an onset that is known, else with the
    safeguard's default, so that no isolation runs on unasked.
    """
    facts = {"person": person} | ({"severity": severity} if severity else {})

    def ask(key: str) -> Answer:
        return book.resolve(key, on=on, disease=disease, area=area_code, scope=facts)

    place, until, release = ask("case.place"), ask("case.isolate_until"), ask("case.release_rule")
    decided = [answer for answer in (place, until, release) if isinstance(answer, InForce)]
    if isinstance(release, InForce) and _asks_for_no_isolation(release.value):
        return Proposal("nothing_to_do", params={"rule_rows": [release.rule_row]})
    if not decided:
        return _undecided(_loudest(release, until, place))
    last_on = _end_of_isolation(until, onset_on)
    dates_from = "rule_row" if last_on else "safeguard"
    last_on = last_on or on + timedelta(days=safeguards().default_days - 1)
    used = list(dict.fromkeys(row for answer in decided for row in answer.used))
    where = place.value if isinstance(place, InForce) else "by_severity"
    return _checked(
        Measure(
            kind="isolation",
            starts_on=on,
            expires_on=last_on,
            stages=[_stage(str(where), on, last_on, None)],
            rule_rows=[row.row_id for row in used],
            legal_basis=_basis(used),
            confidence=lowest_confidence(used),
            release_condition=_release_key(release, until),
            dates_from=dates_from,
            day0_on=onset_on,
        ),
        on,
    )


def _loudest(*answers: Answer) -> Answer:
    """The answer that calls for a person, if any: rows at odds, then the packs' silence, then the law's."""
    order = (Conflict, NotInPack, NoRuleInForce)
    return min(answers, key=lambda answer: order.index(type(answer)) if type(answer) in order else len(order))


def _asks_for_no_isolation(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("isolation") is False


def _end_of_isolation(until: Answer, onset_on: date | None) -> date | None:
    """The last day, when the row counts whole days from the onset and the onset is known."""
    if not isinstance(until, InForce) or not isinstance(until.value, Mapping) or onset_on is None:
        return None
    days = until.value.get("days")
    if until.value.get("anchor") != "onset" or not isinstance(days, int):
        return None
    return onset_on + timedelta(days=days)


def _release_key(release: Answer, until: Answer) -> str:
    """The key of the row that says when the person goes free; the order's rows hold its text."""
    if isinstance(release, InForce):
        return "case.release_rule"
    return "case.isolate_until" if isinstance(until, InForce) else ""


def _checked(measure: Measure, on: date) -> Measure | Proposal:
    if measure.expires_on < on:
        return Proposal("already_over", params={"last_on": measure.expires_on.isoformat()})
    return measure


def _undecided(answer: Answer) -> Proposal:
    asked = answer.asked
    params: dict[str, Any] = {"rule_key": asked.key, "on": asked.on.isoformat(), "disease": asked.disease}
    if isinstance(answer, Conflict):
        params["rule_rows"] = [row.row_id for row in answer.rows]
    return Proposal(_CODES[type(answer)], params=params)


def _stage(
    place: str, first_on: date, last_on: date, test_dates: Iterable[date] | None, choice: str = ""
) -> dict[str, Any]:
    """One stage as an order stores it; ``tests_known`` is False when the packs do not hold the test days."""
    return {
        "place": place,
        "first_on": first_on.isoformat(),
        "last_on": last_on.isoformat(),
        "test_on": [day.isoformat() for day in test_dates or ()],
        "tests_known": test_dates is not None,
        "choice": choice,
    }


def _basis(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.legal_basis for row in rows))
