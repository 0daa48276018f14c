"""The papers of the standing reports: what the record says at one instant, each figure with source and day.

A paper is plain JSON, {filled_at, through, entries, tables}: an entry is a figure or a refusal as in the situation
report, a table {code, rows, left_out}. It holds counts, titles and numbers of papers, never a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from fangkong.core.clock import civil_day, start_of_day
from fangkong.desks.assess import queries as assess
from fangkong.record.access import Actor, inside_area, system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Order, Passage, Permit, Task

from ..models import Directive
from ..reports import response, spread
from ..reports.direction import spread_entries
from ..reports.document_fields import rule_edition
from ..reports.entries import Entry, figure, refusal
from ..reports.settings import unreported
from ..reports.standing_entries import NO_DESK, NONE_RECORDED
from ..tasks.states import UNFINISHED
from .agenda import Item, agenda_table, standing_reports

Paper = dict[str, Any]
Table = dict[str, Any]
Block = tuple[list[Entry], list[Table]]

#: Digits of the code of a street.
_STREET = 9


@dataclass(frozen=True)
class _Asked:
    disease: str
    area_code: str
    #: The knowledge instant, its civil day, and the last day that is over.
    at: datetime
    today: date
    through: date
    reader: Actor

    @property
    def known(self) -> dict[str, Any]:
        return {"actor": self.reader, "at": self.at, "as_of": self.today}


def with_papers(items: list[Item], area_code: str, *, at: datetime) -> list[Item]:
    """``items`` with the papers of the standing reports among them as the record stands at ``at``."""
    here = installation()
    today = civil_day(at, here.zone)
    asked = _Asked(here.disease, area_code, at, today, today - timedelta(days=1), system_actor("report"))
    fills = {report.code: report.fills for report in standing_reports()}
    return [
        item | {"paper": _paper(fills[item["code"]], asked)} if item["code"] in fills else item
        for item in items
    ]


def _paper(fills: tuple[str, ...], asked: _Asked) -> Paper:
    blocks = [_BLOCKS[name](asked) for name in fills]
    return {
        "filled_at": asked.at.isoformat(),
        "through": asked.through.isoformat(),
        "entries": [entry for entries, _ in blocks for entry in entries],
        "tables": [table for _, tables in blocks for table in tables if table["rows"]],
    }


def _series(asked: _Asked) -> Any:
    return assess.area_series(
        asked.disease, asked.area_code, actor=asked.reader, at=asked.at, through=asked.through
    )


def _new(asked: _Asked) -> Block:
    """New infections of the last published day, by type."""
    return spread.new_entries(spread.last_reported(_series(asked))), []


def _cumulative(asked: _Asked) -> Block:
    """Totals as published, or summed."""
    stocks = spread.published_stocks(
        asked.disease, asked.area_code, actor=asked.reader, at=asked.at, through=asked.through
    )
    return spread.cumulative_entries(_series(asked), stocks), []


def _found_in_control(asked: _Asked) -> Block:
    """The share of the last day's infections found in people already under control."""
    return [spread.control_share_entry(spread.last_reported(_series(asked)))], []


def _spread(asked: _Asked) -> Block:
    """Reproduction number and growth with intervals, or the reason for none."""
    found = assess.assessment(
        asked.disease, asked.area_code, actor=asked.reader, at=asked.at, through=asked.through
    )
    return spread_entries(found), []


def _tests(asked: _Asked) -> Block:
    """Results of the last closed day, positivity, turnaround."""
    return response.test_entries(
        asked.disease, asked.area_code, actor=asked.reader, at=asked.at, as_of=asked.through
    ), []


def _verifications(asked: _Asked) -> Block:
    """Contacts counted, identified, located, controlled."""
    return response.verification_entries(asked.disease, asked.area_code, **asked.known), []


def _tasks_by_street(asked: _Asked) -> Block:
    """Tasks in streets: all, and street by street those done, open and late."""
    rows = Task.objects.known_at(asked.at).filter(inside_area(asked.area_code)).exclude(state="revoked")
    unfinished = Q(state__in=UNFINISHED)
    counted = (
        rows.order_by()
        .values_list("area_code")
        .annotate(
            n=Count("pk"),
            done=Count("pk", filter=Q(state="done")),
            waiting=Count("pk", filter=unfinished),
            late=Count("pk", filter=unfinished & Q(due_at__lt=asked.at)),
        )
    )
    streets: dict[str, list[int]] = {}
    for code, *numbers in counted:
        if len(code) >= _STREET:
            mine = streets.setdefault(code[:_STREET], [0, 0, 0, 0])
            streets[code[:_STREET]] = [a + b for a, b in zip(mine, numbers, strict=True)]
    if not streets:
        return [refusal("street_tasks_done", NONE_RECORDED)], []
    total, done, waiting, late = (sum(column) for column in zip(*streets.values(), strict=True))
    entries = [
        figure("street_tasks_done", done, whole=total, sources=["record.task"], as_of=asked.today),
        figure("tasks_open", waiting, sources=["record.task"], as_of=asked.today),
        figure("tasks_late", late, sources=["record.task"], as_of=asked.today),
    ]
    ranked = sorted(streets.items(), key=lambda pair: (-pair[1][3], -pair[1][2], pair[0]))
    table = [{"area": code, "tasks": n, "done": d, "open": w, "late": lt} for code, (n, d, w, lt) in ranked]
    return entries, [_table("streets", table)]


