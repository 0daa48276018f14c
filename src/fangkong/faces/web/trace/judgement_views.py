"""Exposure judged by an expert: one person, one case, one signed reason; the page says what it is and is not."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control import queries as control
from fangkong.desks.trace import actions, judgements
from fangkong.desks.trace.contact_rows import contact_key_of
from fangkong.faces.web.control.presenting import card, coded, people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.catalogue import codes
from fangkong.faces.words.errors import error_text
from fangkong.record.access import visible, visible_people
from fangkong.record.access.actor import roles_that_may
from fangkong.record.models import Case, Person

FIELDS = ("case_no", "last_exposure_on", "tier", "setting", "evidence", "reason")

#: The permission of whoever decides on the order that the rules may propose.
_DECIDES = "order.decide"


@desk("trace", judgements.PERMISSION)
@sensitive_post_parameters("evidence", "reason")
@require_http_methods(["GET", "HEAD", "POST"])
def judge(request: HttpRequest, key: str) -> HttpResponse:
    """The form for one person, with the judgements that stand for the case; signed by POST."""
    viewing: Viewing = request.viewing
    people = Person.objects.known_at(viewing.at).filter(key=key)
    if not visible_people(people, viewing.actor, at=viewing.at).exists():
        raise NotFound("person.not_found")
    if request.method != "POST":
        return _page(request, key, _case(viewing, request.GET.get("case", "")))
    viewing.require_live()
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    case = None
    try:
        case = _case_named(viewing, typed["case_no"])
        actions.exposure_judge(
            case.key,
            key,
            last_exposure_on=_day(typed["last_exposure_on"]),
            evidence=typed["evidence"],
            reason=typed["reason"],
            tier=typed["tier"],
            setting=typed["setting"] if typed["setting"] in _settings() else "",
            **viewing.by(),
        )
    except (Conflict, InputError, Forbidden) as refused:
        status = 403 if isinstance(refused, Forbidden) else 409 if isinstance(refused, Conflict) else 400
        return _page(request, key, case, refused=refused, typed=typed, status=status)
    return redirect(f"{reverse('judge', args=[key])}?{urlencode({'case': case.key, 'done': '1'})}")


def _page(
    request: HttpRequest,
    key: str,
    case: Case | None,
    *,
    refused: FangkongError | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    viewing: Viewing = request.viewing
    stands = _standing(viewing, key, case)
    deciders = said("frame.and").join(coded("role", role) for role in roles_that_may(_DECIDES))
    context = {
        "page_title": said("judgement.page.title"),
        "person_key": key,
        "case": case,
        "typed": typed or {"case_no": case.case_no if case else "", "tier": "close"},
        "tiers": [(code, coded("contact.tier", code)) for code in actions.TIERS],
        "settings": [(code, coded("setting", code)) for code in _settings()],
        "most": judgements.MOST_CHARACTERS,
        "latest": viewing.day.isoformat(),
        "signer": request.user.display_name,
        "signer_role": coded("role", viewing.actor.role),
        "deciders": deciders,
        "may_sign": not viewing.looking_back,
        "problem": error_text(refused, get_language() or "zh-hans") if refused else "",
        "done": request.method != "POST" and request.GET.get("done") == "1",
        "judged": stands,
        "orders": _orders(viewing, key, case) if stands else [],
    }
    return render(request, "trace/judge.html", context, status=status)


def _standing(viewing: Viewing, key: str, case: Case | None) -> list[dict[str, Any]]:
    """The judgements on which this exposure rests, with who signed."""
    if case is None:
        return []
    contact_key = contact_key_of(case.key, key)
    rows = judgements.judgements_of_contact(contact_key, actor=viewing.actor, at=viewing.at)
    names = people_names(row.signed_by for row in rows)
    return [{"row": row, "signer": names[row.signed_by]} for row in rows]


def _orders(viewing: Viewing, key: str, case: Case | None) -> list[dict[str, Any]]:
    """What the rules have proposed since: the orders that rest on this exposure."""
    if case is None or not viewing.actor.may("order.read"):
        return []
    contact_key = contact_key_of(case.key, key)
    found = control.orders_by_reason([contact_key], actor=viewing.actor, at=viewing.at)
    return [card(order, viewing.day) for order in found[contact_key]]


def _case(viewing: Viewing, case_key: str) -> Case | None:
    rows = Case.objects.known_at(viewing.at).filter(key=case_key)
    return visible(rows, viewing.actor, at=viewing.at).first() if case_key else None


def _case_named(viewing: Viewing, case_no: str) -> Case:
    """The one case of this number in the actor's scope. Raises InputError ``judgement.case_unknown``."""
    rows = Case.objects.known_at(viewing.at).filter(case_no=case_no)
    found = list(visible(rows, viewing.actor, at=viewing.at)[:2]) if case_no else []
    if len(found) != 1:
        raise InputError("judgement.case_unknown", case_no=case_no[:60])
    return found[0]


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError("error.bad_date") from None


def _settings() -> list[str]:
    """The codes of settings that have words, in the catalogue's order of codes."""
    prefix = "setting."
    return sorted(code.removeprefix(prefix) for code in codes() if code.startswith(prefix))
