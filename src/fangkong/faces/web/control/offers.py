"""Offers to shorten, list and deed: both computations of every offer in view, many decided for one reason."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError
from fangkong.desks.control import actions, queries
from fangkong.desks.control.rejudgement_offers import ACCEPTABLE, OUTCOMES
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager, whole_number
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.errors import error_text
from fangkong.record.access.actor import roles_that_may

from .order_parts import computed
from .orders_head import shared
from .presenting import coded, said

#: Offers on one page: what is accepted together has been in view together.
PAGE_ROWS = 100

#: Characters of a district's code: offers are decided district by district.
_DISTRICT = 6

_MOST_REASON = 400


def offers_page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    """The offers of one outcome, those that end now before the others; the filters are in the address.

    ``problem`` is what a deed was refused for; what was typed and chosen stands as it was.
    """
    viewing: Viewing = request.viewing
    asked = request.POST if request.method == "POST" else request.GET
    here = queries.offers_count(actor=viewing.actor, at=viewing.at)
    districts = sorted({each.area_code[:_DISTRICT] for each in here})
    area = asked.get("area", "")
    area = area if area in districts else ""
    counts = dict.fromkeys(OUTCOMES, 0)
    for each in here:
        if each.area_code.startswith(area):
            counts[each.outcome] += each.count
    outcome = asked.get("outcome", "")
    if outcome not in OUTCOMES:
        outcome = next((each for each in OUTCOMES if counts[each]), OUTCOMES[0])
    page = queries.offers_list(
        actor=viewing.actor,
        at=viewing.at,
        outcome=outcome,
        area_code=area,
        limit=PAGE_ROWS,
        after=asked.get("after", ""),
    )
    names = area_names([*districts, *(offer.area_code for offer in page.rows)])
    kept = {"show": "offers", "outcome": outcome} | ({"area": area} if area else {})
    context = shared(viewing, "offers") | {
        "outcome": outcome,
        "outcomes": [(code, coded("rejudgement.outcome", code), counts[code]) for code in OUTCOMES],
        "area": area,
        "area_name": names.get(area, area),
        "areas": [(code, names.get(code, code)) for code in districts],
        "rows": _rows(page.rows, viewing, names, set(request.POST.getlist("offer"))),
        "computed": _computed(viewing, outcome, area) if area else [],
        "count": counts[outcome],
        "form": _form(viewing, outcome),
        "blocked": _blocked(viewing),
        "problem": problem,
        "reason": request.POST.get("reason", "")[:_MOST_REASON],
        "after": asked.get("after", ""),
        "done": _done(request),
        "pager": pager(request, page, **kept),
    }
    return render(request, "control/offers.html", context, status=status)


def _rows(
    offers: list[Any], viewing: Viewing, names: dict[str, str], chosen: set[str]
) -> list[dict[str, Any]]:
    orders = queries.orders_named([offer.order_key for offer in offers], actor=viewing.actor, at=viewing.at)
    return [
        {
            "offer": offer,
            "order": orders.get(offer.order_key),
            "area": names.get(offer.area_code, offer.area_code),
            "cause": coded("rejudgement.cause", offer.cause),
            "before": computed(offer.before, offer),
            "after": computed(offer.after, offer),
            "chosen": offer.key in chosen,
        }
        for offer in offers
    ]


def _computed(viewing: Viewing, outcome: str, area: str) -> list[dict[str, Any]]:
    """Each pair of last days among the offers of the area, and how many have it."""
    lang = get_language()
    return [
        {
            "before": formats.day_full(each.before, lang) if each.before else said("frame.none"),
            "after": formats.day_full(each.after, lang) if each.after else said("rejudgement.page.none_left"),
            "count": each.count,
        }
        for each in queries.offers_computed(
            actor=viewing.actor, at=viewing.at, outcome=outcome, area_code=area
        )
    ]


def _form(viewing: Viewing, outcome: str) -> bool:
    return outcome in ACCEPTABLE and not viewing.looking_back and viewing.actor.may(actions.DECIDE)


def _blocked(viewing: Viewing) -> str:
    """Why the reader cannot decide here, "" when they can."""
    if viewing.looking_back:
        return said("order.blocked.looking_back")
    if viewing.actor.may(actions.DECIDE):
        return ""
    roles = said("frame.and").join(coded("role", role) for role in roles_that_may(actions.DECIDE))
    return said("rejudgement.page.who_decides", roles=roles)


def _done(request: HttpRequest) -> str:
    what = request.GET.get("done", "")
    if what not in ("accepted", "declined"):
        return ""
    return said(f"rejudgement.page.{what}", n=whole_number(request, "n", 0))


@desk("control", "order.read")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """Those chosen, or everything of one district, accepted or declined for one reason; the list again."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    typed = request.POST
    by = viewing.by()
    choice, reason = typed.get("decision", ""), typed.get("reason", "")[:_MOST_REASON]
    try:
        if choice == "accept_all":
            done = actions.rejudgements_accept(_all_shown(typed, by), reason=reason, **by)
        elif choice == "accept":
            done = actions.rejudgements_accept(typed.getlist("offer"), reason=reason, **by)
        elif choice == "decline":
            done = actions.rejudgements_decline(typed.getlist("offer"), reason=reason, **by)
        else:
            raise InputError("order.unknown_decision", value=choice[:20])
    except (Conflict, Forbidden, InputError) as refused:
        status = 403 if isinstance(refused, Forbidden) else 409 if isinstance(refused, Conflict) else 400
        return offers_page(request, _said(refused), status=status)
    what = "declined" if choice == "decline" else "accepted"
    kept = {"show": "offers", "area": typed.get("area", "")[:24], "done": what, "n": str(done)}
    return redirect(f"{reverse('orders')}?{urlencode(kept)}")


def _said(refused: FangkongError) -> str:
    return error_text(refused, get_language() or "zh-hans")


def _all_shown(typed: Any, by: dict[str, Any]) -> list[str]:
    """The keys of all offers of the area that the page counted. Raises Conflict when they are others by now."""
    area, outcome = typed.get("area", ""), typed.get("outcome", "")
    if not area or outcome not in ACCEPTABLE:
        raise InputError("rejudgement.none_chosen")
    keys = queries.offers_keys(outcome=outcome, area_code=area, **by)
    if str(len(keys)) != typed.get("count", ""):
        raise Conflict("rejudgement.offers_changed", shown=typed.get("count", "")[:9], now=len(keys))
    return keys
