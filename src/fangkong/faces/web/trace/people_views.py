"""People: found by an exact number for a purpose, and named for a while. No personal data in any address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fangkong.core.errors import FangkongError, Forbidden, NotFound
from fangkong.desks.control import queries as control
from fangkong.desks.trace import judgements, queries
from fangkong.faces.web.control.presenting import card, household_href, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text
from fangkong.record import identities
from fangkong.record.access import visible_people
from fangkong.record.models import Person

from .veil import veil
from .views import case_page

KINDS = ("id_number", "phone", "name", "pinyin")
MOST_REASON = 200


@desk("trace", "person.unmask")
@sensitive_post_parameters("value")
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """The search form; on POST the people in scope whose number, phone or name is exactly the one given."""
    viewing: Viewing = request.viewing
    context: dict[str, Any] = {
        "page_title": said("page.people"),
        "kinds": KINDS,
        "purposes": identities.PURPOSES,
        "limit": identities.SEARCHES_PER_HOUR,
        "kind": KINDS[0],
        "found": None,
    }
    if request.method != "POST":
        return render(request, "trace/people.html", context)
    viewing.require_live()
    kind, value = request.POST.get("kind", ""), request.POST.get("value", "").strip()
    purpose = request.POST.get("purpose", "")
    context |= {"kind": kind, "purpose": purpose}
    if not value:
        context["problem"] = said("page.people.empty")
        return render(request, "trace/people.html", context, status=400)
    try:
        keys = identities.person_search(kind, value, actor=viewing.actor, purpose=purpose)
    except Forbidden:
        raise
    except FangkongError as problem:
        context["problem"] = error_text(problem, get_language())
        return render(request, "trace/people.html", context, status=400)
    context["found"] = [
        {"n": n, "key": key, "cases": queries.cases_of_person(key, actor=viewing.actor, at=viewing.at)}
        for n, key in enumerate(keys[:20], start=1)
    ]
    return render(request, "trace/people.html", context)


@desk("trace", "person.unmask")
@require_safe
def person(request: HttpRequest, key: str) -> HttpResponse:
    """One person behind the veil, with their cases and orders."""
    return _person_page(request, key)


def _person_page(
    request: HttpRequest, key: str, *, problem: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    if not visible_people(Person.objects.known_at(at).filter(key=key), actor, at=at).exists():
        raise NotFound("person.not_found")
    today = at.astimezone(viewing.installation.zone).date()
    context = {
        "page_title": said("page.person"),
        "veil": veil(
            key, viewing, action=reverse("person_unmask", args=[key]), problem=problem, reason=reason
        ),
        "cases": queries.cases_of_person(key, actor=actor, at=at) if actor.may("case.read") else [],
        "judge_href": reverse("judge", args=[key]) if actor.may(judgements.PERMISSION) else "",
        "third_party_href": f"{reverse('third_party')}?person={key}" if actor.may("task.write") else "",
        "orders": [card(order, today) for order in control.orders_of_person(key, actor=actor, at=at)]
        if actor.may("order.read")
        else [],
        "household_href": household_href(key, viewing),
    }
    return render(request, "trace/person.html", context, status=status)


@desk("trace", "person.unmask")
@require_POST
def unmask_person(request: HttpRequest, key: str) -> HttpResponse:
    """The person's page with the name showing for a while; the form again when something is missing."""
    problem, reason = _unmask(request, key)
    if problem:
        return _person_page(request, key, problem=problem, reason=reason, status=400)
    return redirect("person", key=key)


@desk("trace", "case.read")
@require_POST
def unmask_case(request: HttpRequest, key: str) -> HttpResponse:
    """The case's page with the name showing for a while; the form again when something is missing."""
    viewing: Viewing = request.viewing
    found = queries.case_get(key, actor=viewing.actor, at=viewing.at)
    problem, reason = _unmask(request, found.row.person_key)
    if problem:
        return case_page(request, key, problem=problem, reason=reason, status=400)
    return redirect("case", key=key)


def _unmask(request: HttpRequest, person_key: str) -> tuple[str, str]:
    """("", reason) once the grant is written; else what is wrong and what was typed."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    reason = request.POST.get("reason", "").strip()[:MOST_REASON]
    if not reason:
        return said("page.veil.reason_missing"), reason
    try:
        identities.unmask_request(
            person_key,
            actor=viewing.actor,
            purpose=request.POST.get("purpose", ""),
            now=viewing.installation.now(),
            reason=reason,
        )
    except Forbidden:
        raise
    except FangkongError as problem:
        return error_text(problem, get_language()), reason
    return "", reason
