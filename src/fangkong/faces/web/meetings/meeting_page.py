"""The page of one meeting: its agenda, who was there, what was decided and what became of it, the minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from fangkong.command.directives.offices import own_groups
from fangkong.command.listening.rows import READ as LISTENS
from fangkong.command.meetings import queries
from fangkong.command.meetings.decision_states import (
    DIRECTIVE,
    DUTY,
    STRUCK,
    WAITING,
    DecisionState,
    decision_states,
    inherited,
    open_first,
)
from fangkong.command.meetings.queries import Chain, Edition
from fangkong.command.meetings.rows import CALLED, CLOSED, HELD, SIGN, WRITE
from fangkong.command.minutes.proposals import look_again_on
from fangkong.command.minutes.rows import CONFIRM
from fangkong.command.models import Meeting
from fangkong.core.clock import civil_day
from fangkong.faces.papers.meeting_phrases import areas_of, item_view, number_of
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.directives.proofs import evidence_choices
from fangkong.faces.web.refusals import Refused
from fangkong.faces.web.viewing import Viewing

#: What the form says for "each office one level below".
BELOW_CHOICE = "below"


def meeting_page(
    request: HttpRequest, key: str, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    """The page of the meeting ``key``; with ``refused``, the problem stands where it was typed."""
    viewing: Viewing = request.viewing
    actor, at, lang = viewing.actor, viewing.at, get_language() or ""
    asked: dict[str, Any] = {"actor": actor, "at": at}
    meeting = queries.meeting_get(key, **asked)
    whole = queries.sees_whole(meeting, actor)
    chain = queries.chain_of(meeting, **asked)
    around = [meeting, *([chain.previous] if chain.previous else []), *chain.above[-1:]]
    states = decision_states(around, **asked)
    own = states[meeting.key]
    above = inherited(meeting.area_code, states[chain.above[-1].key], own) if chain.above else []
    editions = queries.minutes_editions(meeting, **asked) if whole else []
    areas = area_names(_areas(meeting, chain, own))
    deeds = _deeds(viewing, meeting, editions, own, refused)
    context = {
        "page_title": number_of(meeting.body, meeting.number, meeting.kind, lang),
        "meeting": meeting,
        "whole": whole,
        "area": areas.get(meeting.area_code, meeting.area_code),
        "called_by": meeting.caller_name or said("order.by_unknown"),
        "soon": meeting.state == CALLED and meeting.starts_at is not None,
        "left": meeting.starts_at - at if meeting.starts_at else None,
        "above": [_link(each, areas, lang) for each in chain.above],
        "below": [_link(each, areas, lang) for each in chain.below],
        "agenda": [item_view(item, lang, areas) for item in meeting.agenda],
        "present": sum(venue["present"] or 0 for venue in meeting.venues if venue.get("present") is not None),
        "decisions": [_decision(each, n, meeting, viewing, refused) for n, each in enumerate(own, start=1)],
        "struck": sum(each.standing == STRUCK for each in own),
        "inherited": [
            {
                "row": each,
                "decision": _state(each.decision),
                "refined": [_state(one) for one in each.refined_by],
            }
            for each in above
        ],
        "previous": _previous(chain.previous, states, areas, lang),
        "dissent": _dissent(meeting, own),
        "changed": queries.changed_by(meeting, **asked) if whole and actor.may(LISTENS) else [],
        "listens": whole and actor.may(LISTENS),
        "editions": list(reversed(editions)),
        "follow_href": _follow_href(viewing, meeting),
        "deeds": deeds,
        "stray_problem": _stray(refused, deeds, own, meeting),
        "roles": [office.role for office in own_groups(meeting.area_code)],
        "kinds": evidence_choices(),
        "below_choice": BELOW_CHOICE,
        **_habits(viewing),
    }
    return render(request, "meetings/meeting.html", context, status=status)


def _areas(meeting: Meeting, chain: Chain, own: Iterable[DecisionState]) -> list[str]:
    codes = {meeting.area_code, *(each.area_code for each in (*chain.above, *chain.below))}
    codes |= areas_of(meeting.agenda)
    return sorted(codes | {area for each in own for area in each.areas})


def _link(meeting: Meeting, areas: dict[str, str], lang: str) -> dict[str, Any]:
    return {
        "meeting": meeting,
        "name": number_of(meeting.body, meeting.number, meeting.kind, lang),
        "area": areas.get(meeting.area_code, meeting.area_code),
    }


def _state(state: DecisionState) -> dict[str, Any]:
    """One decision as a list shows it: its words, how it stands, where what carries it can be opened."""
    pages = {DIRECTIVE: "directive", DUTY: "standing_duty"}
    href = reverse(pages[state.kind], args=[state.key]) if state.kind in pages and state.state else ""
    return {"state": state, "href": href, "text": state.clause.text, "kind": state.clause.clause_class}


def _decision(
    state: DecisionState, n: int, meeting: Meeting, viewing: Viewing, refused: Refused | None
) -> dict[str, Any]:
    may = (
        state.standing == WAITING
        and viewing.actor.may(CONFIRM)
        and viewing.actor.sees(meeting.area_code)
        and not viewing.looking_back
    )
    here = refused if refused and refused.typed.get("clause") == state.clause.key else None
    return _state(state) | {
        "n": n,
        "may": may,
        "may_strike": may and meeting.state == HELD,
        "alarms": [code for code in state.clause.alarms if isinstance(code, str)],
        "problem": here.problem if here and here.deed in ("confirm", "strike") else "",
        "typed": here.typed if here else {},
        "as": "directive" if state.clause.clause_class == "decision" else "standing_duty",
    }


def _previous(
    previous: Meeting | None, states: dict[str, list[DecisionState]], areas: dict[str, str], lang: str
) -> dict[str, Any] | None:
    if previous is None:
        return None
    rows = [each for each in open_first(states[previous.key]) if each.standing != STRUCK]
    return _link(previous, areas, lang) | {
        "rows": [_state(each) for each in rows],
        "open": sum(each.open for each in rows),
    }


def _dissent(meeting: Meeting, own: Sequence[DecisionState]) -> list[dict[str, Any]]:
    places = {each.clause.key: n for n, each in enumerate(own, start=1)}
    return [each | {"n": places.get(each["clause_key"], 0)} for each in meeting.dissent]


def _habits(viewing: Viewing) -> dict[str, str]:
    """What the form for a decision begins with: due by the close of tomorrow, the last day by the office's limit."""
    zone = viewing.installation.zone
    close = viewing.installation.close_of(viewing.day + timedelta(days=1))
    return {
        "due_habit": close.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
        "sunset_habit": look_again_on(civil_day(close, zone)).isoformat(),
    }


