"""The plan of a testing campaign and of the screening of key posts: each figure with its rule row or its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from fangkong.core.areas import HOME_COUNTRY, level_of
from fangkong.core.errors import InputError
from fangkong.desks.control import actions
from fangkong.desks.control.campaigns import LAB, POOL, ROUNDS, ROUNDS_A_DAY, WHOLE_AREA, planned_lab
from fangkong.desks.control.rulebook import rulebook
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.figures import disease_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text
from fangkong.record.models import Area
from fangkong.science.rules.testing.rounds import Round

from . import campaign_parts
from .deeds import MOST_CHARACTERS, day_typed, number_typed
from .presenting import said
from .proposal_fields import number

#: Scopes of the stop rule: where the campaign is held.
PLACES = ("affected_district", "other_district")

#: Rounds read from the form: a campaign of more has stopped long ago.
_MOST_ROUNDS = 60


@dataclass(frozen=True)
class Asked:
    """What the plan is asked for, and where each number comes from."""

    area: str
    disease: str
    on: date
    people: int | None
    #: The area as the record knew it; None where the number was typed or nothing is known.
    known: Area | None
    lab: int
    lab_typed: bool
    whole_area: bool
    source_known: bool | None
    place: str
    held: tuple[Round, ...]


@desk("control", "order.read")
@require_GET
def campaign(request: HttpRequest) -> HttpResponse:
    """The figures of a round for an area on a day, its rounds, and who at a key post is tested how often."""
    viewing: Viewing = request.viewing
    typed = {name: value[:MOST_CHARACTERS] for name, value in request.GET.items()}
    context: dict[str, Any] = {
        "page_title": said("campaign_page.title"),
        "typed": typed,
        "area": typed.get("area", "").strip() or viewing.actor.area_code or viewing.installation.area_code,
        "disease": typed.get("disease") or viewing.installation.disease,
        "on": typed.get("on") or viewing.day.isoformat(),
        "place": typed.get("place") if typed.get("place") in PLACES else PLACES[0],
        "places": [(place, said(f"campaign_page.place.{place}")) for place in PLACES],
        "lab": typed.get("lab") or str(planned_lab()[0]),
        "key_groups": typed.get("who") == "key_groups",
        "problem": "",
    }
    diseases = dict.fromkeys([*([context["disease"]] if context["disease"] else []), *rulebook().diseases()])
    context["diseases"] = [(code, disease_name(code)) for code in diseases]
    status = 200
    try:
        asked = _asked(viewing, typed, context)
        context |= {"asked": asked, "place_name": area_names([asked.area])[asked.area]}
        context |= campaign_parts.plan_part(asked, viewing)
        context |= campaign_parts.rounds_part(asked)
        context |= campaign_parts.posts_part(asked)
        _add_proposals(viewing, asked, context)
    except InputError as problem:
        context["problem"], status = error_text(problem, get_language()), 400
    return render(request, "control/campaign.html", context, status=status)


def _asked(viewing: Viewing, typed: dict[str, str], context: dict[str, Any]) -> Asked:
    area = context["area"] or HOME_COUNTRY
    label = said("area_orders.field.area")
    try:
        level_of(area)
    except ValueError:
        raise InputError("area_orders.bad_area", field=label, given=area[:24]) from None
    if not viewing.actor.sees(area):
        raise InputError("campaign_page.not_yours", field=label, given=area)
    known = Area.objects.known_at(viewing.at).filter(key=area, population__gt=0).first()
    people, label = known.population if known else None, said("campaign_page.field.people")
    if typed.get("people", "").strip():
        people, known = number(typed, "people", label, least=1), None
    on = day_typed(context["on"])
    assert on is not None
    lab = number(context, "lab", said("area_orders.field.lab_tubes_per_day"), least=1)
    return Asked(
        area=area,
        disease=context["disease"],
        on=on,
        people=people,
        known=known,
        lab=lab,
        lab_typed=lab != planned_lab()[0],
        whole_area=not context["key_groups"],
        source_known=False if typed.get("source") == "unknown" else None,
        place=context["place"],
        held=_rounds(typed.get("held", "")),
    )


def _rounds(given: str) -> tuple[Round, ...]:
    """The rounds held, one a line: day and infections found. Raises InputError with the line."""
    label, found = said("campaign_page.field.held"), []
    for line in given.splitlines()[:_MOST_ROUNDS]:
        if not line.strip():
            continue
        day, _, count = line.strip().partition(" ")
        positives = number_typed(count)
        try:
            held_on = date.fromisoformat(day)
        except ValueError:
            held_on = None
        if held_on is None or positives is None:
            raise InputError("campaign_page.round_wrong", field=label, line=line[:40])
        found.append(Round(held_on, positives))
    return tuple(found)


def _add_proposals(viewing: Viewing, asked: Asked, context: dict[str, Any]) -> None:
    """Gives every pool size in force the address of the form that proposes it, for whoever may propose."""
    if viewing.looking_back or not viewing.actor.may(actions.PROPOSE):
        return
    ahead: list[date] = context["round_days"]
    given: dict[str, Any] = {
        "kind": "testing",
        "area": asked.area,
        "disease": asked.disease,
        "residents": asked.people,
        "starts_on": (ahead[0] if ahead else asked.on).isoformat(),
        ROUNDS: len(ahead) or context["min_rounds"] or 1,
        ROUNDS_A_DAY: 1,
        LAB: asked.lab,
    }
    if ahead:
        given["days"] = min((ahead[-1] - ahead[0]).days + 1, safeguards().max_days)
    if asked.whole_area:
        given[WHOLE_AREA] = "yes"
    for pool in context["pools"]:
        if pool["in_force"]:
            pool["href"] = f"{reverse('order_propose')}?{urlencode(given | {POOL: pool['people']})}"
