"""What became of decisions: the directive or duty that carries each, its receipts and tasks; five queries in all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from fangkong.core.areas import contains
from fangkong.record.access import Actor, visible

from ..directives.queries import directives_named
from ..directives.seen_tasks import seen_tasks
from ..minutes.rows import CONFIRMED, MERGED, SET_ASIDE, TASK_CLASSES
from ..models import Clause, Directive, DirectiveRecipient, Meeting, StandingDuty
from ..tasks.states import UNFINISHED
from .rows import READ

#: How a decision stands: nobody has given it an owner; drafted; under way; done; over without having been done; struck.
WAITING, DRAFTED, RUNNING, DONE, OVER, STRUCK = "waiting", "drafted", "running", "done", "over", "struck"
STANDINGS = (WAITING, DRAFTED, RUNNING, DONE, OVER, STRUCK)

#: Standings in which somebody still has something to do.
OPEN = (WAITING, DRAFTED, OVER, RUNNING)

_OF_DIRECTIVE = {"draft": DRAFTED, "issued": RUNNING, "completed": DONE, "withdrawn": OVER, "lapsed": OVER}
_OF_DUTY = {"in_force": RUNNING, "ended": OVER}

DIRECTIVE, DUTY = "directive", "standing_duty"


@dataclass(frozen=True)
class DecisionState:
    """One decision of a meeting and how it stands.

    ``kind`` and ``key``: what carries it ("" while nothing does), ``number`` and ``state`` of that; ``recipients``,
    ``acknowledged``, ``done`` of a directive's offices; ``tasks``, of which ``tasks_open`` and ``tasks_late``.
    """

    clause: Clause
    standing: str
    kind: str = ""
    key: str = ""
    number: str = ""
    state: str = ""
    due_at: datetime | None = None
    recipients: int = 0
    acknowledged: int = 0
    done: int = 0
    tasks: int = 0
    tasks_open: int = 0
    tasks_late: int = 0
    #: The offices that it is addressed to, and where its duty is kept.
    areas: tuple[str, ...] = ()
    #: Receipts of the offices that the reader sees.
    receipts: tuple[DirectiveRecipient, ...] = ()

    @property
    def open(self) -> bool:
        """True while somebody has something to do, or nobody was found to do it."""
        return self.standing in OPEN

    @property
    def tasks_done(self) -> int:
        """Tasks that nobody has to do any more."""
        return self.tasks - self.tasks_open


@dataclass(frozen=True)
class Inherited:
    """What the meeting above decided for this area: how it stands there, what was received here, what refines it."""

    decision: DecisionState
    #: State of the receipt by the area's own office, and whether it is late; "" where the office is not addressed.
    receipt: str = ""
    acknowledge_by: datetime | None = None
    refined_by: tuple[DecisionState, ...] = ()


def decision_states(
    meetings: Sequence[Meeting], *, actor: Actor, at: datetime
) -> dict[str, list[DecisionState]]:
    """Meeting -> its decisions in the order in which they were entered; five queries for any number.

    Of a meeting above the actor's area only those that bind an office there, as far as they were issued. Raises
    Forbidden without ``meeting.read``; a role without ``directive.read`` sees the words only.
    """
    actor.require(READ)
    keys = [meeting.key for meeting in meetings]
    rows = Clause.objects.known_at(at).filter(meeting_key__in=keys).exclude(state=MERGED)
    clauses = [each for each in rows.order_by("document_key", "position") if _is_decision(each)]
    carriers = _Carriers(clauses, actor, at)
    found: dict[str, list[DecisionState]] = {key: [] for key in keys}
    whole = {meeting.key for meeting in meetings if actor.sees(meeting.area_code)}
    for clause in clauses:
        state = carriers.state(clause)
        if clause.meeting_key in whole or (state.state and state.standing != DRAFTED):
            found[clause.meeting_key].append(state)
    return found


def open_first(decisions: Iterable[DecisionState]) -> list[DecisionState]:
    """The decisions with those first that somebody still has to see to."""
    return sorted(decisions, key=lambda each: (not each.open, STANDINGS.index(each.standing)))


def inherited(
    area_code: str, above: Iterable[DecisionState], own: Iterable[DecisionState]
) -> list[Inherited]:
    """The decisions of the meeting above that are addressed to ``area_code``, or to an office inside it."""
    refining: dict[str, list[DecisionState]] = {}
    for each in own:
        if each.clause.refines_key:
            refining.setdefault(each.clause.refines_key, []).append(each)
    found = []
    for each in above:
        if any(contains(area_code, area) for area in each.areas):
            mine = next((row for row in each.receipts if row.area_code == area_code), None)
            found.append(
                Inherited(
                    each,
                    mine.state if mine else "",
                    mine.acknowledge_by if mine else None,
                    tuple(refining.get(each.clause.key, ())),
                )
            )
    return found


def _is_decision(clause: Clause) -> bool:
    if clause.state == CONFIRMED:
        return True
    return clause.clause_class in TASK_CLASSES and not clause.is_heading and not clause.duplicate_of


class _Carriers:
    """What the clauses led to, fetched at once."""

    def __init__(self, clauses: Iterable[Clause], actor: Actor, at: datetime) -> None:
        led: dict[str, set[str]] = {DIRECTIVE: set(), DUTY: set()}
        for clause in clauses:
            if clause.state == CONFIRMED:
                led.setdefault(clause.leads_to_kind, set()).add(clause.leads_to_key)
        may = actor.may("directive.read")
        directives = sorted(led[DIRECTIVE]) if may else []
        duties = sorted(led[DUTY]) if may else []
        self.directives: dict[str, Directive] = (
            directives_named(directives, actor=actor, at=at) if may else {}
        )
        self.receipts: dict[str, list[DirectiveRecipient]] = {}
        if self.directives:
            received = visible(DirectiveRecipient.objects.known_at(at), actor).filter(
                directive_key__in=sorted(self.directives)
            )
            for row in received.defer("reply").order_by("area_code", "role", "unit"):
                self.receipts.setdefault(row.directive_key, []).append(row)
        rows = visible(StandingDuty.objects.known_at(at), actor).filter(key__in=duties)
        self.duties = {duty.key: duty for duty in rows} if duties else {}
        self.tasks = _tasks_counted([*self.directives, *self.duties], actor, at)

    def state(self, clause: Clause) -> DecisionState:
        if clause.state == SET_ASIDE:
            return DecisionState(clause, STRUCK)
        if clause.state != CONFIRMED:
            return DecisionState(clause, WAITING)
        kind, key = clause.leads_to_kind, clause.leads_to_key
        if kind == DIRECTIVE:
            return self._directive(clause, key)
        if kind == DUTY:
            return self._duty(clause, key)
        # A task or a desk's page that was there before carries it.
        return DecisionState(clause, RUNNING, kind, key)

    def _directive(self, clause: Clause, key: str) -> DecisionState:
        found = self.directives.get(key)
        if found is None:
            return DecisionState(clause, RUNNING, DIRECTIVE, key)
        receipts = self.receipts.get(key, [])
        tasks, tasks_open, tasks_late = self.tasks.get(key, _NOTHING)
        return DecisionState(
            clause,
            _OF_DIRECTIVE[found.state],
            DIRECTIVE,
            key,
            found.directive_no,
            found.state,
            found.due_at,
            len(receipts),
            sum(row.acknowledged_at is not None for row in receipts),
            sum(row.state == "done" for row in receipts),
            tasks,
            tasks_open,
            tasks_late,
            tuple(each["area_code"] for each in found.addressed_to),
            tuple(receipts),
        )

    def _duty(self, clause: Clause, key: str) -> DecisionState:
        found = self.duties.get(key)
        if found is None:
            return DecisionState(clause, RUNNING, DUTY, key)
        tasks, tasks_open, tasks_late = self.tasks.get(key, _NOTHING)
        return DecisionState(
            clause,
            _OF_DUTY[found.state],
            DUTY,
            key,
            state=found.state,
            tasks=tasks,
            tasks_open=tasks_open,
            tasks_late=tasks_late,
            areas=(found.area_code,),
        )


_NOTHING = (0, 0, 0)


def _tasks_counted(keys: list[str], actor: Actor, at: datetime) -> dict[str, tuple[int, int, int]]:
    """Carrier -> its tasks, those open and those late, as far as the reader sees them; one query."""
    if not keys:
        return {}
    seen = seen_tasks(actor, at, DIRECTIVE) | seen_tasks(actor, at, DUTY)
    unfinished = Q(state__in=UNFINISHED)
    counted = (
        seen.filter(carries_out_key__in=keys)
        .order_by()
        .values_list("carries_out_key")
        .annotate(
            n=Count("id"),
            unfinished=Count("id", filter=unfinished),
            late=Count("id", filter=unfinished & Q(due_at__lt=at)),
        )
    )
    return {key: (n, unfinished_n, late) for key, n, unfinished_n, late in counted}
