"""The coverage table: what was asked, who carries it here, how far it is, and what nobody carries yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from fangkong.record.access import Actor, visible
from fangkong.record.models import Task

from ..directives.duty_queries import Kept, duties_kept
from ..directives.queries import Progress, directives_named, directives_progress
from ..models import Clause, Directive, StandingDuty
from .capabilities import capabilities, capability_of
from .deciding import DIRECTIVE, STANDING_DUTY
from .lacking import lacking
from .queries import document_clauses, document_get
from .rows import CLAUSE, CONFIRMED, MERGED, NOT_FOR_US, SET_ASIDE, TASK_CLASSES

#: How a requirement stands here.
CARRIED, DONE, DRAFTED, NOT_COVERED = "carried", "done", "drafted", "not_covered"
STANDINGS = (CARRIED, DONE, DRAFTED, NOT_FOR_US, SET_ASIDE, NOT_COVERED)


@dataclass(frozen=True)
class CoverageRow:
    """One requirement: its words, who carries it, how far it is.

    ``standing``: carried, done, drafted, not_for_us, set_aside or not_covered; ``kind`` and ``key``: what carries it
    (directive, standing_duty, task, page), ``state`` of that; ``owners``: [{role, area_code, person_key}];
    ``capability``: C1 to C14 or ""; ``desk``: the page that carries such work, "" where no desk does yet; ``lacks``:
    codes of what its words ask for and no desk can show yet (lacking.toml).
    """

    clause_key: str
    position: int
    quote: str
    text: str
    clause_class: str
    meeting_key: str
    capability: str
    desk: str
    standing: str = NOT_COVERED
    kind: str = ""
    key: str = ""
    title: str = ""
    number: str = ""
    state: str = ""
    reason: str = ""
    owners: tuple[Mapping[str, str], ...] = ()
    due_at: datetime | None = None
    tasks: int = 0
    tasks_open: int = 0
    tasks_late: int = 0
    merged: tuple[int, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coverage:
    """The table of one text as known at ``at``: rows in the order of the text, and what they come to."""

    document_key: str
    title: str
    area_code: str
    at: datetime
    rows: list[CoverageRow]
    #: Standing -> number of requirements, every standing named.
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def not_covered(self) -> list[CoverageRow]:
        """The requirements that nothing here carries."""
        return [row for row in self.rows if row.standing == NOT_COVERED]

    @property
    def without_desk(self) -> list[CoverageRow]:
        """The requirements that ask for something which no desk of the console carries yet."""
        ours = (row for row in self.rows if row.standing not in (NOT_FOR_US, SET_ASIDE))
        return [row for row in ours if not row.desk or row.lacks]


def coverage(document_key: str, *, actor: Actor, at: datetime) -> Coverage:
    """The coverage table of the text as it was known at ``at``.

    A requirement is each decision and standing duty that repeats no other, and whatever else a person made one. Eight
    queries for any number of them. Raises NotFound ``minutes.unknown``; Forbidden without ``meeting.read`` or
    ``directive.read``.
    """
    document = document_get(document_key, actor=actor, at=at)
    clauses = document_clauses(document_key, actor=actor, at=at)
    asked = [clause for clause in clauses if _is_asked(clause)]
    merged = _merged(clauses)
    carriers = _Carriers(asked, actor, at)
    rows = [replace(carriers.row(clause), merged=tuple(merged.get(clause.key, ()))) for clause in asked]
    counted = Counter(row.standing for row in rows)
    return Coverage(
        document_key=document_key,
        title=document.title,
        area_code=document.area_code,
        at=at,
        rows=rows,
        counts={standing: counted.get(standing, 0) for standing in STANDINGS},
    )


def _is_asked(clause: Clause) -> bool:
    if clause.state == CONFIRMED:
        return True
    asks = clause.clause_class in TASK_CLASSES and not clause.is_heading and not clause.duplicate_of
    return asks and clause.state != MERGED


def _merged(clauses: Iterable[Clause]) -> dict[str, list[int]]:
    """Clause -> the places of those that a person merged into it."""
    found: dict[str, list[int]] = {}
    for clause in clauses:
        if clause.state == MERGED and clause.leads_to_kind == CLAUSE:
            found.setdefault(clause.leads_to_key, []).append(clause.position)
    return found


class _Carriers:
    """What the clauses of one text led to, fetched at once."""

    def __init__(self, clauses: Iterable[Clause], actor: Actor, at: datetime) -> None:
        led: dict[str, set[str]] = {}
        for clause in clauses:
            if clause.state == CONFIRMED:
                led.setdefault(clause.leads_to_kind, set()).add(clause.leads_to_key)
        directives = led.get(DIRECTIVE, set())
        self.directives: dict[str, Directive] = directives_named(directives, actor=actor, at=at)
        self.progress: dict[str, Progress] = directives_progress(sorted(directives), actor=actor, at=at)
        self.kept: dict[str, Kept] = duties_kept(sorted(led.get(STANDING_DUTY, set())), actor=actor, at=at)
        self.duties = {
            duty.key: duty
            for duty in visible(StandingDuty.objects.known_at(at), actor).filter(
                key__in=led.get(STANDING_DUTY, ())
            )
        }
        self.tasks = {
            task.key: task
            for task in visible(Task.objects.known_at(at), actor).filter(key__in=led.get("task", ()))
        }

    def row(self, clause: Clause) -> CoverageRow:
        capability = capability_of(clause.text)
        plain = CoverageRow(
            clause_key=clause.key,
            position=clause.position,
            quote=clause.quote,
            text=clause.text,
            clause_class=clause.clause_class,
            meeting_key=clause.meeting_key,
            capability=capability,
            desk=capabilities()[capability].desk if capability else "",
            lacks=lacking(clause.text),
            reason=clause.decision_reason,
        )
        if clause.state == SET_ASIDE:
            return replace(plain, standing=NOT_FOR_US if clause.leads_to_kind == NOT_FOR_US else SET_ASIDE)
        if clause.state != CONFIRMED:
            return plain
        plain = replace(plain, kind=clause.leads_to_kind, key=clause.leads_to_key)
        if clause.leads_to_kind == DIRECTIVE:
            return self._directive(plain, clause)
        if clause.leads_to_kind == STANDING_DUTY:
            return self._duty(plain)
        if clause.leads_to_kind == "task":
            return self._task(plain)
        # A desk's page carries it as long as somebody says so.
        return replace(plain, standing=CARRIED, desk=clause.leads_to_key)

    def _directive(self, row: CoverageRow, clause: Clause) -> CoverageRow:
        directive = self.directives.get(row.key)
        if directive is None:
            return row
        standing = {"issued": CARRIED, "completed": DONE, "draft": DRAFTED}.get(directive.state, NOT_COVERED)
        progress = self.progress.get(row.key, Progress())
        person = str(clause.owner.get("person_key", ""))
        return replace(
            row,
            standing=standing,
            title=directive.title,
            number=directive.directive_no,
            state=directive.state,
            due_at=directive.due_at,
            owners=tuple(
                {"role": each["role"], "area_code": each["area_code"], "person_key": person}
                for each in directive.addressed_to
            ),
            tasks=progress.tasks,
            tasks_open=progress.tasks_open,
            tasks_late=progress.tasks_late,
        )

    def _duty(self, row: CoverageRow) -> CoverageRow:
        duty = self.duties.get(row.key)
        if duty is None:
            return row
        kept = self.kept.get(row.key, Kept())
        return replace(
            row,
            standing=CARRIED if duty.state == "in_force" else NOT_COVERED,
            title=duty.title,
            state=duty.state,
            owners=(_owner(duty.owner_role, duty.area_code, duty.owner_key),),
            tasks=kept.tasks,
            tasks_open=kept.tasks_open,
            tasks_late=kept.tasks_late,
        )

    def _task(self, row: CoverageRow) -> CoverageRow:
        task = self.tasks.get(row.key)
        if task is None:
            return row
        standing = {"done": DONE, "revoked": NOT_COVERED}.get(task.state, CARRIED)
        return replace(
            row,
            standing=standing,
            title=task.title,
            state=task.state,
            due_at=task.due_at,
            owners=(_owner(task.owner_role, task.area_code, task.owner_key),),
        )


def _owner(role: str, area_code: str, person_key: str) -> dict[str, str]:
    return {"role": role, "area_code": area_code, "person_key": person_key}
