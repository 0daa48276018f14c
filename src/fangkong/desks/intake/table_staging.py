"""Staging of a checked file: its rows decided in the record's terms, its findings kept, its text sealed.

The same staged form as a mapped file's, so that one way applies them all. The rows of several sheets stand in it one
sheet after another; `row_id` tells them apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from fangkong.core.errors import InputError
from fangkong.core.keys import canonical
from fangkong.core.killpoints import kill_point
from fangkong.record.load import json_copy
from fangkong.science.tables.check import CheckedFile, CheckedRow, CheckedTable
from fangkong.science.tables.kinds.rows import StockLine

from .decide import DECIDERS, longest
from .defects import Defect, held, rejected
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving, claim, in_scope
from .issues_kept import gravest_first, issues_write
from .kept_files import file_keep
from .limits import limits
from .manifest import Manifest, number_of, row_id
from .mapping import Column, FileMapping
from .readings_kept import readings_write
from .row_subjects import Subjects
from .staged_files import FactWriter, StagedReceipt, folder_of, staged_writer
from .system_rows import SYSTEM_DECIDERS
from .table_rows import is_pooled, mapping_of, read_rows, without_doubted
from .table_terms import TableTerms, target_of

_STAGED = kill_point("receive.table_staged")

_STOCK = "stock.json"

#: Tables of which a file says each thing once: two rows that say it differently are two cases, or one in error.
_ONCE = frozenset({"case", "labresult", "followup"})

Decider = Callable[[list[ReadRow], Receiving], Decisions]


@dataclass
class TableStaging:
    """What has been staged of a file so far."""

    writer: FactWriter
    manifest: Manifest = field(default_factory=Manifest)
    #: (table, key) of every fact that stands only once in a file, with the day that the latest of them says.
    said: dict[tuple[str, str], tuple[date | None, int]] = field(default_factory=dict)
    #: Key of every case, result and follow-up → the row that said it first, and a digest of what it said.
    first: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    first_day: date | None = None
    last_day: date | None = None
    #: What the rows are about; None where nobody will ask.
    subjects: Subjects | None = None

    def tell_subject(self, identifier: int, table: CheckedTable, row: CheckedRow, *, accepted: bool) -> None:
        if self.subjects is not None:
            self.subjects.add(identifier, table, row.values, accepted=accepted)

    def defect(self, identifier: int, defect: Defect) -> None:
        if defect.outcome == "held":
            self.manifest.held += 1
        else:
            self.manifest.rejected += 1
        self.writer.defect(identifier, defect)


def stage_tables(
    checked: CheckedFile,
    source: Path,
    sha256: str,
    work_of: Callable[[FileMapping], Receiving],
    *,
    receipt_key: str,
    area_code: str,
    area_codes: Mapping[str, Any],
    known_at: datetime,
    back_fill: bool,
    sender: str,
) -> StagedReceipt:
    """The staged form of ``checked``, complete or not there at all: a kill leaves only a folder to sweep.

    ``work_of(mapping)`` gives what the rows of a table are decided with. ``area_codes`` are the areas by name,
    ``area_code`` the one of rows that name none, ``sender`` who sent the file. ``known_at`` is when the office knew
    the rows, ``back_fill`` whether somebody stated it.
    """
    shared: list[Fact] = []
    with staged_writer(sha256, receipt_key) as writer:
        folder = writer.folder
        subjects = Subjects(folder, sender)
        staged = TableStaging(writer, subjects=subjects)
        for place, table in enumerate(checked.tables):
            work: Receiving = work_of(mapping_of(table))
            terms = TableTerms.of(table, area_code, area_codes, checked.name)
            _stage_table(table, place, terms, work, staged)
            shared += work.shared.values()
        manifest = staged.manifest
        manifest.facts = staged.writer.facts
        if staged.first_day and staged.last_day:
            manifest.first_day, manifest.last_day = staged.first_day.isoformat(), staged.last_day.isoformat()
        manifest.known_at = known_at.isoformat()
        manifest.back_fill = back_fill
        manifest.sheets = tuple(table.sheet for table in checked.tables) if len(checked.tables) > 1 else ()
        issues_write(folder, gravest_first(checked.every_issue()))
        (folder / _STOCK).write_text(json.dumps([_stock_line(line) for line in checked.stock]))
        readings_write(folder, checked.tables)
        subjects.close()
        file_keep(source, folder, receipt_key)
        staged.writer.close(shared, manifest)
    _STAGED.passed()
    return StagedReceipt(folder_of(sha256, receipt_key), receipt_key)


def _stage_table(
    table: CheckedTable, place: int, terms: TableTerms, work: Receiving, staged: TableStaging
) -> None:
    for batch in row_batches(table.rows):
        staged.manifest.rows += len(batch)
        decided, defects = decide_batch(batch, place, terms, work)
        for row in batch:
            identifier = row_id(place, row.number)
            staged.tell_subject(identifier, table, row, accepted=identifier not in defects)
            if identifier in defects:
                staged.defect(identifier, defects[identifier])
                continue
            if identifier in decided and (conflict := _contradicted(decided[identifier], staged)):
                staged.defect(identifier, conflict)
                continue
            staged.manifest.accepted += 1
            if identifier in decided:
                stage_row(decided[identifier], staged)


def decide_batch(
    batch: Iterable[CheckedRow], place: int, terms: TableTerms, work: Receiving
) -> tuple[dict[int, DecidedRow], dict[int, Defect]]:
    """(what the rows say, why the others are not taken), by row id; a row in neither stays in its receipt alone."""
    target = target_of(terms.kind)
    readable: list[ReadRow] = []
    defects: dict[int, Defect] = {}
    for found in batch:
        identifier = row_id(place, found.number)
        row = without_doubted(found, terms)
        if row.outcome != "accepted":
            defects[identifier] = _found(row)
        elif terms.kind == "unknown":
            defects[identifier] = held("kind_unknown")
        elif target and not (terms.kind == "lab_results" and is_pooled(row.values)):
            try:
                readable += [_fitting(read, target, terms) for read in read_rows(row, identifier, terms)]
            except Defect as defect:
                defects[identifier] = defect
    decided = _decided(target, readable, work, defects, terms.system) if readable else {}
    return {number: row for number, row in decided.items() if number not in defects}, defects


def row_batches(rows: Iterable[CheckedRow]) -> Iterator[list[CheckedRow]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, limits().batch_rows)):
        yield batch


def _found(row: CheckedRow) -> Defect:
    """The reason of a row that its own findings keep out: the gravest of them."""
    gravest = gravest_first(row.issues)
    issue = next((each for each in gravest if each.severity == "error"), gravest[0] if gravest else None)
    if issue is None:
        # A finding that stands at another row decides on this one too.
        return held("shared_finding")
    if issue.code == "CASE_UNKNOWN" and row.outcome == "held":
        # It waits for the file that has the case, and enters with it.
        return held("unknown_case", issue.column)
    make = held if row.outcome == "held" else rejected
    return make(f"issue_{issue.code}", issue.column)


def _fitting(read: ReadRow, target: str, terms: TableTerms) -> ReadRow:
    """The row. Raises Defect for a text that is longer than the record holds."""
    for name, value in read.values.items():
        if isinstance(value, str):
            limit = longest(target, Column(name, name))
            if len(value) > limit:
                raise rejected("text_too_long", terms.column(name), limit=limit)
    return read


def _decided(
    target: str, rows: list[ReadRow], work: Receiving, defects: dict[int, Defect], system: str
) -> dict[int, DecidedRow]:
    """Row id → what the row says; a row of several relations is taken whole or not at all."""
    found: dict[int, DecidedRow] = {}
    decide = SYSTEM_DECIDERS.get(target) if system else None
    for read, decision, told in _by_disease(decide or DECIDERS[target], rows, work):
        if isinstance(decision, Defect):
            defects.setdefault(read.number, decision)
            continue
        try:
            decision = in_scope(decision, told)
            claim(read, decision, told)
        except Defect as defect:
            defects.setdefault(read.number, defect)
            continue
        earlier = found.get(read.number)
        if earlier is None:
            found[read.number] = decision
        else:
            earlier.facts += [fact for fact in decision.facts if fact not in earlier.facts]
    return found


def _by_disease(
    decide: Decider, rows: list[ReadRow], work: Receiving
) -> Iterator[tuple[ReadRow, DecidedRow | Defect, Receiving]]:
    """Each row with its decision and what it was decided with: rows that name a disease are decided as its own.

    Raises InputError ``intake.no_disease`` when neither a row nor the office names one.
    """
    named: dict[str, list[ReadRow]] = {}
    for row in rows:
        named.setdefault(row.values.get("disease") or work.disease, []).append(row)
    for disease, some in named.items():
        if not disease:
            raise InputError(
                "intake.no_disease", file=work.file_name, mapping=work.mapping.code, command="fangkong init"
            )
        told = work if disease == work.disease else replace(work, disease=disease)
        for read, decision in decide(some, told):
            yield read, decision, told


def _contradicted(row: DecidedRow, staged: TableStaging) -> Defect | None:
    """Why the row is held when an earlier row of the file says otherwise of the same case, result or follow-up."""
    told = {
        fact.key: hashlib.blake2b(canonical(fact.values).encode(), digest_size=16).digest()
        for fact in row.facts
        if fact.model in _ONCE
    }
    for key, content in told.items():
        first, said = staged.first.get(key, (row.number, content))
        if said != content:
            return held("duplicate_conflict", first_row=number_of(first))
    for key, content in told.items():
        staged.first.setdefault(key, (row.number, content))
    return None


def stage_row(row: DecidedRow, staged: TableStaging) -> None:
    """Stage the facts that the file has not said yet; a later exposure of the same contact follows the earlier."""
    fresh = []
    for fact in row.facts:
        place = (fact.model, fact.key)
        last = fact.values.get("last_exposure_on")
        if place not in staged.said:
            staged.said[place] = (last, 0)
            fresh.append(fact)
            continue
        before, count = staged.said[place]
        if last is not None and (before is None or last > before):
            staged.said[place] = (last, count + 1)
            later = fact.known_from + timedelta(microseconds=count + 1)
            fresh.append(Fact(fact.model, fact.key, later, json_copy(fact.values)))
    row.facts = fresh
    if fresh:
        staged.writer.row(row)
    if row.day is not None:
        staged.first_day = min(staged.first_day or row.day, row.day)
        staged.last_day = max(staged.last_day or row.day, row.day)


def _stock_line(line: StockLine) -> dict[str, Any]:
    return {
        "item": line.item,
        "unit": line.unit,
        "closing": line.closing,
        "day": line.day.isoformat() if line.day else None,
        "category": line.category,
    }


def stock_of(folder: Path) -> list[StockLine]:
    """The closing stock that the receipt in ``folder`` reports; empty where it reports none."""
    path = folder / _STOCK
    if not path.is_file():
        return []
    return [
        StockLine(**{**line, "day": date.fromisoformat(line["day"]) if line["day"] else None})
        for line in json.loads(path.read_text())
    ]
