"""One new problem and one proposal, with what the reader may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from fangkong.command.listening import actions, queries
from fangkong.command.listening.problems import LEADS_TO, may_study
from fangkong.command.listening.proposals import ADOPTS
from fangkong.command.listening.references import references_named, references_offered
from fangkong.command.listening.rows import DECIDE, WRITE
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk, signed_in
from fangkong.faces.web.refusals import Refused, deed_view
from fangkong.faces.web.reviews.forms import Deed, Field, chosen, deed, typed
from fangkong.faces.web.viewing import Viewing

from .views import reference_field, reference_row


@desk("listening", "listening.read")
@require_GET
def problem(request: HttpRequest, key: str) -> HttpResponse:
    """One new problem: what was seen, its study, its answer."""
    return _problem_page(request, key)


def _problem_page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.problem_get(key, actor=actor, at=at)
    named = references_named([(found.leads_to_kind, found.leads_to_key)], at=at)
    people = people_names([found.raised_by, found.answered_by])
    deeds: list[Deed] = []
    if not viewing.looking_back and found.state != "answered" and may_study(found, actor):
        offered = references_offered(LEADS_TO, actor=actor, at=at)
        study_field = Field("study", said("problem.field.study"), value=found.study)
        deeds = [
            deed(
                "study",
                "problem.deed.study",
                reverse("problem_study", args=[key]),
                [study_field],
                refused=refused,
                open_now=found.state == "open",
            ),
            deed(
                "answer",
                "problem.deed.answer",
                reverse("problem_answer", args=[key]),
                [
                    Field("answer", said("concern.field.answer")),
                    reference_field("leads_to", said("problem.field.leads_to"), offered),
                ],
                refused=refused,
            ),
        ]
    context: dict[str, Any] = {
        "page_title": found.title,
        "problem": found,
        "area": area_names([found.area_code])[found.area_code],
        "owner": coded("role", found.owner_role),
        "raised_by": people.get(found.raised_by, ""),
        "answered_by": people.get(found.answered_by, ""),
        "reference": reference_row(named.get(found.leads_to_key), viewing),
        "left": found.due_at - at,
        "late": found.state == "open" and found.due_at < at,
        "deeds": deeds,
        "stray": refused.problem if refused and not deeds else "",
    }
    return render(request, "listening/problem.html", context)


@desk("listening", "listening.read")
@require_GET
def proposal(request: HttpRequest, key: str) -> HttpResponse:
    """One proposal: what it is, where it was tried, who took it up in what."""
    return _proposal_page(request, key)


def _proposal_page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.proposal_get(key, actor=actor, at=at)
    named = references_named([(found.adopted_in_kind, found.adopted_in_key)], at=at)
    people = people_names([found.proposed_by, found.decided_by])
    deeds: list[Deed] = []

    def of(name: str, fields: list[Field]) -> Deed:
        action = reverse(f"proposal_{name}", args=[key])
        return deed(name, f"proposal.deed.{name}", action, fields, refused=refused)

    if not viewing.looking_back and found.state in ("proposed", "tried") and actor.sees(found.area_code):
        if actor.may(WRITE):
            where = Field("tried_in", said("proposal.field.tried_in"), "text", value=found.tried_in, most=200)
            deeds.append(
                of("tried", [where, Field("result", said("proposal.field.result"), value=found.result)])
            )
        if actor.may(DECIDE) and actor.key != found.proposed_by:
            offered = references_offered(ADOPTS, actor=actor, at=at)
            words = said("concern.field.answer")
            deeds += [
                of(
                    "adopt",
                    [
                        reference_field(
                            "adopted_in", said("proposal.field.adopted_in"), offered, required=True
                        ),
                        Field("answer", words, required=False),
                    ],
                ),
                of("decline", [Field("answer", words)]),
            ]
    context: dict[str, Any] = {
        "page_title": found.title,
        "proposal": found,
        "area": area_names([found.area_code])[found.area_code],
        "proposed_by": people.get(found.proposed_by, ""),
        "decided_by": people.get(found.decided_by, ""),
        "reference": reference_row(named.get(found.adopted_in_key), viewing),
        "deeds": deeds,
        "stray": refused.problem if refused and not deeds else "",
    }
    return render(request, "listening/proposal.html", context)


def _study(request: HttpRequest, key: str) -> None:
    """What the study found."""
    actions.problem_study(key, typed(request, "study"), **request.viewing.by())


def _answer(request: HttpRequest, key: str) -> None:
    """The problem answered."""
    kind, reference = chosen(typed(request, "leads_to", 120))
    actions.problem_answer(
        key, typed(request, "answer"), leads_to_kind=kind, leads_to_key=reference, **request.viewing.by()
    )


def _tried(request: HttpRequest, key: str) -> None:
    """Where the proposal was tried."""
    actions.proposal_tried(
        key, tried_in=typed(request, "tried_in", 200), result=typed(request, "result"), **request.viewing.by()
    )


def _adopt(request: HttpRequest, key: str) -> None:
    """The proposal taken up."""
    kind, reference = chosen(typed(request, "adopted_in", 120))
    actions.proposal_adopt(
        key,
        adopted_in_kind=kind,
        adopted_in_key=reference,
        answer=typed(request, "answer"),
        **request.viewing.by(),
    )


def _decline(request: HttpRequest, key: str) -> None:
    """The proposal not taken up."""
    actions.proposal_decline(key, typed(request, "answer"), **request.viewing.by())


def _of(page: str, name: str, do: Callable[[HttpRequest, str], None]) -> Callable[..., HttpResponse]:
    return deed_view(
        signed_in("listening"), name, do, _problem_page if page == "problem" else _proposal_page, page
    )


study, answer = _of("problem", "study", _study), _of("problem", "answer", _answer)
tried, adopt = _of("proposal", "tried", _tried), _of("proposal", "adopt", _adopt)
decline = _of("proposal", "decline", _decline)
