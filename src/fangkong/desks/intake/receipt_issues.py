"""What was found in a received file: every issue by place and code, whichever way the file was read."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fangkong.record.access import Actor
from fangkong.record.models import Receipt, ReceiptRow
from fangkong.science.tables.codes import severities
from fangkong.science.tables.parts import Issue

from .defects import HELD, WITHOUT_NAME
from .issues_kept import gravest_first, issues_read
from .queries import receipt_rows
from .readings_kept import readings_read
from .reason_codes import code_of_reason
from .staged_files import folder_of

#: The reason of a row that one of its own issues keeps out: the issue's code stands behind it.
_OF_ISSUE = "issue_"

#: A reason shared by so many of a file's rows is one fact of the file, told once.
_SHARED, _FEW = 0.5, 5


def receipt_issues(receipt: Receipt, *, actor: Actor) -> list[Issue]:
    """The issues of a received file, by place; of one row the gravest first.

    What the reader found stands with its own code; a row that was held or rejected for a reason of the record (a case
    or an area that nobody knows) with the code nearest to it, and ``reason`` among its ``params``. A reason that half
    the rows share is told once, for the file.
    """
    folder = folder_of(receipt.sha256, receipt.key)
    found = list(issues_read(folder))
    sheets = {table.sheet for table in readings_read(folder)}
    # The rows of a workbook with one table are kept without its sheet.
    only = sheets.pop() if len(sheets) == 1 else ""
    # A case that the sender calls unknown is told once, and so is what the layout and the cell both saw.
    told = {
        (each.sheet, each.row) for each in found if each.severity == "error" or each.code == "CASE_UNRESOLVED"
    }
    rows = [
        row
        for row in receipt_rows(receipt.key, actor=actor)
        if row.outcome != WITHOUT_NAME and not row.reason.startswith(_OF_ISSUE)
    ]
    # What quotes its own sentence is told each time.
    counts = Counter(row.reason for row in rows if "sentence" not in row.params)
    shared = {
        reason: count for reason, count in counts.items() if count >= max(_FEW, _SHARED * receipt.row_count)
    }
    for reason, count in sorted(shared.items()):
        if code := code_of_reason(reason):
            first = next(row for row in rows if row.reason == reason)
            found.append(_issue(None, first, code, {"rows": count}, only))
    for row in rows:
        code = code_of_reason(row.reason)
        if code and row.reason not in shared and (row.sheet or only, row.row_number) not in told:
            found.append(_issue(row.row_number, row, code, {}, only))
    once = {(each.sheet, each.row, each.column, each.code): each for each in reversed(found)}
    return gravest_first(once.values())


def _issue(number: int | None, row: ReceiptRow, code: str, more: dict[str, Any], only: str) -> Issue:
    # A row kept out is never a matter of information only.
    severity = severities()[code]
    if severity == "info":
        severity = "warning" if row.outcome == HELD else "error"
    params = {**row.params, **more, "reason": row.reason}
    return Issue(number, row.column, code, severity, params, row.sheet or only)
