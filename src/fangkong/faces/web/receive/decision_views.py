"""What a person decides about a received file: how its columns are to be read, that it is read again or withdrawn."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.intake import queries
from fangkong.desks.intake.readings_kept import TableRead
from fangkong.desks.intake.returning import may_reread, receipt_readings, receipt_reread
from fangkong.desks.intake.saved_mappings import CONFIRM, mapping_confirm
from fangkong.desks.intake.withdrawing import receipt_withdraw
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.words.errors import error_text
from fangkong.record.models import Receipt
from fangkong.science.tables.columns import fields
from fangkong.science.tables.columns.kind_of import kinds

from .receipt_views import field_text, receipt_page


@desk("intake", CONFIRM)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """The form of a table's columns; on POST what was said is kept, and the file read anew if nothing rests on it."""
    viewing = request.viewing
    viewing.require_live()
    found = queries.receipt_get(key, actor=viewing.actor)
    tables = [table for table in receipt_readings(found) if table.fingerprint]
    place = whole_number(request, "table", 0)
    if place >= len(tables):
        raise NotFound("receipt.not_found", receipt=key)
    table, problem, status = tables[place], "", 200
    if request.method == "POST":
        try:
            return _confirmed(request, found, table)
        except (InputError, Conflict) as refused:
            problem, status = error_text(refused, get_language()), 400
    typed = request.POST if request.method == "POST" else None
    context: dict[str, Any] = {
        "page_title": said("receive.confirm.page"),
        "found": found,
        "problem": problem,
        "sheet": table.sheet,
        "tables": [(n, each.sheet or each.kind, n == place) for n, each in enumerate(tables)],
        "kind": typed.get("kind", "") if typed else table.kind,
        "kinds": [(kind, said(f"intake.kind.{kind}")) for kind in (*kinds(), "unknown")],
        "title": typed.get("title", "") if typed else found.file_name.rpartition(".")[0][:80],
        "fields": sorted(((name, field_text(name)) for name in fields()), key=lambda pair: pair[1]),
        "columns": [
            {
                "n": n,
                "name": column.name,
                "field": typed.get(f"field-{n}", "") if typed else column.field,
                "basis": said(f"intake.basis.{column.basis}"),
            }
            for n, column in enumerate(table.columns)
        ],
        "may_reread": may_reread(found),
    }
    return render(request, "receive/confirm.html", context, status=status)


def _confirmed(request: HttpRequest, found: Receipt, table: TableRead) -> HttpResponse:
    given = request.POST
    mapping_confirm(
        table.fingerprint,
        kind=given.get("kind", "") if given.get("kind") in kinds() else "",
        title=given.get("title", ""),
        columns={column.name: given.get(f"field-{n}", "") for n, column in enumerate(table.columns)},
        **request.viewing.by(),
    )
    if may_reread(found) and request.viewing.actor.may("file.receive"):
        found = receipt_reread(found.key, actor=request.viewing.actor)
    return redirect("receipt", key=found.key)


@desk("intake", "receipt.read")
@require_POST
def reread(request: HttpRequest, key: str) -> HttpResponse:
    """The receipt of the file read anew, under what was confirmed since."""
    request.viewing.require_live()
    try:
        found = receipt_reread(key, actor=request.viewing.actor)
    except (Forbidden, NotFound):
        raise
    except FangkongError as refused:
        return receipt_page(request, key, problem=error_text(refused, get_language()), status=409)
    return redirect("receipt", key=found.key)


@desk("intake", "receipt.read")
@require_POST
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """The receipt, whose file is withdrawn with all that it alone brought; the page again when a reason is missing."""
    request.viewing.require_live()
    try:
        receipt_withdraw(key, reason=request.POST.get("reason", "")[:200], **request.viewing.by())
    except (InputError, Conflict) as refused:
        status = 409 if isinstance(refused, Conflict) else 400
        return receipt_page(request, key, problem=error_text(refused, get_language()), status=status)
    return redirect("receipt", key=key)
