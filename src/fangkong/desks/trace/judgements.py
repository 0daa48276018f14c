"""Exposure judged by an expert: one signed, reasoned fact about one person, and never a status.

A list of people is no judgement. Whoever wants many people looked at registers contacts by a list with its
source; whoever wants a status changed brings the fact that changes it.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from django.db.models import QuerySet

from fangkong.core.clock import civil_day
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import load
from fangkong.record.models import Contact, ExposureJudgement
from fangkong.record.paging import Page, keyset_page

from .contact_rows import case_of_contact, contact_key_of, contact_write, where_to_find

PERMISSION = "exposure.judge"
READ = "contact.read"

#: What the columns hold; more is a report and belongs in the file.
MOST_CHARACTERS = 400

#: What stands between the keys of a list; no key of a person holds one of them.
_BETWEEN = re.compile(r"[\s,;|，；、]")


def exposure_judge(
    case_key: str,
    person_key: str,
    *,
    last_exposure_on: date,
    evidence: str,
    reason: str,
    tier: str = "close",
    setting: str = "",
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the signed judgement that this one person was last exposed to this case on that day.

    ``evidence`` says what was seen, ``reason`` why it amounts to exposure; both are kept with the signature.
    The contact of which it is the basis is registered with it, and the rules propose what follows; the
    judgement itself changes no status and proposes no measure. Judging the same again does nothing. Emits
    "exposure.judged", on which one signer's many judgements raise an alarm.

    Raises InputError ``judgement.one_person`` for a list of people, ``judgement.evidence_needed``,
    ``judgement.reason_needed``, ``judgement.too_long``, ``judgement.future_day``; Forbidden
    ``judgement.person_signs`` for the platform itself and ``access.*`` without ``exposure.judge`` where the
    person is to be found; Conflict ``judgement.stands`` when the same signer gave other grounds before; NotFound
    and InputError as registering a contact does.
    """
    if actor.everywhere:
        raise Forbidden("judgement.person_signs", permission=PERMISSION, roles=roles_that_may(PERMISSION))
    actor.require(PERMISSION)
    _one_person(person_key)
    grounds = {"evidence": _given(evidence, "evidence"), "reason": _given(reason, "reason")}
    if last_exposure_on > civil_day(at, installation().zone):
        raise InputError("judgement.future_day", day=last_exposure_on.isoformat())
    with audit.writing():
        case = case_of_contact(case_key, person_key, actor=actor, at=at)
        contact_key = contact_key_of(case_key, person_key)
        held = Contact.objects.open().filter(key=contact_key).first()
        area_code = held.area_code if held else where_to_find(person_key, case, at)
        actor.require(PERMISSION, area_code)
        key = stable_key("judgement", contact_key, last_exposure_on, tier, actor.key)
        made = ExposureJudgement.objects.filter(key=key).first()
        if made is not None:
            if {name: getattr(made, name) for name in grounds} != grounds:
                raise Conflict("judgement.stands", day=last_exposure_on.isoformat())
            return key
        fact = {"tier": tier, "setting": setting, "last_exposure_on": last_exposure_on, "via_contact_key": ""}
        contact_write(case_key, person_key, fact, area_code=area_code, actor=actor, at=at)
        row = {
            "key": key,
            "contact_key": contact_key,
            "person_key": person_key,
            "case_key": case_key,
            "disease": case.disease,
            "area_code": area_code,
            "last_exposure_on": last_exposure_on,
            **grounds,
            "signed_by": actor.key,
            "signed_at": at,
        }
        load(ExposureJudgement, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="exposure.judge",
            object_kind="judgement",
            object_key=key,
            area_code=area_code,
            values=row,
        )
        told = {"signed_by": actor.key, "signer_area": actor.area_code, "disease": case.disease}
        events.emit("exposure.judged", key, area_code, at=at, params=told)
    return key


def judgements_of_contact(contact_key: str, *, actor: Actor, at: datetime) -> list[ExposureJudgement]:
    """The judgements that a contact rests on, the first one first. Raises Forbidden without ``contact.read``."""
    return list(_judgements(actor, at, READ).filter(contact_key=contact_key).order_by("signed_at", "key"))


def judgements_signed(
    signed_by: str, *, actor: Actor, at: datetime, limit: int = 50, after: str = ""
) -> Page[ExposureJudgement]:
    """What one person signed, the first one first. Raises Forbidden without ``contact.read``."""
    rows = _judgements(actor, at, READ).filter(signed_by=signed_by)
    return keyset_page(rows, "signed_at", datetime.fromisoformat, limit=limit, after=after)


def _judgements(actor: Actor, at: datetime, permission: str) -> QuerySet[ExposureJudgement]:
    actor.require(permission)
    return visible(ExposureJudgement.objects.known_at(at), actor, at=at)


def _one_person(person_key: object) -> None:
    """Nothing for one key. Raises InputError ``judgement.one_person`` for anything that names several."""
    if not isinstance(person_key, str) or _BETWEEN.search(person_key.strip()):
        raise InputError("judgement.one_person")


def _given(text: str, what: str) -> str:
    said = text.strip()
    if not said:
        raise InputError(f"judgement.{what}_needed")
    if len(said) > MOST_CHARACTERS:
        raise InputError("judgement.too_long", most=MOST_CHARACTERS)
    return said
