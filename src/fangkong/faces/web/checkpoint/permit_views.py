"""Permits to travel: the list of the office, one asked for, one with what the rules say and its decision."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control.actions import permit_issue, permit_propose, permit_refuse, permit_revoke
from fangkong.desks.control.permit_figures import figures, permit_kinds
from fangkong.desks.control.permits import DECIDE, PROPOSE, READ
from fangkong.desks.control.queries import permit_get, permits_list
from fangkong.faces.papers.order_phrases import rule_lines
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.deeds import day_typed
from fangkong.faces.web.control.presenting import people_names, said, span_of
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word
from fangkong.faces.words.errors import error_text
from fangkong.public.what_applies import risk_levels
from fangkong.record.models import Permit
from fangkong.science.rules.movement.medical_gate import emergencies

from .typed import holder_of, shown_of, typed_of

PAGE_ROWS = 30

#: Which permits the list shows: "" for all of them.
SHOWS = ("proposed", "issued", "")

_STATUS: dict[type[FangkongError], int] = {Forbidden: 403, Conflict: 409}


@desk("permits", READ)
@require_GET
def permits(request: HttpRequest) -> HttpResponse:
    """The permits that wait, those that run, or all; the filter is in the address."""
    viewing: Viewing = request.viewing
    show = request.GET.get("show", SHOWS[0])
    show = show if show in SHOWS else SHOWS[0]
    page = permits_list(
        actor=viewing.actor,
        at=viewing.at,
        state=show,
        limit=PAGE_ROWS,
        after=request.GET.get("after", ""),
    )
    names = _area_names(page.rows)
    context = {
        "page_title": said("permit.page"),
        "show": show,
        "shows": [(code, said(f"permit.show.{code or 'all'}")) for code in SHOWS],
        "rows": [_row(permit, names) for permit in page.rows],
        "pager": pager(request, page, show=show),
        "may_propose": viewing.actor.may(PROPOSE) and not viewing.looking_back,
    }
    return render(request, "checkpoint/permits.html", context)


@desk("permits", PROPOSE)
@sensitive_post_parameters("number", "plate")
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """The form; posted, the page of the permit with what the rules of both ends say."""
    viewing: Viewing = request.viewing
    typed, problem, status = typed_of(request.POST), "", 200
    kind = typed["kind"] or request.GET.get("kind", "")
    kind = kind if kind in permit_kinds() else permit_kinds()[0]
    if request.method == "POST":
        try:
            viewing.require_live()
            now = viewing.installation.now()
            key = permit_propose(
                kind,
                holder=holder_of(typed),
                shown=shown_of(typed, now),
                starts_on=_starts_on(typed, viewing),
                expires_on=day_typed(typed["expires_on"]),
                actor=viewing.actor,
                at=now,
            )
        except FangkongError as refused:
            status = _STATUS.get(type(refused), 400)
            problem = error_text(refused, get_language() or "zh-hans")
        else:
            return redirect("permit", key=key)
    context = {
        "page_title": said("permit.propose"),
        "kind": kind,
        "kinds": [(code, said(f"permit.kind.{code}")) for code in permit_kinds()],
        "levels": [
            (code, said(f"areas.level.{code}")) for code in risk_levels() if has_word(f"areas.level.{code}")
        ],
        "conditions": [(code, said(f"medical.condition.{code}")) for code in emergencies()],
        "typed": typed,
        "starts_on": typed["starts_on"] or viewing.installation.today().isoformat(),
        "default_days": figures()["span"]["default_days"],
        "most_days": figures()["span"]["max_days"],
        "problem": problem,
        "blocked": viewing.looking_back,
    }
    return render(request, "checkpoint/propose.html", context, status=status)


@desk("permits", READ)
@require_GET
def permit(request: HttpRequest, key: str) -> HttpResponse:
    """One permit: whose journey, what the rules say, what a refusal costs, who decided."""
    return _page(request, key)


@desk("permits", READ)
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Issued, refused or taken back; the permission is the action's own."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")[:400]
    by: dict[str, Any] = {"reason": reason, **viewing.by()}
    deeds = {"approve": permit_issue, "reject": permit_refuse, "revoke": permit_revoke}
    try:
        if decision not in deeds:
            raise InputError("permit.unknown_decision")
        deeds[decision](key, **by)
    except NotFound:
        raise
    except FangkongError as refused:
        problem = error_text(refused, get_language() or "zh-hans")
        return _page(request, key, problem, reason, status=_STATUS.get(type(refused), 400))
    return redirect("permit", key=key)


def _page(
    request: HttpRequest, key: str, problem: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    viewing: Viewing = request.viewing
    found = permit_get(key, actor=viewing.actor, at=viewing.at)
    live = not viewing.looking_back and viewing.actor.may(DECIDE)
    context = {
        "page_title": said("permit.one", number=found.permit_no),
        "permit": found,
        **_row(found, _area_names([found])),
        "answer": said(f"commute.answer.{found.answer}"),
        "good": found.answer == "pass",
        "reasons": [said(code) for code in found.reasons if has_word(code)],
        "cost": _cost(found),
        "rules": rule_lines(found.rule_rows, get_language()),
        "proposer": people_names([found.proposed_by])[found.proposed_by],
        "decider": people_names([found.decided_by]).get(found.decided_by, ""),
        "changer": people_names([found.changed_by]).get(found.changed_by, ""),
        "may_decide": live and found.state == "proposed" and found.proposed_by != viewing.actor.key,
        "may_revoke": live and found.state == "issued",
        "problem": problem,
        "reason": reason,
    }
    return render(request, "checkpoint/permit.html", context, status=status)


def _row(permit: Permit, names: dict[str, str]) -> dict[str, Any]:
    return {
        "permit": permit,
        "kind_name": said(f"permit.kind.{permit.kind}"),
        "journey": said(
            "permit.journey",
            start=names.get(permit.from_area, permit.from_area),
            end=names.get(permit.to_area, permit.to_area),
        ),
        "span": span_of(permit.starts_on, permit.expires_on),
        "chip": f"permit.state.{permit.state}",
    }


def _area_names(rows: list[Permit]) -> dict[str, str]:
    codes = [code for row in rows for code in (row.from_area, row.to_area)]
    return area_names(codes) if codes else {}


def _cost(permit: Permit) -> str:
    """What a refusal costs, in words; "" where the rules let the journey be made at once."""
    if not permit.cost:
        return ""
    possible_on = permit.cost.get("possible_on")
    if possible_on is None:
        return said("commute.cost_open")
    return said(
        "commute.cost",
        work_days=permit.cost["work_days"],
        person_days=permit.cost["person_days"],
        possible_on=formats.day_full(date.fromisoformat(possible_on), get_language() or "zh-hans"),
    )


def _starts_on(typed: dict[str, str], viewing: Viewing) -> date:
    return day_typed(typed["starts_on"]) or viewing.installation.today()
