"""What the tracing desk writes: contacts, and the verifications of who and where they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fangkong.core.errors import InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.load import load, revise
from fangkong.record.models import Case, Contact, Person, PersonArea

from .cases import visible_cases

PERMISSION = "contact.write"
TIERS = ("close", "secondary", "general")
#: Where to look for a person, likeliest first.
TIES = ("staying", "home", "work", "registered")


def contact_register(
    case_key: str,
    person_key: str,
    *,
    tier: str,
    setting: str = "",
    last_exposure_on: date | None = None,
    area_code: str | None = None,
    via_contact_key: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the contact of this person with this case, registered or brought up to these values.

    ``tier`` is close, secondary or general. ``area_code`` is where somebody must find the person; without
    it, where the record says that the person stays or lives, else the area of the case. What was verified
    stays verified. Emits "contact.registered" when the contact is new or what it says has changed; saying
    the same again does nothing. Raises Forbidden without ``contact.write``, NotFound for a case outside the
    scope or an unknown person, InputError for an unknown tier or the case's own person.
    """
    actor.require(PERMISSION)
    if tier not in TIERS:
        raise InputError("trace.unknown_tier", tier=tier, tiers=list(TIERS))
    with audit.writing():
        case = visible_cases(actor, at).filter(key=case_key).first()
        if case is None:
            raise NotFound("trace.case_not_found", case_key=case_key)
        if person_key == case.person_key:
            raise InputError("trace.contact_is_case", case_key=case_key)
        if not Person.objects.known_at(at).filter(key=person_key).exists():
            raise NotFound("trace.person_not_found", person_key=person_key)
        key = stable_key("contact", case_key, person_key)
        held = Contact.objects.open().filter(key=key).first()
        fact: dict[str, Any] = {
            "tier": tier,
            "setting": setting,
            "last_exposure_on": last_exposure_on,
            "via_contact_key": via_contact_key,
            "area_code": area_code or (held.area_code if held else _where(person_key, case, at)),
        }
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
                area_code=fact["area_code"],
                values=fact,
            )
        params = {"case_key": case_key, "person_key": person_key, "disease": case.disease, "tier": tier}
        events.emit("contact.registered", key, fact["area_code"], at=at, params=params)
    return key


def contact_verify(
    contact_key: str,
    *,
    identified: bool | None = None,
    located: bool | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Write down that a contact's identity or location is verified, or no longer; None leaves it as it is.

    Emits "contact.verified" when something changed. Raises Forbidden without ``contact.write``, NotFound for
    a contact outside the scope.
    """
    actor.require(PERMISSION)
    with audit.writing():
        contact = visible(Contact.objects.open().filter(key=contact_key), actor, at=at).first()
        if contact is None:
            raise NotFound("trace.contact_not_found", contact_key=contact_key)
        said = {"identified": identified, "located": located}
        changes: dict[str, Any] = {
            name: value for name, value in said.items() if value not in (None, getattr(contact, name))
        }
        if not changes:
            return
        revise(contact, at=at, actor=actor.key, verb="contact.verify", **changes)
        params = {
            "case_key": contact.case_key,
            "person_key": contact.person_key,
            "disease": contact.disease,
            **changes,
        }
        events.emit("contact.verified", contact_key, contact.area_code, at=at, params=params)


def _where(person_key: str, case: Case, at: datetime) -> str:
    """Where to look for a person: the likeliest of the ties known at ``at``, else the area of the case."""
    ties = PersonArea.objects.known_at(at).filter(person_key=person_key, kind__in=TIES)
    found = sorted(ties.values_list("kind", "area_code"), key=lambda tie: (TIES.index(tie[0]), tie[1]))
    return found[0][1] if found else case.area_code
