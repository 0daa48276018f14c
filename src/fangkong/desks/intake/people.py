"""Who a row means: found by exact digest of a number, or new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Min

from fangkong.core.keys import near_key
from fangkong.record import identity_index
from fangkong.record.identities import FIELDS
from fangkong.record.keyring import keyring
from fangkong.record.models import Person
from fangkong.record.same_people import person_of

#: Fields of a row that are the person's identity.
IDENTITY_FIELDS = FIELDS

#: Characters of the token of somebody who is named by number.
NUMBER_TOKEN = 2 * identity_index.DIGEST_BYTES

#: Rows of a file whose new people get keys that stand together.
_RUN_ROWS = 1024

#: More instants than the rows of one file can be known since.
_INSTANTS = 1 << 32


def identity_of(values: Mapping[str, object]) -> dict[str, str]:
    """The filled identity fields of a row."""
    return {name: str(values[name]) for name in IDENTITY_FIELDS if values.get(name)}


class PeopleFinder:
    """Finds the people of one file: those the record knows, and those that earlier rows of the file named."""

    def __init__(self, receipt_key: str) -> None:
        self._receipt_key = receipt_key
        self._ring = keyring()
        #: Short digest of an identity -> number of the row that named it first, with the place in
        #: ``_instants`` of since when that is known: one number, because a file may name a million people.
        self._rows: dict[bytes, int] = {}
        self._instants: dict[datetime, int] = {}

    def token(self, identity: Mapping[str, str]) -> str:
        """What tells this identity from another: the number, else name and phone; "" without."""
        if number := identity.get("id_number"):
            return self._digest("id_number", number)
        if identity.get("name") and identity.get("phone"):
            return self._digest("name", identity["name"]) + self._digest("phone", identity["phone"])
        return ""

    def tokens(self, numbers: Sequence[str], names: Sequence[str], phones: Sequence[str]) -> list[str]:
        """The token of each row of a batch."""
        digest, ring = identity_index.index_digest, self._ring
        return [
            digest(ring, "id_number", number)
            if number
            else (digest(ring, "name", name) + digest(ring, "phone", phone) if name and phone else "")
            for number, name, phone in zip(numbers, names, phones, strict=True)
        ]

    def recorded(self, tokens: Iterable[str]) -> dict[str, list[str]]:
        """Token -> keys of the people whom the record knows by it, for those it knows; several when nothing
        parts them."""
        wanted = set(filter(None, tokens))
        halves = sorted(
            {part for token in wanted for part in (token[:NUMBER_TOKEN], token[NUMBER_TOKEN:]) if part}
        )
        holders = identity_index.holders(halves)
        if not holders:
            return {}
        found = {}
        for token in wanted:
            keys = holders.get(token[:NUMBER_TOKEN], set())
            if token[NUMBER_TOKEN:]:
                keys = keys & holders.get(token[NUMBER_TOKEN:], set())
            if keys:
                found[token] = sorted(keys)
        kept = person_of(key for keys in found.values() for key in keys)
        return {token: sorted({kept[key] for key in keys}) for token, keys in found.items()}

    def known_since(self, person_keys: Iterable[str]) -> dict[str, datetime]:
        """Person key -> since when the record knows of the person."""
        wanted, since = sorted(set(person_keys)), {}
        for start in range(0, len(wanted), 500):
            rows = (
                Person.objects.filter(key__in=wanted[start : start + 500])
                .values("key")
                .annotate(Min("known_from"))
            )
            since.update({row["key"]: row["known_from__min"] for row in rows})
        return since

    def in_file(self, token: str) -> tuple[str, datetime] | None:
        """(key, known since) of the person whom an earlier accepted row of the file named, or None."""
        if (claimed := self._rows.get(self._short(token))) is None:
            return None
        row_number, instant = divmod(claimed, _INSTANTS)
        return self.new_key(row_number), list(self._instants)[instant]

    def new_key(self, row_number: int) -> str:
        """The key of a person first named in this row: it says nothing of who, and is always the same."""
        return near_key("person", self.run_of_row(row_number), self._receipt_key, row_number)

    def run_of_row(self, row_number: int) -> str:
        """What the keys of new people of neighbouring rows share."""
        return f"{self._receipt_key}|{row_number // _RUN_ROWS}"

    def claim(self, token: str, row_number: int, known_from: datetime) -> None:
        """Remember that the accepted row ``row_number`` named the person of ``token``, if it is the first."""
        instant = self._instants.setdefault(known_from, len(self._instants))
        self._rows.setdefault(self._short(token), row_number * _INSTANTS + instant)

    def _digest(self, kind: str, value: str) -> str:
        return identity_index.index_digest(self._ring, kind, value)

    @staticmethod
    def _short(token: str) -> bytes:
        return hashlib.blake2b(token.encode(), digest_size=16).digest()
