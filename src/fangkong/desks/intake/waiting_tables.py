"""Tables that wait for another file: received again from their sealed copy once the record has what they name.

A sender's files come in any order. A contact whose case is not there yet, a relationship with an unknown end and a
follow-up of an unknown contact are held; the file lies sealed meanwhile (``kept_files``). After every file that brings
cases or contacts the waiting ones are read once more, each as from the person who sent it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db.models import Q

from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.models import Case, Contact, Receipt, ReceiptRow, User

from .held_rows import DECIDED
from .kept_files import is_kept, kept_file
from .staged_files import folder_of
from .table_rows import code_of_kind

#: Kinds with rows that wait, and the reason with which they do: what others wait for comes first.
_WAITS = {
    "contact_ledger": "unknown_case",
    "relationships": "unknown_person",
    "follow_ups": "unknown_person",
    "lab_results": "unknown_person",
}


def brings_what_others_wait_for(receipt: Receipt) -> bool:
    """Whether the file of ``receipt`` brought a case or a contact, or revised one."""
    return receipt.inserted + receipt.revised > 0 and any(
        model.objects.filter(source_key=receipt.key).exists() for model in (Case, Contact)
    )


def waiting_tables(besides: Receipt) -> list[Receipt]:
    """The receipts, ``besides`` left out, of which rows wait and whose file can still be opened.

    In the order in which they can help one another: contacts, their relationships, what was done for them.
    """
    found = []
    for kind, reason in _WAITS.items():
        waiting = ReceiptRow.objects.filter(reason=reason).values("receipt_key")
        decided = ReceiptRow.objects.filter(reason__in=DECIDED).values("receipt_key")
        receipts = (
            Receipt.objects.filter(mapping=code_of_kind(kind), withdrawn_at=None)
            # One that a kill left while it was read again is finished here.
            .filter(Q(key__in=waiting) | ~Q(state="applied"))
            # What somebody has decided row by row is not read over their head.
            .exclude(key__in=decided)
            .exclude(key=besides.key)
        )
        for receipt in receipts.order_by("received_at", "key"):
            if is_kept(folder_of(receipt.sha256, receipt.key)):
                found.append(receipt)
    return found


def sender_of(receipt: Receipt) -> Actor | None:
    """Who sent the file of ``receipt``, None when they may not send files any more."""
    kind, _, name = receipt.received_by.partition(":")
    if kind == "system" and name:
        return system_actor(name)
    user = User.objects.filter(key=receipt.received_by, is_active=True).first()
    actor = actor_of(user) if user is not None else None
    return actor if actor is not None and actor.may("file.receive") else None


@contextmanager
def opened_again(receipt: Receipt) -> Iterator[Path]:
    """The path of the received file for the time of the block; nothing readable stays behind.

    It lies outside the receipt's own folder, which is replaced while the file is received.
    """
    receipts = Path(settings.HOME) / "receipts"
    with TemporaryDirectory(prefix=".opened-", dir=receipts) as opened:
        path = Path(opened) / (Path(receipt.file_name).name or "file")
        with kept_file(folder_of(receipt.sha256, receipt.key), receipt.key, receipt.file_name) as kept:
            shutil.copyfile(kept, path)
            path.chmod(0o600)
        yield path
