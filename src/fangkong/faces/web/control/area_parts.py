"""What belongs to an order on many people: its gates, the step due for its area, the smallest lawful alternative."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.control import actions
from fangkong.desks.control.alternatives import Alternative, smallest_alternative
from fangkong.desks.control.gates import gate_kind, gates_of, missing_gates
from fangkong.desks.control.journey_alternatives import ROUTE
from fangkong.desks.control.narrower import ROUND_ON, TravellerClass
from fangkong.faces.papers import order_phrases
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats, rule_words
from fangkong.faces.words.catalogue import has_word
from fangkong.record.models import Order, Place
from fangkong.science.rules.areas.risk_life import Condition, Step
from fangkong.science.rules.areas.smallest_unit import AvertedCases, NoAverted

from .presenting import coded, said
from .spread_around import SpreadAround, spread_around

if TYPE_CHECKING:
    from .order_page import Refused

#: Steps after which a successor runs, whose last day somebody states.
_GOES_ON = "downgrade"


def gates_part(viewing: Viewing, order: Order, refused: Refused | None) -> dict[str, Any]:
    """Each gate with what meets it; for whoever may propose, a field for each one that is still open."""
    open_gates, households = set(missing_gates(order)), (order.details or {}).get("households")
    mine = refused if refused is not None and refused.deed == "gates" else None
    rows = []
    for gate in gates_of(order.kind):
        value, kind = order.gates.get(gate), gate_kind(gate)
        if value in (None, ""):
            met = said("order.gate_open")
        elif kind == "text":
            met = str(value)
        elif isinstance(households, int):
            met = said("order.gate_households_needed", n=value, needed=households)
        else:
            met = said("order.gate_households", n=value)
        field = gate_field(gate)
        typed = mine.typed.get(field["field"], "") if mine else ""
        rows.append(field | {"met": met, "open": gate in open_gates, "typed": typed})
    form = bool(open_gates) and order.state == "proposed" and _may(viewing, order, actions.PROPOSE)
    return {
        "rows": rows,
        "form": form,
        "action": reverse("order_gates", args=[order.key]),
        "problem": mine.problem if mine else "",
    }


def gate_field(gate: str) -> dict[str, Any]:
    """The field of ``gate`` on a form: name, label, and whether it takes a number of households a day."""
    number = gate_kind(gate) != "text"
    hint = said("area_orders.gate_hint_number" if number else "area_orders.gate_hint_text")
    return {"name": said(f"order.gate.{gate}"), "field": f"gate_{gate}", "number": number, "hint": hint}


def step_part(viewing: Viewing, order: Order, refused: Refused | None) -> dict[str, Any] | None:
    """The step due for a running risk area with its conditions, and the forms of whoever may; else None."""
    if order.kind != "risk_area" or order.state not in ("approved", "suspended"):
        return None
    step = actions.risk_area_step(order, actor=viewing.actor, at=viewing.at)
    named = refused if refused is not None and refused.deed in ("facts", "step") else None
    noted = (order.details or {}).get("facts", {})
    part: dict[str, Any] = {
        "may_note": _may(viewing, order, actions.PROPOSE),
        "may_take": False,
        "facts_action": reverse("order_facts", args=[order.key]),
        "step_action": reverse("order_step", args=[order.key]),
        "refused": named.deed if named else "",
        "problem": named.problem if named else "",
        "noted": noted | named.typed if named and named.deed == "facts" else noted,
        "typed": named.typed if named and named.deed == "step" else {},
        "conditions": [],
        "rules": [],
    }
    if not isinstance(step, Step):
        return part | {"due": said("area_orders.step_silent"), "note": ""}
    lang = get_language()
    due = said(f"areas.step.{step.action}")
    if step.action == _GOES_ON:
        due = said("area_orders.step_to", step=due, level=coded("areas.level", step.to_level))
    waits = step.action == "keep" and step.earliest_on is not None and step.earliest_on > viewing.day
    note = ""
    if waits and step.earliest_on is not None:
        note = said("area_orders.step_earliest", day=formats.day_full(step.earliest_on, lang))
    return part | {
        "due": due,
        "note": note,
        "may_take": step.action != "keep" and _may(viewing, order, actions.DECIDE_AREA),
        "take": said(f"area_orders.take.{step.action}") if step.action != "keep" else "",
        "end_needed": step.action == _GOES_ON,
        "conditions": [_condition(each) for each in step.conditions],
        "rules": order_phrases.rule_lines([row.row_id for row in step.rows], lang),
    }


def alternative_part(viewing: Viewing, order: Order) -> dict[str, Any] | None:
    """The smallest lawful alternative to a proposed or running order, in words; None where none is asked for."""
    if order.state not in actions.RUNNING and order.state != "proposed":
        return None
    around = spread_around(viewing, order)
    spread = around.spread if around else None
    found = smallest_alternative(order, actor=viewing.actor, at=viewing.at, spread=spread)
    return None if found is None else alternative_words(found, order, around)


def alternative_words(
    found: Alternative, order: Order | None = None, around: SpreadAround | None = None
) -> dict[str, Any]:
    """``found`` as the panel shows it: what the rules allow, the rows, both figures, and what is refused and why."""
    lang, allowed = get_language(), found.allowed
    joined = said("frame.and").join
    classes = joined(_class_words(each) for each in found.classes)
    words: dict[str, Any] = {
        "allowed": joined(coded("areas.unit", unit) for unit in allowed.units) if allowed else "",
        "classes": classes,
        "places": joined(place_name(each) for each in found.places),
        "note": said(f"area_orders.{found.note}") if found.note else "",
        "rules": order_phrases.rule_lines([row.row_id for row in found.rows], lang),
        "why": said(f"area_orders.{found.why}") if found.why else "",
        "source": said(f"area_orders.alternative_source.{found.source}") if found.source else "",
        "rows": [],
        "sentence": "",
        "averted": "",
    }
    figures = found.comparison
    if figures is None:
        return words
    names = area_names([unit.code for unit in found.units])
    units = [
        classes
        if unit.kind == ROUTE
        else said("area_orders.unit_of", unit=coded("areas.unit", unit.kind), area=names[unit.code])
        for unit in found.units
    ]
    words["units"] = joined(units) or said("area_orders.nobody_held")
    words["rows"] = [
        (said("area_orders.this_proposal"), figures.wider_persons, figures.wider_person_days),
        (said("area_orders.smallest_set"), figures.smallest_persons, figures.smallest_person_days),
    ]
    if figures.extra_persons > 0:
        words["sentence"] = said(
            "area_orders.extra", persons=figures.extra_persons, person_days=figures.extra_person_days
        )
    else:
        words["sentence"] = said("area_orders.not_wider")
    if isinstance(figures.averted, NoAverted):
        words["averted"] = said(figures.averted.code)
    elif order is not None and around is not None:
        words["averted"] = _averted_words(figures.averted, order, around)
    return words


def place_name(place: Place) -> str:
    """The name of a place in the page's language."""
    english = (get_language() or "").startswith("en")
    return (place.name_en or place.name_zh) if english else place.name_zh


