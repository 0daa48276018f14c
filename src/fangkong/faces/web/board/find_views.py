"""Finding a case, an order or a place by its exact number or name; never a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.figures import area_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import visible
from fangkong.record.models import Area, Case, Order

#: More than this many places of one name are a sign to write more of it.
MOST = 20


@desk("", "board.read")
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The one thing that ``q`` names, or the list of what it may be, within the actor's scope."""
    viewing: Viewing = request.viewing
    asked = request.GET.get("q", "").strip()[:80]
    found = _found(asked, viewing) if asked else []
    if len(found) == 1:
        return redirect(found[0]["href"])
    context = {
        "page_title": said("page.find"),
        "asked": asked,
        "found": found,
        "people_href": reverse("people") if viewing.actor.may("person.unmask") else "",
    }
    return render(request, "board/find.html", context)


def _found(asked: str, viewing: Viewing) -> list[dict[str, Any]]:
    actor, at = viewing.actor, viewing.at
    rows: list[dict[str, Any]] = []
    if actor.may("case.read"):
        cases = visible(Case.objects.known_at(at).filter(case_no=asked), actor, at=at)
        rows += [
            {"kind": said("page.find.case"), "title": case.case_no, "href": reverse("case", args=[case.key])}
            for case in cases.order_by("key")[:MOST]
        ]
    if actor.may("order.read"):
        orders = visible(Order.objects.known_at(at).filter(order_no=asked), actor, at=at)
        rows += [
            {
                "kind": coded("order.type", order.kind),
                "title": order.order_no,
                "href": reverse("order", args=[order.key]),
            }
            for order in orders.order_by("key")[:MOST]
        ]
    if actor.may("daily.read"):
        places = Area.objects.known_at(at).filter(Q(key=asked) | Q(name_zh=asked) | Q(name_en__iexact=asked))
        rows += [
            {
                "kind": said("page.find.area"),
                "title": area_name(area),
                "href": reverse("assess_area", args=[area.key]),
            }
            for area in places.order_by("key")[:MOST]
            if actor.sees(area.key)
        ]
    return rows
