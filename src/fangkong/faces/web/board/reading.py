"""What the board reads: every query of the page in one place, so that their number can be counted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from fangkong.command.reports import direction, report_get, response, spread
from fangkong.command.reports.command_rows import restricted_days_entry
from fangkong.command.reports.entries import Entry, figure, refusal
from fangkong.command.reports.precision_entries import precision_block
from fangkong.command.reports.standing import Standing, standing
from fangkong.command.reports.standing_entries import (
    command_entries,
    complaint_entries,
    incident_entries,
    people_entries,
    seven_one_seven_entry,
    timeliness_entries,
    unreported_entries,
)
from fangkong.command.reports.subject import area_reader
from fangkong.command.tasks import queries as tasks
from fangkong.core.errors import NotFound
from fangkong.desks.assess import queries as assess
from fangkong.desks.assess.counted import counted_cases
from fangkong.desks.assess.values import AreaSeries, Curves, Incidence
from fangkong.desks.control import queries as control
from fangkong.desks.monitor import queries as monitor
from fangkong.desks.monitor.queries import SignalRow
from fangkong.desks.trace import queries as trace
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import Actor
from fangkong.record.models import AreaBoundary, Order, Task

#: Days that the curves of the board go back: six weeks, as wide as a small panel can show.
CURVE_DAYS = 42
#: Orders in force that the board compares with the smallest lawful set by itself; more wait for the day's report.
MOST_JUDGED_LIVE = 5000
#: Rows of a list on the board before "n more".
LIST_ROWS = 4


@dataclass
class Reading:
    """Everything the board shows, as the desks gave it; empty parts are those that the role may not see."""

    disease: str
    area_code: str
    through: date
    city: AreaSeries
    curves: Curves
    #: Infections of the area by day, as yesterday's board knew them.
    earlier: dict[date, int | None]
    week: list[Incidence]
    entries: dict[str, Entry]
    lead: list[dict[str, Any]]
    boundaries: list[AreaBoundary]
    orders: list[Order] = field(default_factory=list)
    orders_total: int = 0
    overdue: list[Task] = field(default_factory=list)
    overdue_total: int = 0
    signals: list[SignalRow] = field(default_factory=list)
    signals_total: int = 0
    report: dict[str, Any] | None = None
    #: Hazard -> the highest response level in force.
    levels: dict[str, int] = field(default_factory=dict)


def read(viewing: Viewing) -> Reading | None:
    """The board's content for one viewer; None while the record holds nothing to speak of."""
    actor, at = viewing.actor, viewing.at
    subject = assess.subject_default(actor=actor, at=at)
    if subject is None or not subject.area_code:
        return None
    disease, area, through = subject.disease, subject.area_code, viewing.through
    since = through - timedelta(days=CURVE_DAYS - 1)
    figures = assess.situation(
        disease,
        area,
        actor=actor,
        at=at,
        earlier_at=previous_known_at(viewing),
        through=through,
        since=since,
    )
    last = spread.last_reported(figures.series)
    share = spread.control_share_entry(last)
    estimates = direction.spread_entries(figures.assessment)
    entries = {entry["code"]: entry for entry in (*spread.new_entries(last), share, *estimates)}
    stands = standing(disease, area, actor=actor, at=at, as_of=viewing.day)
    entries |= _response(disease, area, viewing)
    entries |= {entry["code"]: entry for entry in _standing(stands, disease, area, viewing)}
    total = spread.new_infections(last) if last else None
    reading = Reading(
        disease=disease,
        area_code=area,
        through=through,
        city=figures.series,
        curves=figures.curves,
        earlier=figures.earlier,
        week=figures.week,
        entries=entries,
        lead=direction.lead_sentences(last, total, share, estimates),
        levels={hazard: level for hazard, (level, _, _) in stands.starting("level:").items()},
        boundaries=list(
            AreaBoundary.objects.known_at(at).filter(key__in=[row.area_code for row in figures.week])
        ),
    )
    _lists(reading, viewing)
    reading.report = _report(reading, viewing)
    if actor.may("order.read"):
        reading.entries |= {entry["code"]: entry for entry in _precision(reading, viewing)}
    return reading


def _response(disease: str, area: str, viewing: Viewing) -> dict[str, Entry]:
    """Entries of what is being done, as far as the role may see them."""
    actor = viewing.actor
    found: list[Entry] = []
    if actor.may("report.read") and actor.sees(area):
        # Totals that stand in the report: whoever may read it reads them here too, a leader without names among them.
        eye = area_reader(area)
        found.append(_linked(disease, area, viewing))
        found += response.test_entries(disease, area, actor=eye, at=viewing.at, as_of=viewing.through)
        found += _verified(area, eye, viewing)
    if actor.may("order.read"):
        found += _measures(disease, area, viewing)
    return {entry["code"]: entry for entry in found}


