"""The queue of pairs who are probably one person: the evidence side by side, decided many at once, undone again."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from fangkong.core.errors import Conflict, FangkongError, InputError, NotFound
from fangkong.desks.intake.matching import (
    DECIDE,
    DIFFERENT,
    OPEN,
    SAME,
    match_decide,
    match_queue,
    match_reopen,
    match_undo,
)
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.paging import whole_number
from fangkong.faces.web.trace.veil import may_unmask
from fangkong.faces.words.errors import error_text
from fangkong.record import audit, identities
from fangkong.record.models import MatchCandidate, SamePerson

from .pairs import of_pattern, pair_rows, pattern_read, patterns

PAGE_PAIRS = 20

#: The most pairs that one act decides, and whose names one act opens.
MOST_DECIDED = 2000
MOST_OPENED = 10

MOST_REASON = 200

STATES = (OPEN, SAME, DIFFERENT)


@desk("intake", DECIDE)
@require_safe
def matching(request: HttpRequest) -> HttpResponse:
    """The pairs to decide, the likeliest first; or those decided."""
    return _page(request)


def _page(request: HttpRequest, *, problem: str = "", status: int = 200) -> HttpResponse:
    viewing = request.viewing
    given = request.POST if request.method == "POST" else request.GET
    state = given.get("state", OPEN)
    state = state if state in STATES else OPEN
    queue = match_queue(actor=viewing.actor, state=state)
    levels = pattern_read(given.get("pattern", ""))
    pattern = given.get("pattern", "") if levels else ""
    chosen = of_pattern(queue, levels) if levels else queue
    total = chosen.count()
    first = max(1, whole_number(request, "from", 1))
    page = list(chosen[first - 1 : first - 1 + PAGE_PAIRS])
    kept = {"state": state, "pattern": pattern}
    done = whole_number(request, "done", 0)
    rows = pair_rows(page, viewing)
    until = min((side["until"] for row in rows for side in row["people"] if side["until"]), default=None)
    context: dict[str, Any] = {
        "page_title": said("matching.page"),
        "state": state,
        "states": [(each, said(f"match.state.{each}")) for each in STATES],
        "patterns": patterns(queue, pattern) if state == OPEN else [],
        "pattern": pattern,
        "total": total,
        "rows": rows,
        "ticked": request.POST.getlist("key"),
        "reason": given.get("reason", "")[:MOST_REASON] if request.method == "POST" else "",
        "problem": problem,
        "open_until": until,
        # Seconds by the office's clock, which in an exercise is not the browser's.
        "seconds_left": math.ceil((until - viewing.installation.now()).total_seconds()) if until else 0,
        "purposes": identities.PURPOSES if may_unmask(viewing) and not viewing.looking_back else (),
        "minutes": identities.UNMASK_MINUTES,
        "most_opened": MOST_OPENED,
        "may": not viewing.looking_back,
        "pager": {
            "first": first if page else 0,
            "last": first + len(page) - 1 if page else 0,
            "total": total,
            "earlier_href": _href(kept, first - PAGE_PAIRS) if first > 1 else None,
            "later_href": _href(kept, first + PAGE_PAIRS) if first + PAGE_PAIRS <= total else None,
        },
        "toast": {"text": said("matching.done", n=done)} if done else None,
    }
    return render(request, "matching/matching.html", context, status=status)


def _href(kept: dict[str, str], first: int) -> str:
    return "?" + urlencode({**{name: value for name, value in kept.items() if value}, "from": max(1, first)})


@desk("intake", DECIDE)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """The chosen pairs, or all of one pattern, are one person or two: in one act, or none of them."""
    viewing = request.viewing
    viewing.require_live()
    try:
        verdict = request.POST.get("verdict", "")
        if verdict not in (SAME, DIFFERENT):
            raise InputError("matching.no_verdict")
        keys = _chosen(request)
        reason = request.POST.get("reason", "")[:MOST_REASON]
        count = match_decide(keys, same=verdict == SAME, reason=reason, **viewing.by())
    except (InputError, Conflict, NotFound) as refused:
        return _refused(request, refused)
    return _back(request, done=count)


def _chosen(request: HttpRequest) -> list[str]:
    """The keys of the chosen pairs. Raises Conflict when a pattern has more or fewer pairs than were shown."""
    given = request.POST
    if given.get("all") == "yes" and (levels := pattern_read(given.get("pattern", ""))):
        queue = of_pattern(match_queue(actor=request.viewing.actor), levels)
        keys = list(queue.values_list("key", flat=True)[: MOST_DECIDED + 1])
        if len(keys) > MOST_DECIDED:
            raise InputError("matching.too_many", most=MOST_DECIDED)
        if given.get("n") != str(len(keys)):
            raise Conflict("matching.number_changed", n=len(keys))
    else:
        keys = sorted(set(given.getlist("key")))[:MOST_DECIDED]
    if not keys:
        raise InputError("matching.none_chosen")
    return keys


@desk("intake", DECIDE)
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """The chosen decisions are undone: two merged are two again, two told apart are put to the queue again."""
    viewing = request.viewing
    viewing.require_live()
    try:
        keys = sorted(set(request.POST.getlist("key")))[:MOST_DECIDED]
        if not keys:
            raise InputError("matching.none_chosen")
        reason = request.POST.get("reason", "")[:MOST_REASON]
        if request.POST.get("state") == SAME:
            _part(keys, reason, request)
            count = len(keys)
        else:
            count = match_reopen(keys, reason=reason, **viewing.by())
    except (InputError, Conflict, NotFound) as refused:
        return _refused(request, refused)
    return _back(request, done=count)


def _part(keys: list[str], reason: str, request: HttpRequest) -> None:
    """Undo the merges of the pairs ``keys``, all of them or none."""
    viewing = request.viewing
    seen = match_queue(actor=viewing.actor, state=SAME).filter(key__in=keys).values_list("key", flat=True)
    merges = dict(
        SamePerson.objects.open()
        .filter(candidate_key__in=list(seen))
        .values_list("candidate_key", "person_key")
    )
    if missing := set(keys) - set(merges):
        raise NotFound("match.unknown", key=min(missing))
    with audit.writing():
        for key in keys:
            match_undo(merges[key], reason=reason, **viewing.by())


@desk("intake", DECIDE)
@require_POST
def names(request: HttpRequest) -> HttpResponse:
    """The names of the chosen pairs show for a while, for a purpose and a reason; each opening is audited."""
    viewing = request.viewing
    viewing.require_live()
    try:
        keys = sorted(set(request.POST.getlist("key")))
        reason = request.POST.get("why", "").strip()[:MOST_REASON]
        if not keys:
            raise InputError("matching.none_chosen")
        if len(keys) > MOST_OPENED:
            raise InputError("matching.too_many_names", most=MOST_OPENED)
        if not reason:
            raise InputError("matching.why_needed")
        _open(
            list(match_queue(actor=viewing.actor, state=_state(request)).filter(key__in=keys)),
            reason,
            request,
        )
    except (InputError, Conflict, NotFound) as refused:
        return _refused(request, refused)
    return _back(request)


def _open(pairs: list[MatchCandidate], reason: str, request: HttpRequest) -> None:
    """Ask for the identity of everybody in ``pairs``; nobody's lack of one keeps the others closed."""
    viewing, opened = request.viewing, 0
    with audit.writing():
        for person in sorted({key for pair in pairs for key in (pair.first_key, pair.second_key)}):
            try:
                identities.unmask_request(
                    person,
                    actor=viewing.actor,
                    purpose=request.POST.get("purpose", ""),
                    now=viewing.installation.now(),
                    reason=reason,
                )
            except NotFound:
                # Purged, or living in an area that is not the reader's.
                continue
            opened += 1
    if not opened:
        raise NotFound("identity.none")


def _state(request: HttpRequest) -> str:
    state = request.POST.get("state", OPEN)
    return state if state in STATES else OPEN


def _refused(request: HttpRequest, refused: FangkongError) -> HttpResponse:
    status = {InputError: 400, NotFound: 404}.get(type(refused), 409)
    return _page(request, problem=error_text(refused, get_language()), status=status)


def _back(request: HttpRequest, *, done: int = 0) -> HttpResponse:
    """Back to the list as it was filtered; a pattern that was decided whole is no filter any more."""
    kept: dict[str, str] = {"state": _state(request)}
    if request.POST.get("all") != "yes" and pattern_read(request.POST.get("pattern", "")):
        kept["pattern"] = request.POST["pattern"]
    if done:
        kept["done"] = str(done)
    elif whole := request.POST.get("from", ""):
        kept["from"] = whole
    return redirect(f"{reverse('matching')}?{urlencode(kept)}")
