"""Applying: the staged facts of a receipt enter the record, a chunk at a time, and resume after a kill."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping

from django.db.models import F

from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.events import emit, emit_all
from fangkong.record.identity_index import identities_index
from fangkong.record.installation import installation
from fangkong.record.load import Outcome, load_facts
from fangkong.record.models import Receipt, ReceiptRow
from fangkong.record.retention.collecting import Bases, NoBasis
from fangkong.record.rulebook import rulebook

from .defects import HELD, WITHOUT_NAME, Defect
from .facts_entering import MODELS, Teller, contradicting_rows, facts_enter, identities_opened, shared_write
from .file_checks import Progress
from .limits import limits
from .manifest import Manifest
from .staged_files import IDENTITY, StagedFact, StagedReceipt, folder_of

_REASONS_WRITTEN = kill_point("receive.reasons_written")
_CHUNK_APPLIED = kill_point("receive.chunk_applied")
_NAMES_INDEXED = kill_point("receive.names_indexed")
_FINISHED = kill_point("receive.finished")
_KEY_DESTROYED = kill_point("receive.key_destroyed")


def apply_receipt(receipt: Receipt, staged: StagedReceipt, progress: Progress | None = None) -> Receipt:
    """The receipt after all its staged facts are in the record; goes on where an earlier run stopped."""
    _write_reasons(receipt, staged)
    _REASONS_WRITTEN.passed()
    shared_write(receipt, staged)
    rejected = _rejected_rows(staged)
    bases = Bases(rulebook(), installation().area_code)
    for end, chunk in staged.chunks(receipt.applied_to):
        if end > len(chunk):
            time.sleep(limits().pause_seconds)
        kept = [fact for fact in chunk if fact.row not in rejected]
        _apply_chunk(receipt, staged, kept, end, bases)
        _CHUNK_APPLIED.passed()
        if progress is not None:
            progress(end, staged.manifest.facts)
    names_index(staged, actor=receipt.received_by)
    _finish(receipt)
    _FINISHED.passed()
    staged.destroy_key()
    _KEY_DESTROYED.passed()
    receipt.refresh_from_db()
    return receipt


def names_index(staged: StagedReceipt, *, actor: str) -> None:
    """Let the people whom a receipt has brought be found by number, phone and name. May be begun anew."""
    for _ in identities_index(staged.keys_of(IDENTITY), actor=actor):
        _NAMES_INDEXED.passed()
        time.sleep(limits().pause_seconds)


def names_index_unfinished(but: str) -> None:
    """Do so for receipts that a kill left unfinished, all but the receipt ``but``: the next file meets these people."""
    for receipt in Receipt.objects.filter(state="applying").exclude(key=but).order_by("id"):
        folder = folder_of(receipt.sha256, receipt.key)
        if (folder / "manifest.json").is_file():
            names_index(StagedReceipt(folder, receipt.key), actor=receipt.received_by)


def _write_reasons(receipt: Receipt, staged: StagedReceipt) -> None:
    for defects in staged.defects():
        with audit.writing():
            ReceiptRow.objects.bulk_create(
                [
                    ReceiptRow(
                        receipt_key=receipt.key,
                        **staged.manifest.place(defect["row"]),
                        column=defect["column"][:80],
                        outcome=defect["outcome"],
                        reason=defect["reason"],
                        params=json.loads(defect["params"]),
                    )
                    for defect in defects
                ],
                ignore_conflicts=True,
            )


def _rejected_rows(staged: StagedReceipt) -> frozenset[int]:
    """Rows whose facts were staged before it was clear that an earlier row says the same."""
    return frozenset(
        defect["row"]
        for defects in staged.defects()
        for defect in defects
        if defect["reason"] in ("duplicate_row", "duplicate_conflict")
    )


def _apply_chunk(
    receipt: Receipt, staged: StagedReceipt, facts: list[StagedFact], end: int, bases: Bases
) -> None:
    """Write one chunk and move the receipt, in one transaction."""
    # Opened before the transaction, which keeps every other writer waiting.
    identities = identities_opened(staged, facts)
    with audit.writing():
        entered = facts_enter(
            receipt, staged, facts, identities, bases, actor=receipt.received_by, names_later=True
        )
        _tell_without_name(receipt, entered.nameless, entered.refused, staged.manifest)
        _hold(receipt, entered.contradicting, staged.manifest)
        Receipt.objects.filter(key=receipt.key).update(
            state="applying",
            applied_to=end,
            inserted=F("inserted") + entered.counted.inserted,
            revised=F("revised") + entered.counted.revised,
            unchanged=F("unchanged") + entered.counted.unchanged,
            accepted=F("accepted") - len(entered.contradicting),
            held=F("held") + len(entered.contradicting),
        )


def apply_waiting(receipt: Receipt, facts: list[StagedFact], defects: dict[int, Defect]) -> int:
    """How many rows that waited for another file are now taken: their facts enter, the receipt is moved on.

    ``defects`` are rows that turned out otherwise than waiting. One transaction.
    """
    with audit.writing():
        contradicting = contradicting_rows(facts)
        kept = [fact.said for fact in facts if fact.row not in contradicting]
        outcome, teller = Outcome(), Teller()
        if kept:
            outcome = load_facts(
                MODELS[facts[0].model],
                kept,
                actor=receipt.received_by,
                source_key=receipt.key,
                after_insert=teller.of(facts[0].model),
                back_fill=receipt.known_basis != "receipt",
            )
            emit_all(teller.happenings)
        gone = [fact.row for fact in facts] + list(defects)
        ReceiptRow.objects.filter(receipt_key=receipt.key, row_number__in=gone).delete()
        _hold(receipt, contradicting, Manifest())
        ReceiptRow.objects.bulk_create(
            ReceiptRow(
                receipt_key=receipt.key,
                row_number=number,
                column=defect.column[:80],
                outcome=defect.outcome,
                reason=defect.reason,
                params=defect.params,
            )
            for number, defect in sorted(defects.items())
        )
        rejected = sum(defect.outcome != HELD for defect in defects.values())
        known_at = max((row["known_from"] for row in kept), default=receipt.known_at)
        if receipt.accepted or receipt.known_basis == "receipt":
            known_at = max(known_at, receipt.known_at)
        Receipt.objects.filter(key=receipt.key).update(
            known_at=known_at,
            accepted=F("accepted") + len(kept),
            held=F("held") - len(kept) - rejected,
            rejected=F("rejected") + rejected,
            inserted=F("inserted") + outcome.inserted,
            revised=F("revised") + outcome.revised,
            unchanged=F("unchanged") + outcome.unchanged,
        )
        receipt.refresh_from_db()
        _tell_applied(receipt)
        audit.note(
            actor=receipt.received_by,
            verb="receipt.waiting_apply",
            object_kind="receipt",
            object_key=receipt.key,
            values=[len(kept), len(contradicting), len(defects)],
        )
    return len(kept)


def _hold(receipt: Receipt, contradicting: dict[int, StagedFact], manifest: Manifest) -> None:
    ReceiptRow.objects.bulk_create(
        [
            ReceiptRow(
                receipt_key=receipt.key,
                **manifest.place(row_number),
                outcome=HELD,
                reason="contradicts_record",
                params={"table": fact.model, "key": fact.key, "option": "--known-at"},
            )
            for row_number, fact in sorted(contradicting.items())
        ],
        ignore_conflicts=True,
        batch_size=limits().chunk_facts,
    )


def _tell_without_name(
    receipt: Receipt, facts: list[StagedFact], refused: Mapping[str, NoBasis], manifest: Manifest
) -> None:
    """The rows whose facts entered without the name, and the rule key that lets nobody hold it."""
    ReceiptRow.objects.bulk_create(
        [
            ReceiptRow(
                receipt_key=receipt.key,
                **manifest.place(fact.row),
                outcome=WITHOUT_NAME,
                reason="no_basis_for_name",
                params={"rule_key": str(refused[fact.key].refusal().params.get("key", ""))},
            )
            for fact in facts
        ],
        ignore_conflicts=True,
        batch_size=limits().chunk_facts,
    )


def _finish(receipt: Receipt) -> None:
    with audit.writing():
        Receipt.objects.filter(key=receipt.key).update(state="applied")
        receipt.refresh_from_db()
        _tell_applied(receipt)
        audit.note(
            actor=receipt.received_by, verb="receipt.apply", object_kind="receipt", object_key=receipt.key
        )


def _tell_applied(receipt: Receipt) -> None:
    """Tell of a receipt once some of it is in the record: one that only waits has changed nothing yet."""
    if receipt.accepted:
        emit(
            "receipt.applied",
            receipt.key,
            receipt.area_code,
            at=receipt.known_at,
            params={"mapping": receipt.mapping},
        )