def _standing(stands: Standing, disease: str, area: str, viewing: Viewing) -> list[Entry]:
    """How the office stands, from the same counts as the report; the tiles ask who may see which."""
    actor, at, on = viewing.actor, viewing.at, viewing.through
    days = refusal("restricted_days", "not_for_role")
    if actor.may("order.read"):
        days = restricted_days_entry(disease, area, actor=actor, at=at, as_of=on)
    found = [
        *timeliness_entries(stands),
        *command_entries(stands),
        *complaint_entries(stands),
        *people_entries(stands, days),
        *incident_entries(stands),
    ]
    for block in ("surveillance", "care", "vaccination", "supply"):
        found += unreported_entries(block)
    return [*found, seven_one_seven_entry(stands)]


def _linked(disease: str, area: str, viewing: Viewing) -> Entry:
    """Cases of the area with a known source; counted where they are counted, as every aggregate is."""
    links = response.visible_links(disease, at=viewing.at)
    found = counted_cases(disease, area, at=viewing.at).aggregate(
        total=Count("pk"), linked=Count("pk", filter=Q(key__in=links.values("to_case_key")))
    )
    if not found["total"] or not (found["linked"] or links.exists()):
        return refusal("linked_cases", "no_links_recorded")
    sources = ["record.transmissionlink"]
    return figure(
        "linked_cases", found["linked"], whole=found["total"], sources=sources, as_of=viewing.through
    )


def _verified(area: str, eye: Actor, viewing: Viewing) -> list[Entry]:
    """The four verifications of the area's contacts; one query."""
    day = viewing.through
    found = trace.four_verifications(actor=eye, at=viewing.at, area_code=area, on=day)
    names = ("identified", "located", "controlled")
    if not found.total:
        return [refusal(f"contacts_{name}", "no_contacts_recorded") for name in names]
    return [
        figure(
            f"contacts_{name}", getattr(found, name), whole=found.total, sources=["record.contact"], as_of=day
        )
        for name in names
    ]


def _measures(disease: str, area: str, viewing: Viewing) -> list[Entry]:
    """What the orders in force weigh."""
    weight = control.orders_in_force(actor=viewing.actor, at=viewing.at, disease=disease, area_code=area)
    values = {
        "measures_in_force": weight.orders,
        "people_restricted": weight.persons,
        "person_days": weight.person_days,
    }
    return [
        figure(code, value, sources=["record.order"], as_of=viewing.through) for code, value in values.items()
    ]


def _precision(reading: Reading, viewing: Viewing) -> list[Entry]:
    """The precision of the orders: as the day's report has it, else asked of the record while that is quick."""
    if reading.report is not None and "precision" in reading.report:
        return list(reading.report["precision"]["entries"])
    in_force = reading.entries.get("measures_in_force", {}).get("value", 0)
    if in_force > MOST_JUDGED_LIVE:
        return [refusal(code, "precision.in_the_report") for code in ("lawful_ordered_persons",)]
    block = precision_block(reading.disease, reading.area_code, actor=viewing.actor, at=viewing.at)
    return list(block["entries"])


def _lists(reading: Reading, viewing: Viewing) -> None:
    actor, at = viewing.actor, viewing.at
    if actor.may("order.read"):
        page = control.orders_to_decide(actor=actor, at=at, limit=LIST_ROWS)
        reading.orders, reading.orders_total = page.rows, page.total
    if actor.may("task.read"):
        late = tasks.tasks_overdue(actor=actor, at=at, limit=LIST_ROWS)
        reading.overdue, reading.overdue_total = late.rows, late.total
    if actor.may("signal.read"):
        open_ones = monitor.signals_open(actor=actor, at=at, limit=LIST_ROWS)
        reading.signals = open_ones.rows
        more = bool(open_ones.after)
        reading.signals_total = (
            monitor.signals_open_count(actor=actor, at=at) if more else len(open_ones.rows)
        )


def _report(reading: Reading, viewing: Viewing) -> dict[str, Any] | None:
    """The issued report of the board's day; None when none was issued or the role may not read it."""
    if not viewing.actor.may("report.read"):
        return None
    try:
        return report_get(
            reading.through,
            actor=viewing.actor,
            at=viewing.at,
            disease=reading.disease,
            area_code=reading.area_code,
        )
    except NotFound:
        return None


def previous_known_at(viewing: Viewing) -> datetime:
    """The knowledge instant of the board of the day before."""
    return viewing.installation.close_of(viewing.day - timedelta(days=1))
