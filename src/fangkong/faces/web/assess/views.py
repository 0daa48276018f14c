"""The pages of the assessment: the overview of the reader's area, and one area with everything that is known of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.core.areas import parent_of
from fangkong.core.errors import InputError
from fangkong.desks.assess import queries
from fangkong.desks.assess.outlook import forecast_of, past_nowcasts
from fangkong.desks.assess.outlook_values import ForecastDays
from fangkong.desks.assess.values import COUNTED, POPULATION_UNKNOWN, Incidence
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import area_name, disease_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.errors import error_text
from fangkong.record.models import Area

from . import overview
from .area_signals import area_signals
from .figure_charts import (
    epidemic_chart,
    forecast_chart,
    parts_chart,
    past_chart,
    reproduction_figure,
)
from .judgement import judgement, strip
from .making import origin_rows, source_rows
from .not_given import refusals
from .past_rows import carried, coverage
from .reading import CHART_DAYS, AreaReading, area_read, known
from .reproduction_series import reproduction_chart
from .severity_rows import severity_panel
from .strata_choice import chosen, chosen_curve, options

#: Days back of the forecast that is shown against what came.
EARLIER_DAYS = 7


def disease_of(viewing: Viewing) -> tuple[str, str] | None:
    """(disease, area) that the reader looks at; None while nothing is recorded."""
    subject = queries.subject_default(actor=viewing.actor, at=viewing.at)
    return (subject.disease, subject.area_code) if subject is not None else None


@desk("assess", "daily.read")
@require_safe
def assess(request: HttpRequest) -> HttpResponse:
    """The overview of the area that the office looks at; the area's own page where it has no parts."""
    viewing: Viewing = request.viewing
    subject = disease_of(viewing)
    if subject is None or not subject[1]:
        return render(
            request, "assess/overview.html", {"page_title": said("frame.desk.assess"), "empty": True}
        )
    disease, code = subject
    reading = area_read(disease, code, viewing)
    if not reading.situation.week:
        return redirect("assess_area", code=code)
    wrong = ""
    try:
        watched = overview.watching(code, viewing, [row.area_code for row in reading.situation.week])
    except InputError as error:
        # A file of the city that cannot be used stops the alarms and not the page.
        wrong, watched = error_text(error, get_language() or ""), overview.nothing_watched()
    context = {
        "page_title": said("assess.overview.title", area=area_name(reading.situation.series)),
        "disease": disease_name(disease),
        "lead": judgement(area_name(reading.situation.series), reading.found),
        "strip": strip(reading),
        "rows": overview.rows(reading, watched),
        "area_href": reverse("assess_area", args=[code]),
        "wrong": wrong,
        "reads_signals": viewing.actor.may("signal.read"),
    }
    return render(request, "assess/overview.html", context)


@desk("assess", "daily.read")
@require_safe
def outlook(request: HttpRequest, code: str) -> HttpResponse:
    """The cell of an overview's row: what the last day will come to, and the next week. Not found outside the scope."""
    viewing: Viewing = request.viewing
    subject = disease_of(viewing)
    disease = subject[0] if subject else viewing.installation.disease
    origin = queries.assessment(disease, code, **known(viewing)).origin
    lines = overview.outlook_cell(disease, code, origin, viewing)
    return render(request, "assess/parts/outlook.html", {"lines": lines})


@desk("assess", "daily.read")
@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """The assessment of one area in the actor's scope; any other area is not found."""
    reading = _reading(request, code)
    viewing, found, situation = reading.viewing, reading.found, reading.situation
    choice = chosen(request.GET.get("age", ""), request.GET.get("channel", ""), reading)
    first = viewing.through - timedelta(days=CHART_DAYS - 1)
    curve = chosen_curve(reading, choice)
    nowcast = None if choice.any else reading.nowcast
    names = {row.area_code: area_name(row) for row in situation.week}
    rt = reproduction_chart(situation.series, found, days=CHART_DAYS)
    severity = severity_panel(reading.severity)
    ahead = reading.ahead
    forecast = forecast_chart(ahead, situation.curves.area) if isinstance(ahead, ForecastDays) else None
    context = {
        "page_title": said("page.assess.title", area=area_name(situation.series)),
        "disease": disease_name(reading.disease),
        "parent": _parent(code, viewing),
        "lead": judgement(area_name(situation.series), found),
        "unclassified": _unclassified(reading),
        "strip": strip(reading),
        "choices": options(reading, choice),
        "chosen": choice,
        "curve": epidemic_chart(curve, code, nowcast, first=first, chosen=choice.channel) if curve else None,
        "rt": reproduction_figure(rt) if rt else None,
        "forecast": forecast,
        "districts": parts_chart(situation.curves, names, reading.parts),
        "rates": any(row.per_100k is not None or row.refusal != POPULATION_UNKNOWN for row in situation.week),
        "week": [
            _week_row(row) for row in sorted(situation.week, key=lambda r: (-(r.per_100k or -1), r.area_code))
        ],
        "signals": area_signals(code, viewing),
        "refusals": refusals(reading, names, severity["rows"]),
        "severity": severity,
        "past_href": reverse("assess_past", args=[code]),
        "origin": origin_rows(reading),
        "sources": source_rows(reading),
        "sources_none": said(f"page.assess.sources_none.{found.origin}"),
    }
    return render(request, "assess/assess.html", context)


@desk("assess", "daily.read")
@require_safe
def past(request: HttpRequest, code: str) -> HttpResponse:
    """The panel of what was said before: past nowcasts, Rt through the open days, an earlier forecast."""
    reading = _reading(request, code)
    known_now = reading.known | {"reference": reading.reference}
    made = past_nowcasts(reading.disease, code, **known_now)
    then = reading.viewing.through - timedelta(days=EARLIER_DAYS)
    earlier = forecast_of(
        reading.disease,
        code,
        actor=reading.viewing.actor,
        at=min(reading.viewing.at, reading.viewing.installation.close_of(then)),
        through=then,
        reference=reading.reference,
    )
    context = {
        "chart": past_chart(made),
        "coverage": coverage(made),
        "carried": carried(reading, reading.outlook.reproduction()),
        "forecast": forecast_chart(earlier, reading.situation.curves.area, name="forecast-then")
        if isinstance(earlier, ForecastDays)
        else None,
    }
    return render(request, "assess/parts/past.html", context)


def _reading(request: HttpRequest, code: str) -> AreaReading:
    viewing: Viewing = request.viewing
    subject = disease_of(viewing)
    return area_read(subject[0] if subject else viewing.installation.disease, code, viewing)


def _unclassified(reading: AreaReading) -> int:
    """The suspected cases of an area that has no other: the reader is told why all figures are empty."""
    series = reading.situation.series
    if series.origin != COUNTED or any(day.confirmed or day.asymptomatic for day in series.days):
        return 0
    return queries.unclassified(reading.disease, reading.area_code, **reading.known)


def _parent(code: str, viewing: Viewing) -> dict[str, str] | None:
    """The area one level up, when the actor sees it."""
    above = parent_of(code)
    row = Area.objects.known_at(viewing.at).filter(key=above).first() if above else None
    if row is None or not viewing.actor.sees(above):
        return None
    return {"name": area_name(row), "href": reverse("assess_area", args=[above])}


def _week_row(row: Incidence) -> dict[str, Any]:
    return {
        "name": area_name(row),
        "href": reverse("assess_area", args=[row.area_code]),
        "cases": row.cases,
        "population": row.population,
        "rate": "" if row.per_100k is None else formats.number(row.per_100k, get_language()),
        "refusal": said(f"page.map.{row.refusal}") if row.refusal else "",
    }
