"""Whom a permit or a passage is about: a key for a person, a digest for a number plate, and no name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key
from fangkong.record.identities import identity_load
from fangkong.record.identity_index import index_digest, normalise, search_digest
from fangkong.record.keyring import keyring
from fangkong.record.load import load
from fangkong.record.models import IdentityDigest, Person

_NUMBER = "id_number"

#: Letters and digits of a document number or a plate that can tell one holder from another.
FEWEST_CHARACTERS = 5


@dataclass(frozen=True)
class Holder:
    """Who stands at the gate: a document ``number`` or the ``person_key`` of somebody known, and a ``plate``."""

    number: str = ""
    person_key: str = ""
    plate: str = ""

    @property
    def named(self) -> bool:
        """True when it says which person."""
        return bool(self.number.strip() or self.person_key)

    def check(self) -> None:
        """Nothing when number and plate can be read. Raises InputError ``holder.too_short``."""
        for kind, given in ((_NUMBER, self.number), ("plate", self.plate)):
            if given.strip() and len(normalise(kind, given)) < FEWEST_CHARACTERS:
                raise InputError("holder.too_short", fewest=FEWEST_CHARACTERS)


def vehicle_digest(plate: str) -> str:
    """The keyed digest of a number plate, equal for all spellings that are the same; "" for none."""
    return search_digest(keyring(), "plate", plate) if plate.strip() else ""


def person_of(holder: Holder) -> str:
    """The key of the person the record knows by this holder's number, "" when nobody is known by it."""
    if holder.person_key or not holder.number.strip():
        return holder.person_key
    digest = index_digest(keyring(), _NUMBER, holder.number)
    known = IdentityDigest.objects.filter(kind=_NUMBER, digest=digest).order_by("person_key")
    return known.values_list("person_key", flat=True).first() or ""


def person_keep(holder: Holder, *, category: str, actor: str, at: datetime) -> str:
    """The key of the person, who is kept under a new one when the record does not know the number.

    The number is sealed, so that a laboratory's file finds the person by it; the key says nothing of it. Call
    it inside ``audit.writing()``. Raises Forbidden ``retention.no_basis`` or ``retention.limited`` when no rule
    of the day lets the office hold data of ``category``.
    """
    if (known := person_of(holder)) or not holder.number.strip():
        return known
    key, nth = stable_key("person", category, actor, at, 0), 0
    while Person.objects.filter(key=key).exists():
        key, nth = stable_key("person", category, actor, at, nth + 1), nth + 1
    load(Person, [{"key": key}], actor=actor, source_key=actor, known_from=at)
    identity_load([(key, {_NUMBER: holder.number.strip()})], actor=actor, category=category, at=at)
    return key
