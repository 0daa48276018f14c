"""The list of one's own notices; opening one leads to what it is about."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.notifications import actions, queries
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.gate import signed_in
from fangkong.faces.web.paging import pager

from .links import page_of
from .titles import titles_of

PAGE_ROWS = 30


@signed_in("notifications")
@require_GET
def notifications(request: HttpRequest) -> HttpResponse:
    """The unread ones first in view; all of them with "show=all"."""
    viewing = request.viewing
    show = "all" if request.GET.get("show") == "all" else "unread"
    page = queries.notifications_of(
        actor=viewing.actor,
        at=viewing.at,
        unread=show == "unread",
        limit=PAGE_ROWS,
        after=request.GET.get("after", ""),
    )
    unread = queries.notifications_unread_count(actor=viewing.actor, at=viewing.at)
    total = page.total
    if show == "unread":
        total = queries.notifications_of(actor=viewing.actor, at=viewing.at, limit=1).total
    areas = area_names([row.params.get("area_code", "") for row in page.rows])
    titles = titles_of(page.rows, viewing)
    lost = queries.deliveries_given_up(page.rows)
    context = {
        "page_title": said("notification.page"),
        "show": show,
        "unread": unread,
        "total": total,
        "rows": [
            {
                "note": row,
                "what": coded("notification.kind", row.kind),
                "title": titles.get(row.key, ""),
                "area": areas.get(row.params.get("area_code", ""), ""),
                "lost": said("frame.and").join(
                    said(f"notification.channel.{each}") for each in lost.get(row.key, [])
                ),
            }
            for row in page.rows
        ],
        "pager": pager(request, page, show=show),
    }
    return render(request, "notifications/notifications.html", context)


@signed_in("notifications")
@require_POST
def opened(request: HttpRequest, key: str) -> HttpResponse:
    """The notice is read; on to what it is about."""
    viewing = request.viewing
    row = actions.notification_read(key, **viewing.by())
    return redirect(page_of(row.subject_kind, row.subject_key) or "notifications")


@signed_in("notifications")
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Every notice is read; the list again."""
    viewing = request.viewing
    actions.notifications_read_all(**viewing.by())
    return redirect("notifications")
