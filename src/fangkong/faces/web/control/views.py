"""Orders to decide, in force and suspended; appeals to answer; offers to shorten; one order."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangkong.desks.control import queries
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.record.models import Order

from .household_rows import households_together
from .offers import offers_page
from .order_page import order_page
from .orders_head import shared
from .presenting import coded, people_names, said, span_of, stages_of

PAGE_ROWS = 25

SUBJECTS = ("person", "household", "area", "place", "journey", "campaign")

_LISTS = {
    "to_decide": queries.orders_to_decide,
    "in_force": queries.orders_in_force_list,
    "suspended": queries.orders_suspended_list,
}


@desk("control", "order.read")
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Proposals, orders in force or suspended, or appeals to answer: the filters are in the address."""
    viewing: Viewing = request.viewing
    show = request.GET.get("show", "")
    if show == "appeals":
        return _appeals(request)
    if show == "offers":
        return offers_page(request)
    show = show if show in _LISTS else "to_decide"
    subject = request.GET.get("subject", "")
    subject = subject if subject in SUBJECTS else ""
    page = _LISTS[show](
        actor=viewing.actor,
        at=viewing.at,
        subject_kind=subject,
        limit=PAGE_ROWS,
        after=request.GET.get("after", ""),
    )
    rows = households_together(page.rows, viewing)
    areas = area_names([order.area_code for order, _ in rows])
    people = people_names([order.proposed_by for order, _ in rows])
    kept = {"show": show} | ({"subject": subject} if subject else {})
    context = shared(viewing, show) | {
        "subject": subject,
        "subjects": [(code, said(f"order.subject.{code}")) for code in SUBJECTS],
        "rows": [
            _row(order)
            | {"area": areas.get(order.area_code, ""), "proposer": people[order.proposed_by]}
            | {"household": household}
            for order, household in rows
        ],
        "pager": pager(request, page, **kept),
    }
    return render(request, "control/orders.html", context)


def _row(order: Order) -> dict[str, Any]:
    return {
        "order": order,
        "stages": stages_of(order),
        "span": span_of(order.starts_on, order.expires_on),
        "mark": "read" if order.confidence == "verified" else "unverified",
    }


def _appeals(request: HttpRequest) -> HttpResponse:
    """The appeals that wait for an answer, the earliest deadline first, each with its order."""
    viewing: Viewing = request.viewing
    page = queries.appeals_to_answer(
        actor=viewing.actor, at=viewing.at, limit=PAGE_ROWS, after=request.GET.get("after", "")
    )
    named = queries.orders_named(
        [appeal.order_key for appeal in page.rows], actor=viewing.actor, at=viewing.at
    )
    areas = area_names([appeal.area_code for appeal in page.rows])
    context = shared(viewing, "appeals") | {
        "rows": [
            {
                "appeal": appeal,
                "order": named.get(appeal.order_key),
                "ground": coded("appeal.ground", appeal.ground),
                "area": areas.get(appeal.area_code, ""),
                "late": appeal.due_at < viewing.at,
            }
            for appeal in page.rows
        ],
        "pager": pager(request, page, show="appeals"),
    }
    return render(request, "control/appeals.html", context)


@desk("control", "order.read")
@require_GET
def order(request: HttpRequest, key: str) -> HttpResponse:
    """One order with its plan, rules, history, and what its reader may do."""
    return order_page(request, key)
