"""Applying: the staged facts of a receipt enter the record, a chunk at a time, and resume after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from fangkong.core.keys import canonical
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.digest import VERSIONED
from fangkong.record.events import emit
from fangkong.record.identities import identity_load
from fangkong.record.load import Outcome, Row, load, load_chunk
from fangkong.record.models import Receipt, ReceiptRow, Versioned
from fangkong.record.retention.collecting import NoBasis
from fangkong.record.retention.entering import without_basis

from .defects import HELD, WITHOUT_NAME, Defect
from .file_checks import Progress
from .limits import limits
from .staged_files import IDENTITY, StagedReceipt

#: The order in which the facts of a chunk are written: what others point at comes first.
ORDER = (
    "area",
    "organisation",
    "place",
    "person",
    "personarea",
    "case",
    "contact",
    "transmissionlink",
    "specimen",
    "labresult",
    "dailycount",
)
#: Counted in the receipt as new, revised or unchanged.
COUNTED = frozenset({"case", "contact", "transmissionlink", "labresult", "dailycount"})

_REASONS_WRITTEN = kill_point("receive.reasons_written")
_CHUNK_APPLIED = kill_point("receive.chunk_applied")
_FINISHED = kill_point("receive.finished")
_KEY_DESTROYED = kill_point("receive.key_destroyed")


def apply_receipt(receipt: Receipt, staged: StagedReceipt, progress: Progress | None = None) -> Receipt:
    """The receipt after all its staged facts are in the record; goes on where an earlier run stopped."""
    _write_reasons(receipt, staged)
    _REASONS_WRITTEN.passed()
    _write_shared(receipt, staged)
    rejected = _rejected_rows(staged)
    for end, chunk in staged.chunks(receipt.applied_to):
        kept = [fact for fact in chunk if fact["row"] not in rejected]
        _apply_chunk(receipt, staged, kept, end)
        _CHUNK_APPLIED.passed()
        if progress is not None:
            progress(end, staged.manifest.facts)
    _finish(receipt)
    _FINISHED.passed()
    staged.destroy_key()
    _KEY_DESTROYED.passed()
    receipt.refresh_from_db()
    return receipt


def _write_reasons(receipt: Receipt, staged: StagedReceipt) -> None:
    for defects in staged.defects():
        with audit.writing():
            ReceiptRow.objects.bulk_create(
                [
                    ReceiptRow(
                        receipt_key=receipt.key,
                        row_number=defect["row"],
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


def _write_shared(receipt: Receipt, staged: StagedReceipt) -> None:
    facts = staged.shared()
    for name in ORDER:
        rows = [_row(fact) for fact in facts if fact["model"] == name]
        if rows:
            load(_model(name), rows, actor=receipt.received_by, source_key=receipt.key)


def _apply_chunk(receipt: Receipt, staged: StagedReceipt, facts: list[Row], end: int) -> None:
    """Write one chunk and move the receipt, in one transaction."""
    with audit.writing():
        contradicting = _contradicting_rows(facts)
        kept = [fact for fact in facts if fact["row"] not in contradicting]
        teller = _Teller()
        counted = Outcome()
        for name in ORDER:
            rows = sorted(
                (_row(f) for f in kept if f["model"] == name), key=lambda r: (r["key"], r["known_from"])
            )
            if rows:
                back_fill = staged.manifest.back_fill and name in COUNTED
                outcome = load_chunk(
                    _model(name), list(enumerate(rows)), receipt.received_by, receipt.key, teller, back_fill
                )
                if name in COUNTED:
                    counted.add(outcome)
        sealed = [fact for fact in kept if fact["model"] == IDENTITY]
        if sealed:
            data_key = staged.data_key()
            refused = without_basis(sorted({fact["key"] for fact in sealed}))
            _tell_without_name(receipt, [fact for fact in sealed if fact["key"] in refused], refused)
            sealed = [fact for fact in sealed if fact["key"] not in refused]
            people = ((fact["key"], staged.open(data_key, fact["key"], fact["sealed"])) for fact in sealed)
            identity_load(_merged(people), actor=receipt.received_by)
        _hold(receipt, contradicting)
        Receipt.objects.filter(key=receipt.key).update(
            state="applying",
            applied_to=end,
            inserted=F("inserted") + counted.inserted,
            revised=F("revised") + counted.revised,
            unchanged=F("unchanged") + counted.unchanged,
            accepted=F("accepted") - len(contradicting),
            held=F("held") + len(contradicting),
        )


def apply_waiting(receipt: Receipt, facts: list[Row], defects: dict[int, Defect]) -> int:
    """How many rows that waited for another file are now taken: their facts enter, the receipt is moved on.

    ``defects`` are rows that turned out otherwise than waiting. One transaction.
    """
    with audit.writing():
        contradicting = _contradicting_rows(facts)
        kept = sorted(
            (_row(fact) for fact in facts if fact["row"] not in contradicting),
            key=lambda row: (row["key"], row["known_from"]),
        )
        outcome = Outcome()
        if kept:
            model = _model(facts[0]["model"])
            back_fill = receipt.known_basis != "receipt"
            outcome = load_chunk(
                model, list(enumerate(kept)), receipt.received_by, receipt.key, _Teller(), back_fill
            )
        gone = [fact["row"] for fact in facts] + list(defects)
        ReceiptRow.objects.filter(receipt_key=receipt.key, row_number__in=gone).delete()
        _hold(receipt, contradicting)
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


def _merged(people: Any) -> list[tuple[str, dict[str, str]]]:
    """One entry a person, though several rows of a chunk name them."""
    merged: dict[str, dict[str, str]] = {}
    for key, fields in people:
        merged[key] = fields | merged.get(key, {})
    return list(merged.items())


def _contradicting_rows(facts: list[Row]) -> dict[int, Row]:
    """Rows, with the fact in question, that say otherwise than the record does since the same instant."""
    found: dict[int, Row] = {}
    for name in ORDER:
        mine = [fact for fact in facts if fact["model"] == name]
        if not mine:
            continue
        model = _model(name)
        fields = {f.name: f for f in model.fact_fields()}
        held = {
            (row["key"], row["known_from"]): canonical({n: row[n] for n in fields})
            for row in model._default_manager.filter(
                key__in=[fact["key"] for fact in mine], known_from__in={fact["known_from"] for fact in mine}
            ).values("key", "known_from", *fields)
        }
        if not held:
            continue
        for fact in mine:
            stored = held.get((fact["key"], fact["known_from"]))
            if stored is not None:
                row = _row(fact)
                said = canonical({n: row[n] if n in row else f.get_default() for n, f in fields.items()})
                if said != stored:
                    found.setdefault(fact["row"], fact)
    return found


def _hold(receipt: Receipt, contradicting: dict[int, Row]) -> None:
    ReceiptRow.objects.bulk_create(
        [
            ReceiptRow(
                receipt_key=receipt.key,
                row_number=row_number,
                outcome=HELD,
                reason="contradicts_record",
                params={"table": fact["model"], "key": fact["key"], "option": "--known-at"},
            )
            for row_number, fact in sorted(contradicting.items())
        ],
        ignore_conflicts=True,
        batch_size=limits().chunk_facts,
    )


def _tell_without_name(receipt: Receipt, facts: list[Row], refused: Mapping[str, NoBasis]) -> None:
    """The rows whose facts entered without the name, and the rule key that lets nobody hold it."""
    ReceiptRow.objects.bulk_create(
        [
            ReceiptRow(
                receipt_key=receipt.key,
                row_number=fact["row"],
                outcome=WITHOUT_NAME,
                reason="no_basis_for_name",
                params={"rule_key": str(refused[fact["key"]].refusal().params.get("key", ""))},
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


class _Teller:
    """Emits the events of what a chunk wrote, inside its transaction; each day and area is told once."""

    def __init__(self) -> None:
        self._told: set[tuple[str, datetime]] = set()

    def __call__(self, model: type[Versioned], row: Row) -> None:
        tell: Callable[[Row], None] | None = getattr(self, f"_{model._meta.model_name}", None)
        if tell is not None:
            tell(row)

    def _dailycount(self, row: Row) -> None:
        subject = f"{row['area_code']}|{row['day'].isoformat()}"
        if (subject, row["known_from"]) not in self._told:
            self._told.add((subject, row["known_from"]))
            emit(
                "figures.published",
                subject,
                row["area_code"],
                at=row["known_from"],
                params={"disease": row["disease"]},
            )

    def _case(self, row: Row) -> None:
        params = {"person_key": row["person_key"], "disease": row["disease"]}
        emit("case.reported", row["key"], row["area_code"], at=row["known_from"], params=params)

    def _contact(self, row: Row) -> None:
        params = {name: row[name] for name in ("case_key", "person_key", "disease", "tier")}
        emit("contact.registered", row["key"], row["area_code"], at=row["known_from"], params=params)

    def _labresult(self, row: Row) -> None:
        if row["result"] == "positive":
            params = {name: row[name] for name in ("person_key", "disease", "specimen_key")}
            emit("result.positive", row["key"], row["area_code"], at=row["known_from"], params=params)


_MODELS = {model._meta.model_name: model for model in VERSIONED}


def _model(name: str) -> type[Versioned]:
    return _MODELS[name]


def _row(fact: Row) -> Row:
    """The fact as ``load`` takes it: values in the types of the model's fields."""
    fields = {f.name: f for f in _model(fact["model"]).fact_fields()}
    values = {name: _typed(fields[name], value) for name, value in json.loads(fact["fact"]).items()}
    return {"key": fact["key"], "known_from": fact["known_from"], **values}


def _typed(field: Any, value: Any) -> Any:
    return value if isinstance(value, (list, dict, type(None))) else field.to_python(value)
