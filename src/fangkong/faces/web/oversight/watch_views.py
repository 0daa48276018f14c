"""What oversight watches: alarms about the office itself, and limits of the rules that were missed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from fangkong.command.reactions.journeys import CARE_REFUSED
from fangkong.command.timers.queries import timers_missed
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import pager
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.public import oversight, protected_line
from fangkong.record.models import Signal, Timer, User

from .report_views import areas_of

PAGE_ROWS = 30

#: Rows of each list on the first page of oversight.
FIRST_ROWS = 5


@desk("oversight", oversight.READ)
@require_GET
def alarms(request: HttpRequest) -> HttpResponse:
    """The alarms, the latest first, closed ones too."""
    viewing = request.viewing
    page = oversight.alarms_list(
        actor=viewing.actor, at=viewing.at, limit=PAGE_ROWS, after=request.GET.get("after", "")
    )
    context = {
        "page_title": said("watch.alarms"),
        "rows": _alarm_rows(page.rows),
        "pager": pager(request, page),
    }
    return render(request, "oversight/alarms.html", context)


@desk("oversight", oversight.READ)
@require_GET
def limits(request: HttpRequest) -> HttpResponse:
    """The duties whose time limit passed before they were done, the earliest first."""
    viewing = request.viewing
    page = timers_missed(
        actor=viewing.actor, at=viewing.at, limit=PAGE_ROWS, after=request.GET.get("after", "")
    )
    context = {
        "page_title": said("watch.limits"),
        "rows": _limit_rows(page.rows, viewing),
        "pager": pager(request, page),
    }
    return render(request, "oversight/limits.html", context)


def watch_panels(viewing: Viewing) -> list[dict[str, Any]]:
    """The contexts of four components/list_panel.html; none for a role that does not oversee."""
    if not viewing.actor.may(oversight.READ):
        return []
    return [
        _reports_panel(viewing),
        _alarms_panel(viewing),
        _limits_panel(viewing),
        _judgements_panel(viewing),
    ]


def _reports_panel(viewing: Viewing) -> dict[str, Any]:
    page = protected_line.reports_list(actor=viewing.actor, at=viewing.at, limit=FIRST_ROWS)
    rows = [
        {
            "title": coded("protected.subject", report.subject),
            "href": reverse("protected_report", args=[report.key]),
            "note": f"{area} · {formats.day(report.filed_on, get_language())}",
            "chip": f"protected.state.{report.state}",
        }
        for report, area in zip(page.rows, areas_of(page.rows), strict=True)
    ]
    return _panel("reports", rows, page.total, "protected_reports")


def _alarms_panel(viewing: Viewing) -> dict[str, Any]:
    page = oversight.alarms_list(actor=viewing.actor, at=viewing.at, limit=FIRST_ROWS)
    rows = [
        {
            "title": row["kind"],
            "note": row["note"],
            "when": formats.moment(
                row["signal"].raised_at.astimezone(viewing.installation.zone), get_language()
            ),
            "when_kind": "high",
        }
        for row in _alarm_rows(page.rows)
    ]
    return _panel("alarms", rows, None, "alarms")


def _limits_panel(viewing: Viewing) -> dict[str, Any]:
    page = timers_missed(actor=viewing.actor, at=viewing.at, open_only=True, limit=FIRST_ROWS)
    rows = [
        {
            "title": row["limit"],
            "note": said("watch.limit_note", area=row["area"], role=row["told"]),
            "when": formats.span(row["left"], get_language()),
            # Two alarms in a panel at most (look.md): the rest are late too, and say so in a calmer colour.
            "when_kind": "high" if n < 2 else "mid",
        }
        for n, row in enumerate(_limit_rows(page.rows, viewing))
    ]
    return _panel("limits", rows, page.total, "missed_limits")


def _judgements_panel(viewing: Viewing) -> dict[str, Any]:
    found = oversight.signers_list(actor=viewing.actor, at=viewing.at, limit=FIRST_ROWS)
    names, hours = people_names(each.key for each in found), safeguards().judgement_alarm_hours
    rows = [
        {
            "title": names[each.key],
            "href": reverse("signer", args=[each.key]),
            "note": said("watch.signed_note", total=each.total, recent=each.recent, hours=hours),
            "when": formats.moment(each.last_at.astimezone(viewing.installation.zone), get_language()),
            "when_kind": "high" if each.alarmed else "",
        }
        for each in found
    ]
    return _panel("judgements", rows, None, "signers")


def _panel(key: str, rows: list[dict[str, Any]], total: int | None, name: str) -> dict[str, Any]:
    return {
        "title": said(f"watch.{key}"),
        "count": total,
        "rows": rows,
        "more_href": reverse(name),
        "empty": said(f"watch.{key}_none"),
    }


def _alarm_rows(signals: list[Signal]) -> list[dict[str, Any]]:
    signers = {signal.params.get("signed_by", "") for signal in signals}
    names = dict(User.objects.filter(key__in=signers).values_list("key", "display_name")) if signers else {}
    areas = area_names([signal.area_code for signal in signals]) if signals else {}
    return [
        {
            "signal": signal,
            "kind": coded("signal.kind", signal.kind),
            "area": areas.get(signal.area_code, signal.area_code),
            "signer": names.get(signal.params.get("signed_by", ""), ""),
            "signer_key": signal.params.get("signed_by", ""),
            "note": _alarm_note(signal, areas.get(signal.area_code, signal.area_code)),
        }
        for signal in signals
    ]


def _alarm_note(signal: Signal, area: str) -> str:
    """What the alarm says: how many judgements were signed, or which emergency was turned away."""
    told = signal.params
    if signal.kind == CARE_REFUSED:
        return said("watch.refused_note", area=area, condition=coded("medical.condition", told["condition"]))
    return said("watch.alarm_note", area=area, count=told.get("count", 0), hours=told.get("hours", 0))


def _limit_rows(timers: list[Timer], viewing: Viewing) -> list[dict[str, Any]]:
    areas = area_names([timer.area_code for timer in timers]) if timers else {}
    return [
        {
            "timer": timer,
            "limit": coded("timer.clock", timer.clock),
            "area": areas.get(timer.area_code, timer.area_code),
            "told": coded("role", timer.escalated_to),
            "rule": timer.rule_row.split(":"),
            "left": timer.due_at - (timer.met_at or viewing.at),
        }
        for timer in timers
    ]
