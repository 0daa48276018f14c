"""The held rows of a receipt: what is wrong with each, what either decision would do, who decided it and how.

No row's content is here: its place, the columns concerned, the code. What stood in the cells is opened by
`held_cells.held_cells_open`, for those who may. `held_decisions` takes and refuses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import Count, QuerySet

from fangkong.record.access import Actor, visible
from fangkong.record.models import Receipt, ReceiptRow
from fangkong.science.tables.outcomes import rank_of
from fangkong.science.tables.parts import Issue

from .defects import HELD
from .issues_kept import issues_read
from .kept_files import is_kept
from .queries import receipt_get
from .readings_kept import TableRead, readings_read
from .row_subjects import subjects_held, subjects_taken
from .staged_files import StagedReceipt, folder_of
from .table_rows import code_of_kind

#: Who may decide on held rows, besides receiving files.
DECIDE = "receipt.decide"

#: What became of a row by a person's decision: its outcome and its reason.
TAKEN, TAKEN_AS_IT_STANDS, REFUSED_BY_OFFICE = "taken", "taken_as_it_stands", "refused_by_office"
DECIDED = (TAKEN_AS_IT_STANDS, REFUSED_BY_OFFICE)

#: A finding that several rows share stands at one of them.
_SHARED = "rows"

#: How the reason of a row begins that a finding of its own holds; other reasons that a decision alone settles.
_OF_ISSUE = "issue_"
_DECIDABLE = frozenset({"shared_finding", "contradicts_record"})

#: Rows of one page.
PAGE_ROWS = 50

#: (sheet, row): where a row stands; the sheet "" for a file without sheets.
Place = tuple[str, int]


@dataclass(frozen=True)
class HeldRow:
    """One held row: where, why, and what each decision would do."""

    sheet: str
    row: int
    column: str
    reason: str
    params: Mapping[str, Any]
    #: Everything found in the row that keeps it out.
    findings: tuple[Issue, ...]
    #: Columns whose values are left out when it is taken.
    left_out: tuple[str, ...]
    #: Fields, one of which the record needs and the row would lack then: it cannot be taken so.
    lacks: tuple[str, ...]
    #: Whether something has to come first (its case, its area, a value): as things stood it could not be taken at all.
    waits: bool = False
    #: The receipt by which what the row is about has come in right since; None where it has not.
    settled_by: Receipt | None = None

    @property
    def place(self) -> Place:
        return self.sheet, self.row


@dataclass(frozen=True)
class HeldGroup:
    """How many rows are held for one reason."""

    reason: str
    count: int


@dataclass(frozen=True)
class HeldPage:
    """One page of a receipt's held rows, the reasons with their numbers, and what the reader may do."""

    receipt: Receipt
    groups: tuple[HeldGroup, ...]
    rows: tuple[HeldRow, ...]
    #: Rows of the chosen reason, of which the page shows some.
    total: int
    may_decide: bool
    #: Whether the file is still there, so that rows can be taken and not only refused.
    may_take: bool


@cache
def leaves_out() -> Mapping[str, Sequence[str]]:
    """Code → what is left out of a row taken although it was found there (``held_rows.toml``)."""
    found: Mapping[str, Sequence[str]] = _table()["leaves_out"]
    return found


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("held_rows.toml").read_text(encoding="utf-8"))


def shared_cells() -> Mapping[str, Sequence[str]]:
    """Field of a cell that fills several → the others."""
    found: Mapping[str, Sequence[str]] = _table()["shares"]
    return found


def held_rows(
    receipt_key: str, *, actor: Actor, reason: str = "", first: int = 1, size: int = PAGE_ROWS
) -> HeldPage:
    """The held rows of a receipt from the ``first`` (1-based) on, at most ``size``; of one ``reason`` where given.

    Raises NotFound outside the actor's area, Forbidden without ``receipt.read``. A number of queries that does not grow
    with the rows.
    """
    receipt = receipt_get(receipt_key, actor=actor)
    rows = rows_held(receipt)
    counted = rows.order_by().values_list("reason").annotate(n=Count("id")).order_by("-n", "reason")
    groups = tuple(HeldGroup(name, count) for name, count in counted)
    if reason:
        rows = rows.filter(reason=reason)
    total = sum(group.count for group in groups if not reason or group.reason == reason)
    page = list(rows.order_by("sheet", "row_number")[max(0, first - 1) : max(0, first - 1) + size])
    folder = folder_of(receipt.sha256, receipt.key)
    findings = _findings(folder, {(row.sheet, row.row_number) for row in page})
    tables = {table.sheet[:40]: table for table in readings_read(folder)}
    settled = settled_by(receipt, [(row.sheet, row.row_number) for row in page], actor=actor)
    return HeldPage(
        receipt,
        groups,
        tuple(
            _held(row, findings.get((row.sheet, row.row_number), ()), _read(tables, row.sheet), settled)
            for row in page
        ),
        total,
        may_decide=may_decide(receipt, actor),
        may_take=receipt.mapping.startswith(code_of_kind("")) and is_kept(folder),
    )


