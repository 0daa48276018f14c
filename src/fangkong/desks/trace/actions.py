"""What the tracing desk writes: contacts, and the verifications of who and where they are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fangkong.core.errors import NotFound
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.load import revise
from fangkong.record.models import Contact

from .contact_rows import TIERS, contact_write
from .judgements import exposure_judge

PERMISSION = "contact.write"

__all__ = ["TIERS", "contact_register", "contact_verify", "exposure_judge"]


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
    fact: dict[str, Any] = {"tier": tier, "setting": setting, "last_exposure_on": last_exposure_on}
    fact["via_contact_key"] = via_contact_key
    return contact_write(case_key, person_key, fact, area_code=area_code, actor=actor, at=at)


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
