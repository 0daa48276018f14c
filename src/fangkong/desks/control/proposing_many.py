"""The orders that the rules ask for many contacts, proposed in one act: a district's list of the morning.

The single act (``person_orders.order_propose_for_contact``) is the readable reference. Here contacts, cases and running
orders are read for all in a few queries, and what is new is written in one load.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fangkong.core.clock import civil_day
from fangkong.core.errors import Forbidden, NotFound
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation, read_once
from fangkong.record.load import Row
from fangkong.record.models import Case, Contact, Order

from .held_facts import sliced
from .order_rows import PROPOSE, RUNNING, proposal_row, write_proposals
from .person_orders import PersonDraft, contact_draft_beside, covering_among
from .proposals import Proposal
from .rulebook import rulebook

#: One instant for all, or the instant of each: what was done on paper is entered afterwards, each at its hour.
Instants = datetime | Mapping[str, datetime]


def orders_propose_for_contacts(
    contact_keys: Iterable[str], *, actor: Actor, at: Instants
) -> dict[str, Proposal]:
    """Contact -> what came of proposing its order, as ``order_propose_for_contact`` says, one after another.

    Each 500 contacts are one transaction, written as a whole or not at all: one that is unknown or outside the
    actor's area stops it. Raises as the single act does, KeyError for a contact of which ``at`` does not say when, and
    Forbidden for a person: only the platform, by rule and from each contact's own exposure, speaks of many at once.
    """
    if actor.role != "system":
        raise Forbidden("access.not_your_role", permission=PROPOSE, roles=[])
    wanted = list(dict.fromkeys(contact_keys))
    found: dict[str, Proposal] = {}
    with read_once():
        for some in sliced(wanted):
            found |= _propose(some, actor, {key: instant_of(key, at) for key in some})
    return found


def instant_of(key: str, at: Instants) -> datetime:
    """When the act on ``key`` is done."""
    return at if isinstance(at, datetime) else at[key]


def _propose(keys: Sequence[str], actor: Actor, at: Mapping[str, datetime]) -> dict[str, Proposal]:
    with audit.writing():
        drafts = _drafts(keys, actor, at)
        new = [draft for draft in drafts.values() if isinstance(draft, PersonDraft)]
        there = _stored({draft.key for draft in new})
        running = _running({draft.subject.person_key for draft in new})
        rows: list[Row] = []
        found: dict[str, Proposal] = {}
        for key, draft in drafts.items():
            if isinstance(draft, Proposal):
                found[key] = draft
                continue
            theirs = running[draft.subject.person_key]
            if draft.key in there:
                found[key] = Proposal("proposed", draft.key)
            elif covering := covering_among(draft, theirs):
                found[key] = Proposal("already_covered", covering.key)
            else:
                row = _row(draft, actor, at[key])
                rows.append(row)
                there.add(draft.key)
                theirs.append(Order(**row))
                theirs.sort(key=lambda order: order.key)
                found[key] = Proposal("proposed", draft.key, new=True)
        if rows:
            write_proposals(rows, actor)
    return found


def _row(draft: PersonDraft, actor: Actor, at: datetime) -> Row:
    day = civil_day(at, installation().zone)
    return proposal_row(draft.key, draft.measure, draft.subject, decided_on=day, actor=actor, at=at)


def _drafts(
    keys: Sequence[str], actor: Actor, at: Mapping[str, datetime]
) -> dict[str, PersonDraft | Proposal]:
    """Contact -> what would be ordered, or why nothing is."""
    versions = visible(Contact.objects.filter(key__in=keys), actor)
    contacts = {row.key: row for row in versions if row.known_from <= at[row.key] < row.known_to}
    for key in keys:
        if key not in contacts:
            raise NotFound("contact.unknown", key=key)
        actor.require(PROPOSE, contacts[key].area_code)
    cases: dict[str, list[Case]] = defaultdict(list)
    people = {contact.person_key for contact in contacts.values()}
    for some in sliced(sorted(people)):
        for case in Case.objects.filter(person_key__in=some):
            cases[case.person_key].append(case)
    book = rulebook()
    drafts = {}
    for key in keys:
        contact, instant = contacts[key], at[key]
        known = [case for case in cases[contact.person_key] if case.known_from <= instant < case.known_to]
        drafts[key] = contact_draft_beside(contact, instant, known, book)
    return drafts


def _stored(order_keys: set[str]) -> set[str]:
    """Those of ``order_keys`` under which there is an order already."""
    found: set[str] = set()
    for some in sliced(sorted(order_keys)):
        found |= set(Order.objects.filter(key__in=some).values_list("key", flat=True))
    return found


def _running(people: set[str]) -> dict[str, list[Order]]:
    """Person -> their running orders, by key."""
    found: dict[str, list[Order]] = defaultdict(list)
    for some in sliced(sorted(people)):
        rows = Order.objects.open().filter(person_key__in=some, state__in=RUNNING)
        for order in rows.order_by("key"):
            found[order.person_key].append(order)
    return found
