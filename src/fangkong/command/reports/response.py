"""What is being done: tests, chains, measures in force with their person-days, and the next 24 hours."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from fangkong.command.tasks.states import UNFINISHED
from fangkong.core.clock import start_of_day
from fangkong.desks.control import queries as control
from fangkong.desks.trace import queries as trace
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Case, Contact, LabResult, Order, Specimen, Task, TransmissionLink

from .entries import Entry, figure, refusal
from .settings import paper_setting
from .subject import area_reader


def chain_block(disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date) -> dict[str, Any]:
    """Linked and unlinked cases and the largest sources by case number, or the reason for none.

    ``rows`` hold {case, links}; no person key and no case key leaves this function.
    """
    cases = visible(Case.objects.known_at(at), actor, at=at).filter(
        inside_area(area_code), disease=disease, classification__in=("confirmed", "asymptomatic")
    )
    total = cases.count()
    links = visible_links(disease, at=at)
    if not total or not links.exists():
        return {"entries": [refusal("linked_cases", "no_links_recorded")], "rows": []}
    linked = cases.filter(key__in=links.values("to_case_key")).count()
    largest = trace.largest_sources(
        disease, actor=area_reader(area_code), at=at, limit=paper_setting("largest_sources")
    )
    return {
        "entries": [
            figure("linked_cases", linked, whole=total, sources=_sources(links), as_of=as_of),
        ],
        "rows": [{"case": case_no, "links": count} for case_no, _, count in largest],
    }


def visible_links(disease: str, *, at: datetime) -> QuerySet[TransmissionLink]:
    """The transmission links of ``disease`` known at ``at``; who may see them follows from their cases."""
    return TransmissionLink.objects.known_at(at).filter(disease=disease)


def verification_entries(
    disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date
) -> list[Entry]:
    """The four verifications of the area's contacts as parts of their number; a refusal without contacts."""
    found = trace.four_verifications(actor=actor, at=at, area_code=area_code)
    if not found.total:
        return [refusal("contacts", "no_contacts_recorded")]
    contacts = visible(Contact.objects.known_at(at), actor, at=at).filter(inside_area(area_code))
    sources = _sources(contacts)
    return [
        figure(f"contacts_{name}", getattr(found, name), whole=found.total, sources=sources, as_of=as_of)
        for name in ("counted", "identified", "located", "controlled")
    ]


def test_entries(disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date) -> list[Entry]:
    """Results of the day, how many of them positive, and the turnaround from swab to result."""
    zone = installation().zone
    first, past = start_of_day(as_of, zone), start_of_day(as_of + timedelta(days=1), zone)
    results = visible(LabResult.objects.known_at(at), actor, at=at).filter(
        inside_area(area_code), disease=disease
    )
    day = results.filter(resulted_at__gte=first, resulted_at__lt=past)
    counted = day.aggregate(total=Count("pk"), positive=Count("pk", filter=Q(result="positive")))
    if not counted["total"] and not results.exists():
        return [
            refusal(code, "no_source_connected") for code in ("tests", "positivity", "laboratory_turnaround")
        ]
    sources = _sources(day)
    entries = [figure("tests", counted["total"], sources=sources, as_of=as_of)]
    if not counted["total"]:
        return [
            *entries,
            refusal("positivity", "no_results_that_day", day=as_of.isoformat()),
            refusal("laboratory_turnaround", "no_results_that_day", day=as_of.isoformat()),
        ]
    entries.append(
        figure("positivity", counted["positive"], whole=counted["total"], sources=sources, as_of=as_of)
    )
    entries.append(_turnaround(day, at, sources, as_of))
    return entries


