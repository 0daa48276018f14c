"""The page of one order: what it says in plain words, what belongs to it, and what its reader may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from fangkong.core.clock import civil_day
from fangkong.desks.control import actions, queries
from fangkong.desks.control.order_rows import decide_permission
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.papers import order_phrases
from fangkong.faces.papers.order_phrases import OrderFacts
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word
from fangkong.record.access.actor import roles_that_may
from fangkong.record.models import Order

from .area_parts import alternative_part, gates_part, step_part
from .extent_words import extent_rows
from .findings import findings_part
from .order_facts import facts_of
from .order_parts import appeals_part, consents_part, history_part, rejudged_part
from .presenting import card, coded, rules_of, said, stages_of

#: Facts of an order's extent that a reader is shown, in this order.
_DETAILS = ("level", "unit", "households", "residents", "restricted_person_days", "evidence")


@dataclass(frozen=True)
class Refused:
    """A deed that was refused: its name, why in words, and what was typed."""

    deed: str
    problem: str
    typed: dict[str, str] = field(default_factory=dict)


def order_page(
    request: HttpRequest, key: str, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    """The page of the order ``key``; with ``refused``, the problem stands where it was typed."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.order_get(key, actor=actor, at=at)
    history = queries.order_history(key, actor=actor, at=at)
    facts = facts_of(viewing, found, history)
    today = civil_day(at, viewing.installation.zone)
    before, after = queries.orders_linked(found, actor=actor, at=at)
    context = {
        "page_title": said("order.page_one", number=found.order_no),
        "order": found,
        "card": card(found, today, facts.names),
        "sentence": order_phrases.sentence(facts, get_language()),
        "plain": _plain(viewing, facts),
        "stages": stages_of(found),
        "rules": rules_of(found),
        "details": _details(found),
        "gates": gates_part(viewing, found, refused),
        "findings": findings_part(found),
        "area_step": step_part(viewing, found, refused),
        "alternative": alternative_part(viewing, found),
        "shows_findings": found.subject_kind not in ("person", "household"),
        "linked": [(said("order.follows_before"), each) for each in before]
        + [(said("order.follows_after"), each) for each in after],
        "appeals": appeals_part(viewing, found, refused),
        "consents": consents_part(viewing, found),
        "rejudged": rejudged_part(viewing, found),
        "history": history_part(history, facts.names.follower_no),
        "papers": _papers(facts),
        "next_href": _next_href(viewing, found),
        "household_href": reverse("household_order", args=[key]) if queries.act_of(found) else "",
        "confirm": _confirm(viewing, facts, refused) if found.state == "proposed" else None,
        "deeds": _deeds(viewing, found, refused),
        "refused": refused,
    }
    context["stray_problem"] = _stray_problem(refused, context)
    return render(request, "control/order.html", context, status=status)


def _stray_problem(refused: Refused | None, context: dict[str, Any]) -> str:
    """What was refused when the page has no form of it (any more): it is said at the head instead; else ""."""
    if refused is None:
        return ""
    shown = {
        "decide": context["confirm"] is not None,
        "answer": any(row["form"] and row["problem"] for row in context["appeals"]["rows"]),
        "gates": context["gates"]["form"],
        "facts": bool(context["area_step"] and context["area_step"]["may_note"]),
        "step": bool(context["area_step"] and context["area_step"]["may_take"]),
        "consent": bool(context["consents"]["needed"] or context["consents"]["given"]),
        "rejudged": any(
            row["form"] and row["offer"].key == refused.typed.get("offer")
            for row in context["rejudged"]["rows"]
        ),
    }
    named = any(deed["name"] == refused.deed for deed in context["deeds"])
    return "" if named or shown.get(refused.deed) else refused.problem


def _plain(viewing: Viewing, facts: OrderFacts) -> list[dict[str, str]]:
    """Question and answer: why, on what basis, until when, who signed, how to object, and what limits it."""
    order, lang = facts.order, get_language()
    rows = [("why", order_phrases.why(facts, lang), "")]
    titles = list(dict.fromkeys(rule.title for rule in rules_of(order) if rule.title))
    basis = said("frame.and").join(titles) or said("order.basis_by_person")
    rows.append(("basis", basis, order_phrases.basis_of(order, lang)))
    rows.append(("until", formats.day_full(order.expires_on, lang), said("order.lapses")))
    required = (
        said("order.rank_required", rank=said(f"order.rank.{order.required_rank}"))
        if order.required_rank
        else ""
    )
    rows.append(("signed", order_phrases.signed_by(facts, lang), required))
    rows.append(("object", order_phrases.how_to_object(order, lang), ""))
    if order.exceptions:
        rows.append(("exceptions", order_phrases.exceptions_of(order, lang), ""))
    proportionality = coded("order.proportionality", order.proportionality)
    rows.append(("proportionality", proportionality, order.proportionality_note))
    plain = [{"label": said(f"order.part.{part}"), "text": told, "note": note} for part, told, note in rows]
    held = queries.restricted_days_of_order(order, actor=viewing.actor, at=viewing.at)
    if held is not None:
        days = (
            said("order.days_no_cap", days=held.days)
            if held.cap is None
            else said("order.days_of_cap", days=held.days, cap=held.cap)
        )
        note = said("order.days_orders", n=held.orders)
        warn = said("order.days_over") if held.over else ""
        plain.append({"label": said("order.field.days"), "text": days, "note": note, "warn": warn})
    return plain


