"""Purging: a person's key destroyed, and the masters that wrapped it replaced, so that no older copy opens the name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from fangkong.core.killpoints import kill_point

from . import audit
from . import keyring as keys
from .columns import present
from .identities import identities_remove
from .keyring import keyring
from .models import IdentityKey, UnmaskGrant

_REWRAPPED = kill_point("keys.batch_rewrapped")
_MASTER_ADDED = kill_point("keys.master_added")


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
        gone += sorted(present(IdentityKey, "person_key", chunk))
        identities_remove(chunk)
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
