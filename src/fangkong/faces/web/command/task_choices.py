"""What the forms of tasks offer and what people type into them: owners, areas, proofs, moments."""

from __future__ import annotations

from typing import Any

from fangkong.command.tasks.evidence import evidence_kinds
from fangkong.command.tasks.giving import PARTIES
from fangkong.command.tasks.owners import doing_roles
from fangkong.core.areas import LEVEL_BY_LENGTH
from fangkong.core.errors import InputError
from fangkong.faces.web.control.presenting import coded, said
from fangkong.record.access import Actor
from fangkong.record.access.scope import inside_area
from fangkong.record.models import Area, User

#: People offered while one types; any other name can be typed in full.
_OFFERED = 200

#: Areas offered below the actor's own.
_AREAS = 60


def owner_choices(actor: Actor) -> dict[str, Any]:
    """{roles: [(code, word)], people: [(sign-in name, who)]}: who can be given tasks in the actor's area."""
    able = doing_roles()
    people = User.objects.filter(inside_area(actor.area_code), is_active=True, role__in=able)
    return {
        "roles": [(role, coded("role", role)) for role in able],
        "people": [
            (user.username, f"{user.display_name} · {coded('role', user.role)}")
            for user in people.order_by("username")[:_OFFERED]
        ],
    }


def area_choices(actor: Actor, english: bool) -> list[tuple[str, str]]:
    """The actor's own area and those one level below it, by code."""
    below = min((n for n in LEVEL_BY_LENGTH if n > len(actor.area_code)), default=len(actor.area_code))
    rows = Area.objects.open().filter(inside_area(actor.area_code, "key")).order_by("key")
    named = [
        (key, (en or zh) if english else zh)
        for key, zh, en in rows.values_list("key", "name_zh", "name_en")
        if len(key) in (len(actor.area_code), below)
    ]
    return named[:_AREAS] or [(actor.area_code, actor.area_code)]


def evidence_choices() -> list[tuple[str, str]]:
    """The kinds of proof with their words."""
    return [(code, said(f"task.evidence.{code}")) for code in evidence_kinds()]


def party_choices() -> list[tuple[str, str]]:
    """The four parties with their words."""
    return [(party, said(f"task.party.{party}")) for party in PARTIES]


def person_typed(name: str) -> User | None:
    """Whom a sign-in name means, None for "". Raises InputError ``task.no_such_person``."""
    if not name.strip():
        return None
    user = User.objects.filter(username=name.strip()).first()
    if user is None:
        raise InputError("task.no_such_person", given=name.strip()[:60])
    return user


def owner_typed(given: Any) -> dict[str, str]:
    """{owner_role, owner_key} that a form means: the person's own role, or the role alone.

    Raises InputError ``task.no_such_person``, or ``task.owner_needed`` for neither.
    """
    if person := person_typed(given.get("person", "")):
        return {"owner_role": person.role, "owner_key": person.key}
    role = given.get("owner_role", "")[:24]
    if not role:
        raise InputError("task.owner_needed")
    return {"owner_role": role, "owner_key": ""}
