"""An act on a household: proposed from a case or a person, shown as one, decided as one, with its paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control import actions, queries
from fangkong.desks.control.queries import HouseholdAct, MemberFound
from fangkong.faces.papers import household_notice_docx, household_notice_pdf, order_phrases
from fangkong.faces.papers.order_phrases import OrderFacts
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.errors import error_text
from fangkong.record.access.actor import roles_that_may
from fangkong.record.models import Order

from .order_facts import facts_of
from .order_papers import DOCX
from .presenting import coded, people_names, said, span_of, stages_of

#: The longest case number or code that is read.
_MOST_CODE = 96

#: Ending of the file -> how the household's notice is made, and its kind on the wire.
_MADE = {"pdf": (household_notice_pdf, "application/pdf"), "docx": (household_notice_docx, DOCX)}


@desk("control", actions.PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def household_propose(request: HttpRequest) -> HttpResponse:
    """Whom an act would bind and why, for the case, contact or person in ``of``; sent, the proposed act."""
    viewing: Viewing = request.viewing
    given = (request.POST.get("of") or request.GET.get("of", "")).strip()[:_MOST_CODE]
    problem, status = "", 200
    if request.method == "POST":
        viewing.require_live()
        try:
            made = actions.household_order_propose(
                request.POST.get("household", "")[:_MOST_CODE],
                disease=request.POST.get("disease", "")[:40],
                reason_key=request.POST.get("reason", "")[:_MOST_CODE],
                **viewing.by(),
            )
        except FangkongError as refused:
            problem, status = _told(refused)
        else:
            return redirect(f"{reverse('household_order', args=[made.order_key])}?done=propose")
    homes: list[dict[str, Any]] = []
    if given:
        try:
            homes = _homes(viewing, given)
        except NotFound as unknown:
            problem, status = problem or error_text(unknown, get_language() or ""), 404
    context = {
        "page_title": said("household.propose"),
        "of": given,
        "homes": homes,
        "asked": bool(given) and not problem,
        "problem": problem,
        "blocked": viewing.looking_back,
    }
    return render(request, "control/household_propose.html", context, status=status)


def _told(refused: FangkongError) -> tuple[str, int]:
    status = {Forbidden: 403, NotFound: 404, Conflict: 409}.get(type(refused), 400)
    return error_text(refused, get_language() or "zh-hans"), status


def _homes(viewing: Viewing, given: str) -> list[dict[str, Any]]:
    actor, at = viewing.actor, viewing.at
    asked = queries.households_asked(given, disease=viewing.installation.disease, actor=actor, at=at)
    homes = []
    for key in asked.household_keys:
        home = queries.household_get(key, actor=actor, at=at)
        members = queries.members_found(key, disease=asked.disease, actor=actor, at=at)
        bound = [member for member in members if member.outcome in ("new", "waiting")]
        homes.append(
            {
                "key": key,
                "area": area_names([home.area_code]).get(home.area_code, home.area_code),
                "disease": asked.disease,
                "reason": asked.reason_key or (bound[0].reason_key if bound else ""),
                "bound": len(bound),
                "members": [_member(member) for member in members],
            }
        )
    return homes


def _member(member: MemberFound) -> dict[str, Any]:
    """One member before anything is proposed: what would be theirs, or why nothing is."""
    row: dict[str, Any] = {"code": member.person_key, "outcome": coded("household.outcome", member.outcome)}
    if member.draft is None or member.outcome == "free":
        return row | {"free": coded("household.why", member.code), "fact": "", "stages": []}
    lang, measure = get_language(), member.draft.measure
    as_order = Order(situation=member.draft.subject.more.get("situation", {}))
    return row | {
        "fact": order_phrases.why(OrderFacts(as_order), lang),
        "kind": measure.kind,
        "stages": order_phrases.stage_lines(measure.stages, lang),
        "span": span_of(measure.starts_on, measure.expires_on),
        "order_key": member.order_key if member.outcome != "new" else "",
    }


@desk("control", "order.read")
@require_safe
def household_order(request: HttpRequest, key: str) -> HttpResponse:
    """The act that the order ``key`` belongs to, with everybody whom it binds."""
    return _page(request, key)


@desk("control", "order.read")
@require_POST
def household_decide(request: HttpRequest, key: str) -> HttpResponse:
    """All members' orders approved, or all refused; what is refused is said in place."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    choice = request.POST.get("decision", "")
    reason = request.POST.get("reason", "")[:400]
    try:
        if choice not in ("approve", "reject"):
            raise InputError("order.unknown_decision", value=choice[:20])
        actions.household_order_decide(
            key,
            approve=choice == "approve",
            **viewing.by(),
            reason=reason,
        )
    except NotFound:
        raise
    except FangkongError as refused:
        problem, status = _told(refused)
        return _page(request, key, problem=problem, reason=reason, status=status)
    return redirect(f"{reverse('household_order', args=[key])}?done=decide")


