"""Staging: a checked file is read, decided and written as Parquet. Every refusal happens here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from fangkong.core.areas import level_of
from fangkong.core.errors import InputError
from fangkong.core.killpoints import kill_point
from fangkong.record.installation import Installation
from fangkong.record.models import Area

from .apply import names_index_unfinished
from .area_names import AreaNames
from .csv_rows import CsvTable
from .decide import RowReader, decide_rows
from .defects import HELD, Defect, rejected
from .duplicates import SubjectMarks
from .facts import DecidedRow, Fact, Receiving
from .file_checks import CheckedFile, Progress
from .line_list_columns import NewCases
from .manifest import Manifest
from .mapping import AREAS_KNOWN_FROM, FileMapping, area_table
from .seen_rows import SeenRows, ids_at_hand
from .staged_files import FactWriter, StagedReceipt, folder_of, staged_writer

_ROWS_DECIDED = kill_point("receive.rows_decided")
_STAGED = kill_point("receive.staged")

#: Rows between two words of progress.
_STEP = 1000


@dataclass
class _Tally:
    """What has been seen so far of one file."""

    writer: FactWriter
    manifest: Manifest = field(default_factory=Manifest)
    marks: SubjectMarks = field(default_factory=SubjectMarks)
    first_rejection: tuple[int, Defect] | None = None
    #: The mapping's reasons that refuse the file, the first row with one of them, and how many there are.
    refused_by: frozenset[str] = frozenset()
    first_breaking: tuple[int, Defect] | None = None
    breaking_rows: int = 0
    first_day: date | None = None
    last_day: date | None = None
    latest: datetime | None = None

    #: Rows that say again what an earlier row of the file says, once they are looked for.
    duplicates: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    #: Called every so many rows.
    step: Callable[[], None] | None = None

    def add(self, row_number: int, decision: DecidedRow | Defect) -> None:
        """One row, accepted or not."""
        self._count(1)
        if isinstance(decision, Defect):
            self.defect(row_number, decision)
            return
        self.manifest.accepted += 1
        self.marks.add(decision)
        self.writer.row(decision)
        self._known(max(fact.known_from for fact in decision.facts))
        if decision.day is not None:
            self._days(decision.day, decision.day)

    def add_new(self, found: NewCases) -> None:
        """Accepted rows of new people."""
        self._count(len(found.rows))
        self.manifest.accepted += len(found.rows)
        self.marks.add_new(found)
        self.writer.new_cases(found)
        self._known(found.known)
        self._days(min(found.days), max(found.days))

    def add_known(self, marks: dict[str, NDArray[Any]]) -> None:
        """Rows that change nothing, because an earlier file brought them word for word."""
        count = len(marks["row"])
        self._count(count)
        self.manifest.accepted += count
        self.manifest.unchanged += count
        self.marks.add_known(marks)
        first, last = (
            date(1970, 1, 1) + timedelta(days=int(day)) for day in (marks["day"].min(), marks["day"].max())
        )
        self._days(first, last)

    def _count(self, rows: int) -> None:
        before = self.manifest.rows // _STEP
        self.manifest.rows += rows
        if self.step is not None and self.manifest.rows // _STEP > before:
            self.step()

    def _known(self, instant: datetime) -> None:
        self.latest = max(self.latest or instant, instant)

    def _days(self, first: date, last: date) -> None:
        self.first_day = min(self.first_day or first, first)
        self.last_day = max(self.last_day or last, last)

    def defect(self, row_number: int, defect: Defect) -> None:
        if defect.outcome == HELD:
            self.manifest.held += 1
        else:
            self.manifest.rejected += 1
            if self.first_rejection is None or row_number < self.first_rejection[0]:
                self.first_rejection = (row_number, defect)
        if defect.reason in self.refused_by:
            self.breaking_rows += 1
            self.first_breaking = self.first_breaking or (row_number, defect)
        self.writer.defect(row_number, defect)

    def reject_duplicates(self) -> None:
        """Accept the first row of each subject, reject the others."""
        found = self.marks.duplicates()
        self.duplicates = found.rows
        for row, first, same in zip(
            found.rows.tolist(), found.first_rows.tolist(), found.same.tolist(), strict=True
        ):
            self.manifest.accepted -= 1
            reason = "duplicate_row" if same else "duplicate_conflict"
            self.defect(row, rejected(reason, first_row=first))


def stage_file(
    file: CheckedFile,
    table: CsvTable,
    handle: IO[str],
    work: Receiving,
    installation: Installation,
    progress: Progress | None,
) -> StagedReceipt:
    """The staged form of ``file``, complete or not there at all: a kill leaves only a folder to sweep.

    Raises InputError naming file, row and column when the file ends early, has no rows or none to take.
    """
    names_index_unfinished(but=work.receipt_key)
    with staged_writer(file.sha256, work.receipt_key) as writer:
        tally = _Tally(writer, refused_by=work.mapping.refused_by)
        areas = areas_at_hand(work.mapping)
        reader = RowReader(
            work, table, AreaNames(areas["at_hand"], work.mapping.area_root), installation.today()
        )
        if progress is not None:
            tell = progress
            tally.step = lambda: tell(handle.buffer.tell(), file.byte_count)  # type: ignore[attr-defined]
        seen = SeenRows(work, table.columns, areas["at_hand"])
        tally.manifest.reading, tally.manifest.ids_before = seen.reading, ids_at_hand()
        decide_rows(table, reader, work, tally, seen)
        _ROWS_DECIDED.passed()
        tally.reject_duplicates()
        _refuse_worthless(file, tally)
        _refuse_broken(file, tally)
        _describe(tally, table, work)
        marks, weak = tally.marks.columns()
        seen.write(writer.folder, marks, np.concatenate([weak, tally.duplicates]))
        writer.close([*areas["missing"], *work.shared.values()], tally.manifest)
    _STAGED.passed()
    return StagedReceipt(folder_of(file.sha256, work.receipt_key), work.receipt_key)


def _refuse_worthless(file: CheckedFile, tally: _Tally) -> None:
    if tally.manifest.rows == 0:
        raise InputError("intake.no_rows", file=file.name, row=1)
    if tally.manifest.rejected == tally.manifest.rows and tally.first_rejection is not None:
        row, defect = tally.first_rejection
        raise InputError(
            "intake.all_rejected",
            file=file.name,
            row=row,
            column=defect.column,
            rows=tally.manifest.rows,
            reason=defect.reason,
        )


def _refuse_broken(file: CheckedFile, tally: _Tally) -> None:
    """Refuse a publication that has a row of which its mapping says that the file cannot be right."""
    if tally.first_breaking is not None:
        row, defect = tally.first_breaking
        raise InputError(
            "intake.file_broken",
            file=file.name,
            row=row,
            column=defect.column,
            reason=defect.reason,
            rows=tally.breaking_rows,
        )


def _describe(tally: _Tally, table: CsvTable, work: Receiving) -> None:
    manifest = tally.manifest
    manifest.facts = tally.writer.facts
    manifest.first_day = tally.first_day.isoformat() if tally.first_day else ""
    manifest.last_day = tally.last_day.isoformat() if tally.last_day else ""
    known_at = work.known_at or (tally.latest if work.basis == "mapping" else None) or work.now
    manifest.known_at = known_at.isoformat()
    manifest.back_fill = work.basis != "receipt"
    manifest.ignored_columns = tuple(c for c in table.columns if c and c not in work.mapping.known_columns)


def areas_at_hand(mapping: FileMapping) -> dict[str, list[Any]]:
    """The areas by which rows are named, and the facts of those that the record lacks."""
    stated: dict[str, dict[str, Any]] = {}
    for area in [*(row for name in mapping.area_tables for row in area_table(name)), *mapping.areas]:
        stated.setdefault(area["code"], dict(area))
    recorded = {
        key: {"code": key, "name_zh": name_zh, "name_en": name_en, "aliases": aliases}
        for key, name_zh, name_en, aliases in Area.objects.open().values_list(
            "key", "name_zh", "name_en", "aliases"
        )
    }
    missing = [
        Fact("area", code, AREAS_KNOWN_FROM, {**_area_fact(area), "level": level_of(code)})
        for code, area in sorted(stated.items())
        if code not in recorded
    ]
    return {"at_hand": [*recorded.values(), *stated.values()], "missing": missing}


def _area_fact(area: dict[str, Any]) -> dict[str, Any]:
    return {name: area[name] for name in ("name_zh", "name_en", "aliases", "population") if name in area}


def known_at_limit(installation: Installation) -> datetime:
    """The last instant that a sender may name: now, and a minute for unequal clocks."""
    return installation.now() + timedelta(minutes=1)
