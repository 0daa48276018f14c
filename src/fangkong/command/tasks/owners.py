"""Who can own a task: an active person, or a role, that may do tasks and whose area holds the task's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fangkong.core.areas import ancestors, contains
from fangkong.core.errors import InputError
from fangkong.record.access.actor import roles
from fangkong.record.models import User

#: Either of them lets a role do tasks.
WRITE = "task.write"
DOES = ("task.own", WRITE)

#: Keys asked for in one query.
_KEYS = 500


def doing_roles() -> list[str]:
    """The roles that may own tasks, in the order of roles.toml."""
    return [role for role, entry in roles().items() if set(DOES) & set(entry["may"])]


def check_owners(given: Sequence[tuple[str, str, str]]) -> None:
    """Nothing when each (role, person or "", area of the task) can own its task. One query for any number of people.

    Raises InputError ``task.unknown_role``, ``task.role_does_no_tasks``, ``task.owner_unknown``,
    ``task.owner_inactive``, ``task.owner_other_role`` or ``task.owner_other_area``; ``n`` counts from 1.
    """
    able = doing_roles()
    people = users_of(owner for _, owner, _ in given)
    for n, (role, owner, area_code) in enumerate(given, start=1):
        if role not in roles():
            raise InputError("task.unknown_role", n=n, role=role[:24], roles=able)
        if role not in able:
            raise InputError("task.role_does_no_tasks", n=n, role=role, roles=able)
        if not owner:
            continue
        if owner not in people:
            raise InputError("task.owner_unknown", n=n)
        user = people[owner]
        if not user.is_active:
            raise InputError("task.owner_inactive", n=n)
        if user.role != role:
            raise InputError("task.owner_other_role", n=n, role=role)
        if not (user.area_code and contains(user.area_code, area_code)):
            raise InputError("task.owner_other_area", n=n, area_code=area_code)


def users_of(keys: Iterable[str]) -> dict[str, User]:
    """Key -> user, for those of ``keys`` that are users."""
    asked = sorted({key for key in keys if key})
    found: dict[str, User] = {}
    for start in range(0, len(asked), _KEYS):
        for user in User.objects.filter(key__in=asked[start : start + _KEYS]):
            found[user.key] = user
    return found


def can_do(user: User | None, role: str, area_code: str) -> bool:
    """True when the person can do a task of ``role`` in ``area_code``: their own, or one that is theirs to write."""
    return (
        user is not None
        and user.is_active
        and (user.role == role or WRITE in roles().get(user.role, {"may": ()})["may"])
        and user.role in doing_roles()
        and bool(user.area_code)
        and contains(user.area_code, area_code)
    )


def staffed() -> set[tuple[str, str]]:
    """(role, area) of every active user: one query."""
    return set(User.objects.filter(is_active=True).values_list("role", "area_code").distinct())


def held(role: str, area_code: str, staff: set[tuple[str, str]]) -> bool:
    """True when somebody active holds ``role`` at or above ``area_code``."""
    return any((role, area) in staff for area in (area_code, *ancestors(area_code)))
