"""The nine comparisons of a draft with what the rules in force allow; each finds at most one thing.

A check returns what it found (:class:`Found`), the silence on which a named person decides, or None. It knows
no figure: days, places, hours and levels come from the rows in force, words from ``overreach.toml``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import Conflict, InForce, NoRuleInForce, NotInPack
from fangkong.science.rules.areas.draft import Draft, DraftStage
from fangkong.science.rules.areas.ranks import Silence
from fangkong.science.rules.areas.words import area_words, ask_level, meaning
from fangkong.science.rules.overlay import judge_local, place_weights
from fangkong.science.rules.packs import Row, Table
from fangkong.science.rules.plan import Plan
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.roles import role_table

_DAY = timedelta(days=1)

#: The parts of a plan that say whether and how long; its tests and transfers do not.
_LENGTH_PARTS: tuple[str, ...] = ("stages", "determine", "quarantine", "until")


@dataclass(frozen=True, slots=True)
class Found:
    """What a draft asks beyond the rules: parameters for the words, and the rows it was compared with.

    ``silence`` is what the rows of the comparison answered where none was in force: a prohibition of its own
    decides without them, a ceiling cannot.
    """

    params: Mapping[str, Any]
    rows: tuple[Row, ...] = ()
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Where and when a draft is compared."""

    book: RuleBook
    on: date
    area: str = HOME_COUNTRY

    def resolve(self, key: str, draft: Draft, **scope: Any) -> Any:
        """The answer on ``key`` for the draft's disease, or None when the vocabulary has no such key."""
        if key not in self.book.keys:
            return None
        return self.book.resolve(key, on=self.on, area=self.area, disease=draft.disease, scope=scope)


Result = Found | Silence | None


def travel_limits(asked: Asked, draft: Draft) -> Result:
    """Risk levels whose people may not travel though only medium and high may be limited."""
    beyond = draft.limited_risks - set(_named("travel_limit_risks"))
    return Found({"risks": sorted(beyond)}) if beyond else None


def low_risk_origin(asked: Asked, draft: Draft) -> Result:
    """A traveller from a low-risk area turned back or isolated."""
    if not _from_low_risk(draft):
        return None
    role, params = _named("planned_as_traveller"), {"origin_risk": draft.origin_risk}
    answer = asked.resolve("travel.stages", draft, person=role, area=draft.origin_risk)
    if isinstance(answer, InForce):
        return None if answer.value else Found(params, answer.used)
    return Found(params, silence=answer)


def area_time(asked: Asked, draft: Draft) -> Result:
    """An area held for more days than the release rule gives without a new case."""
    if draft.kind != "area_control" or draft.days is None:
        return None
    ask: dict[str, Any] = {"on": asked.on, "disease": draft.disease, "area": asked.area}
    answer = ask_level(asked.book, "area.release_rule", draft.came_from or draft.area_level, **ask)
    name = "then_no_new_days" if draft.came_from else "no_new_days"
    if not isinstance(answer, InForce):
        # Nothing is known, or nothing is asked, of such an area: the level itself is judged elsewhere.
        return None if isinstance(answer, NoRuleInForce) else answer
    allowed = answer.value.get(name)
    if allowed is None:
        return None
    used = list(answer.used)
    for other in answer.others:
        local = other.row.value
        if other.why != "cannot_be_compared" or not isinstance(local, Mapping) or name not in local:
            continue
        # Tables cannot be compared by machine, the days in them can: as one stage of so many days.
        verdict = judge_local(
            asked.book.keys["area.release_rule"],
            _as_stage(answer.row, allowed),
            _as_stage(other.row, local[name]),
        )
        if verdict.applies:
            allowed, used = local[name], [other.row, answer.row]
    if draft.last_case_on and draft.starts_on:
        last_on = draft.starts_on + (draft.days - 1) * _DAY
        asks = (last_on - draft.last_case_on).days
    else:
        asks = draft.days
    return Found({"days": asks, "allowed": allowed}, tuple(used)) if asks > allowed else None


def controlled_persons(asked: Asked, draft: Draft) -> Result:
    """A person whom no rule in force lets control."""
    if not draft.restricts_person or _from_low_risk(draft) or _eligible_student(draft):
        return None
    role = _planned_role(draft)
    words = area_words("overreach")
    if role in words["told_only"]["roles"] or role not in role_table().roles:
        told = asked.resolve("contact.general.criteria", draft, person=role)
        return Found({"role": draft.role}, told.used if isinstance(told, InForce) else ())
    plan = _plan(asked, draft)
    if isinstance(plan, NoRuleInForce):
        return Found({"role": draft.role})
    if not isinstance(plan, Plan):
        return plan
    return None if plan.stages else Found({"role": draft.role}, _rows_of(plan, _LENGTH_PARTS))


def isolation_time(asked: Asked, draft: Draft) -> Result:
    """Stages longer, or at a stricter place for longer, than the plan of the rules in force."""
    if not draft.restricts_person or not draft.stages or controlled_persons(asked, draft) is not None:
        return None
    if _from_low_risk(draft) or _eligible_student(draft):
        return None
    plan = _plan(asked, draft)
    if not isinstance(plan, Plan) or any(stage.days is None for stage in plan.stages):
        return None  # without a plan another check speaks; an open end is a condition, not a number of days
    given = [DraftStage(stage.place, stage.days or 0) for stage in plan.stages]
    total, allowed = _days(draft.stages), _days(given)
    params: dict[str, Any] = {"days": total, "allowed": allowed}
    longer, parts = total > allowed, _LENGTH_PARTS
    last = plan.stages[-1].last_day
    if draft.starts_on is not None and last is not None and _is_dated(draft):
        end = draft.starts_on + (total - 1) * _DAY
        if end > last and not longer:
            longer, parts = True, (*_LENGTH_PARTS, "day0")
        params |= {"last_on": end.isoformat(), "allowed_until": last.isoformat()}
    if longer or _stricter_places(draft.stages, given):
        return Found(params, _rows_of(plan, parts))
    return None


