"""The assessment of one area: curve, reproduction number, refusals, and where the figures come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.command.reports import direction, spread
from fangkong.command.reports.entries import Entry
from fangkong.core.areas import parent_of
from fangkong.desks.assess import queries
from fangkong.desks.assess.values import POPULATION_UNKNOWN, AreaSeries, Assessment, Curves, Incidence
from fangkong.faces.papers.phrases import CHANGE_TIME, label_of, register_name
from fangkong.faces.web.board.districts import chart_series, incomplete_from, multiples
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import area_name, as_of, disease_name, parts_of, refused, source_of
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import language
from fangkong.record.access import visible
from fangkong.record.models import Area, Document, Receipt
from fangkong.science.epi.estimates import Refusal

from .reproduction_series import reproduction_chart

#: Days drawn; estimates read as much of the past as they need.
CHART_DAYS = 60
#: Days read before the first drawn one, so that its estimate has a past.
RUN_IN_DAYS = 30


@desk("assess", "daily.read")
@require_safe
def assess(request: HttpRequest) -> HttpResponse:
    """The assessment of the area that the office looks at."""
    viewing: Viewing = request.viewing
    subject = queries.subject_default(actor=viewing.actor, at=viewing.at)
    if subject is None or not subject.area_code:
        return render(request, "assess/assess.html", {"page_title": said("frame.desk.assess"), "empty": True})
    return redirect("assess_area", code=subject.area_code)


@desk("assess", "daily.read")
@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """The assessment of one area in the actor's scope; any other area is not found."""
    viewing: Viewing = request.viewing
    actor, at, through = viewing.actor, viewing.at, viewing.through
    subject = queries.subject_default(actor=actor, at=at)
    disease = subject.disease if subject else viewing.installation.disease
    known: dict[str, Any] = {"actor": actor, "at": at, "through": through}
    since = through - timedelta(days=CHART_DAYS + RUN_IN_DAYS - 1)
    series = queries.area_series(disease, code, **known, since=since)
    found = queries.assessment(disease, code, **known)
    curves = queries.epidemic_curve(disease, code, **known, since=through - timedelta(days=CHART_DAYS - 1))
    last_on = max((day for curve in curves.districts for day in curve.days), default=through)
    week = queries.incidence_by_district(disease, code, actor=actor, at=at, through=last_on)
    last = spread.last_reported(series)
    share = spread.control_share_entry(last)
    entries = [*spread.new_entries(last)[:1], share, *direction.spread_entries(found)]
    names = {row.area_code: area_name(row) for row in week}
    rt = reproduction_chart(series, found, days=CHART_DAYS)
    context = {
        "page_title": said("page.assess.title", area=area_name(series)),
        "disease": disease_name(disease),
        "parent": _parent(code, viewing),
        "strip": [_strip(entry) for entry in entries],
        "refusals": [
            {"label": label_of(entry["code"], language(get_language())), "text": refused(entry)}
            for entry in entries
            if "value" not in entry
        ],
        "curve": _curve(curves, code),
        "rt": _rt(rt) if rt else None,
        "districts": multiples(curves, names),
        "rates": any(row.per_100k is not None or row.refusal != POPULATION_UNKNOWN for row in week),
        "week": [_week_row(row) for row in sorted(week, key=lambda r: (-(r.per_100k or -1), r.area_code))],
        "origin": _origin(found, series),
        "sources": _sources(disease, code, viewing, series),
        "sources_none": said(f"page.assess.sources_none.{found.origin}"),
    }
    return render(request, "assess/assess.html", context)


def _parent(code: str, viewing: Viewing) -> dict[str, str] | None:
    """The area one level up, when the actor sees it."""
    above = parent_of(code)
    row = Area.objects.known_at(viewing.at).filter(key=above).first() if above else None
    if row is None or not viewing.actor.sees(above):
        return None
    return {"name": area_name(row), "href": reverse("assess_area", args=[above])}


def _strip(entry: Entry) -> dict[str, Any]:
    label = label_of(entry["code"], language(get_language()))
    if "value" not in entry:
        return {"label": label, "refused": True, "note": refused(entry)}
    parts = parts_of(entry)
    return {
        "label": label,
        "value": parts["value"],
        "unit": parts["unit"],
        "note": parts["interval"] or _without_interval(entry),
        "as_of": as_of(entry),
    }


