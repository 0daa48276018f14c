"""What is entered: one concern, a pasted list of comments, a new problem, a proposal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from fangkong.command.listening import actions
from fangkong.command.listening.rows import READ
from fangkong.core.errors import FangkongError, InputError
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import signed_in
from fangkong.faces.web.refusals import refused_of, status_of
from fangkong.faces.web.reviews.forms import typed
from fangkong.faces.web.typed_times import day_typed
from fangkong.faces.web.viewing import Viewing

from .views import listening_page

#: The longest list of comments that is read.
_LONGEST_PASTE = 60_000


def _entering(name: str, do: Callable[[HttpRequest], tuple[str, str]]) -> Callable[..., HttpResponse]:
    """The view of one POST: on to the thing's page, or back to the list with what came of it."""

    @signed_in("listening")
    @require_POST
    def view(request: HttpRequest) -> HttpResponse:
        viewing: Viewing = request.viewing
        viewing.require_live()
        try:
            page, key = do(request)
        except FangkongError as problem:
            answer = listening_page(request, refused_of(request, name, problem))
            answer.status_code = status_of(problem)
            return answer
        if page and viewing.actor.may(READ):
            return redirect(page, key=key)
        return listening_page(request, done=key if not page else said("listening.entered"))

    view.__name__, view.__doc__ = name, do.__doc__
    return view


def _by(request: HttpRequest) -> dict[str, Any]:
    viewing: Viewing = request.viewing
    return {
        "area_code": typed(request, "area_code", 24),
        **viewing.by(),
    }


def _votes(text: str) -> int:
    try:
        return int(text or "0")
    except ValueError:
        raise InputError("concern.bad_votes") from None


def _concern(request: HttpRequest) -> tuple[str, str]:
    """One concern entered."""
    return "concern", actions.concern_enter(
        typed(request, "words"),
        channel=typed(request, "channel", 24),
        voiced_on=day_typed(typed(request, "voiced_on", 10), "concern.field.voiced_on"),
        theme=typed(request, "theme", 40),
        votes=_votes(typed(request, "votes", 8)),
        **_by(request),
    )


def _paste(request: HttpRequest) -> tuple[str, str]:
    """A list of comments entered in one act."""
    done = actions.concerns_paste(
        typed(request, "text", _LONGEST_PASTE),
        channel=typed(request, "channel", 24),
        voiced_on=day_typed(typed(request, "voiced_on", 10), "concern.field.voiced_on"),
        **_by(request),
    )
    told = {"new": done.new, "known": done.known, "votes": done.votes_changed, "left_out": done.left_out}
    return "", said("concern.pasted", **told)


def _problem(request: HttpRequest) -> tuple[str, str]:
    """A new problem raised."""
    return "problem", actions.problem_raise(
        title=typed(request, "title", 200),
        words=typed(request, "words"),
        owner_role=typed(request, "owner_role", 24),
        **_by(request),
    )


def _proposal(request: HttpRequest) -> tuple[str, str]:
    """A proposal made."""
    return "proposal", actions.proposal_make(
        title=typed(request, "title", 200), words=typed(request, "words"), **_by(request)
    )


concern, paste = _entering("concern", _concern), _entering("paste", _paste)
problem, proposal = _entering("problem", _problem), _entering("proposal", _proposal)
