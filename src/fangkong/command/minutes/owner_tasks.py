"""The person whom somebody named when confirming a clause gets the task once the directive is issued."""

from __future__ import annotations

from fangkong.core.errors import FangkongError
from fangkong.record.access import Actor
from fangkong.record.models import Event

from ..directives.directed_tasks import directive_tasks_create
from ..models import Clause, Directive
from ..tasks.giving import NewTask
from .deciding import DIRECTIVE


def give_to_owners(event: Event, actor: Actor) -> str:
    """``given:<n>``, ``nobody_named``, or the code of why nothing could be given (the person has left, it is over)."""
    rows = Clause.objects.known_at(event.at).filter(leads_to_kind=DIRECTIVE, leads_to_key=event.subject_key)
    named = [clause for clause in rows.order_by("position") if clause.owner.get("person_key")]
    if not named:
        return "nobody_named"
    directive = Directive.objects.known_at(event.at).get(key=event.subject_key)
    proofs = {
        measure.get("clause_key", ""): measure.get("evidence_kind", "") for measure in directive.measures
    }
    tasks = [
        NewTask(
            title=clause.text[:400],
            owner_role=clause.owner["role"],
            owner_key=clause.owner["person_key"],
            area_code=clause.owner["area_code"],
            due_at=directive.due_at,
            evidence_kind=proofs.get(clause.key, ""),
            four_parties={"individual": clause.owner["person_key"]},
        )
        for clause in named
    ]
    try:
        return f"given:{len(directive_tasks_create(directive.key, tasks, actor=actor, at=event.at))}"
    except FangkongError as refused:
        return refused.code
