"""What is done to an order from its page: one POST each; what is refused is said in place, with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control import actions
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .order_page import Refused, order_page

#: What a form sends that is not a reason: kept, so that nobody types twice.
_TYPED = ("reason", "expires_on", "ground", "answer", "verdict", "appeal", "person", "offer", "decision")

_STATUS: list[tuple[type[FangkongError], int]] = [(Forbidden, 403), (Conflict, 409), (InputError, 400)]


def _deed(name: str, do: Callable[[HttpRequest, str], None]) -> Callable[..., HttpResponse]:
    """The view that does ``do`` to the order; the permission is the action's own, in the order's area."""

    @desk("control", "order.read")
    @require_POST
    def view(request: HttpRequest, key: str) -> HttpResponse:
        request.viewing.require_live()
        try:
            do(request, key)
        except NotFound:
            raise
        except FangkongError as problem:
            typed = {field: request.POST.get(field, "") for field in _TYPED}
            refused = Refused(name, error_text(problem, get_language() or "zh-hans"), typed)
            status = next((code for kind, code in _STATUS if isinstance(problem, kind)), 400)
            return order_page(request, key, refused, status=status)
        return redirect(f"{reverse('order', args=[key])}?done={name}")

    view.__name__, view.__doc__ = name, do.__doc__
    return view


def _by(request: HttpRequest) -> dict[str, Any]:
    viewing: Viewing = request.viewing
    return {"actor": viewing.actor, "at": viewing.installation.now()}


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:400]


def _last_day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("expires_on", ""))
    except ValueError:
        raise InputError("error.bad_date") from None


def _decide(request: HttpRequest, key: str) -> None:
    """The decision taken: approved or rejected."""
    choice = request.POST.get("decision", "")
    if choice == "approve":
        actions.order_approve(key, reason=_reason(request), **_by(request))
    elif choice == "reject":
        actions.order_reject(key, reason=_reason(request), **_by(request))
    else:
        raise InputError("order.unknown_decision", value=choice[:20])


def _withdraw(request: HttpRequest, key: str) -> None:
    """The order taken back."""
    actions.order_withdraw(key, reason=_reason(request), **_by(request))


def _suspend(request: HttpRequest, key: str) -> None:
    """The order suspended."""
    actions.order_suspend(key, reason=_reason(request), **_by(request))


def _resume(request: HttpRequest, key: str) -> None:
    """The suspended order resumed."""
    actions.order_resume(key, reason=_reason(request), **_by(request))


def _shorten(request: HttpRequest, key: str) -> None:
    """The order made to end earlier."""
    actions.order_shorten(key, expires_on=_last_day(request), reason=_reason(request), **_by(request))


def _renew(request: HttpRequest, key: str) -> None:
    """The order that follows this one, proposed."""
    actions.order_renew(key, expires_on=_last_day(request), reason=_reason(request), **_by(request))


def _appeal(request: HttpRequest, key: str) -> None:
    """An appeal filed."""
    actions.appeal_file(key, ground=request.POST.get("ground", "")[:24], **_by(request))


def _answer(request: HttpRequest, key: str) -> None:
    """An appeal answered."""
    verdict = request.POST.get("verdict", "")
    if verdict not in ("upheld", "dismissed"):
        raise InputError("order.unknown_decision", value=verdict[:20])
    actions.appeal_decide(
        request.POST.get("appeal", ""),
        upheld=verdict == "upheld",
        answer=request.POST.get("answer", "")[:800],
        **_by(request),
    )


def _consent(request: HttpRequest, key: str) -> None:
    """A carer's consent recorded, or taken back."""
    person = request.POST.get("person", "")
    if request.POST.get("decision") == "take_back":
        actions.consent_take_back(key, person, **_by(request))
    else:
        actions.consent_record(key, person, carer_key=request.POST.get("carer", "")[:96], **_by(request))


def _rejudged(request: HttpRequest, key: str) -> None:
    """An offered computation accepted or declined."""
    offer, choice = request.POST.get("offer", ""), request.POST.get("decision", "")
    if choice == "accept":
        actions.rejudgement_accept(offer, reason=_reason(request), **_by(request))
    elif choice == "decline":
        actions.rejudgement_decline(offer, reason=_reason(request), **_by(request))
    else:
        raise InputError("order.unknown_decision", value=choice[:20])


decide = _deed("decide", _decide)
withdraw = _deed("withdraw", _withdraw)
suspend = _deed("suspend", _suspend)
resume = _deed("resume", _resume)
shorten = _deed("shorten", _shorten)
renew = _deed("renew", _renew)
appeal = _deed("appeal", _appeal)
answer = _deed("answer", _answer)
consent = _deed("consent", _consent)
rejudged = _deed("rejudged", _rejudged)
