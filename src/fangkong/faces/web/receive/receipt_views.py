"""The receipt of a file: how it was read, what became of each row, what was found; and what goes back to its sender."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.core.errors import InputError
from fangkong.desks.intake import queries
from fangkong.desks.intake.kept_files import is_kept
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.desks.intake.returning import is_doubtful, may_reread, receipt_open, receipt_readings
from fangkong.desks.intake.saved_mappings import CONFIRM
from fangkong.desks.intake.staged_files import folder_of
from fangkong.desks.intake.withdrawing import WITHDRAW
from fangkong.faces.papers.error_workbook import Lang, error_workbook, plain_text
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word
from fangkong.faces.words.receipt_words import issue_text, kind_text, reason_text
from fangkong.record.models import Receipt, ReceiptRow
from fangkong.science.tables.hostile import FileRefused
from fangkong.science.tables.parts import Issue

PAGE_ROWS = 50

#: Codes that the filter names; the rest is found by severity.
_MOST_CODES = 12

SEVERITIES = ("error", "warning", "info")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@desk("intake", "receipt.read")
@require_GET
def receipt(request: HttpRequest, key: str) -> HttpResponse:
    """One receipt: the sum that adds up, how the file was read, and every row and finding with its place."""
    return receipt_page(request, key)


def receipt_page(request: HttpRequest, key: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of a receipt, with what an act on it was refused for."""
    viewing = request.viewing
    found = queries.receipt_get(key, actor=viewing.actor)
    issues = receipt_issues(found, actor=viewing.actor)
    show = request.GET.get("show", "")
    if show not in ("rows", "found"):
        show = "rows" if "outcome" in request.GET or not issues else "found"
    shown = _rows(request, found) if show == "rows" else _findings(request, issues)
    counts = Counter(str(issue.severity) for issue in issues)
    live = not viewing.looking_back
    context: dict[str, Any] = {
        "page_title": found.file_name,
        "found": found,
        "problem": problem,
        "kind": kind_text(found.mapping, queries.mappings_at_hand(), _lang()),
        "receipt": {
            "total": found.row_count,
            "accepted": found.accepted,
            "held": found.held,
            "rejected": found.rejected,
            "accepted_note": said(
                "receive.facts", new=found.inserted, revised=found.revised, same=found.unchanged
            ),
        },
        "show": show,
        "counts": [(severity, counts[severity]) for severity in SEVERITIES],
        "n_found": len(issues),
        "tables": tables_read(found),
        "may_send_back": viewing.actor.may("file.receive") and bool(issues) and _is_kept(found),
        "may_confirm": live and viewing.actor.may(CONFIRM) and viewing.actor.may("file.receive"),
        "may_reread": may_reread(found),
        "may_withdraw": live
        and viewing.actor.may(WITHDRAW)
        and found.state == "applied"
        and found.withdrawn_at is None,
        **shown,
    }
    return render(request, "receive/receipt.html", context, status=status)


def tables_read(found: Receipt) -> list[dict[str, Any]]:
    """How each table of the file was read, in words."""
    return [
        {
            "sheet": table.sheet,
            "kind": said(f"intake.kind.{table.kind}") if has_word(f"intake.kind.{table.kind}") else "",
            "doubtful": is_doubtful(table),
            "read": sum(bool(column.field) for column in table.columns),
            "total": len(table.columns),
            "columns": [
                {
                    "name": column.name,
                    "field": field_text(column.field),
                    "basis": said(f"intake.basis.{column.basis}"),
                    "sure": column.basis in ("saved", "layout", "mapping") or column.confidence >= 0.8,
                }
                for column in table.columns
            ],
        }
        for table in receipt_readings(found)
    ]


def field_text(field: str) -> str:
    """A field of a received file in words, "" for none; of an office's own mapping its code."""
    return said(f"intake.field.{field}") if has_word(f"intake.field.{field}") else field


def _rows(request: HttpRequest, found: Receipt) -> dict[str, Any]:
    """The held and rejected rows of the page asked for."""
    outcome = request.GET.get("outcome", "")
    outcome = outcome if outcome in ("held", "rejected") else ""
    rows = queries.receipt_rows(found.key, actor=request.viewing.actor, outcome=outcome).order_by("id")
    first = whole_number(request, "from", 1)
    page = list(rows[first - 1 : first + PAGE_ROWS])
    return {
        "outcome": outcome,
        "rows": [{"row": row, "why": reason_of(row)} for row in page[:PAGE_ROWS]],
        "pager": _pager(first, len(page), None, show="rows", outcome=outcome),
    }


