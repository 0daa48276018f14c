"""What a person is found by: the keyed digests of number, phone, name and pinyin, and the index that holds them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from fangkong.science.linkage import hidden

from . import audit
from .columns import among, insert_missing, pieces
from .keyring import Keyring
from .models import Identity, IdentityDigest
from .pinyin import pinyin

#: What somebody is found by, in the order in which ``Identity.digests`` holds the digests, and the bytes of each.
KINDS = ("id_number", "phone", "name", "pinyin")
DIGEST_BYTES = 16
_NONE = bytes(DIGEST_BYTES)
_NOTHING = bytes(DIGEST_BYTES * len(KINDS))
NO_DIGEST = b"0" * 2 * DIGEST_BYTES

#: Characters of a number that are marked at its beginning and at its end. What lies between keeps the two apart, so
#: that one slip of the hand (a character mistyped, left out or too many, two exchanged) touches one of them at most.
MARKED = {"id_number": (10, 7), "phone": (7, 3)}
#: In place of a mark: no number, and a number that is not marked because it is too short or masked.
NO_NUMBER, UNMARKED = 0, 1

#: Digests entered into the index in one transaction.
_INDEXED = 4000


def normalise(kind: str, value: str) -> str:
    """The form in which ``value`` is compared: width and case folded, spaces and dashes dropped."""
    folded = value.lower() if value.isascii() else unicodedata.normalize("NFKC", value).casefold()
    kept = folded if folded.isalnum() else "".join(ch for ch in folded if ch.isalnum())
    return kept.removeprefix("86") if kind == "phone" and len(kept) == 13 else kept


def search_digest(ring: Keyring, kind: str, value: str) -> str:
    """The keyed digest under which ``value`` of ``kind`` is found: equal for all spellings that are the same."""
    begun, ended = _keyed(ring.search)
    inner, outer = begun.copy(), ended.copy()
    inner.update(f"{kind}:{normalise(kind, value)}".encode())
    outer.update(inner.digest())
    return outer.hexdigest()


def index_digest(ring: Keyring, kind: str, value: str) -> str:
    """The first 128 bits of :func:`search_digest`, under which ``IdentityDigest`` holds the value."""
    return search_digest(ring, kind, value)[: 2 * DIGEST_BYTES]


def tokens_of(ring: Keyring, kind: str, numbers: Iterable[bytes]) -> list[bytes]:
    """The tokens (16 bytes) of normalised numbers, for data that stand outside the record.

    BLAKE2b (RFC 7693) keyed with the search key and personalised by ``kind`` (at most 16 characters): a copy of
    those data and a copy of the record cannot be joined without the keys.
    """
    begun = hashlib.blake2b(key=ring.search, digest_size=16, person=kind.encode())
    copy, made = begun.copy, []
    for number in numbers:
        token = copy()
        token.update(number)
        made.append(token.digest())
    return made


@lru_cache(maxsize=2)
def _keyed(key: bytes) -> tuple[Any, Any]:
    """The two halves of HMAC-SHA-256 (RFC 2104) begun with ``key``: copying them is three times as fast."""
    padded = key.ljust(64, b"\0")
    return (
        hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)),
        hashlib.sha256(bytes(byte ^ 0x5C for byte in padded)),
    )


def packed_digests(ring: Keyring, identities: Sequence[Mapping[str, str]]) -> list[bytes]:
    """What ``Identity.digests`` holds of each of ``identities``: :func:`index_digest` of each kind, as bytes."""
    columns = []
    for kind in KINDS:
        if kind == "pinyin":
            values = [pinyin(name) if (name := each.get("name")) else "" for each in identities]
        else:
            values = [each.get(kind, "") for each in identities]
        columns.append(_kind_digests(ring, kind, values))
    return list(map(b"".join, zip(*columns, strict=True)))


def _kind_digests(ring: Keyring, kind: str, values: Sequence[str]) -> list[bytes]:
    """The digest of each value, zeros for none."""
    begun, ended = _keyed(ring.search)
    of_kind = begun.copy()
    of_kind.update(f"{kind}:".encode())
    begin, end = of_kind.copy, ended.copy
    made = []
    for value in values:
        if value:
            inner, outer = begin(), end()
            inner.update(normalise(kind, value).encode())
            outer.update(inner.digest())
            made.append(outer.digest()[:DIGEST_BYTES])
        else:
            made.append(_NONE)
    return made


def slip_marks(ring: Keyring, identities: Sequence[Mapping[str, str]]) -> list[bytes]:
    """What ``Identity.marks`` holds of each: two marks (little-endian, 16 bits) of each kind in ``MARKED``.

    Two numbers whose marks differ at both ends are more than a slip apart, which is told without opening anybody's
    identity. Marks are keyed, and equal by chance once in 65,536: equal ones prove nothing.
    """
    columns = []
    for kind, (first, last) in MARKED.items():
        begun = [
            hashlib.blake2b(key=ring.search, digest_size=2, person=f"{kind}:{end}".encode()) for end in "ab"
        ]
        marks = []
        for each in identities:
            value = each.get(kind, "")
            number = normalise(kind, value) if value and not hidden(value) else ""
            if len(number) > first + last:
                head, tail = begun[0].copy(), begun[1].copy()
                head.update(number[:first].encode())
                tail.update(number[-last:].encode())
                marks.append(_mark(head.digest()) + _mark(tail.digest()))
            else:
                marks.append(_NOT_MARKED if value else _NO_NUMBER)
        columns.append(marks)
    return list(map(b"".join, zip(*columns, strict=True)))


_NO_NUMBER, _NOT_MARKED = (code.to_bytes(2, "little") * 2 for code in (NO_NUMBER, UNMARKED))


def _mark(digest: bytes) -> bytes:
    """``digest`` as a mark, which is none of the two codes."""
    return digest if digest[1] or digest[0] > UNMARKED else b"\x02\x00"


def marks_of(person_keys: Sequence[str]) -> dict[str, NDArray[np.uint16]]:
    """Kind of ``MARKED`` -> marks of each of ``person_keys``, ``[person, end]``; as unmarked who has no row of them."""
    found: dict[str, bytes] = {}
    table = connection.ops.quote_name(Identity._meta.db_table)
    with connection.cursor() as cursor:
        for listed in pieces(person_keys):
            those, parameters = among("person_key", listed)
            cursor.execute(f"SELECT person_key, marks FROM {table} WHERE {those}", parameters)  # noqa: S608
            found.update(cursor.fetchall())
    unmarked = _NOT_MARKED * len(MARKED)
    packed = np.frombuffer(
        b"".join([bytes(found.get(key, b"")) or unmarked for key in person_keys]), dtype="<u2"
    )
    ends = packed.reshape(len(person_keys), len(MARKED), 2)
    return {kind: ends[:, at] for at, kind in enumerate(MARKED)}


@dataclass(frozen=True)
class _Entries:
    """Rows of the index by digest, sorted as the index is, in columns."""

    owner: NDArray[np.intp]
    kind: NDArray[np.intp]
    digest: NDArray[Any]

    @classmethod
    def of(cls, people: Sequence[str], digests: Sequence[bytes]) -> _Entries:
        """The rows of ``people``, whose packed digests are ``digests``."""
        packed = np.frombuffer(b"".join(each or _NOTHING for each in digests), dtype=np.uint8).reshape(
            len(people), len(KINDS), -1
        )
        owner, kind = np.nonzero(packed.any(axis=2))
        found = packed[owner, kind]
        first, second = (np.ascontiguousarray(found[:, at : at + 8]).view(">u8")[:, 0] for at in (0, 8))
        order = np.lexsort((second, first))
        return cls(owner[order], kind[order], found[order])

    def columns(self, people: Sequence[str], part: slice) -> dict[str, Sequence[str]]:
        """The columns of ``part`` of the rows."""
        text, length = self.digest[part].tobytes().hex(), 2 * DIGEST_BYTES
        return {
            "person_key": [people[at] for at in self.owner[part].tolist()],
            "kind": [KINDS[at] for at in self.kind[part].tolist()],
            "digest": [text[start : start + length] for start in range(0, len(text), length)],
        }


def digests_enter(people: Sequence[str], digests: Sequence[bytes]) -> None:
    """Let ``people``, whose packed digests are ``digests``, be found by them."""
    rows = _Entries.of(people, digests)
    insert_missing(IdentityDigest, rows.columns(people, slice(None)), len(rows.owner))


def digests_remove(person_keys: Sequence[str]) -> None:
    """Let the people, at most as many as one statement takes, be found no more. Call it before their identity goes."""
    people, packed = _packed(person_keys)
    columns = _Entries.of(people, packed).columns(people, slice(None))
    # By digest, which is what the index knows; a value that others share too is left to them.
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(IdentityDigest._meta.db_table)
        cursor.executemany(
            f"DELETE FROM {table} WHERE digest = %s AND kind = %s AND person_key = %s",  # noqa: S608
            list(zip(columns["digest"], columns["kind"], columns["person_key"], strict=True)),
        )


def identities_index(person_keys: Sequence[str], *, actor: str) -> Iterator[int]:
    """Let the people be found by number, phone, name and pinyin; yields how many digests each transaction entered.

    The digests of all go in by their order, so that each page of the index is written once and not once for each
    of its rows. May be stopped at any point and begun anew. A person purged meanwhile is left out.
    """
    people, digests = _packed(person_keys)
    if not people:
        return
    entries = _Entries.of(people, digests)
    del digests
    for start in range(0, len(entries.owner), _INDEXED):
        columns = entries.columns(people, slice(start, start + _INDEXED))
        count = len(columns["digest"])
        with audit.writing():
            insert_missing(IdentityDigest, columns, count, beside=f"{Identity._meta.db_table}.person_key")
            audit.note(
                actor=actor,
                verb="identity.index",
                object_kind="identity",
                object_key=f"{min(columns['person_key'])}..{max(columns['person_key'])}",
                values="".join(columns["digest"]).encode(),
            )
        yield count


def _packed(person_keys: Sequence[str]) -> tuple[list[str], list[bytes]]:
    """(people of ``person_keys`` with an identity, the packed digests of each)."""
    people: list[str] = []
    digests: list[bytes] = []
    table = connection.ops.quote_name(Identity._meta.db_table)
    with connection.cursor() as cursor:
        for listed in pieces(person_keys):
            those, parameters = among("person_key", listed)
            cursor.execute(f"SELECT person_key, digests FROM {table} WHERE {those}", parameters)  # noqa: S608
            for key, packed in cursor.fetchall():
                people.append(key)
                digests.append(bytes(packed))
    return people, digests


def holders(digests: Sequence[str]) -> dict[str, set[str]]:
    """Digest -> keys of the people who have it as number, name or phone, for those that anybody has."""
    found: dict[str, set[str]] = {}
    table = connection.ops.quote_name(IdentityDigest._meta.db_table)
    with connection.cursor() as cursor:
        for listed in pieces(digests):
            those, parameters = among("digest", listed)
            cursor.execute(
                f"SELECT digest, person_key FROM {table} "  # noqa: S608 (the table's own name)
                f"WHERE kind IN ('id_number', 'name', 'phone') AND {those}",
                parameters,
            )
            for digest, person_key in cursor.fetchall():
                found.setdefault(digest, set()).add(person_key)
    return found


def digests_of(person_keys: Sequence[str]) -> dict[str, NDArray[np.bytes_]]:
    """Kind -> the digest of each person who has an identity, in hexadecimal; ``NO_DIGEST`` for who lacks it."""
    _, packed = _packed(person_keys)
    text, length = b"".join(each or _NOTHING for each in packed).hex().encode(), 2 * DIGEST_BYTES
    table = np.frombuffer(text, dtype=f"S{length}").reshape(len(packed), len(KINDS))
    return {kind: table[:, at] for at, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Shared:
    """Groups of people who bear one digest, and the digests that too many bear."""

    groups: list[list[str]]
    crowded: list[bytes]


def holders_of(kind: str, digests: Sequence[bytes], *, most: int) -> Shared:
    """Who bears each of ``digests`` (as :func:`digests_of` gives them): of those that two to ``most`` people bear."""
    table = connection.ops.quote_name(IdentityDigest._meta.db_table)
    asked: list[str] = []
    crowded: list[str] = []
    groups: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        for listed in pieces([digest.decode() for digest in digests]):
            those, parameters = among("digest", listed)
            cursor.execute(
                f"SELECT digest, COUNT(*) FROM {table} WHERE {those} AND kind = %s "  # noqa: S608
                "GROUP BY digest HAVING COUNT(*) > 1",
                [*parameters, kind],
            )
            for digest, count in cursor.fetchall():
                (crowded if count > most else asked).append(digest)
        for listed in pieces(asked):
            those, parameters = among("digest", listed)
            cursor.execute(
                f"SELECT digest, person_key FROM {table} WHERE {those} AND kind = %s",  # noqa: S608
                [*parameters, kind],
            )
            for digest, person_key in cursor.fetchall():
                groups.setdefault(digest, []).append(person_key)
    return Shared(list(groups.values()), [digest.encode() for digest in crowded])


def numbers_of_several() -> set[str]:
    """Keys of the people whose number somebody else has too."""
    table = connection.ops.quote_name(IdentityDigest._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT person_key FROM {table} WHERE kind = 'id_number' AND digest IN ("  # noqa: S608
            f"SELECT digest FROM {table} WHERE kind = 'id_number' GROUP BY digest HAVING COUNT(*) > 1)"
        )
        return {key for (key,) in cursor.fetchall()}
