"""The one writer of a contact's row: whoever registers a contact, by list or by judgement, ends here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.errors import InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor
from fangkong.record.load import load, revise
from fangkong.record.models import Case, Contact, Person, PersonArea

from .cases import visible_cases

TIERS = ("close", "secondary", "general")
#: Where to look for a person, likeliest first.
TIES = ("staying", "home", "work", "registered")


def contact_key_of(case_key: str, person_key: str) -> str:
    """The key of the contact of this person with this case: one, however it became known."""
    return stable_key("contact", case_key, person_key)


def contact_write(
    case_key: str, person_key: str, fact: dict[str, Any], *, area_code: str | None, actor: Actor, at: datetime
) -> str:
    """The key of the contact, which says ``fact`` afterwards; whoever calls has checked the permission.

    ``fact`` holds tier, setting, last_exposure_on and via_contact_key. Without ``area_code`` the contact keeps
    its area, a new one stands where the record says that the person stays or lives. Emits
    "contact.registered" when something is new. Raises NotFound for a case outside the scope or an unknown
    person, InputError for an unknown tier or the case's own person.
    """
    if fact["tier"] not in TIERS:
        raise InputError("trace.unknown_tier", tier=fact["tier"], tiers=list(TIERS))
    with audit.writing():
        case = case_of_contact(case_key, person_key, actor=actor, at=at)
        key = contact_key_of(case_key, person_key)
        held = Contact.objects.open().filter(key=key).first()
        where = area_code or (held.area_code if held else where_to_find(person_key, case, at))
        fact = {**fact, "area_code": where}
        if held is not None:
            if all(getattr(held, name) == value for name, value in fact.items()):
                return key
            revise(held, at=at, actor=actor.key, verb="contact.register", **fact)
        else:
            row = {
                "key": key,
                "case_key": case_key,
                "person_key": person_key,
                "disease": case.disease,
                **fact,
            }
            load(Contact, [row], actor=actor.key, source_key=actor.key, known_from=at)
            audit.note(
                actor=actor.key,
                verb="contact.register",
                object_kind="contact",
                object_key=key,
                area_code=where,
                values=fact,
            )
        params = {
            "case_key": case_key,
            "person_key": person_key,
            "disease": case.disease,
            "tier": fact["tier"],
        }
        events.emit("contact.registered", key, where, at=at, params=params)
    return key


def case_of_contact(case_key: str, person_key: str, *, actor: Actor, at: datetime) -> Case:
    """The case that ``person_key`` may be a contact of. Raises NotFound and InputError as above."""
    case = visible_cases(actor, at).filter(key=case_key).first()
    if case is None:
        raise NotFound("trace.case_not_found", case_key=case_key)
    if person_key == case.person_key:
        raise InputError("trace.contact_is_case", case_key=case_key)
    if not Person.objects.known_at(at).filter(key=person_key).exists():
        raise NotFound("trace.person_not_found", person_key=person_key)
    return case


def where_to_find(person_key: str, case: Case, at: datetime) -> str:
    """Where to look for a person: the likeliest of the ties known at ``at``, else the area of the case."""
    ties = PersonArea.objects.known_at(at).filter(person_key=person_key, kind__in=TIES)
    found = sorted(ties.values_list("kind", "area_code"), key=lambda tie: (TIES.index(tie[0]), tie[1]))
    return found[0][1] if found else case.area_code