def _class_words(found: TravellerClass) -> str:
    params = dict(found.params)
    if "area" in params:
        params["area"] = rule_words.fact_text("area", params["area"], get_language())
    return said(found.code, **params)


def _averted_words(averted: AvertedCases, order: Order, around: SpreadAround) -> str:
    lang, infected = get_language(), averted.infected
    rt_low, rt, rt_high = around.spread.reproduction
    day = (order.details or {}).get(ROUND_ON)
    return said(
        "area_orders.averted",
        low=formats.number(averted.low, lang),
        central=formats.number(averted.central, lang),
        high=formats.number(averted.high, lang),
        positive=infected.count,
        tested=infected.total,
        day=formats.day_full(date.fromisoformat(day), lang) if day else said("order.why.day_unknown"),
        area=area_names([around.area_code])[around.area_code],
        rt=formats.number(rt, lang),
        rt_low=formats.number(rt_low, lang),
        rt_high=formats.number(rt_high, lang),
        as_of=formats.day_full(around.as_of, lang),
        interval=formats.number(around.spread.generation_days, lang),
        source=around.source,
    )


def _condition(condition: Condition) -> dict[str, Any]:
    needed = condition.needed
    if not condition.known:
        needed = coded("area_orders.condition_name", str(needed).replace("_", " "))
    if condition.seen is not None:
        seen = said("area_orders.seen_days", n=condition.seen)
    else:
        own = f"area_orders.seen_none.{'met' if condition.met else 'open'}"
        seen = said(own) if has_word(own) else ""
    return {"text": said(condition.code, needed=needed), "seen": seen, "met": condition.met}


def _may(viewing: Viewing, order: Order, permission: str) -> bool:
    actor = viewing.actor
    return not viewing.looking_back and actor.may(permission) and actor.sees(order.area_code)