@desk("control", "order.read")
@require_safe
def household_paper(request: HttpRequest, key: str, *, ending: str) -> HttpResponse:
    """The household's notice as PDF or Word in the page's language."""
    viewing: Viewing = request.viewing
    act = _act(viewing, key)
    make, kind = _MADE[ending]
    members = [_facts(viewing, order) for order in act.orders]
    response = HttpResponse(
        make(members, act.number, get_language() or "", on=viewing.day), content_type=kind
    )
    response["Content-Disposition"] = f'attachment; filename="household-{act.number}.{ending}"'
    return response


def _act(viewing: Viewing, key: str) -> HouseholdAct:
    order = queries.order_get(key, actor=viewing.actor, at=viewing.at)
    return queries.household_act_of(order, actor=viewing.actor, at=viewing.at)


def _facts(viewing: Viewing, order: Order) -> OrderFacts:
    return facts_of(viewing, order, queries.order_history(order.key, actor=viewing.actor, at=viewing.at))


def _page(
    request: HttpRequest, key: str, *, problem: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    viewing: Viewing = request.viewing
    act = _act(viewing, key)
    waiting = [order for order in act.in_state("proposed") if order.expires_on >= viewing.day]
    decided = [order for order in act.orders if order.decided_by and order.state != "rejected"]
    people = people_names({act.gathered_by, *(order.decided_by for order in act.orders)})
    signers = list(dict.fromkeys(people[order.decided_by] for order in decided))
    area = act.orders[0].area_code
    context = {
        "page_title": said("household.page", number=act.number),
        "act": act,
        "key": key,
        "area": area_names([area]).get(area, area),
        "lead": said(
            "household.lead",
            n=len(act.orders),
            first=formats.day_full(act.starts_on, get_language()),
            last=formats.day_full(act.expires_on, get_language()),
        ),
        "gathered": people.get(act.gathered_by, ""),
        "signers": said("frame.and").join(signers),
        "members": [_bound(viewing, order) for order in act.orders],
        "free": _free(viewing, act),
        "confirm": _confirm(viewing, act, waiting, key, problem, reason) if waiting else None,
        "papers": [
            {
                "href": reverse(f"household_notice_{ending}", args=[key]),
                "name": said(code, paper=said("household.notice.name")),
            }
            for ending, code in (("pdf", "order.paper.as_pdf"), ("docx", "order.paper.as_word"))
        ]
        if decided
        else [],
        "stray_problem": "" if waiting else problem,
    }
    return render(request, "control/household.html", context, status=status)


def _bound(viewing: Viewing, order: Order) -> dict[str, Any]:
    """One bound member: the own reason and plan, the days against the cap, and whom it would part."""
    actor, at = viewing.actor, viewing.at
    held = queries.restricted_days_of_order(order, actor=actor, at=at)
    days = ""
    if held is not None:
        code = "order.days_no_cap" if held.cap is None else "order.days_of_cap"
        days = said(code, days=held.days, cap=held.cap)
    reason = queries.order_reason(order, actor=actor, at=at)
    return {
        "order": order,
        "fact": order_phrases.why(OrderFacts(order, reason), get_language()),
        "stages": stages_of(order),
        "span": span_of(order.starts_on, order.expires_on),
        "days": days,
        "parted": len(queries.consents_needed(order, actor=actor, at=at)),
    }


def _free(viewing: Viewing, act: HouseholdAct) -> list[dict[str, str]]:
    """Who lives there and is not bound by the act, each with the reason; for whoever may propose there."""
    if not viewing.actor.may(actions.PROPOSE):
        return []
    try:
        queries.household_get(act.household_key, actor=viewing.actor, at=viewing.at)
    except (NotFound, Forbidden):
        return []
    bound = {order.person_key for order in act.orders}
    members = queries.members_found(
        act.household_key, disease=act.orders[0].disease, actor=viewing.actor, at=viewing.at
    )
    return [
        {
            "code": member.person_key,
            "why": coded("household.why", member.code)
            if member.code
            else coded("household.outcome", member.outcome),
        }
        for member in members
        if member.person_key not in bound
    ]


def _confirm(
    viewing: Viewing, act: HouseholdAct, waiting: list[Order], key: str, problem: str, reason: str
) -> dict[str, Any]:
    blocked, actor = "", viewing.actor
    if viewing.looking_back:
        blocked = said("order.blocked.looking_back")
    elif not actor.may(actions.DECIDE) or not all(actor.sees(order.area_code) for order in waiting):
        who = said("frame.and").join(coded("role", role) for role in roles_that_may(actions.DECIDE))
        blocked = said("order.blocked.role", roles=who)
    elif actor.key in {act.gathered_by, *(order.proposed_by for order in waiting)}:
        blocked = said("order.blocked.two_people")
    return {
        "id": "decision",
        "title": said("order.decision"),
        "what": said("household.decide_all"),
        "how_many": said("count.person", n=len(waiting)),
        "until": formats.day_full(max(order.expires_on for order in waiting), get_language()),
        "action": reverse("household_decide", args=[key]),
        "verb": said("household.approve", n=len(waiting)),
        "name": "decision",
        "value": "approve",
        "reason_required": any(order.confidence == "unverified" for order in waiting),
        "reason": reason,
        "problem": problem,
        "blocked": {"reason": blocked, "rule": "", "instead": ""} if blocked else None,
    }
