"""One matter of citizens: its voices and votes, what answers it, and what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.listening import actions, queries
from fangkong.command.listening.concerns import ANSWERS
from fangkong.command.listening.references import references_named, references_offered
from fangkong.command.listening.rows import ANSWER, WRITE
from fangkong.command.models import Concern
from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.gate import desk, signed_in
from fangkong.faces.web.refusals import Refused, deed_view, refused_of, status_of
from fangkong.faces.web.reviews.forms import Deed, Field, chosen, deed, typed
from fangkong.faces.web.viewing import Viewing

from .views import listening_page, reference_field, reference_row, theme_field

#: How much of another matter stands in a list of choices.
_SHORT = 60


@desk("listening", "listening.read")
@require_GET
def concern(request: HttpRequest, key: str) -> HttpResponse:
    """One matter: its words, the voices merged into it, its answer, and what the reader may do."""
    return _page(request, key)


@desk("listening", WRITE)
@require_POST
def merge(request: HttpRequest) -> HttpResponse:
    """The ticked matters are one: the one with the most votes takes the others in."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    actor, now = viewing.actor, viewing.installation.now()
    keys = [key[:96] for key in request.POST.getlist("key")]
    try:
        if len(set(keys)) < 2:
            raise InputError("concern.nothing_to_merge")
        found = [queries.concern_get(key, actor=actor, at=viewing.at) for key in dict.fromkeys(keys)]
        into = max(found, key=lambda each: (each.votes, each.key))
        actions.concerns_merge(keys, into.key, actor=actor, at=now)
    except NotFound:
        raise
    except FangkongError as problem:
        answer_ = listening_page(request, refused_of(request, "merge", problem))
        answer_.status_code = status_of(problem)
        return answer_
    return redirect("concern", key=into.key)


def _page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.concern_get(key, actor=actor, at=at)
    merged = queries.concerns_merged_into(key, actor=actor, at=at)
    named = references_named([(found.answered_in_kind, found.answered_in_key)], at=at)
    people = people_names([found.entered_by, found.answered_by])
    deeds = _deeds(viewing, found, refused)
    context: dict[str, Any] = {
        "page_title": said("concern.page_one"),
        "concern": found,
        "area": area_names([found.area_code])[found.area_code],
        "voices": queries.voices_of([found], actor=actor, at=at)[key],
        "merged": merged,
        "reference": reference_row(named.get(found.answered_in_key), viewing),
        "entered_by": people.get(found.entered_by, ""),
        "answered_by": people.get(found.answered_by, ""),
        "deeds": deeds,
        "stray": refused.problem if refused and all(each.name != refused.deed for each in deeds) else "",
    }
    return render(request, "listening/concern.html", context)


def _deeds(viewing: Viewing, found: Concern, refused: Refused | None) -> list[Deed]:
    actor, at = viewing.actor, viewing.at
    if viewing.looking_back or not actor.sees(found.area_code):
        return []

    def of(name: str, fields: list[Field] | None = None, *, now: bool = False) -> Deed:
        action = reverse(f"concern_{name}", args=[found.key])
        return deed(name, f"concern.deed.{name}", action, fields or [], refused=refused, open_now=now)

    deeds: list[Deed] = []
    if found.state == "open" and actor.may(ANSWER):
        offered = references_offered(ANSWERS, actor=actor, at=at)
        deeds += [
            of(
                "answer",
                [
                    reference_field("answered_in", said("concern.field.answered_in"), offered),
                    Field(
                        "answer",
                        said("concern.field.answer"),
                        required=False,
                        hint=said("concern.answer_hint"),
                    ),
                    Field(
                        "changed",
                        said("concern.field.changed"),
                        required=False,
                        hint=said("concern.changed_hint"),
                    ),
                ],
                now=True,
            ),
            of("outside", [Field("reason", said("concern.field.where_to"))]),
        ]
    if found.state == "open" and actor.may(WRITE):
        like = queries.concerns_like(found, actor=actor, at=at)
        if like:
            options = tuple(
                (each.key, said("concern.with_votes", words=each.words[:_SHORT], n=each.votes))
                for each in like
            )
            deeds.append(of("same", [Field("into", said("concern.field.into"), "select", options)]))
    if found.state == "merged" and actor.may(WRITE):
        deeds.append(of("split"))
    if actor.may(WRITE):
        rude = Field(
            "rude", said("concern.field.rude"), "check", value="1" if found.rude else "", required=False
        )
        deeds.append(of("sort", [theme_field(found.theme), rude]))
    return deeds


def _answer(request: HttpRequest, key: str) -> None:
    """The concern answered."""
    kind, reference = chosen(typed(request, "answered_in", 120))
    actions.concern_answer(
        key,
        answer=typed(request, "answer"),
        answered_in_kind=kind,
        answered_in_key=reference,
        changed=typed(request, "changed"),
        **request.viewing.by(),
    )


def _outside(request: HttpRequest, key: str) -> None:
    """The concern is for another office."""
    actions.concern_set_outside(key, typed(request, "reason"), **request.viewing.by())


def _sort(request: HttpRequest, key: str) -> None:
    """Another theme, rude or not."""
    actions.concern_sort(
        key, theme=typed(request, "theme", 40), rude=bool(request.POST.get("rude")), **request.viewing.by()
    )


def _same(request: HttpRequest, key: str) -> str:
    """The same matter as another one, where the page goes on."""
    into = typed(request, "into", 96)
    actions.concerns_merge([key], into, **request.viewing.by())
    return reverse("concern", args=[into])


def _split(request: HttpRequest, key: str) -> None:
    """A matter of its own after all."""
    actions.concern_split(key, **request.viewing.by())


def _view(name: str, do: Callable[[HttpRequest, str], str | None]) -> Callable[..., HttpResponse]:
    return deed_view(signed_in("listening"), name, do, _page, "concern")


answer, outside, sort = _view("answer", _answer), _view("outside", _outside), _view("sort", _sort)
same, split = _view("same", _same), _view("split", _split)
