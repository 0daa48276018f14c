"""My shifts, and swaps: who asks whom, what it would break, and the step that its reader may take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.duty import actions, queries
from fangkong.command.duty.actions import RosterBroken
from fangkong.command.duty.rows import OWN, READ, WRITE
from fangkong.command.models import ShiftSwap
from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.refusals import status_of
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .presenting import shift_row, violation_words

STEPS = {
    "agree": actions.swap_agree,
    "decline": actions.swap_decline,
    "withdraw": actions.swap_withdraw,
    "apply": actions.swap_apply,
}


@desk("duty", OWN)
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The reader's own shifts to come, and the swaps that concern the reader."""
    return _page(request, mine=True)


@desk("duty", READ)
@require_GET
def swaps(request: HttpRequest) -> HttpResponse:
    """Every swap of the office, those that wait first."""
    return _page(request, mine=False)


@desk("duty", READ)
@require_POST
def step(request: HttpRequest, key: str) -> HttpResponse:
    """The step taken; the list again, with the reason where it was refused."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    name, from_mine = request.POST.get("step", ""), request.POST.get("from") == "mine"
    try:
        if name not in STEPS:
            raise InputError("duty.swap_step", step=name[:20])
        more = {"knowingly": request.POST.get("knowingly", "")[:40]} if name == "apply" else {}
        STEPS[name](key, **viewing.by(), **more)
    except NotFound:
        raise
    except FangkongError as problem:
        return _page(request, mine=from_mine, refused=(key, problem), status=status_of(problem))
    return redirect("duty_mine" if from_mine else "duty_swaps")


def _page(
    request: HttpRequest,
    *,
    mine: bool,
    refused: tuple[str, FangkongError] | None = None,
    status: int = 200,
) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    own = queries.shifts_mine(actor=actor, at=at) if mine else []
    found = queries.swaps_list(actor.area_code, actor=actor, at=at, mine=mine)
    shifts = queries.shifts_named([swap.shift_key for swap in found], actor=actor, at=at)
    history = queries.swap_history([swap.key for swap in found], at=at)
    broken = refused[1] if refused and isinstance(refused[1], RosterBroken) else None
    people = [key for swap in found for key in (swap.from_key, swap.to_key)]
    people += [row.source_key for rows in history.values() for row in rows]
    people += [each.user_key for each in broken.violations] if broken else []
    names = people_names([*people, *queries.names_on([*own, *shifts.values()])])
    context = {
        "page_title": said("duty.mine" if mine else "duty.swaps"),
        "mine": mine,
        "rows": [
            shift_row(shift, [], names, viewing) | {"posts": queries.posts_of(shift, actor.key)}
            for shift in own
        ],
        "swaps": [_swap(swap, shifts, history[swap.key], names, viewing) for swap in found],
        "refused_key": refused[0] if refused else "",
        "problem": error_text(refused[1], get_language() or "zh-hans") if refused else "",
        "broken": [violation_words(each, names, viewing) for each in broken.violations] if broken else [],
        "token": broken.token if broken else "",
        "may_keep": actor.may(WRITE),
    }
    return render(request, "duty/swaps.html", context, status=status)


def _swap(
    swap: ShiftSwap,
    shifts: Mapping[str, Any],
    history: Sequence[ShiftSwap],
    names: Mapping[str, str],
    viewing: Viewing,
) -> dict[str, Any]:
    actor = viewing.actor
    steps = []
    if not viewing.looking_back and swap.state in ("asked", "agreed"):
        if swap.state == "asked" and actor.key == swap.to_key:
            steps += ["agree", "decline"]
        if actor.key == swap.from_key:
            steps.append("withdraw")
        if swap.state == "agreed" and actor.may(WRITE) and actor.key not in (swap.from_key, swap.to_key):
            steps.append("apply")
    return {
        "swap": swap,
        "shift": shifts.get(swap.shift_key),
        "asks": names.get(swap.from_key, ""),
        "asked": names.get(swap.to_key, ""),
        "steps": steps,
        "history": [{"row": row, "by": names.get(row.source_key, "")} for row in history],
    }
