"""The privacy veil of one person: what shows without a name, the form that asks for it, who looked."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from fangkong.core.clock import civil_day
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.viewing import Viewing
from fangkong.record import identities
from fangkong.record.access import visible_people
from fangkong.record.access.actor import roles_that_may
from fangkong.record.models import Person, machine_now

#: Days of the "who looked" line.
LOG_DAYS = 7


def may_unmask(viewing: Viewing) -> bool:
    """True for roles with named data."""
    return viewing.actor.may("person.unmask") and viewing.actor.named != "no"


def veil(
    person_key: str,
    viewing: Viewing,
    *,
    action: str,
    age_years: int | None = None,
    problem: str = "",
    reason: str = "",
) -> dict[str, Any]:
    """The context of components/veil.html; an open grant of this actor shows the name, and that is audited.

    Nothing is shown while looking back: a name is seen now or not at all. ``who_may`` says, to a role without
    named data, which roles have it.
    """
    now = viewing.installation.now()
    opened = None
    if may_unmask(viewing) and not viewing.looking_back:
        opened = identities.identity_read(person_key, actor=viewing.actor, now=now)
    identity, until = opened if opened else ({}, None)
    hidden = None if opened is None else said("page.unknown")
    fields = [
        {"label": said("veil.name"), "text": identity.get("name", hidden)},
        {"label": said("veil.age_sex"), "text": _age_sex(person_key, viewing, age_years)},
        {"label": said("veil.number"), "text": identity.get("id_number", hidden)},
        {"label": said("veil.phone"), "text": identity.get("phone", hidden)},
        {"label": said("veil.address"), "text": identity.get("address", hidden)},
    ]
    reads = identities.reads_of(person_key)
    recent = sum(
        row.verb == "identity.unmask" and row.at > machine_now() - timedelta(days=LOG_DAYS) for row in reads
    )
    asks = may_unmask(viewing) and not viewing.looking_back
    return {
        "fields": fields,
        "action": action,
        "minutes": identities.UNMASK_MINUTES,
        "purposes": identities.PURPOSES if asks else (),
        "open_until": until,
        "seconds_left": math.ceil((until - now).total_seconds()) if until else 0,
        "recent": said("page.veil.recent", n=recent, days=LOG_DAYS),
        "log_href": reverse("oversight") if viewing.actor.may("audit.read") else "",
        "reason": reason,
        "problem": problem,
        "who_may": ""
        if may_unmask(viewing)
        else said(
            "page.veil.who_may",
            roles=said("frame.and").join(coded("role", role) for role in roles_that_may("person.unmask")),
        ),
        "back": said("page.veil.looking_back") if may_unmask(viewing) and viewing.looking_back else "",
    }


def _age_sex(person_key: str, viewing: Viewing, age_years: int | None) -> str:
    """Age as known at the case, else from the year of birth; and sex."""
    rows = visible_people(
        Person.objects.known_at(viewing.at).filter(key=person_key), viewing.actor, at=viewing.at
    )
    person = rows.first()
    if age_years is None and person and person.birth_year:
        today: date = civil_day(viewing.at, viewing.installation.zone)
        age_years = today.year - person.birth_year
    parts = [said("page.age", n=age_years)] if age_years is not None else []
    if person and person.sex:
        parts.append(coded("page.sex", person.sex.lower()))
    return said("frame.and").join(parts) if parts else said("page.unknown")
