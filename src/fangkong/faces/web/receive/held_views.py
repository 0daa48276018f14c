"""The held rows of a receipt: what is wrong, what either decision does; taken or refused many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from fangkong.core.errors import Conflict, FangkongError, InputError, NotFound
from fangkong.desks.intake.held_cells import MOST_OPENED, held_cells_open, may_open
from fangkong.desks.intake.held_decisions import (
    MOST_REASON,
    Decided,
    HeldFor,
    held_rows_refuse,
    held_rows_take,
)
from fangkong.desks.intake.held_rows import DECIDE, PAGE_ROWS, HeldPage, HeldRow, Place, held_rows
from fangkong.desks.intake.reason_codes import code_of_reason
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.words.errors import error_text
from fangkong.faces.words.receipt_words import issue_text, reason_text
from fangkong.record import identities
from fangkong.record.models import User

from .receipt_views import field_text

#: Rows that stay as they are and rows decided before, as many of each as the answer names one by one.
_MOST_TOLD = 20


@desk("intake", "receipt.read")
@require_safe
def held(request: HttpRequest, key: str) -> HttpResponse:
    """The held rows of one reason, the commonest first, and the reasons with their numbers."""
    return _page(request, key)


@desk("intake", DECIDE)
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """The chosen rows, or all of one reason, are taken as they stand or refused."""
    viewing, given = request.viewing, request.POST
    viewing.require_live()
    act = {"take": held_rows_take, "refuse": held_rows_refuse}.get(given.get("verdict", ""))
    try:
        if act is None:
            raise InputError("held.no_verdict")
        why = given.get("why", "")
        rows: list[Place] | HeldFor = HeldFor(why) if given.get("all") == "yes" and why else _places(request)
        if isinstance(rows, HeldFor):
            _unchanged(key, rows, request)
        reason = given.get("reason", "")
        done = act(key, rows, reason=reason, **viewing.by())
    except (InputError, Conflict, NotFound) as refused:
        return _refused(request, key, refused)
    if done.not_taken or done.before:
        return _page(request, key, done=done)
    return redirect(f"{reverse('receipt_held', args=[key])}?{urlencode({'done': done.count})}")


def _unchanged(key: str, rows: HeldFor, request: HttpRequest) -> None:
    """Raise Conflict when more or fewer rows are held for the reason than were shown."""
    page = held_rows(key, actor=request.viewing.actor, reason=rows.reason, size=0)
    if request.POST.get("n") != str(page.total):
        raise Conflict("held.number_changed", n=page.total)


@desk("intake", DECIDE)
@require_POST
def cells(request: HttpRequest, key: str) -> HttpResponse:
    """The page with what stood in the cells of the chosen rows; it shows once, and each opening is audited."""
    viewing = request.viewing
    viewing.require_live()
    try:
        opened = held_cells_open(
            key,
            _places(request),
            purpose=request.POST.get("purpose", ""),
            reason=request.POST.get("opened_for", ""),
            **viewing.by(),
        )
    except (InputError, Conflict, NotFound) as refused:
        return _refused(request, key, refused)
    return _page(request, key, opened=opened)


def _places(request: HttpRequest) -> list[Place]:
    """The ticked rows: "12:Sheet1" each."""
    found = set()
    for each in request.POST.getlist("row"):
        number, _, sheet = each.partition(":")
        if number.isdecimal() and len(number) <= 9:
            found.add((sheet, int(number)))
    if not found:
        raise InputError("held.none_chosen")
    return sorted(found)


def _refused(request: HttpRequest, key: str, refused: FangkongError) -> HttpResponse:
    status = {InputError: 400, NotFound: 404}.get(type(refused), 409)
    return _page(request, key, problem=error_text(refused, get_language()), status=status)


def _page(
    request: HttpRequest,
    key: str,
    *,
    problem: str = "",
    done: Decided | None = None,
    opened: Mapping[Place, tuple[tuple[str, str], ...]] | None = None,
    status: int = 200,
) -> HttpResponse:
    viewing = request.viewing
    given = request.POST if request.method == "POST" else request.GET
    first = max(1, whole_number(request, "from", 1))
    page = held_rows(key, actor=viewing.actor, reason=given.get("why", ""), first=first)
    why = given.get("why", "")
    if why not in {group.reason for group in page.groups}:
        # Nothing is held for it any more, or nobody has chosen: the commonest.
        why, first = (page.groups[0].reason, 1) if page.groups else ("", 1)
        page = held_rows(key, actor=viewing.actor, reason=why)
    live = not viewing.looking_back
    count = whole_number(request, "done", 0) if request.method == "GET" else 0
    context: dict[str, Any] = {
        "page_title": said("held.page"),
        "found": page.receipt,
        "groups": [
            {
                "reason": group.reason,
                "code": _code(group.reason),
                "n": group.count,
                "here": group.reason == why,
            }
            for group in page.groups
        ],
        "why": why,
        "code": _code(why),
        "sentence": reason_text(why, page.rows[0].params, _lang()) if page.rows else "",
        "rows": [_row(row, why, opened or {}) for row in page.rows],
        "total": page.total,
        "ticked": given.getlist("row") if request.method == "POST" and done is None else [],
        "reason": given.get("reason", "")[:MOST_REASON] if request.method == "POST" and done is None else "",
        "most_reason": MOST_REASON,
        "problem": problem,
        "done": _told(done) if done else None,
        "may": live and page.may_decide,
        "may_take": page.may_take,
        "purposes": identities.PURPOSES if live and page.may_take and may_open(viewing.actor) else (),
        "most_opened": MOST_OPENED,
        "pager": _pager(page, first, why),
        "toast": {"text": said("held.done", n=count)} if count else None,
    }
    return render(request, "receive/held.html", context, status=status)


def _row(row: HeldRow, why: str, opened: Mapping[Place, tuple[tuple[str, str], ...]]) -> dict[str, Any]:
    """What the page shows of a row: nothing of the person unless its cells were opened."""
    main = _code(why)
    return {
        "value": f"{row.row}:{row.sheet}",
        "row": row,
        "columns": list(
            dict.fromkeys(name for name in (row.column, *(issue.column for issue in row.findings)) if name)
        ),
        "also": [issue_text(issue, _lang()) for issue in row.findings if issue.code != main],
        "lacks": said("held.or").join(map(field_text, row.lacks)),
        "cells": opened.get(row.place, ()),
    }


def _told(done: Decided) -> dict[str, Any]:
    """What an act did, in words."""
    people = dict(
        User.objects.filter(key__in={each.by for each in done.before}).values_list("key", "display_name")
    )
    return {
        "n": done.count,
        "left": [
            {"place": each.place, "text": reason_text(each.reason, each.params, _lang())}
            for each in done.not_taken[:_MOST_TOLD]
        ],
        "n_left": len(done.not_taken),
        "before": [
            {
                "place": each.place,
                "text": said(f"held.before.{each.outcome}", who=people.get(each.by) or said("held.system")),
                "at": each.at,
                "why": each.why,
            }
            for each in done.before[:_MOST_TOLD]
        ],
        "n_before": len(done.before),
    }


def _code(reason: str) -> str:
    return reason.removeprefix("issue_") if reason.startswith("issue_") else code_of_reason(reason)


def _pager(page: HeldPage, first: int, why: str) -> dict[str, Any]:
    def href(start: int) -> str:
        return "?" + urlencode({"why": why, "from": max(1, start)})

    return {
        "first": first if page.rows else 0,
        "last": first + len(page.rows) - 1 if page.rows else 0,
        "total": page.total,
        "earlier_href": href(first - PAGE_ROWS) if first > 1 else None,
        "later_href": href(first + PAGE_ROWS) if first + PAGE_ROWS <= page.total else None,
    }


def _lang() -> str:
    return get_language() or "zh-hans"
