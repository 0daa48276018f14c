"""From the rules in force to the measure on one person: no database, no rule's number.

A contact's stages come from ``science.rules`` by the role of the tier; where a disease has no stages for it,
the role of every contact speaks (days of observation). A positive person's isolation comes from the same
planner; where the rows give a condition and no date, the safeguard's end stands in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from fangkong.core.errors import InputError
from fangkong.science.rules import (
    Conflict,
    NoRuleInForce,
    NotInPack,
    Plan,
    Row,
    RuleBook,
    StagePlan,
    cut_at,
)
from fangkong.science.rules.answers import lowest_confidence
from fangkong.science.rules.packs import CONFIDENCE_ORDER

from .proposals import Measure, Proposal
from .safeguards import safeguards

#: Tiers of contacts for which rules may ask for an order; a general contact is told, not ordered.
ORDERED_TIERS = ("close", "secondary")

#: The role by which the rules speak of a contact of any tier.
ANY_CONTACT = "contact"

#: Roles whose orders come from an exposure; an isolation ends by its own condition.
ANY_TIER = (ANY_CONTACT, *(f"{tier}_contact" for tier in ORDERED_TIERS))

#: Parts of a plan that set a clock for the authority and nothing for the person.
_CLOCK_PARTS = ("transfer_within_hours",)

UNVERIFIED = CONFIDENCE_ORDER[-1]

_CODES: dict[type, str] = {
    NoRuleInForce: "no_rule_in_force",
    NotInPack: "not_in_pack",
    Conflict: "rules_conflict",
}


def contact_measure(
    book: RuleBook, *, disease: str, tier: str, last_exposure_on: date, on: date, area_code: str
) -> Measure | Proposal:
    """The measure that the rules of the civil day ``on`` ask for a contact, or why there is none."""
    if tier not in ORDERED_TIERS:
        return Proposal("nothing_to_do", params={"tier": tier})
    situation = {"disease": disease, "role": f"{tier}_contact", "last_exposure_on": last_exposure_on}
    try:
        plan = book.plan_for(situation, on=on, area=area_code)
        if isinstance(plan, NotInPack):
            observed = book.plan_for({**situation, "role": ANY_CONTACT}, on=on, area=area_code)
            if isinstance(observed, Plan):
                return _observation(observed, on)
    except InputError as refused:
        if "event" not in refused.params:
            raise
        return Proposal("rules_other_event", params=_event_of(refused))
    if isinstance(plan, Plan):
        return _from_plan(plan, on)
    return _undecided(plan)


def _event_of(refused: InputError) -> dict[str, Any]:
    return {name: refused.params[name] for name in ("event", "rule_row")}


def _from_plan(plan: Plan, on: date) -> Measure | Proposal:
    uses = [use for use in plan.uses if use.part not in _CLOCK_PARTS]
    first_on, last_on = plan.first_day, plan.last_day
    if first_on is None or last_on is None:
        return Proposal("nothing_to_do", params={"rule_rows": [use.rule_row for use in uses]})
    open_parts = bool(plan.unanswered or plan.unplaced_tests)
    return _checked(
        Measure(
            kind="quarantine",
            starts_on=max(first_on, on),
            expires_on=last_on,
            stages=stages_of_plan(plan),
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


def _observation(plan: Plan, on: date) -> Measure | Proposal:
    """The measure of a disease whose contacts have no stages: days of observation, or none."""
    first_on, last_on = plan.first_day, plan.last_day
    if first_on is None or last_on is None:
        return Proposal("nothing_to_do", params={"rule_rows": [row.rule_row for row in plan.rules]})
    return _checked(
        Measure(
            kind="monitoring",
            starts_on=max(first_on, on),
            expires_on=last_on,
            stages=stages_of_plan(plan),
            rule_rows=[row.rule_row for row in plan.rules],
            legal_basis=_basis(plan.rules),
            confidence=plan.confidence,
            release_condition="no_symptoms",
            dates_from="rule_row",
            day0_on=plan.day0_on,
        ),
        on,
    )


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
    # An onset that nobody knows is told as such: where the row counts from it, the safeguard's end stands in.
    situation: dict[str, Any] = {"disease": disease, "role": person, "onset_on": onset_on}
    situation |= {"rash_onset_on": None} | ({"severity": severity} if severity else {})
    try:
        plan = book.plan_for(situation, on=on, area=area_code)
    except InputError as refused:
        if "event" not in refused.params:
            raise
        return Proposal("rules_other_event", params=_event_of(refused))
    if not isinstance(plan, Plan):
        return _undecided(plan)
    return _isolation(plan, on, onset_on)


def _isolation(plan: Plan, on: date, onset_on: date | None) -> Measure | Proposal:
    if not plan.stages:
        return Proposal("nothing_to_do", params={"rule_rows": [row.rule_row for row in plan.rules]})
    stage = plan.stages[0]._replace(first_day=on)
    dates_from = "rule_row" if stage.last_day else "safeguard"
    last_on = stage.last_day or on + timedelta(days=safeguards().default_days - 1)
    return _checked(
        Measure(
            kind="isolation",
            starts_on=on,
            expires_on=last_on,
            stages=[_stage(stage, last_on)],
            rule_rows=[row.rule_row for row in plan.rules],
            legal_basis=_basis(plan.rules),
            confidence=plan.confidence,
            release_condition=plan.release_key,
            dates_from=dates_from,
            day0_on=onset_on,
        ),
        on,
    )


def _checked(measure: Measure, on: date) -> Measure | Proposal:
    if measure.expires_on < on:
        return Proposal("already_over", params={"last_on": measure.expires_on.isoformat()})
    return measure


def _undecided(answer: NoRuleInForce | NotInPack | Conflict) -> Proposal:
    asked = answer.asked
    params: dict[str, Any] = {"rule_key": asked.key, "on": asked.on.isoformat(), "disease": asked.disease}
    if isinstance(answer, Conflict):
        params["rule_rows"] = [row.row_id for row in answer.rows]
    return Proposal(_CODES[type(answer)], params=params)


def stages_of_plan(plan: Plan, until: date | None = None) -> list[dict[str, Any]]:
    """The stages of a plan as an order stores them, without what lies after ``until`` (None = nothing)."""
    return stages_as_stored(cut_at(plan.stages, until), until or plan.last_day or plan.resolved_on)


def stages_as_stored(stages: Iterable[StagePlan], last_on: date = date.min) -> list[dict[str, Any]]:
    """``stages`` as an order stores them; ``last_on`` stands in where only a condition ends a stage."""
    return [_stage(stage, last_on) for stage in stages if stage.first_day is not None]


def _stage(stage: StagePlan, last_on: date) -> dict[str, Any]:
    """One stage as an order stores it; ``tests_known`` is False when the packs do not hold the test days.

    ``last_on`` is the order's last day: it stands in where only a condition ends the stage.
    """
    assert stage.first_day is not None
    return {
        "place": stage.place,
        "first_on": stage.first_day.isoformat(),
        "last_on": (stage.last_day or last_on).isoformat(),
        "test_on": [day.isoformat() for day in stage.test_days or ()],
        "tests_known": stage.test_days is not None,
        "choice": stage.choice,
    }


def _basis(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(row.legal_basis for row in rows))
