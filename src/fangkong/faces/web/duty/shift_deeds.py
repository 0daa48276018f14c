"""What is done to a shift from its page: one POST each; a roster that would break a rule is shown before it is kept."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fangkong.command.duty import actions
from fangkong.command.duty.actions import RosterBroken
from fangkong.command.duty.rows import READ
from fangkong.core.errors import FangkongError, NotFound
from fangkong.faces.web.gate import desk
from fangkong.faces.web.refusals import status_of
from fangkong.faces.web.typed_times import moment_typed
from fangkong.faces.words.errors import error_text

from .roster_views import shift_page


@desk("duty", READ)
@require_POST
def deed(request: HttpRequest, key: str, deed: str) -> HttpResponse:
    """The deed done; the shift again, with the reason where it was refused."""
    if deed not in _DEEDS:
        raise Http404
    request.viewing.require_live()
    try:
        _DEEDS[deed](request, key)
    except NotFound:
        raise
    except FangkongError as problem:
        return shift_page(
            request,
            key,
            deed=deed,
            problem=error_text(problem, get_language() or "zh-hans"),
            broken=problem if isinstance(problem, RosterBroken) else None,
            typed=_typed(request) if deed == "change" else None,
            status=status_of(problem),
        )
    return redirect("duty_shift", key=key)


def _typed(request: HttpRequest) -> dict[str, Any]:
    post = request.POST
    return {
        "chief": post.get("chief", "")[:96],
        "deputy": post.get("deputy", "")[:96],
        "experts": [key[:96] for key in post.getlist("experts")],
        "ends_at": post.get("ends_at", "")[:25],
    }


def _change(request: HttpRequest, key: str) -> None:
    typed = _typed(request)
    actions.shift_change(
        key,
        ends_at=moment_typed(typed["ends_at"], request.viewing.installation.zone, "duty.field.ends_at"),
        chief_key=typed["chief"],
        deputy_key=typed["deputy"],
        expert_keys=typed["experts"],
        seen=request.POST.get("seen", "")[:40],
        knowingly=request.POST.get("knowingly", "")[:40],
        **request.viewing.by(),
    )


def _cancel(request: HttpRequest, key: str) -> None:
    post = request.POST
    given = {"seen": post.get("seen", "")[:40], "knowingly": post.get("knowingly", "")[:40]}
    actions.shift_cancel(key, **given, **request.viewing.by())


def _phone(request: HttpRequest, key: str) -> None:
    post = request.POST
    actions.phone_test_record(
        key,
        post.get("user", "")[:96],
        answered=post.get("answered") == "yes",
        seen=post.get("seen", "")[:40],
        **request.viewing.by(),
    )


def _ask(request: HttpRequest, key: str) -> None:
    post = request.POST
    actions.swap_ask(
        key,
        post=post.get("post", "")[:12],
        to_key=post.get("to", "")[:96],
        reason=post.get("reason", "")[:200],
        **request.viewing.by(),
    )


_DEEDS = {"change": _change, "cancel": _cancel, "phone": _phone, "ask": _ask}