def _passages(asked: _Asked) -> Block:
    """Who asked at the gates today and yesterday, how many passed, were refused, or were emergencies."""
    begins = start_of_day(asked.through, installation().zone)
    rows = Passage.objects.known_at(asked.at).filter(
        inside_area(asked.area_code), passed_at__gte=begins, passed_at__lte=asked.at
    )
    if asked.disease:
        rows = rows.filter(disease=asked.disease)
    found = rows.aggregate(
        asked=Count("pk"),
        passed=Count("pk", filter=Q(answer__in=("pass", "escort"))),
        refused=Count("pk", filter=Q(answer__in=("divert", "turned_away"))),
        to_test=Count("pk", filter=Q(answer="test")),
        emergencies=Count("pk", filter=Q(emergency=True)),
    )
    window = {"first_day": asked.through.isoformat(), "last_day": asked.today.isoformat()}
    if not found["asked"]:
        return [refusal("gates_passed", "no_gate_that_day", day=asked.today.isoformat())], []
    shared: dict[str, Any] = {"sources": ["record.passage"], "as_of": asked.today, "params": window}
    return [
        figure("gates_passed", found["passed"], whole=found["asked"], **shared),
        figure("gates_refused", found["refused"], whole=found["asked"], **shared),
        figure("gates_tested", found["to_test"], whole=found["asked"], **shared),
        figure("emergencies", found["emergencies"], **shared),
    ], []


def _permits(asked: _Asked) -> Block:
    """Permits that wait, hold and were refused."""
    return _permit_entries(asked, _permit_rows(asked), ""), []


def _work_permits(asked: _Asked) -> Block:
    """Permits to commute and to haul."""
    kinds = agenda_table()["resumption"]["permit_kinds"]
    return _permit_entries(asked, _permit_rows(asked).filter(kind__in=kinds), "work_"), []


def _permit_rows(asked: _Asked) -> QuerySet[Permit]:
    rows = Permit.objects.known_at(asked.at).filter(inside_area(asked.area_code))
    return rows.filter(disease=asked.disease) if asked.disease else rows


def _permit_entries(asked: _Asked, rows: QuerySet[Permit], prefix: str) -> list[Entry]:
    found = rows.aggregate(
        n=Count("pk"),
        waiting=Count("pk", filter=Q(state="proposed")),
        issued=Count("pk", filter=Q(state="issued", expires_on__gte=asked.today)),
        refused=Count("pk", filter=Q(state="refused")),
    )
    if not found["n"]:
        return [refusal(f"{prefix}permits_issued", NONE_RECORDED)]
    return [
        figure(f"{prefix}permits_{name}", found[name], sources=["record.permit"], as_of=asked.today)
        for name in ("issued", "waiting", "refused")
    ]


def _supply(asked: _Asked) -> Block:
    """Stocks, rooms, staples: no desk carries them yet, each by its name."""
    return [refusal(code, NO_DESK) for code in unreported("supply")], []


def _rules(asked: _Asked) -> Block:
    """The editions of the control documents in force today."""
    found = rule_edition(asked.disease, asked.area_code, asked.today)
    refused = [entry for entry in found if "refusal" in entry]
    if refused:
        return refused, []
    rows = [
        {name: each[name] for name in ("document", "title_zh", "title_en", "confidence")} for each in found
    ]
    return [figure("rules_in_force", len(rows), sources=["record.rules"], as_of=asked.today)], [
        _table("rules", rows)
    ]


def _directives(asked: _Asked) -> Block:
    """Directives in force, the earliest deadline first."""
    rows = Directive.objects.known_at(asked.at).filter(inside_area(asked.area_code), state="issued")
    if not rows.exists():
        return [refusal("directives_running", NONE_RECORDED)], []
    listed = [
        {"number": each.directive_no, "title": each.title, "due_at": each.due_at.isoformat()}
        for each in rows.order_by("due_at", "key")
    ]
    late = rows.filter(due_at__lt=asked.at).count()
    return [
        figure("directives_running", len(listed), sources=["record.directive"], as_of=asked.today),
        figure("directives_late", late, sources=["record.directive"], as_of=asked.today),
    ], [_table("directives", listed)]


def _closures(asked: _Asked) -> Block:
    """Places that an order keeps shut today, and those whose order ends within a day."""
    rows = Order.objects.known_at(asked.at).filter(
        inside_area(asked.area_code), kind__in=agenda_table()["resumption"]["order_kinds"]
    )
    if not rows.exists():
        return [refusal("orders_closing", NONE_RECORDED)], []
    shut = rows.filter(state="approved", starts_on__lte=asked.today, expires_on__gte=asked.today)
    ends = shut.filter(expires_on__lte=asked.today + timedelta(days=1))
    return [
        figure("orders_closing", shut.count(), sources=["record.order"], as_of=asked.today),
        figure("orders_closing_end", ends.count(), sources=["record.order"], as_of=asked.today),
    ], []


def _businesses(asked: _Asked) -> Block:
    """Enterprises back at work: nobody reports them yet."""
    return [refusal("businesses_closed", NO_DESK)], []


def _table(code: str, rows: list[dict[str, Any]]) -> Table:
    most = agenda_table()["tables"]["most_rows"]
    return {"code": code, "rows": rows[:most], "left_out": max(0, len(rows) - most)}


_BLOCKS: dict[str, Callable[[_Asked], Block]] = {
    "new": _new,
    "cumulative": _cumulative,
    "found_in_control": _found_in_control,
    "spread": _spread,
    "tests": _tests,
    "verifications": _verifications,
    "tasks_by_street": _tasks_by_street,
    "passages": _passages,
    "permits": _permits,
    "supply": _supply,
    "rules": _rules,
    "directives": _directives,
    "closures": _closures,
    "work_permits": _work_permits,
    "businesses": _businesses,
}
