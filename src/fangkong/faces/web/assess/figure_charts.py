"""The charts of an area: its curve with the nowcast, its parts, the days ahead, and what earlier nowcasts came to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import get_language

from fangkong.desks.assess.outlook_values import ForecastDays, NowcastDays, PastNowcasts
from fangkong.desks.assess.values import AreaCurve, Assessment, Curves
from fangkong.faces.web.board.districts import chart_series, incomplete_from, multiples
from fangkong.faces.web.control.presenting import said
from fangkong.faces.words import formats
from fangkong.science.epi.estimates import Refusal

from .judgement import HIGH, LOW
from .wordings import because, between, count, day, ends, number

#: Days of counts before those ahead.
PAST_DAYS = 28

Chart = dict[str, Any]


def epidemic_chart(
    curve: AreaCurve, code: str, nowcast: NowcastDays | None, *, first: date, chosen: str = ""
) -> Chart:
    """The epidemic curve by channel from ``first`` on, incomplete days shaded, with the band of the nowcast."""
    days = [each for each in curve.days if each >= first]
    band = nowcast_band(nowcast, days) if nowcast is not None else None
    series = chart_series(curve, days)
    late = [each for each in (incomplete_from(curve), band and band["days"][0]) if each]
    return {
        "id": "curve",
        "name": f"curve-{code}",
        "kind": "epicurve",
        "data": {
            "days": [each.isoformat() for each in days],
            "series": {name: counts for name, counts in series.items() if chosen in ("", name)},
            "incomplete_from": min(late, default=None),
            "nowcast": band,
        },
        "label": said("board.chart.curve"),
        "unit": said("page.unit.cases_by_report"),
        "source": said("page.chart.span", first=day(days[0]), last=day(days[-1])) if days else "",
    }


def nowcast_band(nowcast: NowcastDays, days: Sequence[date]) -> dict[str, Any] | None:
    """The nowcast of the last days that are still open, one after the other; None where the last day is complete."""
    middle, low, high = (nowcast.at(level) for level in (0.5, LOW, HIGH))
    first = len(nowcast.days)
    while first and nowcast.incomplete[first - 1] and math.isfinite(float(middle[first - 1])):
        first -= 1
    shown = [n for n in range(first, len(nowcast.days)) if nowcast.days[n] in days]
    if not shown:
        return None
    return {
        "days": [nowcast.days[n].isoformat() for n in shown],
        "mid": [_rounded(middle[n]) for n in shown],
        "low": [_rounded(low[n]) for n in shown],
        "high": [_rounded(high[n]) for n in shown],
    }


def reproduction_figure(data: dict[str, Any]) -> Chart:
    """The band of the reproduction number."""
    return {
        "id": "rt",
        "name": "rt",
        "kind": "rt",
        "data": data,
        "label": said("board.chart.reproduction"),
        "unit": "",
        "source": said("page.assess.method"),
    }


def parts_chart(curves: Curves, names: dict[str, str], parts: dict[str, Assessment]) -> Chart | None:
    """Small multiples of the parts of an area, each with its reproduction number or why it has none."""
    return multiples(curves, names, lambda code: reproduction_note(parts.get(code)))


def reproduction_note(found: Assessment | None) -> str:
    """Rt with its interval, or that it is not estimated and why, short enough for a panel's head."""
    if found is None:
        return ""
    rt = found.reproduction
    if isinstance(rt, Refusal):
        if "minimum_cases" in rt.params:
            return said("assess.part.few", n=count(float(str(rt.params.get("cases", 0)))))
        return said("assess.part.refused", reason=said(f"assess.short.{rt.code}"))
    return said("assess.part.rt", rt=number(rt.mean), interval=between(*ends(rt)))


def forecast_chart(ahead: ForecastDays, curve: AreaCurve | None, *, name: str = "forecast") -> Chart | None:
    """The fan of a forecast over the counts of the weeks before, and of its own days as far as they are known.

    None where no day has a forecast. ``name`` is the chart's own on the page.
    """
    kept = [n for n, reason in enumerate(ahead.reasons) if not reason]
    if not kept:
        return None
    past = [ahead.made_on - timedelta(days=back) for back in range(PAST_DAYS - 1, -1, -1)]
    counts = curve.by_day() if curve is not None else {}
    days = [*past, *(ahead.days[n] for n in kept)]
    fan: dict[str, Any] = {"days": [ahead.days[n].isoformat() for n in kept]}
    for part, level in (("mid", 0.5), ("low50", 0.25), ("high50", 0.75), ("low90", LOW), ("high90", HIGH)):
        row = ahead.quantiles[ahead.levels.index(level)]
        fan[part] = [_rounded(row[n]) for n in kept]
    return {
        "id": name,
        "name": name,
        "kind": "forecast",
        "data": {
            "days": [each.isoformat() for each in days],
            "observed": [counts.get(each) for each in days],
            "now": ahead.made_on.isoformat(),
            "fan": fan,
        },
        "label": said("assess.chart.forecast"),
        "unit": said("page.unit.cases_by_report"),
        "source": said("assess.made_on", day=day(ahead.made_on)),
    }


def past_chart(past: PastNowcasts) -> Chart | None:
    """Earlier nowcasts, each beside what became of its days; None without any."""
    if not past.made:
        return None
    panels = []
    for each in past.made:
        said_then = each.said
        held = [
            ok
            for ok, settled, late in zip(each.within_95, each.settled, said_then.incomplete, strict=True)
            if settled and late and ok is not None
        ]
        panels.append(
            {
                "title": said("assess.past.made_on", day=day(said_then.made_on)),
                "note": said("assess.past.held", k=sum(held), n=len(held)) if held else "",
                "days": [day_.isoformat() for day_ in said_then.days],
                "reported": [_rounded(n) for n in said_then.observed],
                "became": [_rounded(n) for n in each.became],
                "mid": [_rounded(n) for n in said_then.at(0.5)],
                "low": [_rounded(n) for n in said_then.at(0.025)],
                "high": [_rounded(n) for n in said_then.at(0.975)],
            }
        )
    first, last = past.made[0].said.days[0], past.made[-1].said.days[-1]
    return {
        "id": "past-nowcasts",
        "name": "past-nowcasts",
        "kind": "past",
        "data": {"panels": panels},
        "label": said("assess.past.title"),
        "unit": said("page.unit.cases_by_report"),
        "source": said("page.chart.span", first=day(first), last=day(last)),
    }


def _rounded(value: float) -> float | None:
    return round(float(value), 2) if math.isfinite(float(value)) else None


def nowcast_reasons(nowcast: NowcastDays) -> list[str]:
    """Why some of the open days deserve less trust, each reason once."""
    found = dict.fromkeys(
        reason for reason, late in zip(nowcast.reasons, nowcast.incomplete, strict=True) if reason and late
    )
    return [because(reason, {}) for reason in found]


def span_text(first: date, last: date) -> str:
    """ "04-01 至 04-17" or "1 Apr to 17 Apr"."""
    lang = get_language()
    return said("page.chart.span", first=formats.day(first, lang), last=formats.day(last, lang))
