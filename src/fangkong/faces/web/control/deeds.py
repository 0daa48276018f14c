"""What is done to an order from its page: one POST each; what is refused is said in place, with what was typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.desks.control import actions, queries
from fangkong.desks.control.gates import gate_kind
from fangkong.faces.web.gate import desk
from fangkong.faces.web.refusals import status_of
from fangkong.faces.words.errors import error_text

from .order_page import Refused, order_page

#: What a form sends that is not a reason: kept, so that nobody types twice.
_TYPED = (
    *("reason", "expires_on", "ground", "answer", "verdict", "appeal", "person", "offer", "decision"),
    *("full_round_negative_on", "last_contact_left_on", "no_close_contact"),
)

#: What the fields of gates are called on every form, and the longest that is read of one.
GATE_FIELD, MOST_CHARACTERS = "gate_", 400
#: The longest whole number that is read: more digits are no number of people or households.
_MOST_DIGITS = 9


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
            typed = {
                field: value[:MOST_CHARACTERS]
                for field, value in request.POST.items()
                if field in _TYPED or field.startswith(GATE_FIELD)
            }
            refused = Refused(name, error_text(problem, get_language() or "zh-hans"), typed)
            status = status_of(problem)
            return order_page(request, key, refused, status=status)
        return redirect(f"{reverse('order', args=[key])}?done={name}")

    view.__name__, view.__doc__ = name, do.__doc__
    return view


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:400]


def day_typed(given: str) -> date | None:
    """The day typed, None when nothing was. Raises InputError ``error.bad_date``."""
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        raise InputError("error.bad_date") from None


def number_typed(given: str) -> int | None:
    """The whole number typed, None for anything else: who asked says what it should have been."""
    given = given.strip()
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS else None


def gates_typed(post: Mapping[str, str]) -> dict[str, Any]:
    """Gate -> what meets it, of every gate filled in. Raises InputError ``order.gate_value`` for no number."""
    met: dict[str, Any] = {}
    for field, typed in post.items():
        gate, value = field.removeprefix(GATE_FIELD), typed.strip()[:MOST_CHARACTERS]
        if not field.startswith(GATE_FIELD) or not value:
            continue
        if gate_kind(gate) == "text":
            met[gate] = value
        elif (capacity := number_typed(value)) is None:
            raise InputError("order.gate_value", gate=gate)
        else:
            met[gate] = capacity
    return met


def _last_day(request: HttpRequest) -> date:
    day = day_typed(request.POST.get("expires_on", ""))
    if day is None:
        raise InputError("error.bad_date")
    return day


def _decide(request: HttpRequest, key: str) -> None:
    """The decision taken: approved or rejected."""
    choice = request.POST.get("decision", "")
    if choice == "approve":
        actions.order_approve(key, reason=_reason(request), **request.viewing.by())
    elif choice == "reject":
        actions.order_reject(key, reason=_reason(request), **request.viewing.by())
    else:
        raise InputError("order.unknown_decision", value=choice[:20])


def _withdraw(request: HttpRequest, key: str) -> None:
    """The order taken back."""
    actions.order_withdraw(key, reason=_reason(request), **request.viewing.by())


def _suspend(request: HttpRequest, key: str) -> None:
    """The order suspended."""
    actions.order_suspend(key, reason=_reason(request), **request.viewing.by())


def _resume(request: HttpRequest, key: str) -> None:
    """The suspended order resumed."""
    actions.order_resume(key, reason=_reason(request), **request.viewing.by())


def _shorten(request: HttpRequest, key: str) -> None:
    """The order made to end earlier."""
    actions.order_shorten(key, expires_on=_last_day(request), reason=_reason(request), **request.viewing.by())


def _renew(request: HttpRequest, key: str) -> None:
    """The order that follows this one, proposed."""
    actions.order_renew(key, expires_on=_last_day(request), reason=_reason(request), **request.viewing.by())


def _appeal(request: HttpRequest, key: str) -> None:
    """An appeal filed."""
    actions.appeal_file(key, ground=request.POST.get("ground", "")[:24], **request.viewing.by())


def _answer(request: HttpRequest, key: str) -> None:
    """An appeal answered."""
    verdict = request.POST.get("verdict", "")
    if verdict not in ("upheld", "dismissed"):
        raise InputError("order.unknown_decision", value=verdict[:20])
    wanted, by = request.POST.get("appeal", ""), request.viewing.by()
    # The page is of one order: an appeal against another is answered on that one's page, with its facts in view.
    if wanted not in {appeal.key for appeal in queries.appeals_of_order(key, **by)}:
        raise NotFound("appeal.unknown", key=wanted[:96])
    actions.appeal_decide(
        wanted,
        upheld=verdict == "upheld",
        answer=request.POST.get("answer", "")[:800],
        **by,
    )


def _consent(request: HttpRequest, key: str) -> None:
    """A carer's consent recorded, or taken back."""
    person = request.POST.get("person", "")
    if request.POST.get("decision") == "take_back":
        actions.consent_take_back(key, person, **request.viewing.by())
    else:
        actions.consent_record(
            key, person, carer_key=request.POST.get("carer", "")[:96], **request.viewing.by()
        )


def _rejudged(request: HttpRequest, key: str) -> None:
    """An offered computation accepted or declined."""
    offer, choice = request.POST.get("offer", ""), request.POST.get("decision", "")
    if choice == "accept":
        actions.rejudgement_accept(offer, reason=_reason(request), **request.viewing.by())
    elif choice == "decline":
        actions.rejudgement_decline(offer, reason=_reason(request), **request.viewing.by())
    else:
        raise InputError("order.unknown_decision", value=choice[:20])


def _gates(request: HttpRequest, key: str) -> None:
    """What meets the open gates, written down."""
    met = gates_typed(request.POST)
    if not met:
        raise InputError("area_orders.gate_needed")
    actions.order_gates_meet(key, gates=met, **request.viewing.by())


def _facts(request: HttpRequest, key: str) -> None:
    """The facts that a release of the area asks for, written down."""
    typed = request.POST
    actions.risk_area_facts_note(
        key,
        full_round_negative_on=day_typed(typed.get("full_round_negative_on", "")),
        last_contact_left_on=day_typed(typed.get("last_contact_left_on", "")),
        no_close_contact=typed.get("no_close_contact") == "yes",
        **request.viewing.by(),
    )


def _step(request: HttpRequest, key: str) -> None:
    """The step due for the area, taken."""
    actions.risk_area_step_take(
        key, expires_on=day_typed(request.POST.get("expires_on", "")), **request.viewing.by()
    )


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
gates = _deed("gates", _gates)
facts = _deed("facts", _facts)
step = _deed("step", _step)
