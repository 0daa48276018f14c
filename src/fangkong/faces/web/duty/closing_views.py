"""The close-out of the day (事不过夜): what is open, why, with whom, until when; and the hand-over that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.duty import actions, queries
from fangkong.command.duty.closing import close_out_day, handover_hour, require_closer
from fangkong.command.duty.handovers import handover_key_of
from fangkong.command.duty.open_items import OpenItem
from fangkong.command.duty.rows import READ, leads
from fangkong.command.models import Handover
from fangkong.core.errors import FangkongError, Forbidden, NotFound
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.web.refusals import status_of
from fangkong.faces.web.typed_times import moment_typed
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .presenting import line_of, office_asked, shift_row

PAGE_ROWS = 50

#: What the reader may ask to see.
SHOWS = ("all", "missing")


@desk("close_out", READ)
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """The day that is being closed: this one from the hand-over hour on, the night's before it."""
    return close_out_page(request, close_out_day(request.viewing.at))


@desk("close_out", READ)
@require_GET
def day(request: HttpRequest, on: date) -> HttpResponse:
    """The close-out of any day."""
    return close_out_page(request, on)


@desk("close_out", READ)
@require_POST
def deed(request: HttpRequest, on: date, deed: str) -> HttpResponse:
    """A reason given, the hand-over drawn up or signed; the page again, with the reason where it was refused."""
    if deed not in _DEEDS:
        raise Http404
    request.viewing.require_live()
    try:
        _DEEDS[deed](request, on)
    except NotFound:
        raise
    except FangkongError as problem:
        text = error_text(problem, get_language() or "zh-hans")
        return close_out_page(request, on, problem=text, deed=deed, status=status_of(problem))
    kind = request.POST.get("kind", "")
    kept = {"area": office_asked(request)} | ({"kind": kind} if kind.isalpha() else {})
    return redirect(f"{reverse('close_out_day', args=[on])}?{urlencode(kept)}")


