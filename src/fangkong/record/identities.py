"""Identities: sealed, found by exact digest, opened for a purpose, purged by destroying a key."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from numpy.typing import NDArray

from fangkong.core.errors import FangkongError, Forbidden, NotFound
from fangkong.core.killpoints import kill_point

from . import audit
from . import keyring as keys
from .access import Actor, visible_people
from .columns import among, insert, insert_missing, pieces, present
from .keyring import Keyring, keyring
from .models import AuditRow, Identity, IdentityDigest, IdentityKey, Person, UnmaskGrant, machine_now
from .pinyin import pinyin
from .retention.collecting import Bases, NoBasis
from .retention.entering import Stated, require_basis_for, without_basis

#: What an identity may hold.
FIELDS = ("name", "id_number", "phone", "address")

#: What somebody is found by, in the order in which ``Identity.digests`` holds the digests, and the bytes of each.
KINDS = ("id_number", "phone", "name", "pinyin")
DIGEST_BYTES = 16
_NONE = bytes(DIGEST_BYTES)
_NOTHING = bytes(DIGEST_BYTES * len(KINDS))
NO_DIGEST = b"0" * 2 * DIGEST_BYTES

#: Digests entered into the index in one transaction.
_INDEXED = 4000

#: Purposes for which a name may be seen; each has its words in the faces.
PURPOSES = ("investigation", "contact_transfer", "verify_identity", "medical_help", "notice", "correction")

#: How long a view stays open, and how many searches an actor may make in an hour.
UNMASK_MINUTES = 15
SEARCHES_PER_HOUR = 60

_encode = json.JSONEncoder(ensure_ascii=False).encode

_decode = json.JSONDecoder().decode

_REWRAPPED = kill_point("keys.batch_rewrapped")
_MASTER_ADDED = kill_point("keys.master_added")


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


def _digests(ring: Keyring, identity: Mapping[str, str]) -> bytes:
    """What ``Identity.digests`` holds of ``identity``."""
    begun, ended = _keyed(ring.search)
    name = identity.get("name", "")
    made = b""
    for kind, value in (
        ("id_number", identity.get("id_number")),
        ("phone", identity.get("phone")),
        ("name", name),
        ("pinyin", pinyin(name) if name else ""),
    ):
        if value:
            inner, outer = begun.copy(), ended.copy()
            inner.update(f"{kind}:{normalise(kind, value)}".encode())
            outer.update(inner.digest())
            made += outer.digest()[:DIGEST_BYTES]
        else:
            made += _NONE
    return made


def identity_load(
    identities: Iterable[tuple[str, Mapping[str, str]]],
    *,
    actor: str,
    category: str = "",
    at: datetime | None = None,
) -> int:
    """How many identities were sealed; (person key, fields) each. One transaction, one audit row.

    A person who has an identity already keeps it, and fields that it lacks are added. ``category`` and ``at``
    as in ``retention.entering``: without them what the record says of each person decides.
    Raises Forbidden ``retention.no_basis`` or ``retention.limited`` when no rule allows it: nothing is sealed.
    """
    ring = keyring()
    with audit.writing():
        pending = _pending(ring, identities)
        require_basis_for(sorted(pending), category=category, at=at)
        _seal(ring, pending, actor)
    return len(pending)


def identities_enter(
    identities: Iterable[tuple[str, Mapping[str, str]]],
    *,
    actor: str,
    bases: Bases | None = None,
    new: Collection[str] = (),
    stated: Stated | None = None,
) -> dict[str, NoBasis]:
    """The people whose names no rule lets the office hold, each with why; all others are sealed.

    For files: as :func:`identity_load`, but nobody's lack of a basis keeps the others out. ``bases`` are kept
    for a run of many batches, so that each question is put to the rules once. ``new`` are people who came into
    the record in this very transaction: nothing of them is looked for, and they are found by number, phone or
    name only after :func:`identities_index`. ``stated`` as in ``retention.entering``.
    """
    ring, given = keyring(), dict(identities)
    with audit.writing():
        refused = without_basis(sorted(given), bases=bases, stated=stated)
        for those in (True, False):
            allowed = [
                (key, fields) for key, fields in given.items() if (key in new) is those and key not in refused
            ]
            if allowed:
                _seal(ring, _pending(ring, allowed, new=those), actor, new=those)
    return refused


def _pending(
    ring: Keyring, identities: Iterable[tuple[str, Mapping[str, str]]], new: bool = False
) -> dict[str, dict[str, str]]:
    """Person key -> the whole identity, for those of whom ``identities`` say more than is held."""
    stated = {key: {k: v for k, v in fields.items() if v} for key, fields in identities}
    if unknown := set().union(*stated.values()) - set(FIELDS):
        raise ValueError(f"identities have no field {sorted(unknown)}")
    held = {} if new else _open_all(ring, list(stated))
    merged = {key: fields | held.get(key, {}) for key, fields in stated.items()} if held else stated
    return {key: fields for key, fields in merged.items() if fields and fields != held.get(key)}


def _seal(ring: Keyring, pending: Mapping[str, Mapping[str, str]], actor: str, new: bool = False) -> None:
    """Write the identities, each under a fresh key of its own, in place of what stood there."""
    if not pending:
        return
    people = sorted(pending)
    if not new:
        # All of them: after a restore without wrapped keys, sealed rows may stand that nothing opens any more.
        _remove(people)
    # One call for the randomness of all: a key and two nonces each.
    randomness = secrets.token_bytes(56 * len(people))
    data_keys, nonces, wrapping, ciphertexts, digests = [], [], [], [], []
    for start, key in zip(range(0, len(randomness), 56), people, strict=True):
        data_key, nonce = randomness[start : start + 32], randomness[start + 32 : start + 44]
        plain = _encode(pending[key]).encode()
        data_keys.append(data_key)
        nonces.append(nonce)
        wrapping.append(randomness[start + 44 : start + 56])
        ciphertexts.append(AESGCM(data_key).encrypt(nonce, plain, key.encode()))
        digests.append(_digests(ring, pending[key]))
    master, wrapped = ring.wrap_all(data_keys, people, wrapping)
    count = len(people)
    sealed: dict[str, Sequence[Any]] = {
        "person_key": people,
        "nonce": nonces,
        "ciphertext": ciphertexts,
        "digests": digests,
    }
    insert(Identity, sealed, count)
    insert(IdentityKey, {"person_key": people, "master": [master] * count, "wrapped": wrapped}, count)
    if not new:
        index = _Entries.of(people, digests)
        insert_missing(IdentityDigest, index.columns(people, slice(None)), len(index.owner))
    audit.note(
        actor=actor,
        verb="identity.load",
        object_kind="identity",
        object_key=f"{people[0]}..{people[-1]}",
        values="".join(people).encode(),
    )


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


def _remove(person_keys: Sequence[str]) -> None:
    """Take away all that is held under the keys: ciphertext, data keys, digests."""
    for listed in pieces(sorted(present(Identity, "person_key", person_keys))):
        people, packed = _packed(listed)
        columns = _Entries.of(people, packed).columns(people, slice(None))
        # By digest, which is what the index knows; a value that others share too is left to them.
        with connection.cursor() as cursor:
            table = connection.ops.quote_name(IdentityDigest._meta.db_table)
            cursor.executemany(
                f"DELETE FROM {table} WHERE digest = %s AND kind = %s AND person_key = %s",  # noqa: S608
                list(zip(columns["digest"], columns["kind"], columns["person_key"], strict=True)),
            )
        Identity.objects.filter(person_key__in=listed).delete()
    for listed in pieces(sorted(present(IdentityKey, "person_key", person_keys))):
        IdentityKey.objects.filter(person_key__in=listed).delete()


def _held(person_keys: list[str]) -> list[str]:
    return sorted(present(IdentityKey, "person_key", person_keys))


def _open_all(ring: Keyring, person_keys: Sequence[str]) -> dict[str, dict[str, str]]:
    """Person key -> identity, for those who have one."""
    people: list[str] = []
    plain: list[bytes] = []
    key_table, table = (connection.ops.quote_name(model._meta.db_table) for model in (IdentityKey, Identity))
    unwrap = ring.unwrapper()
    with connection.cursor() as cursor:
        for listed in pieces(sorted(set(person_keys))):
            those, parameters = among("k.person_key", listed)
            cursor.execute(
                "SELECT k.person_key, k.master, k.wrapped, s.nonce, s.ciphertext "  # noqa: S608
                f"FROM {key_table} k LEFT JOIN {table} s ON s.person_key = k.person_key "
                f"WHERE {those}",
                parameters,
            )
            for key, master, wrapped, nonce, ciphertext in cursor.fetchall():
                if nonce is None:
                    raise Identity.DoesNotExist(f"no sealed identity beside the key of {key}")
                data_key = unwrap(master, bytes(wrapped), key)
                people.append(key)
                plain.append(AESGCM(data_key).decrypt(bytes(nonce), bytes(ciphertext), key.encode()))
    # Read as one list: a decoder started for each costs as much as the reading.
    return dict(zip(people, json.loads(b"[%s]" % b",".join(plain)), strict=True))


def _open(ring: Keyring, person_key: str) -> dict[str, str]:
    wrapped = IdentityKey.objects.get(person_key=person_key)
    return _opened(ring, wrapped, Identity.objects.get(person_key=person_key))


def _opened(ring: Keyring, wrapped: IdentityKey, sealed: Identity) -> dict[str, str]:
    person_key = wrapped.person_key
    data_key = ring.unwrap(wrapped.master, bytes(wrapped.wrapped), person_key)
    return _plain(data_key, bytes(sealed.nonce), bytes(sealed.ciphertext), person_key)


def _plain(data_key: bytes, nonce: bytes, ciphertext: bytes, person_key: str) -> dict[str, str]:
    plain: dict[str, str] = _decode(AESGCM(data_key).decrypt(nonce, ciphertext, person_key.encode()).decode())
    return plain


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


def unmask_request(
    person_key: str, *, actor: Actor, purpose: str, now: datetime, reason: str = ""
) -> datetime:
    """Until when ``actor`` may see the person's identity. Audited; the person can read that it happened.

    Raises Forbidden when the role may not, NotFound when the person is not in the actor's scope or has been
    purged, FangkongError for an unknown purpose.
    """
    actor.require("person.unmask")
    if actor.named == "no":
        raise Forbidden("access.not_your_role", permission="person.unmask", roles=[])
    if purpose not in PURPOSES:
        raise FangkongError("identity.unknown_purpose", purpose=purpose)
    if not visible_people(Person.objects.open().filter(key=person_key), actor).exists():
        raise NotFound("person.not_found")
    if not IdentityKey.objects.filter(person_key=person_key).exists():
        raise NotFound("identity.none")
    until = now + timedelta(minutes=UNMASK_MINUTES)
    with audit.writing():
        UnmaskGrant.objects.create(
            user_key=actor.key, person_key=person_key, purpose=purpose, reason=reason[:200], until_at=until
        )
        audit.note(
            actor=actor.key,
            verb="identity.unmask",
            object_kind="person",
            object_key=person_key,
            purpose=purpose,
            values=reason,
        )
    return until


def identity_read(person_key: str, *, actor: Actor, now: datetime) -> tuple[dict[str, str], datetime] | None:
    """(identity, until when it may be seen), or None without an open grant. Every read is audited."""
    grant = (
        UnmaskGrant.objects.filter(user_key=actor.key, person_key=person_key, until_at__gt=now)
        .order_by("-until_at")
        .first()
    )
    if grant is None or not IdentityKey.objects.filter(person_key=person_key).exists():
        return None
    if not visible_people(Person.objects.open().filter(key=person_key), actor).exists():
        return None
    with audit.writing():
        audit.note(
            actor=actor.key,
            verb="identity.read",
            object_kind="person",
            object_key=person_key,
            purpose=grant.purpose,
        )
        return _open(keyring(), person_key), grant.until_at


def identities_read(
    person_keys: Iterable[str], *, actor: Actor, now: datetime
) -> dict[str, tuple[dict[str, str], datetime]]:
    """Person key -> (identity, until when it may be seen), of those for whom the actor has an open grant.

    For lists: as :func:`identity_read`, each read audited for itself, in a number of queries that does not grow.
    """
    wanted = UnmaskGrant.objects.filter(
        user_key=actor.key, person_key__in=sorted(set(person_keys)), until_at__gt=now
    )
    grants = {grant.person_key: grant for grant in wanted.order_by("until_at")}
    if not grants:
        return {}
    people = visible_people(Person.objects.open().filter(key__in=list(grants)), actor)
    seen = sorted(people.values_list("key", flat=True))
    with audit.writing():
        opened = _open_all(keyring(), seen)
        for key in opened:
            audit.note(
                actor=actor.key,
                verb="identity.read",
                object_kind="person",
                object_key=key,
                purpose=grants[key].purpose,
            )
    return {key: (identity, grants[key].until_at) for key, identity in opened.items()}


def person_search(kind: str, value: str, *, actor: Actor, purpose: str) -> list[str]:
    """Keys of people in the actor's scope whose ``kind`` (id_number, phone, name, pinyin) is exactly ``value``.

    Audited under a digest, never the value. Raises Forbidden when the role may not search or has searched
    too often within the hour, FangkongError for an unknown kind or purpose.
    """
    actor.require("person.unmask")
    if purpose not in PURPOSES:
        raise FangkongError("identity.unknown_purpose", purpose=purpose)
    if kind not in ("id_number", "phone", "name", "pinyin"):
        raise FangkongError("identity.unknown_kind", kind=kind)
    recent = AuditRow.objects.filter(
        actor=actor.key, verb="identity.search", at__gt=machine_now() - timedelta(hours=1)
    ).count()
    if recent >= SEARCHES_PER_HOUR:
        raise Forbidden("identity.too_many_searches", limit=SEARCHES_PER_HOUR)
    digest = index_digest(keyring(), kind, value)
    keys_found = IdentityDigest.objects.filter(kind=kind, digest=digest).values_list("person_key", flat=True)
    seen = visible_people(Person.objects.open().filter(key__in=list(keys_found)), actor)
    with audit.writing():
        audit.note(
            actor=actor.key,
            verb="identity.search",
            object_kind="identity",
            object_key=kind,
            purpose=purpose,
            values=digest,
        )
    return sorted(seen.values_list("key", flat=True))


def identities_compare(person_keys: Iterable[str], *, actor: Actor) -> dict[str, dict[str, str]]:
    """Person key -> identity, opened by the office's machine to compare people with one another; shown to nobody.

    One audit row for all of them. Raises Forbidden for anybody but the system: a person asks for one identity at
    a time, with a purpose.
    """
    if actor.role != "system":
        raise Forbidden("access.not_your_role", permission="person.unmask", roles=[])
    wanted = sorted(set(person_keys))
    if not wanted:
        return {}
    with audit.writing():
        audit.note(
            actor=actor.key,
            verb="identity.compare",
            object_kind="identity",
            object_key=f"{wanted[0]}..{wanted[-1]}",
            values=[len(wanted)],
        )
    # Opened outside the transaction, which keeps every other writer waiting.
    return _open_all(keyring(), wanted)


def reads_of(person_key: str) -> list[AuditRow]:
    """Every view of the person's identity, newest first: what the person is told on asking."""
    verbs = ("identity.unmask", "identity.read")
    return list(AuditRow.objects.filter(object_key=person_key, verb__in=verbs).order_by("-seq")[:200])


