"""Which event is told to whom. Users are found by their role and area: the closest office that has the role."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fangkong.core.areas import ancestors
from fangkong.record.access.actor import roles_that_may
from fangkong.record.access.scope import inside_area
from fangkong.record.models import Event, Task, User, Versioned

from ..models import Directive, DirectiveRecipient, Gap, GrassrootsProposal, NewProblem, ShiftSwap

#: Who hears of a positive result at any hour: who reports it, who investigates it, who decides on isolation.
ALERTED = ("duty_officer", "investigation_group", "health_authority")


def office_users(role: str, area_code: str) -> set[str]:
    """Keys of the active users with ``role`` in the closest office at or above ``area_code``; none is empty."""
    above = [area_code, *ancestors(area_code)]
    users = User.objects.filter(role=role, is_active=True, area_code__in=above)
    found = list(users.values_list("key", "area_code"))
    closest = max((len(area) for _, area in found), default=0)
    return {key for key, area in found if len(area) == closest}


def users_inside(area_code: str, permission: str) -> set[str]:
    """Keys of the active users in the area whose role carries ``permission``."""
    users = User.objects.filter(inside_area(area_code), is_active=True, role__in=roles_that_may(permission))
    return set(users.values_list("key", flat=True))


def whom(event: Event) -> set[str]:
    """Keys of the users who are told of ``event``; whoever did it is not told of it."""
    found = WHOM[event.kind](event)
    return {key for key in found if key} - {str(event.params.get("by", ""))}


def _alerted(event: Event) -> set[str]:
    return set().union(*(office_users(role, event.area_code) for role in ALERTED))


def _recipients(event: Event) -> set[str]:
    rows = DirectiveRecipient.objects.known_at(event.at).filter(directive_key=event.subject_key)
    return set().union(*(office_users(role, area) for role, area in rows.values_list("role", "area_code")))


def _issuer(event: Event) -> set[str]:
    directive_key = str(event.params.get("directive_key") or event.subject_key)
    rows = Directive.objects.known_at(event.at).filter(key=directive_key)
    return {key for pair in rows.values_list("drafted_by", "issued_by") for key in pair}


def _task_owner(event: Event) -> set[str]:
    """The one person, or else whoever holds the role there."""
    if owner_key := str(event.params.get("owner_key", "")):
        return {owner_key}
    return office_users(str(event.params.get("owner_role", "")), event.area_code)


def _task_giver(event: Event) -> set[str]:
    return set(
        Task.objects.known_at(event.at).filter(key=event.subject_key).values_list("created_by", flat=True)
    )


def _role_named(event: Event) -> set[str]:
    return office_users(str(event.params.get("role", "")), event.area_code)


def _called(event: Event) -> set[str]:
    return users_inside(event.area_code, "directive.acknowledge") | users_inside(
        event.area_code, "meeting.sign"
    )


def _confirming(event: Event) -> set[str]:
    """Whoever confirms minutes in the closest office that has such people; the district's own before the city's."""
    here = User.objects.filter(is_active=True, role__in=roles_that_may("minutes.confirm"))
    found = list(here.filter(area_code=event.area_code).values_list("key", flat=True))
    if found:
        return set(found)
    return set().union(*(office_users(role, event.area_code) for role in roles_that_may("minutes.confirm")))


def _everybody(event: Event) -> set[str]:
    return users_inside(event.area_code, "directive.read")


def _field(model: type[Versioned], *names: str) -> Callable[[Event], set[str]]:
    def found(event: Event) -> set[str]:
        rows: Iterable[tuple[str, ...]] = (
            model.objects.known_at(event.at).filter(key=event.subject_key).values_list(*names)
        )
        return {key for row in rows for key in row}

    return found


def _gap_owner(event: Event) -> set[str]:
    rows = Gap.objects.known_at(event.at).filter(key=event.subject_key)
    return set().union(
        *({gap.owner_key} if gap.owner_key else office_users(gap.owner_role, gap.area_code) for gap in rows)
    )


def _problem_owner(event: Event) -> set[str]:
    rows = NewProblem.objects.known_at(event.at).filter(key=event.subject_key)
    return set().union(*(office_users(row.owner_role, row.area_code) for row in rows))


WHOM: dict[str, Callable[[Event], set[str]]] = {
    "result.positive": _alerted,
    "directive.issued": _recipients,
    "directive.withdrawn": _recipients,
    "directive.acknowledged": _issuer,
    "directive.replied": _issuer,
    "directive.completed": _issuer,
    "minutes.received": _confirming,
    "tasks.assigned": _task_owner,
    "task.returned": _task_giver,
    "task.escalated": _role_named,
    "meeting.called": _called,
    "level.declared": _everybody,
    "level.ended": _everybody,
    "plan.started": _everybody,
    "shift.swap_asked": _field(ShiftSwap, "to_key"),
    "shift.swap_applied": _field(ShiftSwap, "from_key", "to_key"),
    "gap.raised": _gap_owner,
    "problem.raised": _problem_owner,
    "problem.answered": _field(NewProblem, "raised_by"),
    "proposal.decided": _field(GrassrootsProposal, "proposed_by"),
}
