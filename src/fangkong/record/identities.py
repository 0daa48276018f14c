"""Identities: sealed, found by exact digest, opened for a purpose, purged by destroying a key."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from fangkong.core.errors import FangkongError, Forbidden, NotFound
from fangkong.core.killpoints import kill_point

from . import audit
from . import keyring as keys
from .access import Actor, visible_people
from .columns import insert, pieces, present
from .keyring import Keyring, keyring
from .models import AuditRow, Identity, IdentityDigest, IdentityKey, Person, UnmaskGrant, machine_now
from .pinyin import pinyin
from .retention.collecting import Bases, NoBasis
from .retention.entering import require_basis_for, without_basis

#: What an identity may hold.
FIELDS = ("name", "id_number", "phone", "address")

#: Purposes for which a name may be seen; each has its words in the faces.
PURPOSES = ("investigation", "contact_transfer", "verify_identity", "medical_help", "notice", "correction")

#: How long a view stays open, and how many searches an actor may make in an hour.
UNMASK_MINUTES = 15
SEARCHES_PER_HOUR = 60

_encode = json.JSONEncoder(ensure_ascii=False).encode

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


def _digests(ring: Keyring, identity: Mapping[str, str]) -> list[tuple[str, str]]:
    found = [
        (kind, search_digest(ring, kind, identity[kind]))
        for kind in ("id_number", "phone", "name")
        if identity.get(kind)
    ]
    if name := identity.get("name"):
        found.append(("pinyin", search_digest(ring, "pinyin", pinyin(name))))
    return found


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
    identities: Iterable[tuple[str, Mapping[str, str]]], *, actor: str, bases: Bases | None = None
) -> dict[str, NoBasis]:
    """The people whose names no rule lets the office hold, each with why; all others are sealed.

    For files: as :func:`identity_load`, but nobody's lack of a basis keeps the others out. ``bases`` are kept
    for a run of many batches, so that each question is put to the rules once.
    """
    ring, given = keyring(), dict(identities)
    with audit.writing():
        refused = without_basis(sorted(given), bases=bases)
        allowed = ((key, fields) for key, fields in given.items() if key not in refused)
        _seal(ring, _pending(ring, allowed), actor)
    return refused


def _pending(ring: Keyring, identities: Iterable[tuple[str, Mapping[str, str]]]) -> dict[str, dict[str, str]]:
    """Person key -> the whole identity, for those of whom ``identities`` say more than is held."""
    stated = {key: {k: v for k, v in fields.items() if v} for key, fields in identities}
    if unknown := {name for fields in stated.values() for name in fields} - set(FIELDS):
        raise ValueError(f"identities have no field {sorted(unknown)}")
    held = _open_all(ring, list(stated))
    merged = {key: fields | held.get(key, {}) for key, fields in stated.items()}
    return {key: fields for key, fields in merged.items() if fields and fields != held.get(key)}


def _seal(ring: Keyring, pending: Mapping[str, Mapping[str, str]], actor: str) -> None:
    """Write the identities, each under a fresh key of its own, in place of what stood there."""
    if not pending:
        return
    people = sorted(pending)
    # All of them: after a restore without wrapped keys, sealed rows may stand that nothing opens any more.
    for model in (Identity, IdentityKey, IdentityDigest):
        for stale in pieces(sorted(present(model, "person_key", people))):
            model._default_manager.filter(person_key__in=stale).delete()
    # One call for the randomness of all: a key and two nonces each.
    randomness = secrets.token_bytes(56 * len(people))
    data_keys, nonces, wrapping, ciphertexts = [], [], [], []
    owners: list[str] = []
    kinds: list[str] = []
    digests: list[str] = []
    for start, key in zip(range(0, len(randomness), 56), people, strict=True):
        data_key, nonce = randomness[start : start + 32], randomness[start + 32 : start + 44]
        plain = _encode(pending[key]).encode()
        data_keys.append(data_key)
        nonces.append(nonce)
        wrapping.append(randomness[start + 44 : start + 56])
        ciphertexts.append(AESGCM(data_key).encrypt(nonce, plain, key.encode()))
        for kind, digest in _digests(ring, pending[key]):
            owners.append(key)
            kinds.append(kind)
            digests.append(digest)
    master, wrapped = ring.wrap_all(data_keys, people, wrapping)
    count = len(people)
    insert(Identity, {"person_key": people, "nonce": nonces, "ciphertext": ciphertexts}, count)
    insert(IdentityKey, {"person_key": people, "master": [master] * count, "wrapped": wrapped}, count)
    insert(IdentityDigest, {"person_key": owners, "kind": kinds, "digest": digests}, len(owners))
    audit.note(
        actor=actor,
        verb="identity.load",
        object_kind="identity",
        object_key=f"{people[0]}..{people[-1]}",
        values=people,
    )


def _held(person_keys: list[str]) -> list[str]:
    return sorted(present(IdentityKey, "person_key", person_keys))


def _open_all(ring: Keyring, person_keys: Sequence[str]) -> dict[str, dict[str, str]]:
    """Person key -> identity, for those who have one."""
    found = {}
    for chunk in pieces(_held(list(person_keys))):
        keys_held = IdentityKey.objects.filter(person_key__in=chunk)
        wrapped = {row.person_key: row for row in keys_held}
        for sealed in Identity.objects.filter(person_key__in=chunk):
            found[sealed.person_key] = _opened(ring, wrapped[sealed.person_key], sealed)
        if missing := set(wrapped) - set(found):
            raise Identity.DoesNotExist(f"no sealed identity beside the key of {min(missing)}")
    return found


def _open(ring: Keyring, person_key: str) -> dict[str, str]:
    wrapped = IdentityKey.objects.get(person_key=person_key)
    return _opened(ring, wrapped, Identity.objects.get(person_key=person_key))


def _opened(ring: Keyring, wrapped: IdentityKey, sealed: Identity) -> dict[str, str]:
    person_key = wrapped.person_key
    data_key = ring.unwrap(wrapped.master, bytes(wrapped.wrapped), person_key)
    plain = AESGCM(data_key).decrypt(bytes(sealed.nonce), bytes(sealed.ciphertext), person_key.encode())
    return dict(json.loads(plain))


def holders(digests: Sequence[str]) -> dict[str, set[str]]:
    """Digest -> keys of the people who have it as number, name or phone, for those that anybody has."""
    found: dict[str, set[str]] = {}
    table = connection.ops.quote_name(IdentityDigest._meta.db_table)
    with connection.cursor() as cursor:
        for listed in pieces(digests):
            listing = ", ".join(["%s"] * len(listed))
            cursor.execute(
                f"SELECT digest, person_key FROM {table} "  # noqa: S608 (the table's own name)
                f"WHERE kind IN ('id_number', 'name', 'phone') AND digest IN ({listing})",
                listed,
            )
            for digest, person_key in cursor.fetchall():
                found.setdefault(digest, set()).add(person_key)
    return found


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
    digest = search_digest(keyring(), kind, value)
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
        for model in (IdentityKey, Identity, IdentityDigest, UnmaskGrant):
            model._default_manager.filter(person_key__in=chunk).delete()
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