def close_out_page(
    request: HttpRequest, on: date, *, problem: str = "", deed: str = "", status: int = 200
) -> HttpResponse:
    """The close-out of ``on``: while nobody has signed what is open now, afterwards what was handed over."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    area_code = office_asked(request)
    past = queries.handovers_until(area_code, on, actor=actor, at=at)
    handover = past[0] if past and past[0].on == on else None
    # What is open is known for the day being closed; of an earlier one stands what was handed over.
    current = on >= close_out_day(at)
    found = queries.close_out(area_code, on, actor=actor, at=at)
    kind = request.GET.get("kind") or request.POST.get("kind", "")
    kind = kind if kind in found.counts else ""
    show = request.GET.get("show", "all")
    items = [item for item in found.items if not kind or item.kind == kind]
    if show == "missing":
        items = [item for item in items if not item.why]
    start = min(whole_number(request, "row", 0), max(len(items) - 1, 0)) // PAGE_ROWS * PAGE_ROWS
    page = items[start : start + PAGE_ROWS]
    handed, hidden = queries.handover_lines(handover, actor) if handover else ([], 0)
    signed = handover is not None and handover.state != "drawn_up"
    drawn = {item.name for item, _ in handed}
    shown: Sequence[tuple[OpenItem, str]] = [
        (item, "since" if handover and not item.why and item.name not in drawn else "") for item in page
    ]
    if signed or not current:
        shown = handed
    shift_keys = [handover.from_shift_key, handover.to_shift_key] if handover else []
    shifts = queries.shifts_named(shift_keys, actor=actor, at=at)
    people = [key for item, _ in shown for key in (item.owner_key, item.said_by)]
    people += [handover.signed_out_by, handover.signed_in_by, handover.source_key] if handover else []
    names = people_names([*people, *queries.names_on(list(shifts.values()))])
    areas = area_names([area_code, *(item.area_code for item, _ in shown)])
    kept = {"area": area_code, "show": show} | ({"kind": kind} if kind else {})
    context: dict[str, Any] = {
        "page_title": said("closeout.page"),
        "on": on,
        "area": area_code,
        "area_name": areas.get(area_code, area_code),
        "current": current,
        "hour": handover_hour(on),
        "counts": [
            {"kind": each, "n": n, "missing": missing} for each, (n, missing) in found.counts.items() if n
        ],
        "total": len(found.items),
        "missing": found.without_reason,
        "since": sum(not item.why and item.name not in drawn for item in found.items) if handover else 0,
        "kind": kind,
        "show": show,
        "rows": [line_of(item, names, areas, viewing, mark) for item, mark in shown],
        "hidden": hidden,
        "pager": None if signed or not current else _pager(len(items), start, kept),
        "handover": handover,
        "signed": signed,
        "seen": handover.known_from.isoformat() if handover else "",
        "names": names,
        "out_by": names.get(handover.signed_out_by, "") if handover else "",
        "in_by": names.get(handover.signed_in_by, "") if handover else "",
        "going": _shift(handover and shifts.get(handover.from_shift_key), names, viewing),
        "coming": _shift(handover and shifts.get(handover.to_shift_key), names, viewing),
        "may_close": current and not signed and _may_close(area_code, viewing),
        "may_sign_out": _may_sign(handover, "drawn_up", "from_shift_key", shifts, viewing),
        "may_sign_in": _may_sign(handover, "signed_out", "to_shift_key", shifts, viewing),
        "until_typed": _until(request, on, viewing),
        "why_typed": request.POST.get("why", "")[:400] if deed == "carry" else "",
        "note_typed": request.POST.get("note", "")[:2000]
        if deed == "draw-up"
        else (handover.note if handover else ""),
        "ticked": set(request.POST.getlist("line")) if deed == "carry" else set(),
        "problem": problem,
        "deed": deed,
        "past": past,
    }
    return render(request, "duty/close_out.html", context, status=status)


def _shift(shift: Any, names: dict[str, str], viewing: Viewing) -> dict[str, Any] | None:
    return shift_row(shift, [], names, viewing) if shift else None


def _may_close(area_code: str, viewing: Viewing) -> bool:
    if viewing.looking_back:
        return False
    try:
        require_closer(area_code, viewing.actor, viewing.at)
    except Forbidden:
        return False
    return True


def _may_sign(
    handover: Handover | None, state: str, side: str, shifts: dict[str, Any], viewing: Viewing
) -> bool:
    if handover is None or handover.state != state or viewing.looking_back:
        return False
    shift = shifts.get(getattr(handover, side))
    return (
        shift is not None and leads(shift, viewing.actor.key) and handover.signed_out_by != viewing.actor.key
    )


def _until(request: HttpRequest, on: date, viewing: Viewing) -> str:
    """What stands in the field of the limit: what was typed, else the close of the day behind the night."""
    typed = request.POST.get("until_at", "")[:25]
    close = viewing.installation.close_of(on + timedelta(days=1)).astimezone(viewing.installation.zone)
    return typed or close.strftime("%Y-%m-%dT%H:%M")


def _pager(total: int, start: int, kept: dict[str, str]) -> dict[str, Any]:
    def there(row: int) -> str:
        return f"?{urlencode({**kept, 'row': row})}"

    return {
        "first": start + 1 if total else 0,
        "last": min(start + PAGE_ROWS, total),
        "total": total,
        "earlier_href": there(start - PAGE_ROWS) if start else None,
        "later_href": there(start + PAGE_ROWS) if start + PAGE_ROWS < total else None,
    }


def _carry(request: HttpRequest, on: date) -> None:
    actions.close_out_carry(
        [name[:120] for name in request.POST.getlist("line")],
        area_code=office_asked(request),
        on=on,
        why=request.POST.get("why", "")[:400],
        until_at=moment_typed(
            request.POST.get("until_at", ""), request.viewing.installation.zone, "closeout.until_field"
        ),
        **request.viewing.by(),
    )


def _draw_up(request: HttpRequest, on: date) -> None:
    note = request.POST.get("note", "")[:2000]
    actions.handover_draw_up(office_asked(request), on, note=note, **request.viewing.by())


def _sign_out(request: HttpRequest, on: date) -> None:
    key = handover_key_of(office_asked(request), on)
    actions.handover_sign_out(key, seen=request.POST.get("seen", "")[:40], **request.viewing.by())


def _sign_in(request: HttpRequest, on: date) -> None:
    actions.handover_sign_in(handover_key_of(office_asked(request), on), **request.viewing.by())


_DEEDS = {"carry": _carry, "draw-up": _draw_up, "sign-out": _sign_out, "sign-in": _sign_in}
