"""Identities: sealed under a key for each person, opened for a purpose, every view of them audited."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from fangkong.core.errors import FangkongError, Forbidden, NotFound

from . import audit
from .access import Actor, visible_people
from .bulk_keys import quoted
from .columns import among, insert, pieces, present
from .identity_index import KINDS, digests_enter, digests_remove, index_digest, packed_digests, slip_marks
from .keyring import Keyring, keyring
from .models import AuditRow, Identity, IdentityDigest, IdentityKey, Person, UnmaskGrant, machine_now
from .retention.collecting import Bases, NoBasis
from .retention.entering import Stated, require_basis_for, without_basis

#: What an identity may hold.
FIELDS = ("name", "id_number", "phone", "address")

#: Purposes for which a name may be seen; each has its words in the faces.
PURPOSES = ("investigation", "contact_transfer", "verify_identity", "medical_help", "notice", "correction")

#: How long a view stays open, and how many searches an actor may make in an hour.
UNMASK_MINUTES = 15
SEARCHES_PER_HOUR = 60


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
        identities_remove(people)
    # One call for the randomness of all: a key and two nonces each.
    randomness = secrets.token_bytes(56 * len(people))
    data_keys, nonces, wrapping, ciphertexts = [], [], [], []
    for start, key in zip(range(0, len(randomness), 56), people, strict=True):
        data_key, nonce = randomness[start : start + 32], randomness[start + 32 : start + 44]
        plain = _json(pending[key]).encode()
        data_keys.append(data_key)
        nonces.append(nonce)
        wrapping.append(randomness[start + 44 : start + 56])
        ciphertexts.append(AESGCM(data_key).encrypt(nonce, plain, key.encode()))
    identities = [pending[key] for key in people]
    digests = packed_digests(ring, identities)
    master, wrapped = ring.wrap_all(data_keys, people, wrapping)
    count = len(people)
    sealed: dict[str, Sequence[Any]] = {
        "person_key": people,
        "nonce": nonces,
        "ciphertext": ciphertexts,
        "digests": digests,
        "marks": slip_marks(ring, identities),
    }
    insert(Identity, sealed, count)
    insert(IdentityKey, {"person_key": people, "master": [master] * count, "wrapped": wrapped}, count)
    if not new:
        digests_enter(people, digests)
    audit.note(
        actor=actor,
        verb="identity.load",
        object_kind="identity",
        object_key=f"{people[0]}..{people[-1]}",
        values="".join(people).encode(),
    )


def _json(identity: Mapping[str, str]) -> str:
    """``identity`` as JSON: texts need no encoder made for them."""
    return f"{{{', '.join([f'{quoted(name)}: {quoted(text)}' for name, text in identity.items()])}}}"


def identities_remove(person_keys: Sequence[str]) -> None:
    """Take away all that is held under the keys: ciphertext, data keys, digests. Inside ``audit.writing()``."""
    for listed in pieces(sorted(present(Identity, "person_key", person_keys))):
        digests_remove(listed)
        Identity.objects.filter(person_key__in=listed).delete()
    for listed in pieces(sorted(present(IdentityKey, "person_key", person_keys))):
        IdentityKey.objects.filter(person_key__in=listed).delete()


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
        return _open_all(keyring(), [person_key])[person_key], grant.until_at


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
    if kind not in KINDS:
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