def _turnaround(day: QuerySet[LabResult], at: datetime, sources: list[str], as_of: date) -> Entry:
    taken = Specimen.objects.known_at(at).filter(key=OuterRef("specimen_key")).values("collected_at")[:1]
    spans = day.annotate(collected_at=Subquery(taken)).filter(collected_at__isnull=False)
    # A specimen with two results counts once, by its latest.
    latest: dict[str, float] = {}
    for key, collected, resulted in spans.values_list("specimen_key", "collected_at", "resulted_at"):
        latest[key] = max(latest.get(key, 0.0), (resulted - collected).total_seconds() / 3600)
    hours = sorted(latest.values())
    if not hours:
        return refusal("laboratory_turnaround", "collection_time_not_reported")
    quantile = paper_setting("turnaround_quantile")
    value = hours[max(0, math.ceil(quantile * len(hours)) - 1)]
    return figure(
        "laboratory_turnaround",
        round(value, 1),
        sources=sources,
        as_of=as_of,
        params={"quantile": f"{quantile:.0%}", "n": len(hours)},
    )


def measure_block(disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date) -> dict[str, Any]:
    """Approved measures in force on ``as_of``: people, person-days so far, and how many of each kind.

    How people and person-days are counted: ``desks.control.queries.orders_in_force``.
    """
    orders = visible(Order.objects.known_at(at), actor, at=at).filter(inside_area(area_code), disease=disease)
    if not orders.exists():
        return {"entries": [refusal("measures_in_force", "no_orders_recorded")], "rows": []}
    weight = control.orders_in_force(actor=actor, at=at, disease=disease, area_code=area_code)
    in_force = orders.filter(state="approved", starts_on__lte=as_of, expires_on__gte=as_of)
    kinds = in_force.values("kind").annotate(n=Count("pk")).order_by("kind")
    values = {
        "measures_in_force": weight.orders,
        "people_restricted": weight.persons,
        "person_days": weight.person_days,
    }
    return {
        "entries": [
            figure(code, value, sources=["record.order"], as_of=as_of) for code, value in values.items()
        ],
        "rows": [{"kind": row["kind"], "in_force": row["n"]} for row in kinds],
    }


def next_day_block(
    disease: str, area_code: str, *, actor: Actor, at: datetime, as_of: date
) -> dict[str, Any]:
    """What waits: tasks due by the end of the day after, late ones, orders that end, orders to decide."""
    due_by = installation().close_of(as_of + timedelta(days=1))
    tasks = visible(Task.objects.known_at(at), actor, at=at).filter(
        inside_area(area_code), state__in=UNFINISHED
    )
    roles: dict[str, Counter[str]] = {}
    for role, state, due_at in tasks.values_list("owner_role", "state", "due_at"):
        late = state == "overdue"
        if late or due_at <= due_by:
            roles.setdefault(role, Counter())["overdue" if late else "due"] += 1
    orders = visible(Order.objects.known_at(at), actor, at=at).filter(inside_area(area_code), disease=disease)
    counted = orders.aggregate(
        expiring=Count(
            "pk", filter=Q(state="approved", expires_on__gte=as_of, expires_on__lte=as_of + timedelta(days=1))
        ),
        waiting=Count("pk", filter=Q(state="proposed")),
    )
    values = {
        "tasks_due": (sum(each["due"] for each in roles.values()), "record.task"),
        "tasks_overdue": (sum(each["overdue"] for each in roles.values()), "record.task"),
        "orders_expiring": (counted["expiring"], "record.order"),
        "orders_to_decide": (counted["waiting"], "record.order"),
    }
    return {
        "entries": [
            figure(code, value, sources=[source], as_of=as_of) for code, (value, source) in values.items()
        ],
        "rows": [
            {"role": role, "due": counts["due"], "overdue": counts["overdue"]}
            for role, counts in sorted(roles.items())
        ],
    }


def _sources(rows: QuerySet[Any]) -> list[str]:
    """Receipts that taught us ``rows``; the table's own name where people wrote them here."""
    found: Iterable[str] = rows.order_by().values_list("source_key", flat=True).distinct()
    receipts = sorted(key for key in found if key.startswith("receipt"))
    return receipts or [f"record.{rows.model._meta.model_name}"]
