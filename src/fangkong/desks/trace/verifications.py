"""四个查清, the four verifications: number, identity, location and control status of the contacts."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q

from fangkong.core.clock import civil_day
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Contact, Order

from .values import Verifications


def four_verifications(
    *,
    actor: Actor,
    at: datetime,
    case_key: str | None = None,
    area_code: str | None = None,
    on: date | None = None,
) -> Verifications:
    """How many contacts are counted, identified, located and under control, in people; one SQL query.

    Of one case, of an area where the contacts must be found, or of the actor's whole scope. ``on`` is the
    civil day on which an order must hold; without it the day of ``at`` (which costs the query of the
    settings). A person who is a contact of two cases counts once. Raises Forbidden without ``board.read``.
    """
    actor.require("board.read")
    contacts = visible(Contact.objects.known_at(at), actor, at=at)
    if case_key is not None:
        contacts = contacts.filter(case_key=case_key)
    if area_code is not None:
        contacts = contacts.filter(inside_area(area_code))
    day = on if on is not None else civil_day(at, installation().zone)
    found = contacts.annotate(controlled=under_control(at, day)).aggregate(
        total=Count("person_key", distinct=True),
        identified=Count("person_key", distinct=True, filter=Q(identified=True)),
        located=Count("person_key", distinct=True, filter=Q(located=True)),
        in_control=Count("person_key", distinct=True, filter=Q(controlled=True)),
    )
    return Verifications(
        found["total"], found["total"], found["identified"], found["located"], found["in_control"]
    )


def under_control(at: datetime, day: date) -> Exists:
    """The condition that a contact is under control on ``day``, for a query of contacts.

    An order on the person for the disease, approved as known at ``at``, that has begun, and either still
    holds or ran to its end after the last exposure: then the contact is closed.
    """
    approved = (
        Order.objects.known_at(at)
        .filter(
            state__in=("approved", "lapsed"),
            person_key=OuterRef("person_key"),
            disease=OuterRef("disease"),
            starts_on__lte=day,
        )
        .exclude(decided_by="")
        # Said in this way no index answers it: SQLite would take the one of kind and state, and walk through all
        # orders of the city for each contact, instead of the few of the person.
        .exclude(~Q(subject_kind="person"))
    )
    closed = Q(expires_on__lt=day, expires_on__gt=OuterRef("last_exposure_on"))
    return Exists(approved.filter(Q(expires_on__gte=day) | closed))
