"""Persons, cases and events under the ids that another system keeps them by.

Such an id is the first thing by which a row is matched: its person, case or event has the same key in whichever of
the system's files, and in whatever order, it comes. The key is a digest of the system and the id; nothing is looked
up to find it, and it says nothing of who somebody is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fangkong.core.keys import stable_key
from fangkong.record.access import Actor, visible
from fangkong.record.load import fact_of
from fangkong.record.models import Case, Contact, Versioned

_A_MOMENT = timedelta(microseconds=1)


def person_key(system: str, reference: str) -> str:
    """The key of the person whom ``system`` calls ``reference``."""
    return stable_key("person", system, reference)


def case_key(system: str, reference: str) -> str:
    """The key of the case of ``reference``, in a system that keeps one case a person."""
    return stable_key("case", system, reference)


def event_key(system: str, reference: str) -> str:
    """The key of the place of an event that ``system`` calls ``reference``."""
    return stable_key("place", system, reference)


def contact_key(system: str, person: str) -> str:
    """The key of the contact that ``system`` keeps of the person with the key ``person``, whoever the case is."""
    return stable_key("contact", system, person)


def cases_held(keys: Iterable[str], actor: Actor) -> dict[str, Case]:
    """The cases that the record holds under ``keys``, as far as the actor may see them."""
    rows = (visible(Case.objects.open().filter(key__in=some), actor) for some in _sliced(keys))
    return {case.key: case for found in rows for case in found}


@dataclass
class KnownContacts:
    """The contacts that the record holds of some people, as far as the actor may see them."""

    _of: dict[str, list[Contact]] = field(default_factory=dict)

    @classmethod
    def of_people(cls, person_keys: Iterable[str], actor: Actor) -> KnownContacts:
        """The contacts of the people with these keys."""
        found: dict[str, list[Contact]] = {}
        for some in _sliced(person_keys):
            rows = visible(Contact.objects.open().filter(person_key__in=some), actor)
            for contact in rows.order_by("key"):
                found.setdefault(contact.person_key, []).append(contact)
        return cls(found)

    def of(self, person: str) -> list[Contact]:
        """All contacts of the person, in the order of their keys."""
        return self._of.get(person, [])

    def with_case(self, person: str, case: str) -> Contact | None:
        """The person's contact with the case, None where the record holds none."""
        return next((contact for contact in self.of(person) if contact.case_key == case), None)

    def without_case(self, person: str, taken: Collection[str]) -> Contact | None:
        """The person's contact of whom no case is known, unless it is among ``taken``."""
        return next(
            (each for each in self.of(person) if not each.case_key and each.key not in taken),
            None,
        )


def said_of(version: Versioned) -> dict[str, Any]:
    """What ``version`` says, without its key: to be said again with something changed."""
    return {name: value for name, value in fact_of(version).items() if name != "key"}


def known_after(version: Versioned, values: dict[str, Any], known: datetime) -> datetime:
    """Since when ``values`` are known, which follow ``version``: never since the very instant of what they change."""
    if values == said_of(version):
        return max(known, version.known_from)
    return max(known, version.known_from + _A_MOMENT)


def _sliced(keys: Iterable[str]) -> Iterable[list[str]]:
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), 500):
        yield wanted[start : start + 500]