def may_decide(receipt: Receipt, actor: Actor) -> bool:
    """Whether the actor may decide on rows of the receipt."""
    may = actor.may(DECIDE) and actor.may("file.receive") and actor.sees(receipt.area_code)
    return may and receipt.state == "applied" and receipt.withdrawn_at is None


def rows_held(receipt: Receipt) -> QuerySet[ReceiptRow]:
    """The rows of the receipt that wait for a person."""
    return ReceiptRow.objects.filter(receipt_key=receipt.key, outcome=HELD)


def rows_decided(receipt_key: str) -> QuerySet[ReceiptRow]:
    """The rows of the receipt on which somebody decided; ``params`` say who, when, why, and what held them."""
    return ReceiptRow.objects.filter(receipt_key=receipt_key, reason__in=DECIDED)


def _read(tables: Mapping[str, TableRead], sheet: str) -> TableRead | None:
    # A file of one table has rows without a sheet.
    return tables.get(sheet) or (next(iter(tables.values())) if len(tables) == 1 else None)


def _findings(folder: Path, places: Collection[Place]) -> dict[Place, tuple[Issue, ...]]:
    """Place → the findings that keep the row out, those that it shares with another row among them."""
    found: dict[Place, list[Issue]] = {}
    for issue in issues_read(folder):
        if not rank_of([issue.code]):
            continue
        for number in {issue.row, *issue.params.get(_SHARED, ())}:
            for sheet in (issue.sheet[:40], ""):
                if (sheet, number) in places:
                    found.setdefault((sheet, int(number or 0)), []).append(issue)
                    break
    return {place: tuple(issues) for place, issues in found.items()}


def _held(
    row: ReceiptRow,
    findings: tuple[Issue, ...],
    table: TableRead | None,
    settled: Mapping[Place, Receipt],
) -> HeldRow:
    out = columns_left_out(findings, table) if table else set()
    return HeldRow(
        row.sheet,
        row.row_number,
        row.column,
        row.reason,
        row.params,
        findings,
        tuple(column.name for column in table.columns if column.name in out) if table else (),
        _lacks(table, out) if table else (),
        _waits(row.reason, findings),
        settled.get((row.sheet, row.row_number)),
    )


def columns_left_out(findings: Iterable[Issue], table: TableRead) -> set[str]:
    """Names of the columns whose values are left out of a row with these findings."""
    out: set[str] = set()
    for issue in findings:
        for what in leaves_out().get(issue.code, ()):
            if what == "*":
                out.add(issue.column)
            elif what == "other":
                out.add(str(issue.params.get("other", "")))
            else:
                out.update(column.name for column in table.columns if _fills(column.field, what))
    return out - {""}


def _fills(field: str, wanted: str) -> bool:
    return field == wanted or wanted in shared_cells().get(field, ())


def _waits(reason: str, findings: Iterable[Issue]) -> bool:
    """Whether the row was held for what is missing, and not for what was found in it alone."""
    if not reason.startswith(_OF_ISSUE) and reason not in _DECIDABLE:
        return True
    return any(issue.code in _table()["waits"]["codes"] for issue in findings)


def _lacks(table: TableRead, out: Collection[str]) -> tuple[str, ...]:
    """The fields of the first need that nothing fills any more once the columns ``out`` are left out."""
    there = {column.field for column in table.columns if column.field and column.name not in out}
    had = {column.field for column in table.columns if column.field}
    for need in _table()["needs"].get(table.kind, ()):
        before = [way for way in need if set(way) <= had]
        if before and not any(set(way) <= there for way in before):
            return tuple(dict.fromkeys(field for way in before for field in way))
    return ()


def settled_by(receipt: Receipt, places: Sequence[Place], *, actor: Actor) -> dict[Place, Receipt]:
    """Place → the first later receipt by which what the held row is about came in right; only those in sight.

    Known by what both rows say of their subject (``row_subjects.toml``): the same person near the same case, the same
    case number, the same specimen; among files of one sender also by less. Nothing is rewritten: the row stays held
    until somebody decides.
    """
    folder = folder_of(receipt.sha256, receipt.key)
    if not places or not (folder / "manifest.json").is_file():
        return {}
    place_of = StagedReceipt(folder, receipt.key).manifest.identifiers(places)
    waiting = subjects_held(folder, place_of)
    found: dict[Place, Receipt] = {}
    later = visible(Receipt.objects.filter(state="applied", withdrawn_at=None), actor).filter(
        received_at__gt=receipt.received_at, mapping__startswith=code_of_kind("")
    )
    for other in later.order_by("received_at", "id") if waiting else ():
        for subject in subjects_taken(folder_of(other.sha256, other.key), waiting):
            for row in waiting.pop(subject):
                found.setdefault(place_of[row], other)
        if not waiting:
            break
    return found
