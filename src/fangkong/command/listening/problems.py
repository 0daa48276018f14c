"""New problems: what no plan or rule foresaw, studied by an owner in time and answered with what came of it."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.core.errors import Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import revise

from ..models import NewProblem
from ..office_clocks import office_clock
from ..timers.life import meet_all
from ..timers.office import office_timer_start
from .references import reference_get
from .rows import (
    ANSWERED,
    DECIDE,
    OPEN,
    PROBLEM_CLOCK,
    READ,
    WRITE,
    held,
    need_state,
    tell,
    words_of,
    write_new,
)

#: What may come of a problem.
LEADS_TO = ("directive", "duty", "gap", "plan", "clause")

STUDIED = "studied"

_TITLE_LENGTH = 200
_UNKNOWN = "problem.unknown"


def study_roles() -> list[str]:
    """The roles that may own a new problem: they read and write in this room."""
    readers = set(roles_that_may(READ))
    return [role for role in roles_that_may(WRITE) if role in readers]


def problem_raise(
    *, title: str, words: str, area_code: str, owner_role: str, actor: Actor, at: datetime
) -> str:
    """The key of the problem, raised once a day: the same title from the same area again gives the same problem.

    Due when the office's limit says, with a timer. Raises Forbidden without ``listening.write`` in the area,
    InputError ``listening.words_needed`` or ``problem.owner_role``.
    """
    actor.require(WRITE, area_code)
    if owner_role not in study_roles():
        raise InputError("problem.owner_role", role=owner_role[:24], roles=study_roles())
    clock = office_clock(PROBLEM_CLOCK)
    named = words_of(title, most=_TITLE_LENGTH)
    row = {
        "key": stable_key("problem", area_code, civil_day(at, installation().zone), named),
        "title": named,
        "words": words_of(words),
        "area_code": area_code,
        "raised_by": actor.key,
        "raised_at": at,
        "owner_role": owner_role,
        "due_at": clock.due(at),
        "state": OPEN,
    }
    with audit.writing():
        if write_new(NewProblem, row, "problem.raise", actor=actor, at=at):
            office_timer_start(
                clock, {str(row["key"]): area_code}, subject_kind="problem", actor=actor, at=at
            )
            tell("problem.raised", NewProblem(**row), at, owner_role=owner_role)
    return str(row["key"])


def problem_study(key: str, study: str, *, actor: Actor, at: datetime) -> None:
    """What the study found, before anything is decided; the limit for the study is kept with it.

    Raises NotFound ``problem.unknown``, Forbidden ``problem.not_owner`` for another group than the owner (whoever
    holds meetings may always), Conflict ``problem.wrong_state``, InputError ``listening.words_needed``.
    """
    found = words_of(study)
    with audit.writing():
        problem = _owned(key, actor)
        need_state(problem, OPEN, STUDIED)
        if problem.study != found:
            revise(problem, at=at, actor=actor.key, verb="problem.study", state=STUDIED, study=found)
            meet_all([PROBLEM_CLOCK], key, actor=actor, at=at)


def problem_answer(
    key: str,
    answer: str,
    *,
    leads_to_kind: str = "",
    leads_to_key: str = "",
    actor: Actor,
    at: datetime,
) -> None:
    """The problem is answered: in words, and with the directive, duty, gap, plan or clause that came of it.

    Raises as :func:`problem_study`, InputError ``listening.unknown_reference``.
    """
    words = words_of(answer)
    with audit.writing():
        problem = _owned(key, actor)
        need_state(problem, OPEN, STUDIED)
        if leads_to_kind or leads_to_key:
            reference_get(leads_to_kind, leads_to_key, LEADS_TO, actor=actor, at=at)
        changes = {"answer": words, "answered_by": actor.key}
        changes |= {"leads_to_kind": leads_to_kind, "leads_to_key": leads_to_key, "state": ANSWERED}
        revise(problem, at=at, actor=actor.key, verb="problem.answer", **changes)
        meet_all([PROBLEM_CLOCK], key, actor=actor, at=at)
        tell("problem.answered", problem, at, leads_to=leads_to_key)


def may_study(problem: NewProblem, actor: Actor) -> bool:
    """True when the actor is of the owning group, or holds meetings, and may write in this room."""
    own = actor.role == problem.owner_role or actor.may(DECIDE)
    return own and actor.may(WRITE) and actor.sees(problem.area_code)


def _owned(key: str, actor: Actor) -> NewProblem:
    problem = held(NewProblem, key, _UNKNOWN, actor, WRITE)
    if not may_study(problem, actor):
        raise Forbidden("problem.not_owner", permission=WRITE, roles=[problem.owner_role])
    return problem
