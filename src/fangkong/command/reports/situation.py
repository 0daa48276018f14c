"""The daily situation report (疫情日报) as codes and figures; the faces put it into words.

The order of the fields is the order of the paper, the same every day. What the record does not carry stands
among the unknowns with its reason: never as zero and never as a dash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import days_between
from fangkong.desks.assess import queries as assess
from fangkong.desks.assess.values import COUNTED, REPORTED, AreaSeries
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Area, Receipt

from . import response, spread
from .command_rows import concern_rows, level_rows, restricted_days_entry, risk_area_entries
from .direction import lead_sentences, spread_entries
from .document_fields import document_fields
from .entries import Entry, is_figure
from .figures import common_days, on_days
from .file_entries import file_entries
from .precision_entries import precision_block
from .settings import paper_setting
from .standing import standing
from .standing_entries import (
    NO_DESK,
    command_entries,
    complaint_entries,
    due_entries,
    incident_entries,
    people_entries,
    timeliness_entries,
    unreported_entries,
)
from .subject import report_subject


def situation_report(
    *, actor: Actor, as_of: date, disease: str | None = None, area_code: str | None = None
) -> dict[str, Any]:
    """The situation report of ``as_of`` as it was known when that day closed.

    Holds every field of the report in the paper's order: lead sentences (codes and parameters), new and
    cumulative figures, origin, share found in control, spread, areas, chains, tests, timeliness, care, beds,
    vaccination, supply, measures in force with person-days, what people meet with, complaints, incidents,
    command, **unknowns**, the next 24 hours, the fields that every document must have, and the sources. What no
    desk carries yet stands by its name in its block. A figure is {code, value, sources, as_of, interval?, of?};
    what cannot be given is {code, refusal, params}. It holds no name, no person key and no clock: equal records
    give equal bytes.
    Raises InputError when there is nothing to speak of, Forbidden outside the actor's role or area.
    """
    here = installation()
    close = here.close_of(as_of)
    subject = report_subject(actor=actor, at=close, disease=disease, area_code=area_code)
    actor.require("report.read", subject.area_code)
    disease, area = subject.disease, subject.area_code
    reader = system_actor("report")
    asked: dict[str, Any] = {"actor": reader, "at": close, "through": as_of}
    city = assess.area_series(disease, area, **asked)
    districts = assess.district_series(disease, area, **asked)
    city = _with_sources(disease, city, close)
    last = spread.last_reported(city)
    total = spread.new_infections(last) if last else None
    stocks = spread.published_stocks(disease, area, **asked)
    known: dict[str, Any] = {"actor": reader, "at": close, "as_of": as_of}
    estimates = spread_entries(assess.assessment(disease, area, **asked))
    share = spread.control_share_entry(last)
    stands = standing(disease, area, **known)
    next_day = response.next_day_block(disease, area, **known)
    measures = response.measure_block(disease, area, **known)
    mine: dict[str, Any] = {"actor": reader, "at": close}
    content: dict[str, Any] = {
        "kind": "situation_report",
        "as_of": as_of.isoformat(),
        "known_at": close.isoformat(),
        "known_through": last.day.isoformat() if last else None,
        "disease": disease,
        "area": _area(area, close),
        "lead": lead_sentences(last, total, share, estimates),
        "new": spread.new_entries(last),
        "cumulative": spread.cumulative_entries(city, stocks),
        "origin": spread.origin_entries(last),
        "found_in_control": share,
        "spread": estimates,
        "surveillance": unreported_entries("surveillance"),
        "areas": spread.area_rows(districts, last_on=_last_day(districts), days=paper_setting("area_days")),
        "chains": response.chain_block(disease, area, **known),
        "verifications": response.verification_entries(disease, area, **known),
        "tests": response.test_entries(disease, area, **known),
        "timeliness": timeliness_entries(stands),
        "care": [*spread.stock_entries(stocks), *spread.care_share_entries(stocks)],
        "beds": unreported_entries("care"),
        "vaccination": unreported_entries("vaccination"),
        "supply": unreported_entries("supply"),
        "measures": measures,
        "risk_areas": risk_area_entries(disease, area, **known) if is_figure(measures["entries"][0]) else [],
        "precision": precision_block(disease, area, actor=reader, at=close),
        "people": people_entries(stands, restricted_days_entry(disease, area, **known)),
        "complaints": {
            "entries": complaint_entries(stands),
            "rows": concern_rows(area, **mine) if stands["concerns"][1] else [],
        },
        "incidents": incident_entries(stands),
        "command": {
            "entries": [*command_entries(stands), *file_entries(area, **known)],
            "rows": level_rows(area, **mine) if stands["levels"][1] else [],
        },
        "next_day": {**next_day, "entries": [*next_day["entries"], *due_entries(stands)]},
        "days": spread.day_rows(city, last_on=last.day, days=paper_setting("annex_days")) if last else [],
        "not_published": _not_published(city, districts, as_of),
        "document": document_fields(here, disease, area, as_of),
    }
    content["unknowns"] = _unknowns(content)
    content["sources"] = _sources(content)
    return content


def _with_sources(disease: str, series: AreaSeries, close: datetime) -> AreaSeries:
    """``series`` with the sources of its days; those of counted cases are what taught us the cases."""
    if series.origin != COUNTED or not series.days:
        return series
    first, last = series.days[0].day, series.days[-1].day
    asked: dict[str, Any] = {"actor": system_actor("report"), "at": close, "first": first, "last": last}
    told = assess.figure_sources(disease, series.area_code, **asked) or ["record.case"]
    return replace(series, days=[replace(day, sources=day.sources or told) for day in series.days])


def _area(code: str, close: datetime) -> dict[str, Any]:
    found = Area.objects.known_at(close).filter(key=code).first() or Area.objects.filter(key=code).first()
    return {
        "code": code,
        "name_zh": found.name_zh if found else code,
        "name_en": (found.name_en if found else "") or code,
    }


def _last_day(series: Sequence[AreaSeries]) -> date | None:
    days = [last.day for each in series if (last := spread.last_reported(each)) is not None]
    return max(days, default=None)


def _not_published(city: AreaSeries, districts: Sequence[AreaSeries], as_of: date) -> dict[str, list[str]]:
    """Days without a bulletin: of the area, of its districts where the area has one, and since the last."""
    days = common_days([city, *districts], through=_last_day([city, *districts]) or as_of)
    silent = [figures.day for figures in on_days(city, days) if figures.status != REPORTED]
    by_area = [
        {figures.day for figures in on_days(each, days) if figures.status == REPORTED} for each in districts
    ]
    published = set().union(*by_area)
    for_districts = [day for day in days if districts and day not in published and day not in silent]
    after = days_between(days[-1] + timedelta(days=1), as_of) if days else []
    return {
        name: [day.isoformat() for day in listed]
        for name, listed in (("area", silent), ("districts", for_districts), ("after_last", after))
    }


def _unknowns(content: dict[str, Any]) -> list[Entry]:
    """Every refusal of the report once, in its order, the days not published, and last what no desk carries."""
    found = [
        {"code": entry["code"], "why": entry["refusal"], "params": entry["params"]}
        for entry in _entries(content)
        if not is_figure(entry)
    ]
    days = content["not_published"]
    for name in ("area", "districts", "after_last"):
        if days[name]:
            found.append({"code": f"days_{name}", "why": "not_published", "params": {"days": days[name]}})
    if content["known_through"] is not None and not content["areas"]:
        found.append({"code": "areas", "why": "no_district_figures", "params": {}})
    return sorted(found, key=lambda each: each["why"] == NO_DESK)


def _entries(value: Any) -> Iterable[Entry]:
    if isinstance(value, dict):
        if "code" in value and ("refusal" in value or "value" in value):
            yield value
        else:
            for inner in value.values():
                yield from _entries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _entries(inner)


def _sources(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Where the figures come from: each receipt with its digest and how its knowledge time was fixed."""
    keys = sorted(set(spread.every_source(content)))
    receipts = {row.key: row for row in Receipt.objects.filter(key__in=keys)}
    return [
        {"key": key, "kind": "record"}
        if key not in receipts
        else {
            "key": key,
            "kind": "receipt",
            "mapping": receipts[key].mapping,
            "sha256": receipts[key].sha256,
            "known_basis": receipts[key].known_basis,
        }
        for key in keys
    ]
