"""Identities: sealed, found by exact digest, opened for a purpose, purged by destroying a key."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from pypinyin import Style, lazy_pinyin

from fangkong.core.errors import FangkongError, Forbidden, NotFound
from fangkong.core.killpoints import kill_point

from . import audit
from . import keyring as keys
from .access import Actor, visible_people
from .keyring import Keyring, keyring
from .models import AuditRow, Identity, IdentityDigest, IdentityKey, Person, UnmaskGrant, machine_now
from .retention.entering import require_basis_for

#: What an identity may hold.
FIELDS = ("name", "id_number", "phone", "address")

#: Purposes for which a name may be seen; each has its words in the faces.
PURPOSES = ("investigation", "contact_transfer", "verify_identity", "medical_help", "notice", "correction")

#: How long a view stays open, and how many searches an actor may make in an hour.
UNMASK_MINUTES = 15
SEARCHES_PER_HOUR = 60

_REWRAPPED = kill_point("keys.batch_rewrapped")
_MASTER_ADDED = kill_point("keys.master_added")


def normalise(kind: str, value: str) -> str:
    """The form in which ``value`` is compared: width and case folded, spaces and dashes dropped."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    kept = "".join(ch for ch in folded if ch.isalnum())
    return kept.removeprefix("86") if kind == "phone" and len(kept) == 13 else kept


def search_digest(ring: Keyring, kind: str, value: str) -> str:
    """The keyed digest under which ``value`` of ``kind`` is found: equal for all spellings that are the same."""
    text = f"{kind}:{normalise(kind, value)}"
    return hmac.new(ring.search, text.encode(), hashlib.sha256).hexdigest()


def _digests(ring: Keyring, identity: Mapping[str, str]) -> set[tuple[str, str]]:
    found = {
        (kind, search_digest(ring, kind, identity[kind]))
        for kind in ("id_number", "phone", "name")
        if identity.get(kind)
    }
    if name := identity.get("name"):
        found.add(("pinyin", search_digest(ring, "pinyin", "".join(lazy_pinyin(name, style=Style.NORMAL)))))
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
    ring, pending = keyring(), {key: {k: v for k, v in fields.items() if v} for key, fields in identities}
    if unknown := {name for fields in pending.values() for name in fields} - set(FIELDS):
        raise ValueError(f"identities have no field {sorted(unknown)}")
    with audit.writing():
        held = {key: _open(ring, key) for key in _held(list(pending))}
        pending = {key: fields | held.get(key, {}) for key, fields in pending.items()}
        pending = {key: fields for key, fields in pending.items() if fields and fields != held.get(key)}
        require_basis_for(sorted(pending), category=category, at=at)
        # All of them: after a restore without wrapped keys, sealed rows may stand that nothing opens any more.
        renewed = sorted(pending)
        for model in (Identity, IdentityKey, IdentityDigest):
            for start in range(0, len(renewed), 500):
                model._default_manager.filter(person_key__in=renewed[start : start + 500]).delete()
        sealed, wrapped, digests = [], [], []
        for key, fields in pending.items():
            data_key, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
            plain = json.dumps(fields, ensure_ascii=False).encode()
            sealed.append(
                Identity(
                    person_key=key,
                    nonce=nonce,
                    ciphertext=AESGCM(data_key).encrypt(nonce, plain, key.encode()),
                )
            )
            master, shut = ring.wrap(data_key, key)
            wrapped.append(IdentityKey(person_key=key, master=master, wrapped=shut))
            digests += [
                IdentityDigest(person_key=key, kind=k, digest=d) for k, d in sorted(_digests(ring, fields))
            ]
        Identity.objects.bulk_create(sealed, batch_size=500)
        IdentityKey.objects.bulk_create(wrapped, batch_size=500)
        IdentityDigest.objects.bulk_create(digests, batch_size=500)
        if pending:
            audit.note(
                actor=actor,
                verb="identity.load",
                object_kind="identity",
                object_key=f"{min(pending)}..{max(pending)}",
                values=sorted(pending),
            )
    return len(pending)


def _held(person_keys: list[str]) -> list[str]:
    found: list[str] = []
    for start in range(0, len(person_keys), 500):
        chunk = person_keys[start : start + 500]
        found += IdentityKey.objects.filter(person_key__in=chunk).values_list("person_key", flat=True)
    return found


def _open(ring: Keyring, person_key: str) -> dict[str, str]:
    wrapped = IdentityKey.objects.get(person_key=person_key)
    sealed = Identity.objects.get(person_key=person_key)
    data_key = ring.unwrap(wrapped.master, bytes(wrapped.wrapped), person_key)
    plain = AESGCM(data_key).decrypt(bytes(sealed.nonce), bytes(sealed.ciphertext), person_key.encode())
    return dict(json.loads(plain))


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
