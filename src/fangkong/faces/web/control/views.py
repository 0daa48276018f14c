"""Orders to decide and in force; the decision itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError
from fangkong.desks.control import actions, queries
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text
from fangkong.record.access.actor import roles_that_may
from fangkong.record.models import Contact, Order, User

from .presenting import card, coded, rules_of, said, span_of, stages_of

PAGE_ROWS = 25


@desk("control", "order.read")
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Proposals waiting for a decision, or the orders in force: the filter is in the address."""
    viewing = request.viewing
    show = "in_force" if request.GET.get("show") == "in_force" else "to_decide"
    read = queries.orders_in_force_list if show == "in_force" else queries.orders_to_decide
    page = read(actor=viewing.actor, at=viewing.at, limit=PAGE_ROWS, after=request.GET.get("after", ""))
    weight = queries.orders_in_force(actor=viewing.actor, at=viewing.at)
    areas = area_names([order.area_code for order in page.rows])
    context = {
        "page_title": said("order.page"),
        "show": show,
        "rows": [_row(order) | {"area": areas.get(order.area_code, "")} for order in page.rows],
        "weight": weight,
        "pager": pager(request, page, show=show),
    }
    return render(request, "control/orders.html", context)


def _row(order: Order) -> dict[str, Any]:
    return {
        "order": order,
        "stages": stages_of(order),
        "span": span_of(order.starts_on, order.expires_on),
        "proposer": proposer_of(order.proposed_by),
        "mark": "read" if order.confidence == "verified" else "unverified",
    }


def proposer_of(key: str) -> str:
    """Who proposed: the platform by rule, or a colleague's name."""
    if key.startswith("system:"):
        return said("order.by_rule")
    name = User.objects.filter(key=key).values_list("display_name", flat=True).first()
    return name or said("order.by_unknown")


def _today(request: HttpRequest) -> date:
    return civil_day(request.viewing.at, request.viewing.installation.zone)


@desk("control", "order.read")
@require_GET
def order(request: HttpRequest, key: str) -> HttpResponse:
    """One order with its plan, rules, history, and the decision for whoever may take it."""
    return _order_page(request, key)


def _order_page(
    request: HttpRequest, key: str, problem: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    viewing = request.viewing
    found = queries.order_get(key, actor=viewing.actor, at=viewing.at)
    contact = Contact.objects.known_at(viewing.at).filter(key=found.reason_key).first()
    decider = proposer_of(found.decided_by) if found.decided_by else ""
    context = {
        "page_title": said("order.page_one", number=found.order_no),
        "order": found,
        "card": card(found, _today(request))
        | {"proposer": proposer_of(found.proposed_by), "approver": decider},
        "stages": stages_of(found),
        "rules": rules_of(found),
        "contact": contact,
        "history": queries.order_history(key, actor=viewing.actor, at=viewing.at),
        "decider": decider,
        "next_href": _next_href(viewing, found),
        "confirm": _confirm(request, found, problem, reason) if found.state == "proposed" else None,
    }
    return render(request, "control/order.html", context, status=status)


def _next_href(viewing: Viewing, found: Order) -> str:
    """Where whoever has just decided goes on: a morning is a row of decisions, not a list read again each time."""
    if found.state == "proposed" or viewing.looking_back or not viewing.actor.may(actions.DECIDE):
        return ""
    waiting = queries.orders_to_decide(actor=viewing.actor, at=viewing.at, limit=1).rows
    return reverse("order", args=[waiting[0].key]) if waiting else ""


def _confirm(request: HttpRequest, found: Order, problem: str, reason: str) -> dict[str, Any]:
    viewing, blocked = request.viewing, None
    if viewing.looking_back:
        blocked = {"reason": said("order.blocked.looking_back"), "rule": "", "instead": ""}
    elif not viewing.actor.may(actions.DECIDE) or not viewing.actor.sees(found.area_code):
        who = said("frame.and").join(coded("role", role) for role in roles_that_may(actions.DECIDE))
        blocked = {"reason": said("order.blocked.role", roles=who), "rule": "", "instead": ""}
    elif found.proposed_by == viewing.actor.key:
        blocked = {"reason": said("order.blocked.two_people"), "rule": "", "instead": ""}
    return {
        "id": "decision",
        "title": said("order.decision"),
        "what": card(found, _today(request))["measures"],
        "how_many": said("count.person", n=1),
        "until": card(found, _today(request))["expiry"],
        "action": reverse("order_decide", args=[found.key]),
        "verb": said("order.approve", number=found.order_no),
        "name": "decision",
        "value": "approve",
        "reason_required": found.confidence == "unverified",
        "reason": reason,
        "problem": problem,
        "blocked": blocked,
    }


@desk("control", "order.decide")
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """The decision taken; the list again. What is missing is said in place, with what was typed."""
    viewing = request.viewing
    viewing.require_live()
    reason, choice = request.POST.get("reason", ""), request.POST.get("decision", "")
    now = viewing.installation.now()
    try:
        if choice == "approve":
            actions.order_approve(key, actor=viewing.actor, at=now, reason=reason)
        elif choice == "reject":
            actions.order_reject(key, actor=viewing.actor, at=now, reason=reason)
        else:
            raise InputError("order.unknown_decision", value=choice[:20])
    except InputError as problem:
        return _order_page(request, key, error_text(problem, get_language() or "zh-hans"), reason, status=400)
    return redirect(f"{reverse('order', args=[key])}?done={choice}")