def person_purge(person_keys: Iterable[str], *, actor: str, reason: str) -> int:
    """How many people's keys were destroyed; their names are gone from here and from every backup.

    The remaining keys are wrapped anew under a fresh master and the old master is dropped, because an older
    copy of the database still holds the wrapped keys of those purged. Epidemiological facts stay.
    """
    wanted = sorted(set(person_keys))
    with audit.writing():
        count = len(identity_keys_destroy(wanted))
        audit.note(
            actor=actor,
            verb="identity.purge",
            object_kind="person",
            object_key=f"{wanted[0]}..{wanted[-1]}" if wanted else "",
            purpose="",
            values=[wanted, reason],
        )
    keys_rotate(actor=actor)
    return count


def identity_keys_destroy(person_keys: Sequence[str]) -> list[str]:
    """The people among ``person_keys`` whose keys were there and are destroyed.

    The first half of a purge: call it inside ``audit.writing()``, note it there, and let ``keys_rotate`` follow,
    without which an older copy of the database still opens them.
    """
    gone = []
    for start in range(0, len(person_keys), 500):
        chunk = person_keys[start : start + 500]
        gone += _held(list(chunk))
        _remove(list(chunk))
        UnmaskGrant.objects.filter(person_key__in=chunk).delete()
    return gone


