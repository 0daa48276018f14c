"""Applying: the staged facts of a receipt enter the record, a chunk at a time, and resume after a kill."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from fangkong.core.keys import canonical
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.columns import present
from fangkong.record.digest import VERSIONED
from fangkong.record.events import Happening, emit, emit_all
from fangkong.record.identities import identities_enter, identities_index
from fangkong.record.installation import installation
from fangkong.record.load import Outcome, Row, load, load_facts, typed_row
from fangkong.record.models import Receipt, ReceiptRow, Versioned
from fangkong.record.retention.collecting import Bases, NoBasis
from fangkong.record.rulebook import rulebook

from .defects import HELD, WITHOUT_NAME, Defect
from .file_checks import Progress
from .limits import limits
from .staged_files import IDENTITY, Manifest, StagedFact, StagedReceipt, folder_of

#: The order in which the facts of a chunk are written: what others point at comes first.
ORDER = (
    "area",
    "organisation",
    "place",
    "person",
    "personarea",
    "case",
    "contact",
    "followup",
    "transmissionlink",
    "specimen",
    "labresult",
    "dailycount",
)
#: Counted in the receipt as new, revised or unchanged.
COUNTED = frozenset({"case", "contact", "followup", "transmissionlink", "labresult", "dailycount"})

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


def shared_write(receipt: Receipt, staged: StagedReceipt) -> None:
    """The places and organisations that the rows speak of enter the record."""
    facts = staged.shared()
    for name in ORDER:
        rows = [typed_row(_MODELS[name], fact.said) for fact in facts if fact.model == name]
        if rows:
            load(_MODELS[name], rows, actor=receipt.received_by, source_key=receipt.key)


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


@dataclass
class Entered:
    """What became of staged facts: counts, rows that contradict the record, people whose name nobody may hold."""

    counted: Outcome
    contradicting: dict[int, StagedFact]
    nameless: list[StagedFact] = field(default_factory=list)
    refused: Mapping[str, NoBasis] = field(default_factory=dict)


def facts_enter(
    receipt: Receipt,
    staged: StagedReceipt,
    facts: list[StagedFact],
    identities: list[tuple[StagedFact, dict[str, str]]],
    bases: Bases,
    *,
    actor: str,
    names_later: bool = False,
) -> Entered:
    """What became of ``facts`` in the record, in the caller's transaction; ``identities`` are theirs, opened.

    ``names_later``: the caller lets new people be found by number and name once all are in (:func:`names_index`).
    """
    by_model: dict[str, list[StagedFact]] = {}
    for fact in facts:
        by_model.setdefault(fact.model, []).append(fact)
    held = {
        name: present(_MODELS[name], "key", sorted({fact.key for fact in by_model[name]}))
        for name in ORDER
        if name in by_model
    }
    contradicting = _contradicting_rows(
        [fact for name, keys in held.items() for fact in by_model[name] if fact.key in keys]
    )
    teller = _Teller()
    entered = Entered(Outcome(), contradicting)
    for name, keys in held.items():
        said = [fact.said for fact in by_model[name] if fact.row not in contradicting]
        if said:
            outcome = load_facts(
                _MODELS[name],
                said,
                actor=actor,
                source_key=receipt.key,
                after_insert=teller,
                back_fill=staged.manifest.back_fill and name in COUNTED,
                held=keys,
            )
            if name in COUNTED:
                entered.counted.add(outcome)
    emit_all(teller.happenings)
    if named := [(fact, said) for fact, said in identities if fact.row not in contradicting]:
        people = _merged((fact.key, said) for fact, said in named)
        new = {fact.key for fact in by_model.get("person", ()) if fact.key not in held["person"]}
        entered.refused = identities_enter(
            people,
            actor=actor,
            bases=bases,
            new=new if names_later else (),
            stated={
                _MODELS[name]: [fact.said for fact in by_model[name] if fact.said.get("person_key") in new]
                for name in held
            },
        )
        entered.nameless = [fact for fact, _ in named if fact.key in entered.refused]
    return entered


def identities_opened(
    staged: StagedReceipt, facts: list[StagedFact]
) -> list[tuple[StagedFact, dict[str, str]]]:
    """Each sealed identity among ``facts``, opened."""
    sealed = [fact for fact in facts if fact.model == IDENTITY and fact.sealed is not None]
    if not sealed:
        return []
    opened = staged.opened([(fact.key, fact.sealed) for fact in sealed if fact.sealed is not None])
    return list(zip(sealed, opened, strict=True))


def apply_waiting(receipt: Receipt, facts: list[StagedFact], defects: dict[int, Defect]) -> int:
    """How many rows that waited for another file are now taken: their facts enter, the receipt is moved on.

    ``defects`` are rows that turned out otherwise than waiting. One transaction.
    """
    with audit.writing():
        contradicting = _contradicting_rows(facts)
        kept = [fact.said for fact in facts if fact.row not in contradicting]
        outcome, teller = Outcome(), _Teller()
        if kept:
            outcome = load_facts(
                _MODELS[facts[0].model],
                kept,
                actor=receipt.received_by,
                source_key=receipt.key,
                after_insert=teller,
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


def _merged(people: Any) -> list[tuple[str, dict[str, str]]]:
    """One entry a person, though several rows of a chunk name them."""
    merged: dict[str, dict[str, str]] = {}
    for key, fields in people:
        merged[key] = fields | merged.get(key, {})
    return list(merged.items())


def _contradicting_rows(facts: list[StagedFact]) -> dict[int, StagedFact]:
    """Rows, with the fact in question, that say otherwise than the record does since the same instant."""
    found: dict[int, StagedFact] = {}
    for name in ORDER:
        mine = [fact for fact in facts if fact.model == name]
        if not mine:
            continue
        model = _MODELS[name]
        fields = {f.name: f for f in model.fact_fields()}
        held = {
            (row["key"], row["known_from"]): canonical({n: row[n] for n in fields})
            for row in model._default_manager.filter(
                key__in=[fact.key for fact in mine],
                known_from__in={fact.said["known_from"] for fact in mine},
            ).values("key", "known_from", *fields)
        }
        if not held:
            continue
        for fact in mine:
            stored = held.get((fact.key, fact.said["known_from"]))
            if stored is not None:
                row = typed_row(model, fact.said)
                said = canonical({n: row[n] if n in row else f.get_default() for n, f in fields.items()})
                if said != stored:
                    found.setdefault(fact.row, fact)
    return found


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


class _Teller:
    """Collects the events of what a chunk wrote; each day and area is told once."""

    def __init__(self) -> None:
        self.happenings: list[Happening] = []
        self._told: set[tuple[str, datetime]] = set()

    def __call__(self, model: type[Versioned], row: Row) -> None:
        tell: Callable[[Row], None] | None = getattr(self, f"_{model._meta.model_name}", None)
        if tell is not None:
            tell(row)

    def _dailycount(self, row: Row) -> None:
        day = row["day"] if isinstance(row["day"], str) else row["day"].isoformat()
        subject = f"{row['area_code']}|{day}"
        if (subject, row["known_from"]) not in self._told:
            self._told.add((subject, row["known_from"]))
            self._tell("figures.published", subject, row, "disease")

    def _case(self, row: Row) -> None:
        self._tell("case.reported", row["key"], row, "person_key", "disease")

    def _contact(self, row: Row) -> None:
        self._tell("contact.registered", row["key"], row, "case_key", "person_key", "disease", "tier")

    def _labresult(self, row: Row) -> None:
        if row["result"] == "positive":
            self._tell("result.positive", row["key"], row, "person_key", "disease", "specimen_key")

    def _tell(self, kind: str, subject: str, row: Row, *params: str) -> None:
        at, area_code = row["known_from"], row["area_code"]
        self.happenings.append(Happening(kind, subject, area_code, at, {name: row[name] for name in params}))


_MODELS: dict[str, type[Versioned]] = {model._meta.model_name or "": model for model in VERSIONED}