def _follow_href(viewing: Viewing, meeting: Meeting) -> str:
    """Where the office below calls the meeting that carries this one on; "" for whoever may not."""
    below = meeting.area_code in (viewing.actor.area_code[:n] for n in range(len(viewing.actor.area_code)))
    if (
        viewing.looking_back
        or not below
        or not viewing.actor.may(WRITE)
        or meeting.state not in (HELD, CLOSED)
    ):
        return ""
    return f"{reverse('meeting_new')}?follows={meeting.key}"


def _deeds(
    viewing: Viewing,
    meeting: Meeting,
    editions: Sequence[Edition],
    own: Sequence[DecisionState],
    refused: Refused | None,
) -> list[dict[str, Any]]:
    """The deeds that the reader may do now, the next one first; none on a past day or in another office's meeting."""
    actor = viewing.actor
    if viewing.looking_back or not actor.sees(meeting.area_code):
        return []
    writes, unsigned = actor.may(WRITE), bool(editions) and not editions[-1].signed_by
    names: list[str] = []
    if meeting.state == CALLED and writes:
        names = ["hold", "refresh", "item", "cancel"]
    if meeting.state == HELD and writes:
        names = ["decide", "write", "hold", *(["dissent"] if own else [])]
    if meeting.state == CLOSED and writes and not unsigned:
        names.append("correct")
    if meeting.state in (HELD, CLOSED) and unsigned and actor.may(SIGN):
        names.insert(0, "sign")
    wrote = unsigned and editions[-1].written_by == actor.key
    return [_deed(name, meeting, refused, wrote=wrote) for name in names]


def _deed(name: str, meeting: Meeting, refused: Refused | None, *, wrote: bool) -> dict[str, Any]:
    here = refused if refused is not None and refused.deed == name else None
    code = "attendance" if name == "hold" and meeting.state == HELD else name
    return {
        "name": name,
        "label": said(f"meeting.deed.{code}"),
        "text": said(f"meeting.deed.{code}.text"),
        "action": reverse(f"meeting_{name}", args=[meeting.key]),
        "open": here is not None or name in ("decide", "sign"),
        "problem": here.problem if here else "",
        "typed": here.typed if here else {},
        "blocked": said("meeting.two_people_hint") if name == "sign" and wrote else "",
    }


def _stray(
    refused: Refused | None, deeds: list[dict[str, Any]], own: Sequence[DecisionState], meeting: Meeting
) -> str:
    """What was refused where no form of the page can say it any more."""
    if refused is None or any(deed["name"] == refused.deed for deed in deeds):
        return ""
    waiting = {each.clause.key for each in own if each.standing == WAITING}
    return (
        ""
        if refused.typed.get("clause") in waiting and refused.deed in ("confirm", "strike")
        else refused.problem
    )
