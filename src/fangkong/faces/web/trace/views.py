"""Cases: the list, and one case with everything that hangs on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.desks.assess import queries as assess
from fangkong.desks.assess.counted import split_level
from fangkong.desks.control import queries as control
from fangkong.desks.trace import judgements, queries
from fangkong.desks.trace.values import CaseView, ContactRow, LinkedCase, Verifications
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import card, coded, household_href, said, span_of
from fangkong.faces.web.figures import area_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.record.access import inside_area
from fangkong.record.models import Area, Order

from .timeline import timeline
from .veil import veil

CASE_ROWS = 25
CONTACT_ROWS = 25
CLASSES = ("confirmed", "asymptomatic", "suspected", "excluded")
CHANNELS = ("controlled", "screening", "sought_care", "imported")


@desk("trace", "case.read")
@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Cases in the actor's scope, the latest report first; every filter is in the address."""
    viewing: Viewing = request.viewing
    subject = assess.subject_default(actor=viewing.actor, at=viewing.at)
    disease = viewing.installation.disease or (subject.disease if subject else "")
    scope = subject.area_code if subject else viewing.actor.area_code
    chosen = {
        "area": _within(request.GET.get("area", ""), viewing),
        "classification": _one_of(request.GET.get("classification", ""), CLASSES),
        "channel": _one_of(request.GET.get("channel", ""), CHANNELS),
        "overdue": "1" if request.GET.get("overdue") == "1" else "",
    }
    after = request.GET.get("after", "")
    page = queries.case_list(
        actor=viewing.actor,
        at=viewing.at,
        disease=disease,
        area_code=chosen["area"] or None,
        classification=chosen["classification"] or None,
        channel=chosen["channel"] or None,
        overdue=bool(chosen["overdue"]),
        after=after,
        limit=CASE_ROWS,
    )
    names = area_names([row.area_code for row in page.rows])
    kept = {name: value for name, value in chosen.items() if value}
    context = {
        "page_title": said("page.cases"),
        "rows": [{"case": row, "area": names.get(row.area_code, row.area_code)} for row in page.rows],
        "chosen": chosen,
        "filtered": bool(kept),
        "areas": _areas(scope, viewing),
        "people_href": reverse("people") if viewing.actor.may("person.unmask") else "",
        "classes": CLASSES,
        "channels": CHANNELS,
        "pager": pager(request, page, **kept),
    }
    return render(request, "trace/cases.html", context)


