"""What is done on the page of a meeting: one POST each; what is refused is said in place, with what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from fangkong.command.directives.offices import offices_below
from fangkong.command.meetings import actions, queries
from fangkong.command.minutes.proposals import BELOW, OWN
from fangkong.core.errors import NotFound
from fangkong.faces.web.gate import desk
from fangkong.faces.web.refusals import deed_view
from fangkong.faces.web.typed_times import day_typed, moment_typed
from fangkong.faces.web.viewing import Viewing

from .meeting_page import BELOW_CHOICE, meeting_page
from .typed import number_or_none

#: The longest text that is read of a field.
MOST_CHARACTERS = 4000


def _deed(name: str, do: Callable[[HttpRequest, str], None]) -> Callable[..., HttpResponse]:
    """The view that does ``do`` to the meeting; the permission is the action's own."""
    gate = desk("meetings", "meeting.read")
    return deed_view(gate, name, do, meeting_page, "meeting", MOST_CHARACTERS)


def _text(request: HttpRequest, name: str) -> str:
    return str(request.POST.get(name, ""))[:MOST_CHARACTERS]


def _hold(request: HttpRequest, key: str) -> None:
    """Who was there, and which reports were heard."""
    present = [number_or_none(each, "meeting.bad_count") for each in request.POST.getlist("present")]
    heard = [int(each) for each in request.POST.getlist("heard") if each.isascii() and each.isdigit()]
    actions.meeting_hold(key, present=present, heard=heard, **request.viewing.by())


def _refresh(request: HttpRequest, key: str) -> None:
    """The papers as the record stands now."""
    actions.papers_refresh(key, **request.viewing.by())


def _item(request: HttpRequest, key: str) -> None:
    """One more item on the agenda."""
    actions.agenda_item_add(key, _text(request, "title"), by=_text(request, "by"), **request.viewing.by())


def _cancel(request: HttpRequest, key: str) -> None:
    """The meeting called off."""
    actions.meeting_cancel(key, _text(request, "reason"), **request.viewing.by())


def _decide(request: HttpRequest, key: str) -> None:
    """A decision entered in the words that were said."""
    actions.decision_enter(
        key,
        _text(request, "text"),
        clause_class=_text(request, "clause_class")[:16],
        refines_key=_text(request, "refines_key")[:96],
        **request.viewing.by(),
    )


def _confirm(request: HttpRequest, key: str) -> None:
    """A decision given an owner: the draft of a directive, or a standing duty."""
    viewing: Viewing = request.viewing
    owner = _text(request, "owner")[:24]
    as_ = _text(request, "as")[:16]
    given: dict[str, Any] = {"as_": as_, "evidence_kind": _text(request, "evidence_kind")[:24] or None}
    if as_ == "directive":
        given["due_at"] = moment_typed(
            _text(request, "due_at"), viewing.installation.zone, "directive.field.due_at"
        )
        given["sunset_on"] = day_typed(_text(request, "sunset_on"), "directive.field.sunset_on")
        given["proportionality_note"] = _text(request, "proportionality_note")
    else:
        given["measure"] = _text(request, "measure")[:400]
    if owner == BELOW_CHOICE:
        offices = offices_below(queries.meeting_get(key, **request.viewing.by()).area_code)
        given |= {"where": BELOW, "owner_role": offices[0].role if offices else ""}
    else:
        given |= {"where": OWN, "owner_role": owner}
    actions.decision_confirm(_clause(request, key), **given, **request.viewing.by())


def _strike(request: HttpRequest, key: str) -> None:
    """A decision taken back."""
    actions.decision_strike(_clause(request, key), _text(request, "reason"), **request.viewing.by())


def _clause(request: HttpRequest, key: str) -> str:
    """The clause that the form is about: one of this very meeting."""
    wanted, by = _text(request, "clause")[:96], request.viewing.by()
    meeting = queries.meeting_get(key, **by)
    if not queries.is_decided_in(meeting, wanted, **by):
        raise NotFound("minutes.unknown_clause", key=wanted)
    return wanted


def _dissent(request: HttpRequest, key: str) -> None:
    """Who saw a decision otherwise."""
    actions.dissent_record(
        key,
        by=_text(request, "by"),
        clause_key=_text(request, "clause")[:96],
        words=_text(request, "words"),
        **request.viewing.by(),
    )


def _write(request: HttpRequest, key: str) -> None:
    """The minutes written from what stands on the page."""
    actions.minutes_write(key, **request.viewing.by())


def _sign(request: HttpRequest, key: str) -> None:
    """The minutes signed, and the meeting closed."""
    actions.minutes_sign(key, **request.viewing.by())


def _correct(request: HttpRequest, key: str) -> None:
    """The signed minutes corrected in their next edition."""
    actions.minutes_correct(key, _text(request, "words"), **request.viewing.by())


#: Deed -> its view.
DEEDS = {
    name: _deed(name, do)
    for name, do in {
        "hold": _hold,
        "refresh": _refresh,
        "item": _item,
        "cancel": _cancel,
        "decide": _decide,
        "confirm": _confirm,
        "strike": _strike,
        "dissent": _dissent,
        "write": _write,
        "sign": _sign,
        "correct": _correct,
    }.items()
}