def _without_interval(entry: Entry) -> str:
    """What stands in the interval's place: why an estimate has none, else where the figure comes from."""
    return said("report.note.no_interval") if entry["code"].endswith(CHANGE_TIME) else source_of(entry)


def _curve(curves: Curves, code: str) -> dict[str, Any] | None:
    curve = curves.area
    if curve is None:
        return None
    lang = get_language()
    return {
        "id": "curve",
        "name": f"curve-{code}",
        "kind": "epicurve",
        "data": {
            "days": [day.isoformat() for day in curve.days],
            "series": chart_series(curve, curve.days),
            "incomplete_from": incomplete_from(curve),
            "nowcast": None,
        },
        "label": said("board.chart.curve"),
        "unit": said("page.unit.cases_by_report"),
        "source": said(
            "page.chart.span", first=formats.day(curve.days[0], lang), last=formats.day(curve.days[-1], lang)
        ),
    }


def _rt(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "rt",
        "name": "rt",
        "kind": "rt",
        "data": data,
        "label": said("board.chart.reproduction"),
        "unit": "",
        "source": said("page.assess.method"),
        "size": "",
    }


def _week_row(row: Incidence) -> dict[str, Any]:
    lang = get_language()
    return {
        "name": area_name(row),
        "href": reverse("assess_area", args=[row.area_code]),
        "cases": row.cases,
        "population": row.population,
        "rate": "" if row.per_100k is None else formats.number(row.per_100k, lang),
        "refusal": said(f"page.map.{row.refusal}") if row.refusal else "",
    }


def _origin(found: Assessment, series: AreaSeries) -> list[dict[str, str]]:
    """How the figures were made: what was counted, how late the last days are, which serial interval."""
    lang = get_language()
    rows = [
        {
            "label": said("page.assess.origin"),
            "text": said(f"page.assess.origin.{found.origin}"),
            "note": said(f"page.assess.basis.{found.basis}"),
        },
        {
            "label": said("page.assess.late"),
            "text": said("page.assess.late_days", n=found.incomplete_days)
            if found.incomplete_days
            else said("page.assess.late_none"),
            "note": "",
        },
    ]
    missing = [day.day for day in series.days if day.status != "reported"]
    if missing:
        rows.append(
            {
                "label": said("page.assess.missing"),
                "text": said("count.day", n=len(missing)),
                "note": said("page.assess.missing_note"),
            }
        )
    interval = found.interval
    if isinstance(interval, Refusal):
        text = said(f"report.why.{interval.code}")
        rows.append({"label": said("page.assess.interval"), "text": text, "note": ""})
    else:
        rows.append(
            {
                "label": said("page.assess.interval"),
                "text": said(
                    "page.assess.interval_days",
                    mean=formats.number(interval.mean_days, lang),
                    sd=formats.number(interval.sd_days, lang),
                ),
                "note": interval.source,
            }
        )
    return rows


def _sources(disease: str, code: str, viewing: Viewing, series: AreaSeries) -> list[dict[str, Any]]:
    """The documents and receipts behind the days drawn, with how their knowledge time was fixed."""
    if not series.days:
        return []
    span: Sequence[date] = [day.day for day in series.days]
    keys = queries.figure_sources(
        disease, code, actor=viewing.actor, at=viewing.at, first=span[0], last=span[-1]
    )
    receipts = {row.key: row for row in Receipt.objects.filter(key__in=keys)}
    zone, lang = viewing.installation.zone, get_language()
    papers = Document.objects.known_at(viewing.at).filter(key__in=set(keys) - set(receipts))
    found = [
        {
            "name": paper.title,
            "note": register_name(paper.key, language(lang)),
            "known": formats.moment(paper.known_from.astimezone(zone), lang),
            "basis": "",
            "href": "",
        }
        for paper in visible(papers, viewing.actor, at=viewing.at).order_by("key")
    ]
    return found + [
        {
            "name": row.file_name,
            "note": said("page.assess.receipt_rows", n=row.accepted),
            "known": formats.moment(row.known_at.astimezone(zone), lang),
            "basis": said(f"report.known.{row.known_basis}"),
            "href": reverse("receipt", args=[row.key]) if viewing.actor.may("receipt.read") else "",
        }
        for key in keys
        if (row := receipts.get(key)) is not None
    ]
