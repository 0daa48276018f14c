"""The import page: files dropped or chosen, received one after another, each with its receipt in place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from fangkong.core.errors import InputError
from fangkong.desks.intake import actions, matching, queries
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.words.errors import error_text
from fangkong.faces.words.receipt_words import kind_text, with_places
from fangkong.record.models import Receipt

from .progress import progress_of, progress_told

PAGE_RECEIPTS = 20

#: What a file picker offers; what a file really is, its content says.
ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.json"

#: A request of the page's script asks for the result of one file and not for a page.
PART = "X-Fangkong-Part"


@dataclass(frozen=True)
class Result:
    """What became of one file: its receipt, or why all of it was refused; "" where it was not."""

    name: str
    receipt: Receipt | None
    kind: str = ""
    errors: int = 0
    warnings: int = 0
    problem: str = ""


@desk("intake", "receipt.read")
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """The form and the latest receipts; after one file its receipt, after several what became of each."""
    viewing, results, problem, status = request.viewing, [], "", 200
    if request.method == "POST":
        viewing.actor.require("file.receive")
        viewing.require_live()
        try:
            results = _receive_all(request)
        except InputError as refusal:
            problem, status = error_text(refusal, _lang()), 400
        refused = any(result.receipt is None for result in results)
        if request.headers.get(PART):
            part = {"results": results, "problem": problem}
            return render(request, "receive/results.html", part, status=status)
        if len(results) == 1 and results[0].receipt is not None:
            return redirect("receipt", key=results[0].receipt.key)
        status = 400 if problem or refused else 200
    at = viewing.at if viewing.looking_back else None
    found = list(queries.receipts(actor=viewing.actor, at=at)[: PAGE_RECEIPTS + 1])
    english, mappings = _lang().startswith("en"), queries.mappings_at_hand()
    may_decide = viewing.actor.may(matching.DECIDE) and not viewing.looking_back
    context: dict[str, Any] = {
        "page_title": said("receive.page"),
        "rows": [(row, kind_text(row.mapping, mappings, _lang())) for row in found[:PAGE_RECEIPTS]],
        "more": len(found) > PAGE_RECEIPTS,
        "mappings": [(m.code, m.title_en if english else m.title_zh) for m in mappings],
        "may": viewing.actor.may("file.receive") and not viewing.looking_back,
        "may_decide": may_decide,
        "pairs": matching.match_queue(actor=viewing.actor).count() if may_decide else 0,
        "results": results,
        "problem": problem,
        "accepted": ACCEPTED,
        "accepted_said": said("frame.and").join(ending.lstrip(".") for ending in ACCEPTED.split(",")),
        "typed": {"mapping": request.POST.get("mapping", ""), "known_at": request.POST.get("known_at", "")},
    }
    return render(request, "receive/receive.html", context, status=status)


@desk("intake", "receipt.read")
@require_GET
def progress(request: HttpRequest, token: str) -> HttpResponse:
    """{done, total} of the file that another request of this page is sending in."""
    return JsonResponse(progress_of(token))


def _receive_all(request: HttpRequest) -> list[Result]:
    uploads = {Path(each.temporary_file_path()): each for each in request.FILES.getlist("file")}
    if not uploads:
        raise InputError("receive.no_file")
    known = _known_at(request)
    mapping = request.POST.get("mapping") or None
    order = actions.in_receiving_order(list(uploads), mapping=mapping)
    return [_receive_one(request, path, uploads[path], mapping, known) for path in order]


def _known_at(request: HttpRequest) -> datetime | None:
    typed = request.POST.get("known_at", "").strip()
    if not typed:
        return None
    try:
        known = datetime.fromisoformat(typed)
    except ValueError:
        raise InputError("receive.bad_known_at", value=typed[:30]) from None
    return known if known.tzinfo else known.replace(tzinfo=request.viewing.installation.zone)


def _receive_one(
    request: HttpRequest, path: Path, upload: UploadedFile, mapping: str | None, known: datetime | None
) -> Result:
    name, actor = Path(upload.name or "").name, request.viewing.actor
    try:
        with progress_told(request.POST.get("token", "")) as told:
            receipt = actions.receive_file(
                path, actor=actor, mapping=mapping, known_at=known, file_name=name, progress=told
            )
    except InputError as refusal:
        placed = InputError(refusal.code, **with_places(refusal.params))
        return Result(name, None, problem=error_text(placed, _lang()))
    severities = [issue.severity for issue in receipt_issues(receipt, actor=actor)]
    return Result(
        name,
        receipt,
        kind_text(receipt.mapping, queries.mappings_at_hand(), _lang()),
        severities.count("error"),
        severities.count("warning"),
    )


def _lang() -> str:
    return get_language() or "zh-hans"
