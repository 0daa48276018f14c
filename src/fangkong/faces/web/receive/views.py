"""The import page, the receipt of each file, and the list of rows to send back to the sender."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from fangkong.core.errors import InputError
from fangkong.desks.intake import actions, queries
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.words import formats
from fangkong.faces.words.errors import error_text
from fangkong.faces.words.receipt_words import reason_text
from fangkong.record.models import Receipt, ReceiptRow

PAGE_RECEIPTS = 20
PAGE_ROWS = 50


@desk("intake", "receipt.read")
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """The form and the latest receipts; after a file its receipt, after a refusal the reason in place."""
    viewing, problem, status = request.viewing, "", 200
    if request.method == "POST":
        viewing.actor.require("file.receive")
        viewing.require_live()
        try:
            return redirect("receipt", key=_receive(request).key)
        except InputError as refusal:
            problem, status = error_text(refusal, _lang()), 400
    at = viewing.at if viewing.looking_back else None
    found = list(queries.receipts(actor=viewing.actor, at=at)[: PAGE_RECEIPTS + 1])
    english = _lang().startswith("en")
    context = {
        "page_title": said("receive.page"),
        "rows": found[:PAGE_RECEIPTS],
        "more": len(found) > PAGE_RECEIPTS,
        "mappings": [(m.code, m.title_en if english else m.title_zh) for m in queries.mappings_at_hand()],
        "may": viewing.actor.may("file.receive") and not viewing.looking_back,
        "problem": problem,
        "typed": {"mapping": request.POST.get("mapping", ""), "known_at": request.POST.get("known_at", "")},
    }
    return render(request, "receive/receive.html", context, status=status)


def _receive(request: HttpRequest) -> Receipt:
    upload = request.FILES.get("file")
    if upload is None:
        raise InputError("receive.no_file")
    known = None
    if typed := request.POST.get("known_at", "").strip():
        try:
            known = datetime.fromisoformat(typed)
        except ValueError:
            raise InputError("receive.bad_known_at", value=typed[:30]) from None
        if known.tzinfo is None:
            known = known.replace(tzinfo=request.viewing.installation.zone)
    return actions.receive_file(
        Path(upload.temporary_file_path()),
        actor=request.viewing.actor,
        mapping=request.POST.get("mapping") or None,
        known_at=known,
        file_name=Path(upload.name).name,
    )


def _lang() -> str:
    return get_language() or "zh-hans"


def reason_of(row: ReceiptRow) -> str:
    """Why the row was held or rejected, in words; what a person can do stands in the words themselves."""
    return reason_text(row.reason, row.params, _lang())


@desk("intake", "receipt.read")
@require_GET
def receipt(request: HttpRequest, key: str) -> HttpResponse:
    """One receipt: the sum that adds up, and every held or rejected row with its place and reason."""
    actor = request.viewing.actor
    found = queries.receipt_get(key, actor=actor)
    outcome = request.GET.get("outcome", "")
    rows = queries.receipt_rows(key, actor=actor, outcome=outcome if outcome in ("held", "rejected") else "")
    page = list(rows.filter(row_number__gt=whole_number(request, "after", 0))[: PAGE_ROWS + 1])
    context: dict[str, Any] = {
        "page_title": found.file_name,
        "found": found,
        "receipt": {
            "total": found.row_count,
            "accepted": found.accepted,
            "held": found.held,
            "rejected": found.rejected,
            "accepted_note": said(
                "receive.facts", new=found.inserted, revised=found.revised, same=found.unchanged
            ),
        },
        "outcome": outcome,
        "rows": [{"row": row, "why": reason_of(row)} for row in page[:PAGE_ROWS]],
        "later_href": f"?outcome={outcome}&after={page[PAGE_ROWS - 1].row_number}"
        if len(page) > PAGE_ROWS
        else None,
        "ignored": queries.ignored_columns(found),
    }
    return render(request, "receive/receipt.html", context)


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
                _plain(row.column),
                said(f"receipt.outcome.{row.outcome}"),
                _plain(reason_of(row)),
            ]
        )
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    name = formats.day(found.received_at.date(), "en").replace(" ", "-")
    response["Content-Disposition"] = f'attachment; filename="receipt-{name}.csv"'
    return response


def _plain(value: str) -> str:
    """``value`` so that a spreadsheet shows it and never runs it as a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
