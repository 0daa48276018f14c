"""What is decided about clauses from the page: one POST each; what is refused is said in place, with what was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fangkong.command.listening.actions import concerns_paste
from fangkong.command.minutes import actions, queries
from fangkong.command.minutes.deciding import DIRECTIVE, STANDING_DUTY
from fangkong.command.minutes.rows import TASK_CLASSES, UNDECIDED
from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.faces.web.gate import desk
from fangkong.faces.web.refusals import status_of
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .document_views import document_page
from .typed import decision_typed

#: The channel of concerns that stood below a page.
COMMENTS = "comments"


def _text(request: HttpRequest, name: str, most: int = 400) -> str:
    return str(request.POST.get(name, ""))[:most]


def _confirm(request: HttpRequest, key: str, clause: str) -> None:
    _decide(request, key, clause, DIRECTIVE)


def _duty(request: HttpRequest, key: str, clause: str) -> None:
    _decide(request, key, clause, STANDING_DUTY)


def _decide(request: HttpRequest, key: str, clause: str, as_: str) -> None:
    by = request.viewing.by()
    area_code = queries.clause_get(clause, **by).area_code
    decision = decision_typed(request, as_, area_code, {clause: _text(request, "seen")})
    actions.clauses_confirm([clause], decision, **by)


def _set_aside(request: HttpRequest, key: str, clause: str) -> None:
    actions.clause_set_aside(
        clause,
        _text(request, "reason"),
        not_for_us=request.POST.get("not_for_us") == "1",
        seen=_text(request, "seen"),
        **request.viewing.by(),
    )


def _merge(request: HttpRequest, key: str, clause: str) -> None:
    place = _text(request, "into", 8).strip()
    into = [
        each for each in queries.document_clauses(key, **request.viewing.by()) if str(each.position) == place
    ]
    if not into:
        raise InputError("minutes.no_such_place", given=place)
    actions.clauses_merge([clause], into[0].key, **request.viewing.by())


def _edit(request: HttpRequest, key: str, clause: str) -> None:
    actions.clause_edit(
        clause,
        text=_text(request, "text", 4000),
        clause_class=_text(request, "clause_class", 24),
        reason=_text(request, "reason"),
        seen=_text(request, "seen"),
        **request.viewing.by(),
    )


def _link(request: HttpRequest, key: str, clause: str) -> None:
    kind, _, target = _text(request, "target", 120).strip().partition("|")
    if not target:
        # A key of the record names its own kind; directives and duties are also found by their page's address.
        target = kind.rstrip("/").rsplit("/", 1)[-1]
        kind = {"directive": "directive", "duty": "standing_duty", "task": "task"}.get(
            target.split("-")[0], ""
        )
    actions.clause_link(
        clause,
        kind,
        target,
        reason=_text(request, "reason"),
        seen=_text(request, "seen"),
        **request.viewing.by(),
    )


def _reopen(request: HttpRequest, key: str, clause: str) -> None:
    actions.clause_reopen(clause, _text(request, "reason"), **request.viewing.by())


_DONE: dict[str, Callable[[HttpRequest, str, str], None]] = {
    "confirm": _confirm,
    "duty": _duty,
    "set_aside": _set_aside,
    "merge": _merge,
    "edit": _edit,
    "link": _link,
    "reopen": _reopen,
}


@desk("minutes", "meeting.read")
@require_POST
def deed(request: HttpRequest, key: str, clause: str, name: str) -> HttpResponse:
    """The deed ``name`` done to the clause; then the page at the next clause that waits."""
    request.viewing.require_live()
    by = request.viewing.by()
    if name not in _DONE or queries.clause_get(clause, **by).document_key != key:
        raise NotFound("minutes.unknown_clause", key=clause[:96])
    try:
        _DONE[name](request, key, clause)
    except NotFound as missing:
        if missing.code != "minutes.no_such_carrier":
            raise
        return _refused(request, key, name, clause, missing)
    except FangkongError as problem:
        return _refused(request, key, name, clause, problem)
    place = _next(request, key, clause, stays=name in ("edit", "reopen"))
    return redirect(f"{reverse('minutes_document', args=[key])}?at={place}&done={name}#c{place}")


@desk("minutes", "meeting.read")
@require_POST
def bulk(request: HttpRequest, key: str) -> HttpResponse:
    """The ticked clauses confirmed with one owner and one deadline: all of them, or none."""
    request.viewing.require_live()
    try:
        document = queries.document_get(key, **request.viewing.by())
        chosen = request.POST.getlist("clause")
        as_ = STANDING_DUTY if request.POST.get("as") == STANDING_DUTY else DIRECTIVE
        seen = {
            clause: _text(request, f"seen-{clause}") for clause in chosen if f"seen-{clause}" in request.POST
        }
        decision = decision_typed(request, as_, document.area_code, seen)
        together = request.POST.get("together") == "1"
        actions.clauses_confirm(chosen, decision, together=together, **request.viewing.by())
    except NotFound:
        raise
    except FangkongError as problem:
        return _refused(request, key, "bulk", "", problem)
    return redirect(f"{reverse('minutes_document', args=[key])}?done=bulk")


@desk("minutes", "listening.write")
@require_POST
def voices(request: HttpRequest, key: str) -> HttpResponse:
    """The comments below the page given to Listening as concerns, each on its day; the same again adds nothing."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    document = queries.document_get(key, **request.viewing.by())
    by_day: dict[date, list[str]] = defaultdict(list)
    for voice in queries.document_voices(document):
        day = min(voice.voiced_on or document.as_of or viewing.day, viewing.day)
        by_day[day].append(f"{voice.words} +{voice.votes}")
    try:
        for day, lines in sorted(by_day.items()):
            concerns_paste(
                "\n".join(lines),
                channel=COMMENTS,
                area_code=document.area_code,
                voiced_on=day,
                **request.viewing.by(),
            )
    except FangkongError as problem:
        return _refused(request, key, "voices", "", problem)
    return redirect(f"{reverse('minutes_document', args=[key])}?done=voices#voices")


def _refused(request: HttpRequest, key: str, name: str, clause: str, problem: FangkongError) -> HttpResponse:
    text = error_text(problem, get_language() or "zh-hans")
    status = status_of(problem)
    return document_page(request, key, deed=name, at_clause=clause, problem=text, status=status)


def _next(request: HttpRequest, key: str, clause: str, *, stays: bool) -> int:
    """The place of the next clause that asks for something and waits; of this one where none does or it is not done."""
    clauses = queries.document_clauses(key, **request.viewing.by())
    here = next(each.position for each in clauses if each.key == clause)
    if stays:
        return here
    waiting = [
        each.position
        for each in clauses
        if each.state == UNDECIDED
        and each.clause_class in (*TASK_CLASSES, "unreadable")
        and not each.duplicate_of
        and not each.is_heading
    ]
    return next((place for place in waiting if place > here), waiting[0] if waiting else here)
