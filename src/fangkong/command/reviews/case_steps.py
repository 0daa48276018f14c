"""The steps of a case, from exposure to orders served, each with since when it was known and its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery

from fangkong.core.clock import civil_day
from fangkong.record.models import Case, Contact, LabResult, Order, Specimen, Task, Timer

from ..tasks.states import UNFINISHED
from .opening import REVIEWED
from .steps import Limit, Step, limits_counted

#: Clocks of the rules -> the step that they are about.
_REPORT = ("report.case_hours", "report.preliminary_positive_hours")
_STARTED = ("investigation.first_report_hours",)
_CORE = ("investigation.core_hours",)
_TRANSFER = "contact.close.transfer_within_hours"

#: Kinds of tasks that a case brings about for many people at once.
_TRANSFERS, _DECISIONS, _NOTICES = "transfer_contact", "decide_order", "serve_notice"


class _Positive(NamedTuple):
    """A positive result, and when its specimen was taken as far as that is known."""

    key: str
    resulted_at: datetime
    known_from: datetime
    collected_at: datetime | None
    collected_known_from: datetime | None


@dataclass
class _Counted:
    """Tasks of one kind counted together: ``n`` done of ``of``, from ``begin`` to ``end``, and their deadlines."""

    of: int = 0
    n: int = 0
    begin: datetime | None = None
    end: datetime | None = None
    deadlines: list[Limit] = field(default_factory=list)


def case_steps(case_key: str, *, at: datetime, zone: ZoneInfo) -> list[Step]:
    """The steps of the case in their order, as known at ``at``; [] for a case not known by then.

    Eight queries or fewer for any number of contacts.
    """
    versions = list(Case.objects.filter(key=case_key, known_from__lte=at).order_by("known_from"))
    if not versions or versions[-1].known_to <= at:
        return []
    case = versions[-1]
    results = _results(case, at, zone)
    subjects = [case_key, *(result.key for result in results)]
    contacts = Contact.objects.known_at(at).filter(case_key=case_key)
    of_contacts = Q(clock=_TRANSFER, subject_key__in=contacts.values("key"))
    timers = Timer.objects.known_at(at).filter(Q(subject_key__in=subjects) | of_contacts)
    limits = limits_counted(timers, at, alone=subjects)
    orders = _orders(case, results, contacts, at)
    counted = _tasks_counted(contacts, orders, at)
    return [
        _exposure(versions),
        _day_step("onset", versions, "onset_on"),
        Step("first_care"),
        _sample(versions, results),
        _result(results),
        _report(versions, limits),
        *_investigation(subjects, limits, at),
        _contacts_found(case_key, at),
        _transferred(counted[_TRANSFERS], limits),
        *_ordered(orders, counted),
    ]


def _since(versions: Sequence[Case], *fields: str) -> datetime:
    """Since when the office has known what the last version says in ``fields``, without a break."""

    def said(version: Case) -> list[Any]:
        return [getattr(version, name) for name in fields]

    since = versions[-1].known_from
    for version in reversed(versions):
        if said(version) != said(versions[-1]):
            break
        since = version.known_from
    return since


def _day_step(code: str, versions: Sequence[Case], field: str) -> Step:
    day = getattr(versions[-1], field)
    return Step(code, on=day, known_from=_since(versions, field)) if day else Step(code)


def _exposure(versions: Sequence[Case]) -> Step:
    case = versions[-1]
    first, last = case.exposed_from_on, case.exposed_to_on
    if first is None and last is None:
        return Step("exposure")
    known = _since(versions, "exposed_from_on", "exposed_to_on")
    return Step("exposure", on=first or last, until_on=last, known_from=known)


def _results(case: Case, at: datetime, zone: ZoneInfo) -> list[_Positive]:
    """The positive results of this illness, the earliest first; an earlier illness of the person is left out."""
    days = [case.onset_on, case.sampled_on, case.diagnosed_on, case.reported_on]
    first: date = min(day for day in days if day is not None)
    specimen = Specimen.objects.known_at(at).filter(key=OuterRef("specimen_key"))
    rows = LabResult.objects.known_at(at).filter(
        person_key=case.person_key, disease=case.disease, result="positive"
    )
    found = rows.order_by("resulted_at", "key").values_list(
        "key",
        "resulted_at",
        "known_from",
        Subquery(specimen.values("collected_at")[:1]),
        Subquery(specimen.values("known_from")[:1]),
    )
    return [each for row in found if civil_day((each := _Positive(*row)).resulted_at, zone) >= first]


def _sample(versions: Sequence[Case], results: Sequence[_Positive]) -> Step:
    if results and results[0].collected_at is not None:
        return Step("sample", at=results[0].collected_at, known_from=results[0].collected_known_from)
    return _day_step("sample", versions, "sampled_on")


def _result(results: Sequence[_Positive]) -> Step:
    if not results:
        return Step("result")
    return Step("result", at=results[0].resulted_at, known_from=results[0].known_from)


def _report(versions: Sequence[Case], known: Sequence[Limit]) -> Step:
    limits = _limits(known, _REPORT)
    # The report is the first version that says confirmed or asymptomatic; a suspected case is not reported yet.
    first = next((each for each in versions if each.classification in REVIEWED), None)
    if first is None:
        return Step("report", limits=limits)
    return Step("report", at=first.known_from, known_from=first.known_from, limits=limits)


def _investigation(subjects: Sequence[str], limits: Sequence[Limit], at: datetime) -> list[Step]:
    """Started and core done, from the versions of the task; the first task that was started counts."""
    rows = Task.objects.filter(kind="investigate", subject_key__in=subjects, known_from__lte=at)
    versions = list(rows.exclude(state="revoked").order_by("known_from", "key"))
    taken = [each for each in versions if each.acknowledged_at is not None]
    working = [each for each in versions if each.state == "in_progress"]
    done = [each for each in versions if each.known_to > at and each.done_at is not None]
    started = Step("investigation_started", limits=_limits(limits, _STARTED))
    if taken and taken[0].acknowledged_at is not None:
        started = _at("investigation_started", taken[0].acknowledged_at, taken[0].known_from, started.limits)
    elif working:
        known = working[0].known_from
        started = _at("investigation_started", known, known, started.limits)
    core = _limits(limits, _CORE)
    if not core and not started.limits:
        core = _task_limit([each for each in versions if each.known_to > at], at)
    finished = Step("investigation_core", limits=core)
    if done and done[0].done_at is not None:
        # The office knew of it from the first version that said so, not from the one that stands.
        known = next(each.known_from for each in versions if each.done_at is not None)
        finished = _at("investigation_core", done[0].done_at, known, core)
    return [started, finished]


def _at(code: str, happened: datetime, known: datetime, limits: tuple[Limit, ...]) -> Step:
    return Step(code, at=happened, known_from=known, limits=limits)


def _limits(known: Sequence[Limit], clocks: Sequence[str]) -> tuple[Limit, ...]:
    """The limits of ``clocks``; of the same limit on several results the one that ended first counts."""
    found: dict[str, Limit] = {}
    for limit in known:
        if limit.clock.partition(":")[0] in clocks:
            found.setdefault(limit.clock, limit)
    return tuple(found.values())


def _task_limit(tasks: Sequence[Task], at: datetime) -> tuple[Limit, ...]:
    """The deadline of the task itself, where no clock of the rules runs beside it."""
    if not tasks:
        return ()
    task = tasks[0]
    end = task.done_at or at
    late = end > task.due_at
    return (
        Limit(
            clock="",
            rule_row=task.rule_row,
            due_at=task.due_at,
            kept=int(task.done_at is not None and not late),
            missed=int(late),
            running=int(task.done_at is None and not late),
            late_by=task.done_at - task.due_at if task.done_at and late else None,
        ),
    )


def _contacts_found(case_key: str, at: datetime) -> Step:
    """How many contacts are known, and from when to when they were found."""
    # The first version of each contact says when it was found, whatever was corrected later.
    each = Contact.objects.filter(case_key=case_key, known_from__lte=at).order_by().values("key")
    span = each.annotate(first=Min("known_from"), last=Max("known_to")).aggregate(
        n=Count("key", filter=Q(last__gt=at)), begin=Min("first"), end=Max("first")
    )
    if not span["n"]:
        return Step("contacts_found")
    return Step("contacts_found", at=span["begin"], until=span["end"], known_from=span["begin"], n=span["n"])


def _transferred(counted: _Counted, limits: Sequence[Limit]) -> Step:
    return Step(
        "contacts_transferred",
        at=counted.begin,
        until=counted.end,
        known_from=counted.begin,
        n=counted.n if counted.of else None,
        of=counted.of or None,
        limits=tuple(limit for limit in limits if limit.clock == _TRANSFER),
    )


def _orders(
    case: Case, results: Sequence[_Positive], contacts: QuerySet[Contact], at: datetime
) -> QuerySet[Order]:
    """The orders that the case is the reason of: on the person, and on the contacts."""
    reasons = [case.key, *(result.key for result in results)]
    about = Q(reason_key__in=reasons) | Q(reason_key__in=contacts.values("key"))
    return Order.objects.known_at(at).filter(about)


def _ordered(orders: QuerySet[Order], tasks: Mapping[str, _Counted]) -> list[Step]:
    counted = orders.aggregate(
        n=Count("id"),
        begin=Min("proposed_at"),
        end=Max("proposed_at"),
        decided=Count("id", filter=Q(decided_at__isnull=False)),
        decided_begin=Min("decided_at"),
        decided_end=Max("decided_at"),
    )
    if not counted["n"]:
        return [Step("orders_proposed"), Step("orders_approved"), Step("orders_served")]
    served = tasks[_NOTICES]
    return [
        _many("orders_proposed", counted["n"], None, counted["begin"], counted["end"]),
        _many(
            "orders_approved",
            counted["decided"],
            counted["n"],
            counted["decided_begin"],
            counted["decided_end"],
            tasks[_DECISIONS].deadlines,
        ),
        _many("orders_served", served.n, served.of or None, served.begin, served.end, served.deadlines),
    ]


def _many(
    code: str,
    n: int,
    of: int | None,
    begin: datetime | None,
    end: datetime | None,
    limits: Sequence[Limit] = (),
) -> Step:
    counted = n if n or of else None
    return Step(code, at=begin, until=end, known_from=begin, n=counted, of=of, limits=tuple(limits))


def _tasks_counted(contacts: QuerySet[Contact], orders: QuerySet[Order], at: datetime) -> dict[str, _Counted]:
    """Kind -> the tasks about the contacts and the orders, their deadlines one limit for each rule row; one query."""
    about = Q(kind=_TRANSFERS, subject_key__in=contacts.values("key")) | Q(
        kind__in=(_DECISIONS, _NOTICES), subject_key__in=orders.values("key")
    )
    tasks = Task.objects.known_at(at).filter(about).exclude(state="revoked")
    late = Q(done_at__gt=F("due_at")) | Q(done_at=None, state__in=UNFINISHED, due_at__lt=at)
    rows = (
        tasks.order_by()
        .values("kind", "rule_row")
        .annotate(
            of=Count("id"),
            n=Count("id", filter=Q(done_at__isnull=False)),
            begin=Min("done_at"),
            end=Max("done_at"),
            due=Min("due_at"),
            missed=Count("id", filter=late),
            kept=Count("id", filter=Q(done_at__lte=F("due_at"))),
            running=Count("id", filter=Q(done_at=None, state__in=UNFINISHED, due_at__gte=at)),
        )
    )
    found = {kind: _Counted() for kind in (_TRANSFERS, _DECISIONS, _NOTICES)}
    for row in rows.order_by("kind", "rule_row"):
        counted = found[row["kind"]]
        counted.of += row["of"]
        counted.n += row["n"]
        counted.begin = min(filter(None, (counted.begin, row["begin"])), default=None)
        counted.end = max(filter(None, (counted.end, row["end"])), default=None)
        counted.deadlines.append(
            Limit("", row["rule_row"], row["due"], row["kept"], row["missed"], row["running"])
        )
    return found
