"""Receipts: what came in and what became of each row."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, visible
from fangkong.record.models import Receipt, ReceiptRow

from .mapping import FileMapping
from .recognition import mappings
from .staged_files import StagedReceipt, folder_of


def receipts(*, actor: Actor, at: datetime | None = None) -> QuerySet[Receipt]:
    """The receipts in the actor's area, newest first; with ``at``, those whose rows were known by then."""
    actor.require("receipt.read")
    found = visible(Receipt.objects.order_by("-received_at", "-id"), actor)
    return found if at is None else found.filter(known_at__lte=at)


def receipt_get(key: str, *, actor: Actor) -> Receipt:
    """The receipt. Raises NotFound when there is none in the actor's area."""
    found = receipts(actor=actor).filter(key=key).first()
    if found is None:
        raise NotFound("receipt.not_found", receipt=key)
    return found


def receipt_rows(key: str, *, actor: Actor, outcome: str = "") -> QuerySet[ReceiptRow]:
    """The held and rejected rows of a receipt in the file's order; ``outcome`` picks one kind."""
    rows = ReceiptRow.objects.filter(receipt_key=receipt_get(key, actor=actor).key).order_by("row_number")
    return rows.filter(outcome=outcome) if outcome else rows


def ignored_columns(receipt: Receipt) -> list[str]:
    """Columns of the file that its mapping does not know, so that nobody believes they were read."""
    folder = folder_of(receipt.sha256, receipt.key)
    if not (folder / "manifest.json").is_file():
        return []
    return list(StagedReceipt(folder, receipt.key).manifest.ignored_columns)


def mappings_at_hand() -> list[FileMapping]:
    """The mappings that a sender may choose from."""
    return mappings()