def medical_care(asked: Asked, draft: Draft) -> Result:
    """Acute or regular care refused."""
    if draft.refuses_care not in _named("care_needs"):
        return None
    laws = dict.fromkeys(
        str(row.scope["law"])
        for pack in asked.book.packs
        for row in pack.rows
        if row.key == "care.no_refusal" and row.in_force(asked.on) and "law" in row.scope
    )
    answers = [asked.resolve("care.no_refusal", draft, law=law) for law in laws]
    rows = tuple(row for answer in answers if isinstance(answer, InForce) for row in answer.used)
    return Found({"need": draft.refuses_care}, rows)


def students(asked: Asked, draft: Draft) -> Result:
    """An eligible student on the way home isolated."""
    return Found({"role": draft.role}) if draft.restricts_person and _eligible_student(draft) else None


def vehicles(asked: Asked, draft: Draft) -> Result:
    """An eligible vehicle kept from passing."""
    vehicle = draft.vehicle
    if vehicle is None or not vehicle.stopped:
        return None
    if vehicle.eligible is not None:
        return Found({"vehicle": vehicle.kind}) if vehicle.eligible else None
    hours = asked.resolve("freight.pass_pcr_hours", draft, person="driver")
    if hours is None or not isinstance(hours, InForce):
        return hours if isinstance(hours, NotInPack | Conflict) else None
    if vehicle.pcr_age_hours is None or not vehicle.code_green or not vehicle.temperature_normal:
        return None
    params = {"vehicle": vehicle.kind, "pcr_age_hours": vehicle.pcr_age_hours, "allowed": hours.value}
    if vehicle.pcr_age_hours <= hours.value:
        return Found(params, hours.used)
    expired = asked.resolve("freight.expired_pcr_action", draft, person="driver")
    if isinstance(expired, InForce):
        fact = meaning(area_words("overreach")["expired_pcr"], expired.value, expired.row)
        if getattr(vehicle, fact):
            return Found(params, (*hours.used, *expired.used))
    return None


def venues(asked: Asked, draft: Draft) -> Result:
    """A place of normal work and life closed in a low-risk area without a case in it."""
    closed = draft.kind == "venue_closure" and not draft.venue_has_case
    if closed and draft.venue_risk in _named("open_venue_risks"):
        return Found({"risk": draft.venue_risk})
    return None


#: The checks by the names that ``overreach.toml`` gives to the rows' words.
CHECKS: Mapping[str, Callable[[Asked, Draft], Result]] = {
    "travel_limits": travel_limits,
    "low_risk_origin": low_risk_origin,
    "area_time": area_time,
    "controlled_persons": controlled_persons,
    "isolation_time": isolation_time,
    "medical_care": medical_care,
    "students": students,
    "vehicles": vehicles,
    "venues": venues,
}


def _named(what: str) -> Any:
    return area_words("overreach")["named"][what]


def _from_low_risk(draft: Draft) -> bool:
    held = draft.restricts_person and draft.role in _named("traveller_roles")
    return held and draft.origin_risk in _named("free_origin_risks") and not _eligible_student(draft)


def _eligible_student(draft: Draft) -> bool:
    return draft.student_eligible and draft.role == _named("student_role")


def _planned_role(draft: Draft) -> str:
    traveller = draft.role in _named("traveller_roles")
    return str(_named("planned_as_traveller")) if traveller else draft.role


def _is_dated(draft: Draft) -> bool:
    """True when the draft names a day from which the stages of its role are counted."""
    return any(draft.situation.get(name) for name in role_table().roles[_planned_role(draft)].day0)


def _plan(asked: Asked, draft: Draft) -> Plan | Silence:
    """The plan of the rules in force for the draft's person, or which silence there is."""
    situation = {**draft.situation, "disease": draft.disease, "role": _planned_role(draft)}
    if draft.origin_risk:
        situation["area"] = draft.origin_risk
    if not _is_dated(draft):
        # The days of a plan do not hang on the date; a draft that names none is compared by days alone.
        situation[role_table().roles[_planned_role(draft)].day0[0]] = asked.on
    return asked.book.plan_for(situation, on=asked.on, area=asked.area)


def _rows_of(plan: Plan, parts: tuple[str, ...]) -> tuple[Row, ...]:
    """The rows of those parts of a plan; all its rows when it has none of them."""
    return tuple(dict.fromkeys(use.row for use in plan.uses if use.part in parts)) or plan.rules


def _days(stages: Any) -> int:
    return sum(stage.days for stage in stages)


def _stricter_places(draft: tuple[DraftStage, ...], plan: list[DraftStage]) -> bool:
    """True when for some place the draft has more days there or anywhere stricter than the plan has."""
    weights = place_weights()
    if not all(stage.place in weights for stage in (*draft, *plan)):
        unranked = {stage.place for stage in draft} - set(weights)
        return any(
            _days(s for s in draft if s.place == place and not s.wished)
            > _days(s for s in plan if s.place == place)
            for place in {stage.place for stage in plan} | unranked
        )
    return any(
        _days(s for s in draft if weights[s.place] >= weight and not s.wished)
        > _days(s for s in plan if weights[s.place] >= weight)
        for weight in set(weights.values())
    )


def _as_stage(row: Row, days: int) -> Row:
    return replace(row, value=(Table({"place": "area", "days": days}),))
