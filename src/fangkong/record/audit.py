"""Writing transactions and the audit chain.

Every write of the record happens inside ``with writing():``. Actions leave notes as they go; the rows are
chained and the head is moved by the last statements before commit, because holding the head from the start
would make every writer wait for every other.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from fangkong.core.errors import FangkongError
from fangkong.core.keys import canonical

from .keyring import keyring
from .locking import locked_one
from .models import AuditHead, AuditRow, Document, machine_now

GENESIS = "0" * 64


@dataclass(frozen=True)
class _Note:
    actor: str
    verb: str
    object_kind: str
    object_key: str
    area_code: str
    purpose: str
    digest: str


class _Pending(threading.local):
    notes: list[_Note] | None = None


_pending = _Pending()


@contextmanager
def writing() -> Iterator[None]:
    """A transaction whose audit rows are written with it, or not at all. Nests: the outermost commits."""
    if _pending.notes is not None:
        with transaction.atomic():
            yield
        return
    _pending.notes = []
    try:
        with transaction.atomic():
            yield
            _append(_pending.notes)
    finally:
        _pending.notes = None


def note(
    *,
    actor: str,
    verb: str,
    object_kind: str,
    object_key: str,
    area_code: str = "",
    purpose: str = "",
    values: Any = None,
) -> None:
    """Leave a note for the chain. Raises RuntimeError outside ``writing()``: no write goes unaudited.

    ``values`` enter only as a digest salted with the installation's key: nobody can read or guess them back.
    Bytes enter as they are, anything else in its canonical form.
    """
    if _pending.notes is None:
        raise RuntimeError("audit.note() outside writing(): open a writing transaction first")
    digest = ""
    if values is not None:
        content = values if isinstance(values, bytes) else canonical(values).encode()
        digest = hmac.digest(keyring().audit, content, "sha256").hex()
    _pending.notes.append(_Note(actor, verb, object_kind, object_key, area_code, purpose, digest))


def _append(notes: list[_Note]) -> None:
    if not notes:
        return
    head: AuditHead | None = locked_one(AuditHead.objects.filter(name="head"))
    if head is None:
        # A chain without its end cannot be gone on with: somebody took it away.
        raise FangkongError("setup.audit_head_missing", command="fangkong audit verify")
    at, rows = machine_now(), []
    for left in notes:
        row = AuditRow(seq=head.seq + 1, at=at, previous_hash=head.hash, **left.__dict__)
        row.hash = row_hash(row)
        head.seq, head.hash = row.seq, row.hash
        rows.append(row)
    AuditRow.objects.bulk_create(rows, batch_size=500)
    AuditHead.objects.filter(name="head").update(seq=head.seq, hash=head.hash)


def row_hash(row: AuditRow) -> str:
    """HMAC-SHA-256, under the installation's audit key, over the row's content and the hash before it.

    Keyed, so that somebody with the database alone cannot write a whole new chain that fits.
    """
    content = [
        row.seq,
        _instant(row.at),
        row.actor,
        row.verb,
        row.object_kind,
        row.object_key,
        row.area_code,
        row.purpose,
        row.digest,
        row.previous_hash,
    ]
    return hmac.new(keyring().audit, canonical(content).encode(), hashlib.sha256).hexdigest()


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def head() -> tuple[int, str]:
    """(number of rows, hash of the last) as it stands now. Raises FangkongError when it was removed."""
    row = AuditHead.objects.filter(name="head").first()
    if row is None:
        raise FangkongError("setup.audit_head_missing", command="fangkong audit verify")
    return row.seq, row.hash


@dataclass(frozen=True)
class Verdict:
    """What ``verify`` found: ``problem`` is "" when the chain is whole, else altered, removed, reordered, head."""

    rows: int
    problem: str = ""
    seq: int = 0


def verify() -> Verdict:
    """The first place where the chain is not what was written, or the whole chain as sound.

    Walks the rows in the order in which they were stored: a row whose content no longer fits its hash is
    altered; a gap in the numbers is a removal; a row out of its place is a reordering; a chain that does not
    end in the head has lost or gained its end, and so has one that lacks a head which a report was signed with.
    """
    expected, previous, count = 1, GENESIS, 0
    signed = set(Document.objects.exclude(audit_head="").values_list("audit_head", flat=True)) - {GENESIS}
    for row in AuditRow.objects.order_by("id").iterator(chunk_size=2000):
        if row.seq != expected:
            problem = "removed" if _is_missing(expected) else "reordered"
            return Verdict(count, problem, expected)
        if row.hash != row_hash(row):
            return Verdict(count, "altered", row.seq)
        if row.previous_hash != previous:
            return Verdict(count, "reordered", row.seq)
        previous, count, expected = row.hash, count + 1, expected + 1
        signed.discard(row.hash)
    try:
        end, end_hash = head()
    except FangkongError:
        return Verdict(count, "head", count)
    if end != count:
        return Verdict(count, "removed", count + 1) if end > count else Verdict(count, "head", end)
    if end_hash != previous or signed:
        return Verdict(count, "head", end)
    return Verdict(count)


def _is_missing(seq: int) -> bool:
    return not AuditRow.objects.filter(seq=seq).exists()