def _findings(request: HttpRequest, issues: list[Issue]) -> dict[str, Any]:
    """The findings of the page asked for, by the severity, code and row that the address names."""
    severity, code = request.GET.get("severity", ""), request.GET.get("code", "")
    row = whole_number(request, "row", 0)
    # What concerns the whole file comes first, whichever sheet shows it.
    ordered = sorted(issues, key=lambda each: each.row is not None)
    of_severity = [each for each in ordered if not severity or each.severity == severity]
    codes = Counter(each.code for each in of_severity).most_common(_MOST_CODES)
    chosen = [
        each for each in of_severity if (not code or each.code == code) and (not row or each.row == row)
    ]
    first = max(1, whole_number(request, "from", 1))
    page = chosen[first - 1 : first + PAGE_ROWS]
    return {
        "severity": severity,
        "code": code,
        "row_typed": row or "",
        "codes": codes,
        "findings": [
            {"issue": each, "text": issue_text(each, _lang()), "row": str(each.row or "")}
            for each in page[:PAGE_ROWS]
        ],
        "pager": _pager(
            first, len(page), len(chosen), show="found", severity=severity, code=code, row=str(row or "")
        ),
    }


def _pager(first: int, fetched: int, total: int | None, **kept: str) -> dict[str, Any]:
    """The context of components/pager.html for a page that fetched one row more than it shows."""
    shown = min(fetched, PAGE_ROWS)
    kept = {name: value for name, value in kept.items() if value}
    later = urlencode({**kept, "from": first + PAGE_ROWS})
    earlier = urlencode({**kept, "from": max(1, first - PAGE_ROWS)})
    return {
        "first": first if shown else 0,
        "last": first + shown - 1 if shown else 0,
        "total": total,
        "earlier_href": f"?{earlier}" if first > 1 else None,
        "later_href": f"?{later}" if fetched > PAGE_ROWS else None,
    }


def _is_kept(found: Receipt) -> bool:
    return is_kept(folder_of(found.sha256, found.key))


def reason_of(row: ReceiptRow) -> str:
    """Why the row was held or rejected, in words; what a person can do stands in the words themselves."""
    return reason_text(row.reason, row.params, _lang())


@desk("intake", "receipt.read")
@require_POST
def send_back(request: HttpRequest, key: str) -> HttpResponse:
    """The error workbook in the sender's language; the opening of the file is audited."""
    actor = request.viewing.actor
    lang: Lang = "en" if request.POST.get("lang") == "en" else "zh"
    with receipt_open(key, actor=actor) as (found, path), TemporaryDirectory() as folder:
        out = Path(folder) / "errors.xlsx"
        try:
            error_workbook(path, receipt_issues(found, actor=actor), lang, out, name=found.file_name)
        except FileRefused as refusal:
            row = refusal.issue.row or 1
            raise InputError(
                "intake.table_refused", file=found.file_name, row=row, issue=refusal.issue.code
            ) from None
        response = HttpResponse(out.read_bytes(), content_type=XLSX)
    ending = said("receive.send_back.file") if lang == "zh" else "findings"
    name = quote(f"{Path(found.file_name).stem}_{ending}.xlsx")
    response["Content-Disposition"] = f"attachment; filename=\"findings.xlsx\"; filename*=UTF-8''{name}"
    return response


@desk("intake", "receipt.read")
@require_GET
def rows_csv(request: HttpRequest, key: str) -> HttpResponse:
    """The held and rejected rows as a CSV for the sender: place, outcome and reason, nothing of their content."""
    actor = request.viewing.actor
    found = queries.receipt_get(key, actor=actor)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([said(f"receive.column.{name}") for name in ("row", "column", "outcome", "reason")])
    for row in queries.receipt_rows(key, actor=actor).iterator(chunk_size=2000):
        writer.writerow(
            [
                row.row_number,
                plain_text(row.column),
                said(f"receipt.outcome.{row.outcome}"),
                plain_text(reason_of(row)),
            ]
        )
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = formats.day(found.received_at.date(), "en").replace(" ", "-")
    response["Content-Disposition"] = f'attachment; filename="receipt-{name}.csv"'
    return response


def _lang() -> str:
    return get_language() or "zh-hans"