def storage_scrub() -> None:
    """Rewrite the database file and empty its log, so that no freed page keeps what a purge removed.

    Run it after ``person_purge``, outside any transaction. PostgreSQL reclaims pages by its own vacuum; what
    they hold is ciphertext whose key is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def keys_rotate(*, actor: str, batch: int = 500) -> int:
    """How many person keys were wrapped anew under a fresh master; older masters are then dropped.

    Runs in batches and may be killed at any point: started again, it goes on where it stopped. Keys wrapped by
    a master that is no longer in the file (an older database beside newer keys) are left: nothing opens them.
    """
    ring, moved = keyring(), 0
    if len(ring.masters) == 1:
        ring = keys.add_master(ring)
        _MASTER_ADDED.passed()
    older = sorted(set(ring.masters) - {ring.current})
    while True:
        with audit.writing():
            rows = list(IdentityKey.objects.filter(master__in=older).order_by("id")[:batch])
            for row in rows:
                data_key = ring.unwrap(row.master, bytes(row.wrapped), row.person_key)
                row.master, row.wrapped = ring.wrap(data_key, row.person_key)
            IdentityKey.objects.bulk_update(rows, ["master", "wrapped"], batch_size=100)
            if rows:
                audit.note(
                    actor=actor,
                    verb="keys.rewrap",
                    object_kind="identity",
                    object_key=f"{rows[0].person_key}..{rows[-1].person_key}",
                )
        moved += len(rows)
        _REWRAPPED.passed()
        if not rows:
            break
    keys.drop_masters(ring)
    with audit.writing():
        audit.note(actor=actor, verb="keys.rotate", object_kind="keyring", object_key=ring.current)
    return moved
