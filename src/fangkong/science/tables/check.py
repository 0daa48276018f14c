"""A file checked: opened, laid out, understood, read cell by cell, and its rows held against one another.

The rows are read once. A check keeps digests and small numbers of them, the rows themselves go to a spool
(``checked_rows``), so that the memory of a million rows stays far under a gigabyte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from pathlib import Path
from typing import Any

from .checked_rows import CheckedRow, CheckedRows
from .hostile import FileRefused
from .kinds.rows import StockLine
from .layout import tables_of
from .outcomes import Outcome
from .parts import Issue
from .table_check import CheckedTable, Confirmed, Known, Office, ReleaseDays, check_table
from .workbook import open_workbook

__all__ = ["CheckedFile", "CheckedRow", "CheckedRows", "CheckedTable", "Known", "check_file"]


@dataclass
class CheckedFile:
    """A file checked. ``issues`` concern the file itself; ``refused`` is true when nothing of it could be read."""

    name: str
    tables: list[CheckedTable] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    refused: bool = False

    @property
    def rows_in(self) -> int:
        """Rows of data in all tables: each of them is accepted, held or rejected."""
        return sum(len(table.rows) for table in self.tables)

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many rows have each outcome."""
        totals: dict[Outcome, int] = {"accepted": 0, "held": 0, "rejected": 0}
        for table in self.tables:
            for outcome, count in table.rows.counts.items():
                totals[outcome] += count
        return totals

    @property
    def stock(self) -> list[StockLine]:
        """The closing stock of the file's last table of supplies."""
        return next((table.stock for table in reversed(self.tables) if table.stock), [])

    def every_issue(self) -> Iterator[Issue]:
        """All issues: the file's, then table by table those beside its rows and those of its rows."""
        yield from self.issues
        for table in self.tables:
            yield from table.issues
            for row in table.rows:
                yield from row.issues

    def close(self) -> None:
        """Gives the space of the spooled rows back."""
        for table in self.tables:
            table.rows.close()


def check_file(
    path: str | Path,
    *,
    name: str | None = None,
    today: date,
    zone: tzinfo,
    previous: CheckedFile | Sequence[StockLine] | None = None,
    known: Known | None = None,
    saved: Mapping[str, str] | Confirmed | None = None,
    areas: Mapping[str, Any] | None = None,
    vocabulary: Mapping[str, Mapping[str, str]] | None = None,
    release_days: ReleaseDays | None = None,
) -> CheckedFile:
    """The file with everything that is found in it; each row of data accepted, held or rejected.

    Args:
        path: the file.
        name: the name it came under, where ``path`` is a copy of another name.
        today: the civil day of receiving; days after it lie in the future unless the file says when it was filled.
        zone: the zone of the times in the file.
        previous: the sender's last stock report, checked, or its closing stock.
        known: what the record can say of references in the file.
        saved: a saved mapping, column name → field; or what tells, for each table, which one was confirmed for it.
        areas: area name → code, or several codes, of the register; None where there is none.
        vocabulary: words of this office, field → word → value.
        release_days: days from the last contact to release by tier or control mode, "" for all others, from the
            rule pack in force, or a function from the file's own day to them; None leaves the dates of release
            unchecked.

    Returns:
        The `CheckedFile`. A file that cannot be read is ``refused`` and holds the one issue that says why.

    Raises:
        OSError: the file is not there or not readable.
    """
    path = Path(path)
    checked = CheckedFile(name or path.name)
    office = Office(today, zone, known or Known(), saved, areas, vocabulary or {}, release_days)
    stock = previous.stock if isinstance(previous, CheckedFile) else list(previous or ())
    try:
        workbook = open_workbook(path, checked.name)
        for table in tables_of(workbook):
            one = check_table(table, office, stock, checked.tables[-1] if checked.tables else None)
            checked.tables.append(one)
            stock = one.stock or stock
    except FileRefused as refusal:
        checked.close()
        return CheckedFile(checked.name, [], [refusal.issue], refused=True)
    # Sheets are looked at as they are read, so the workbook's own findings are complete only now.
    checked.issues += workbook.issues
    return checked
