"""How the figures of an area were made: what was counted, which delay, interval and methods, breaks, sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.assess import queries
from fangkong.desks.assess.outlook_values import ForecastDays, NowcastDays
from fangkong.desks.assess.parameters import parameters
from fangkong.desks.assess.values import COUNTED, AreaSeries, Assessment
from fangkong.faces.papers.phrases import register_name
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import language
from fangkong.record.access import visible
from fangkong.record.models import Document, Receipt
from fangkong.science.epi.estimates import Refusal

from .figure_charts import span_text
from .reading import AreaReading
from .wordings import day, number

Row = dict[str, str]


def origin_rows(reading: AreaReading) -> list[Row]:
    """[{label, text, note}] in the order in which a figure comes about."""
    found, series = reading.found, reading.situation.series
    rows = [
        _row("page.assess.origin", said(f"page.assess.origin.{found.origin}"), _basis(found)),
        _late(found),
        _nowcast(reading.nowcast),
        *_missing(series),
        _interval(found),
        _method("reproduction", said("assess.how.reproduction", n=_window("reproduction"))),
        _method("growth", said("assess.how.growth", n=_window("growth"))),
    ]
    if isinstance(reading.ahead, ForecastDays):
        rows.append(_forecast(reading.ahead))
    for stretch in reading.breaks:
        text = day(stretch.first) if stretch.first == stretch.last else span_text(stretch.first, stretch.last)
        rows.append(_row("assess.how.break", text, said("assess.how.break_note")))
    return rows


def _row(label: str, text: str, note: str = "") -> Row:
    return {"label": said(label), "text": text, "note": note}


def _window(group: str) -> int:
    return int(parameters(group)["window_days"])


def _basis(found: Assessment) -> str:
    return said(f"page.assess.basis.{found.basis}")


def _late(found: Assessment) -> Row:
    text = (
        said("page.assess.late_days", n=found.incomplete_days)
        if found.incomplete_days
        else said("page.assess.late_none")
    )
    note = said("assess.how.late", share="95%") if found.origin == COUNTED else ""
    return _row("page.assess.late", text, note)


def _nowcast(found: NowcastDays) -> Row:
    notes = [
        said("assess.how.delays", n=int(parameters("triangle")["history_days"]), day=day(found.made_on)),
        said("assess.how.undated", n=found.undated) if found.undated else "",
        said("assess.how.beyond", n=found.beyond) if found.beyond > 0 else "",
    ]
    shown = said("assess.how.nowcast_none") if not found.days else said(f"assess.how.by.{found.reference}")
    return _row("assess.nowcast.title", shown, " ".join(note for note in notes if note))


def _missing(series: AreaSeries) -> list[Row]:
    missing = [each for each in series.days if each.status != "reported"]
    if not missing:
        return []
    return [_row("page.assess.missing", said("count.day", n=len(missing)), said("page.assess.missing_note"))]


def _interval(found: Assessment) -> Row:
    interval = found.interval
    if isinstance(interval, Refusal):
        return _row("page.assess.interval", said(f"report.why.{interval.code}"))
    text = said("page.assess.interval_days", mean=number(interval.mean_days), sd=number(interval.sd_days))
    mark = said(f"assess.confidence.{interval.confidence}")
    return _row("page.assess.interval", text, said("assess.two", first=interval.source, second=mark))


def _method(group: str, text: str) -> Row:
    return _row(f"assess.how.{group}_name", text, said(f"assess.how.{group}_note"))


def _forecast(ahead: ForecastDays) -> Row:
    members = said("frame.and").join(said(f"assess.model.{name}") for name in ahead.members)
    note = said("assess.how.from_nowcast" if ahead.from_nowcast else "assess.how.from_counts")
    return _row("assess.chart.forecast", said("assess.how.ensemble", members=members), note)


def source_rows(reading: AreaReading) -> list[dict[str, Any]]:
    """The documents and receipts behind the days read, with how their knowledge time was fixed."""
    series, viewing = reading.situation.series, reading.viewing
    if not series.days:
        return []
    span: Sequence[date] = [each.day for each in series.days]
    keys = queries.figure_sources(
        reading.disease, reading.area_code, actor=viewing.actor, at=viewing.at, first=span[0], last=span[-1]
    )
    receipts = {row.key: row for row in Receipt.objects.filter(key__in=keys)}
    return [*_documents(set(keys) - set(receipts), viewing), *_receipts(keys, receipts, viewing)]


def _documents(keys: set[str], viewing: Viewing) -> list[dict[str, Any]]:
    lang = get_language()
    papers = Document.objects.known_at(viewing.at).filter(key__in=keys)
    return [
        {
            "name": paper.title,
            "note": register_name(paper.key, language(lang)),
            "known": formats.moment(paper.known_from.astimezone(viewing.installation.zone), lang),
            "basis": "",
            "href": "",
        }
        for paper in visible(papers, viewing.actor, at=viewing.at).order_by("key")
    ]


def _receipts(keys: Sequence[str], receipts: dict[str, Receipt], viewing: Viewing) -> list[dict[str, Any]]:
    lang = get_language()
    return [
        {
            "name": row.file_name,
            "note": said("page.assess.receipt_rows", n=row.accepted),
            "known": formats.moment(row.known_at.astimezone(viewing.installation.zone), lang),
            "basis": said(f"report.known.{row.known_basis}"),
            "href": reverse("receipt", args=[row.key]) if viewing.actor.may("receipt.read") else "",
        }
        for key in keys
        if (row := receipts.get(key)) is not None
    ]