def _one_of(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else ""


def _within(code: str, viewing: Viewing) -> str:
    """The area asked for when the actor sees it; else none: a filter cannot ask beyond the scope."""
    return code if code and viewing.actor.sees(code) else ""


def _areas(scope: str, viewing: Viewing) -> list[dict[str, str]]:
    """The areas into which the cases of ``scope`` are split, for the filter."""
    level = split_level(scope) if scope else None
    if level is None:
        return []
    known = Area.objects.known_at(viewing.at).alias(code_length=Length("key"))
    inside = known.filter(inside_area(scope, "key"), code_length=level).order_by("key")
    return [{"code": row.key, "name": area_name(row)} for row in inside if viewing.actor.sees(row.key)]


@desk("trace", "case.read")
@require_safe
def case(request: HttpRequest, key: str) -> HttpResponse:
    """One case; NotFound outside the actor's scope."""
    return case_page(request, key)


def case_page(
    request: HttpRequest, key: str, *, problem: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    """The page of one case; ``problem`` and ``reason`` are what the veil's form came back with."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.case_get(key, actor=actor, at=at)
    entries = queries.case_timeline(key, actor=actor, at=at)
    joined = queries.links(key, actor=actor, at=at)
    local_now = at.astimezone(viewing.installation.zone)
    contacts, quad, more = [], None, ""
    if actor.may("contact.read"):
        page = queries.contacts_of_case(
            key, actor=actor, at=at, limit=CONTACT_ROWS, after=request.GET.get("after", "")
        )
        more = page.after
        verified = queries.four_verifications(actor=actor, at=at, case_key=key, on=local_now.date())
        quad = _quad(verified) if verified.total else None
        contacts = _contacts(page.rows, viewing, local_now.date())
    orders = (
        control.orders_of_person(found.row.person_key, actor=actor, at=at) if actor.may("order.read") else []
    )
    names = area_names([found.row.area_code])
    context = {
        "page_title": said("case.number", number=found.row.case_no),
        "case": found,
        "area": names.get(found.row.area_code, found.row.area_code),
        "lead": _lead(found, quad),
        "strip": _strip(found, joined.sources, joined.infected, local_now.date()),
        "timeline": timeline(entries, reported_on=found.row.reported_on, now=local_now),
        "may_contacts": actor.may("contact.read"),
        "contacts": contacts,
        "contacts_later": f"?after={more}" if more else "",
        "quad": quad,
        "links": [*_linked(joined.sources, "source"), *_linked(joined.infected, "next")],
        "orders": [card(order, local_now.date()) for order in orders],
        "veil": veil(
            found.row.person_key,
            viewing,
            action=reverse("case_unmask", args=[key]),
            age_years=found.row.age_years,
            problem=problem,
            reason=reason,
        ),
        "chain_href": reverse("chain", args=[key]),
        "household_href": household_href(key, viewing),
        "may_judge": actor.may(judgements.PERMISSION),
    }
    return render(request, "trace/case.html", context, status=status)


def _quad(found: Verifications) -> dict[str, int]:
    return {
        "total": found.total,
        "count": found.counted,
        "identity": found.identified,
        "location": found.located,
        "control": found.controlled,
    }


def _lead(found: CaseView, quad: dict[str, int] | None) -> str:
    if not quad:
        return said("page.case.lead_none")
    return said(
        "page.case.lead", n=quad["total"], controlled=quad["control"], left=quad["total"] - quad["control"]
    )


def _day(value: date | None) -> str:
    return formats.day(value, get_language()) if value else ""


def _strip(
    found: CaseView, sources: list[LinkedCase], infected: list[LinkedCase], today: date
) -> list[dict[str, Any]]:
    row = found.row
    source = sources[0] if sources else None
    unknown = said("page.unknown")
    return [
        {
            "label": said("page.case.status"),
            "chip": f"case.class.{row.classification}",
            "note": coded("case.severity", row.severity) if row.severity else "",
        },
        {
            "label": said("page.case.found"),
            "value": coded("channel", row.channel or "unknown"),
            "note": coded("setting", row.setting) if row.setting else "",
        },
        {"label": said("case.onset"), "value": _day(row.onset_on) or said("page.case.no_onset"), "note": ""},
        {
            "label": said("case.reported"),
            "value": _day(row.reported_on),
            "note": said("page.case.sampled_on", day=_day(found.sampled_on)) if found.sampled_on else "",
        },
        {
            "label": said("case.source"),
            "value": (source.case_no or said("page.case.elsewhere")) if source else unknown,
            "href": reverse("case", args=[source.case_key]) if source and source.case_key else "",
            "note": coded("setting", source.setting) if source and source.setting else "",
        },
        {"label": said("case.next"), "value": said("count.case", n=len(infected)), "note": ""},
    ]


def _contacts(rows: list[ContactRow], viewing: Viewing, today: date) -> list[dict[str, Any]]:
    """Contacts with the order on each: its state, span and next test day."""
    orders: dict[str, list[Order]] = {}
    if viewing.actor.may("order.read"):
        orders = control.orders_by_reason([row.key for row in rows], actor=viewing.actor, at=viewing.at)
    listed = []
    for n, row in enumerate(rows, start=1):
        order = _latest(orders.get(row.key, []))
        listed.append(
            {
                "n": n,
                "contact": row,
                "order": order,
                "span": span_of(order.starts_on, order.expires_on) if order else "",
                "next_test": _next_test(order, today) if order else "",
                "person_href": reverse("person", args=[row.person_key])
                if viewing.actor.may("person.unmask")
                else "",
                "judge_href": f"{reverse('judge', args=[row.person_key])}?case={row.case_key}"
                if viewing.actor.may(judgements.PERMISSION)
                else "",
            }
        )
    return listed


#: Of several orders on one contact: the one that binds, else the one that waits, else the one that ended.
STANDING = ("approved", "proposed", "lapsed")


def _latest(orders: list[Order]) -> Order | None:
    shown = [each for each in orders if each.state in STANDING]
    return min(
        shown, key=lambda each: (STANDING.index(each.state), -each.starts_on.toordinal()), default=None
    )


def _next_test(order: Order, today: date) -> str:
    days = sorted(date.fromisoformat(day) for stage in order.stages for day in stage.get("test_on") or [])
    ahead = [day for day in days if day >= today]
    if not ahead:
        return ""
    return said("frame.today") if ahead[0] == today else _day(ahead[0])


def _linked(found: list[LinkedCase], direction: str) -> list[dict[str, str]]:
    return [
        {
            "direction": said(f"case.{direction}"),
            "case_no": each.case_no or said("page.case.elsewhere"),
            "href": reverse("case", args=[each.case_key]) if each.case_key else "",
            "setting": coded("setting", each.setting)
            if each.setting
            else each.setting_text or said("page.unknown"),
        }
        for each in found
    ]