def _details(order: Order) -> list[tuple[str, str]]:
    rows = []
    for name in _DETAILS:
        value = (order.details or {}).get(name)
        if value in (None, "", 0):
            continue
        if name in ("level", "unit"):
            shown = coded(f"areas.{name}", str(value))
        else:
            shown = formats.number(value, get_language()) if isinstance(value, int) else str(value)
        counted = name == "residents" and has_word(f"area_orders.people.{order.subject_kind}")
        label = f"area_orders.people.{order.subject_kind}" if counted else f"order.detail.{name}"
        rows.append((said(label), shown))
    return rows + extent_rows(order)


def _papers(facts: OrderFacts) -> list[dict[str, str]]:
    order, papers = facts.order, []
    if order.decided_by and order.state not in ("proposed", "rejected"):
        papers.append(("notice", "order_notice_pdf", "order_notice_docx"))
    if facts.ending is not None:
        papers.append(("release", "order_release_pdf", "order_release_docx"))
    return [
        {"href": reverse(route, args=[order.key]), "name": said(code, paper=said(f"order.paper.{paper}"))}
        for paper, pdf, docx in papers
        for route, code in ((pdf, "order.paper.as_pdf"), (docx, "order.paper.as_word"))
    ]


def _next_href(viewing: Viewing, found: Order) -> str:
    """Where whoever has just decided goes on: a morning is a row of decisions, not a list read again each time."""
    if found.state == "proposed" or viewing.looking_back or not viewing.actor.may(actions.DECIDE):
        return ""
    waiting = queries.orders_to_decide(actor=viewing.actor, at=viewing.at, limit=1).rows
    return reverse("order", args=[waiting[0].key]) if waiting else ""


def _confirm(viewing: Viewing, facts: OrderFacts, refused: Refused | None) -> dict[str, Any]:
    found, permission = facts.order, decide_permission(facts.order)
    blocked: dict[str, str] | None = None
    if viewing.looking_back:
        blocked = {"reason": said("order.blocked.looking_back"), "rule": "", "instead": ""}
    elif not viewing.actor.may(permission) or not viewing.actor.sees(found.area_code):
        who = said("frame.and").join(coded("role", role) for role in roles_that_may(permission))
        blocked = {"reason": said("order.blocked.role", roles=who), "rule": "", "instead": ""}
    elif found.proposed_by == viewing.actor.key:
        blocked = {"reason": said("order.blocked.two_people"), "rule": "", "instead": ""}
    elif queries.waits_with_others(found, viewing.day):
        blocked = {
            "reason": said("order.decided_with_household", order_no=found.order_no),
            "rule": "",
            "instead": said("household.open"),
            "instead_href": reverse("household_order", args=[found.key]),
        }
    mine = refused if refused is not None and refused.deed == "decide" else None
    people = found.details.get("residents") if found.subject_kind not in ("person", "household") else 1
    return {
        "id": "decision",
        "title": said("order.decision"),
        "what": order_phrases.places_of(found, get_language()),
        "how_many": said("count.person", n=people) if people else "",
        "until": formats.day_full(found.expires_on, get_language()),
        "action": reverse("order_decide", args=[found.key]),
        "verb": said("order.approve", number=found.order_no),
        "name": "decision",
        "value": "approve",
        "reason_required": found.confidence == "unverified",
        "reason": mine.typed.get("reason", "") if mine else "",
        "problem": mine.problem if mine else "",
        "blocked": blocked,
    }


def _deeds(viewing: Viewing, order: Order, refused: Refused | None) -> list[dict[str, Any]]:
    """What the reader may do to the order now: each a form of its own, the refused one open with what was typed."""
    if viewing.looking_back:
        return []
    typed = refused.typed if refused is not None else {}
    rows = []
    for name, fields, params in _may_do(viewing, order):
        mine = refused is not None and refused.deed == name
        rows.append(
            {
                "name": name,
                "label": said(f"order.do.{name}"),
                "text": said(f"order.do_text.{name}", **params),
                "action": reverse(f"order_{name}", args=[order.key]),
                "fields": fields,
                "open": mine,
                "problem": refused.problem if mine and refused is not None else "",
                "typed": typed if mine else {},
                "grounds": [(code, said(f"appeal.ground.{code}")) for code in safeguards().appeal_grounds]
                if "ground" in fields
                else [],
            }
        )
    return rows


def _may_do(viewing: Viewing, order: Order) -> list[tuple[str, tuple[str, ...], dict[str, str]]]:
    """(deed, its fields, parameters of its text) of everything that the actor may do in the order's state."""
    actor, lang, state = viewing.actor, get_language(), order.state

    def may(permission: str) -> bool:
        return actor.may(permission) and actor.sees(order.area_code)

    decides, running = may(decide_permission(order)), state in ("approved", "suspended")
    own_proposal = state == "proposed" and order.proposed_by == actor.key and may(actions.PROPOSE)
    found: list[tuple[str, tuple[str, ...], dict[str, str]]] = []
    if running and may("appeal.file"):
        found.append(("appeal", ("ground",), {}))
    if state == "approved" and may(actions.SUSPEND):
        found.append(("suspend", ("reason",), {}))
    if state == "suspended" and may(actions.SUSPEND) and order.decided_by != actor.key:
        found.append(("resume", ("reason",), {}))
    if running and decides:
        day = formats.day_full(order.expires_on, lang)
        found.append(("shorten", ("expires_on", "reason"), {"day": day}))
    if state == "approved" and order.subject_kind not in ("person", "household") and may(actions.PROPOSE):
        found.append(("renew", ("expires_on", "reason"), {"day": _day_after(order.expires_on)}))
    if (state in actions.RUNNING and decides) or own_proposal:
        found.append(("withdraw", ("reason",), {}))
    return found


def _day_after(day: date) -> str:
    return formats.day_full(date.fromordinal(day.toordinal() + 1), get_language())
