"""What belongs to an order on many people: its gates, the step due for its area, the smallest lawful alternative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.control import actions
from fangkong.desks.control.alternatives import Alternative, smallest_alternative
from fangkong.desks.control.gates import gate_kind, gates_of, missing_gates
from fangkong.faces.papers import order_phrases
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word
from fangkong.record.models import Order
from fangkong.science.rules.areas.risk_life import Condition, Step
from fangkong.science.rules.areas.smallest_unit import NoAverted

from .presenting import coded, said

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
    """The smallest lawful alternative to a proposed or running area, in words; None where none is asked for."""
    if order.state not in actions.RUNNING and order.state != "proposed":
        return None
    found = smallest_alternative(order, actor=viewing.actor, at=viewing.at)
    return None if found is None else alternative_words(found)


def alternative_words(found: Alternative) -> dict[str, Any]:
    """``found`` as the panel shows it: the units allowed, the rows, both figures, and what is refused and why."""
    lang, allowed = get_language(), found.allowed
    words: dict[str, Any] = {
        "allowed": said("frame.and").join(coded("areas.unit", unit) for unit in allowed.units)
        if allowed
        else "",
        "rules": order_phrases.rule_lines([row.row_id for row in allowed.rows], lang) if allowed else [],
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
        said("area_orders.unit_of", unit=coded("areas.unit", unit.kind), area=names[unit.code])
        for unit in found.units
    ]
    words["units"] = said("frame.and").join(units)
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
    return words


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
