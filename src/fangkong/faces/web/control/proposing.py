"""Proposing an order on an area, a place, a journey or a testing campaign: the form, and where it leads."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from fangkong.core.areas import level_of
from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError
from fangkong.desks.control import actions
from fangkong.desks.control.alternatives import (
    area_levels,
    area_units,
    infection_kinds,
    stated_facts,
)
from fangkong.desks.control.gates import gates_of
from fangkong.desks.control.group_orders import GroupKind, group_kind, group_kinds
from fangkong.desks.control.rulebook import rulebook
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.web.figures import disease_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from . import proposal_fields
from .area_parts import gate_field
from .deeds import MOST_CHARACTERS, day_typed, gates_typed, number_typed
from .presenting import coded, said

#: What the fields of infections are called, and the most infections counted of one kind.
_FOUND = "found_"
_MOST_INFECTIONS = 999


@desk("control", actions.PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """The form of a proposal; sent, the page of the proposed order, which says who may sign and what blocks."""
    viewing: Viewing = request.viewing
    sent = request.POST if request.method == "POST" else request.GET
    typed = {name: value[:MOST_CHARACTERS] for name, value in sent.items()}
    if request.method != "POST":
        # A plan leads here with its figures filled in.
        return _form(request, typed, "", 200)
    try:
        viewing.require_live()
        proposal = _proposed(viewing, typed)
    except FangkongError as problem:
        status = {Forbidden: 403, Conflict: 409}.get(type(problem), 400)
        return _form(request, typed, error_text(problem, get_language() or "zh-hans"), status)
    return redirect(f"{reverse('order', args=[proposal.order_key])}?done=propose")


def _proposed(viewing: Viewing, typed: dict[str, str]) -> Any:
    kind = group_kind(typed.get("kind", ""))
    given, extent = _extent(kind, typed, viewing)
    days, starts_on = number_typed(typed.get("days", "")), day_typed(typed.get("starts_on", ""))
    if not days or days > safeguards().max_days:
        raise InputError("area_orders.days_needed", most=safeguards().max_days)
    starts_on = starts_on or viewing.day
    return actions.order_propose_for_group(
        kind.kind,
        disease=typed.get("disease", ""),
        area_code=given.area_code,
        subject_key=given.subject_key,
        extent=extent,
        starts_on=starts_on,
        expires_on=_last_day(starts_on, days),
        evidence=typed.get("evidence", ""),
        proportionality_note=typed.get("note", ""),
        legal_basis=typed.get("legal_basis", ""),
        gates=gates_typed(_gates_of_kind(typed, kind.kind)),
        **viewing.by(),
    )


def _extent(
    kind: GroupKind, typed: dict[str, str], viewing: Viewing
) -> tuple[proposal_fields.Given, actions.Extent]:
    """Where the order lies and what it covers, from the fields of its kind."""
    if kind.subject != "area":
        given = proposal_fields.read(kind, typed, viewing)
        return given, actions.Extent(given.unit, 0, given.people, more=given.more)
    area = typed.get("area", "").strip()
    try:
        level_of(area)
    except ValueError:
        field = said("area_orders.field.area")
        raise InputError("area_orders.bad_area", field=field, given=area[:24]) from None
    unit, level = typed.get("unit", ""), typed.get("level", "") if kind.kind == "risk_area" else ""
    if unit not in area_units() or (kind.kind == "risk_area" and level not in area_levels()):
        raise InputError("area_orders.choose_level_and_unit")
    residents, households = (
        number_typed(typed.get("residents", "")),
        number_typed(typed.get("households", "")),
    )
    if residents is None or households is None:
        raise InputError("order.people_inside_needed")
    extent = actions.Extent(
        unit=unit,
        households=households,
        residents=residents,
        level=level,
        infections=_infections(typed) if kind.kind == "risk_area" else (),
        stated=tuple(fact for fact in stated_facts() if typed.get(f"stated_{fact}") == "yes"),
        more=proposal_fields.smaller_and_round(kind, typed),
    )
    return proposal_fields.Given(area, unit, residents), extent


def _last_day(starts_on: date, days: int) -> date:
    try:
        return starts_on + timedelta(days=days - 1)
    except OverflowError:
        raise InputError("error.bad_date") from None


def _infections(typed: dict[str, str]) -> tuple[str, ...]:
    """Each infection by how it was found, from the numbers typed. Raises InputError for what is no number."""
    found: list[str] = []
    for kind in infection_kinds():
        given = typed.get(f"{_FOUND}{kind}", "").strip()
        count = number_typed(given) if given else 0
        if count is None or count > _MOST_INFECTIONS:
            raise InputError("area_orders.infections_wrong", most=_MOST_INFECTIONS)
        found += [kind] * count
    return tuple(found)


def _gates_of_kind(typed: dict[str, str], kind: str) -> dict[str, str]:
    """The gates typed that belong to the kind: the form of another kind may have left its own."""
    wanted = {f"gate_{gate}" for gate in gates_of(kind)}
    return {field: value for field, value in typed.items() if field in wanted}


def _form(request: HttpRequest, typed: dict[str, str], problem: str, status: int) -> HttpResponse:
    viewing: Viewing = request.viewing
    kinds = group_kinds()
    kind = typed.get("kind") or request.GET.get("kind", "")
    kind = kind if kind in kinds else kinds[0]
    area = typed.get("area") or viewing.actor.area_code
    disease = typed.get("disease") or viewing.installation.disease
    diseases = list(dict.fromkeys([*([disease] if disease else []), *rulebook().diseases()]))
    context = {
        "page_title": said("area_orders.propose"),
        "kind": kind,
        "subject": group_kind(kind).subject,
        "parts": proposal_fields.parts_of(group_kind(kind), typed, viewing, area),
        "kinds": [(code, said(f"order.type.{code}")) for code in kinds],
        "diseases": [(code, disease_name(code)) for code in diseases],
        "disease": disease,
        "levels": [(code, coded("areas.level", code)) for code in area_levels()],
        "units": [(code, coded("areas.unit", code)) for code in area_units()],
        "found": [
            {
                "field": f"{_FOUND}{code}",
                "name": coded("area_orders.found", code),
                "typed": typed.get(f"{_FOUND}{code}", ""),
            }
            for code in infection_kinds()
        ],
        "stated": [
            {
                "field": f"stated_{fact}",
                "name": coded("area_orders.stated", fact),
                "on": typed.get(f"stated_{fact}") == "yes",
            }
            for fact in stated_facts()
        ],
        "gates": [gate_field(gate) | {"typed": typed.get(f"gate_{gate}", "")} for gate in gates_of(kind)],
        "starts_on": typed.get("starts_on") or viewing.day.isoformat(),
        "most_days": safeguards().max_days,
        "area": area,
        "typed": typed,
        "problem": problem,
        "blocked": viewing.looking_back,
    }
    return render(request, "control/propose.html", context, status=status)
