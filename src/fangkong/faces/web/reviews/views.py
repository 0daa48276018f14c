"""The list of reviews, the next to be due first; and one review with its timeline, findings and deeds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fangkong.command.models import Gap, Review
from fangkong.command.reviews import actions, queries
from fangkong.command.reviews.gaps import gap_is_late, owner_roles
from fangkong.command.reviews.rows import CLOSE, RUNNING, UNCLOSED, WRITE, causes
from fangkong.command.reviews.steps import codes_of
from fangkong.core.errors import FangkongError
from fangkong.faces.papers.review_paper import step_lines
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk, signed_in
from fangkong.faces.web.paging import pager
from fangkong.faces.web.refusals import Refused, deed_view, refused_of, status_of
from fangkong.faces.web.viewing import Viewing

from .forms import Deed, Field, deed, end_of_day_typed, typed

PAGE_ROWS = 25

SHOWS = ("open", "held", "closed", "all")

READ = "review.read"


@desk("reviews", READ)
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """The reviews that the reader sees; the state is a filter in the address."""
    return _list(request)


@desk("reviews", READ)
@require_POST
def open_one(request: HttpRequest) -> HttpResponse:
    """The review of the case whose number was typed; what is refused is said above the list."""
    viewing: Viewing = request.viewing
    viewing.require_live()
    try:
        key = actions.review_open_case(typed(request, "case_no", 40), **viewing.by())
    except FangkongError as problem:
        answer = _list(request, refused_of(request, "open", problem))
        answer.status_code = status_of(problem)
        return answer
    return redirect("review", key=key)


def _list(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    show = request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    page = queries.reviews_list(
        actor=actor,
        at=at,
        state="" if show == "all" else show,
        limit=PAGE_ROWS,
        after=request.GET.get("after", ""),
    )
    numbers = queries.review_subjects(page.rows, at=at)
    missed = queries.limits_missed(page.rows, at=at) if page.rows else {}
    areas = area_names([each.area_code for each in page.rows])
    number = Field("case_no", said("review.field.case_no"), "text", most=40)
    opening = deed("open", "review.deed.open", reverse("review_open"), [number], refused=refused)
    gaps = queries.gap_counts(actor=actor, at=at)
    context: dict[str, Any] = {
        "page_title": said("review.page"),
        "show": show,
        "shows": SHOWS,
        "counts": queries.review_counts(actor=actor, at=at),
        "gaps_unclosed": sum(gaps.get(each, 0) for each in UNCLOSED),
        "opening": opening if actor.may(WRITE) and not viewing.looking_back else None,
        "rows": [
            {
                "review": each,
                "subject": subject_text(each, numbers),
                "area": areas.get(each.area_code, each.area_code),
                "left": each.due_at - at,
                "late": each.state in RUNNING and each.due_at < at,
                "missed": missed.get(each.key, 0),
            }
            for each in page.rows
        ],
        "pager": pager(request, page, show=show),
    }
    return render(request, "reviews/reviews.html", context)


def subject_text(review: Review, numbers: dict[str, str]) -> str:
    """What the review is of, in words: the number of the case, or the kind of event."""
    if review.subject_kind == "case":
        return said("review.of.case", number=numbers.get(review.subject_key, "—"))
    return said(f"review.of.{review.subject_kind}")


@desk("reviews", READ)
@require_GET
def review(request: HttpRequest, key: str) -> HttpResponse:
    """One review: facts, timeline, remarks, causes, gaps, and what its reader may do."""
    return _page(request, key)


def _page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    history, numbers = queries.review_versions(key, actor=actor, at=at)
    found = history[-1]
    as_of = _day_asked(request, viewing)
    moment = viewing.installation.close_of(as_of) if as_of else None
    steps = queries.review_timeline(found, at=at, as_of=moment)
    gaps = queries.gaps_of(key, actor=actor, at=at)
    areas = area_names([found.area_code, *(gap.area_code for gap in gaps)])
    people = people_names([found.lead_key, found.closed_by])
    subject = subject_text(found, numbers)
    lines = step_lines(steps, found.remarks, request.LANGUAGE_CODE)
    context: dict[str, Any] = {
        "page_title": subject,
        "review": found,
        "subject": subject,
        "area": areas.get(found.area_code, found.area_code),
        "lead": people.get(found.lead_key, ""),
        "closed_by": people.get(found.closed_by, ""),
        "late": found.state in RUNNING and found.due_at < at,
        "left": found.due_at - at,
        "lines": lines,
        "missed": sum(line.missed for line in lines),
        "not_recorded": sum(not line.recorded for line in lines),
        "whole": [each for each in found.remarks if not each["step"]],
        "gaps": [_gap_row(gap, areas, viewing) for gap in gaps],
        "history": history,
        "replayed": as_of,
        "first_day": found.opened_at.astimezone(viewing.installation.zone).date(),
        "last_day": viewing.day,
        "frozen": found.state == "closed" and as_of is None,
        "deeds": _deeds(viewing, found, refused),
        "stray": refused.problem if refused and found.state == "closed" else "",
        "case_href": reverse("case", args=[found.subject_key])
        if found.subject_kind == "case" and actor.may("case.read")
        else "",
    }
    return render(request, "reviews/review.html", context)


def _day_asked(request: HttpRequest, viewing: Viewing) -> date | None:
    """The day whose knowledge the timeline is replayed with; None for a day that is none or still to come."""
    try:
        asked = date.fromisoformat(request.GET.get("as_of", ""))
    except ValueError:
        return None
    return asked if asked <= viewing.day else None


def _gap_row(gap: Gap, areas: dict[str, str], viewing: Viewing) -> dict[str, Any]:
    return {
        "gap": gap,
        "area": areas.get(gap.area_code, gap.area_code),
        "owner": coded("role", gap.owner_role),
        "late": gap_is_late(gap, viewing.at),
    }


def cause_field() -> Field:
    """The choice of a root cause."""
    options = (("", "—"), *((code, said(f"review.cause.{code}")) for code in causes()))
    return Field("cause", said("review.field.cause"), "select", options)


def owner_field(value: str = "") -> Field:
    """The choice of the group that owns a gap."""
    options = (("", "—"), *((role, coded("role", role)) for role in owner_roles()))
    return Field("owner_role", said("gap.column.owner"), "select", options, value)


def _deeds(viewing: Viewing, found: Review, refused: Refused | None) -> list[Deed]:
    """What the reader may do now; nothing on a past day or once it is closed."""
    actor = viewing.actor
    if viewing.looking_back or found.state not in RUNNING or not actor.sees(found.area_code):
        return []

    def of(name: str, fields: list[Field] | None = None) -> Deed:
        action = reverse(f"review_{name}", args=[found.key])
        return deed(name, f"review.deed.{name}", action, fields or [], refused=refused)

    kind = "plan_run" if found.subject_kind == "drill" else found.subject_kind
    steps = [
        ("", said("review.step.whole")),
        *((code, said(f"review.step.{code}")) for code in codes_of(kind)),
    ]
    hint = said("review.no_names")
    deeds: list[Deed] = []
    if actor.may(WRITE):
        if found.lead_key != actor.key:
            deeds.append(of("hold"))
        deeds += [
            of(
                "remark",
                [
                    Field("step", said("review.column.step"), "select", tuple(steps), required=False),
                    Field("words", said("review.field.words"), hint=hint),
                ],
            ),
            of("cause", [cause_field(), Field("words", said("review.field.words"), hint=hint)]),
            of(
                "gap",
                [
                    Field("title", said("gap.column.title"), "text", most=400, hint=hint),
                    cause_field(),
                    owner_field(),
                    Field(
                        "due_on", said("gap.column.due"), "date", required=False, hint=said("gap.due_hint")
                    ),
                ],
            ),
        ]
    if actor.may(CLOSE):
        why = Field(
            "no_gap_because", said("review.field.no_gap"), required=False, hint=said("review.no_gap_hint")
        )
        deeds.append(of("close", [why]))
    return deeds


def _hold(request: HttpRequest, key: str) -> None:
    """The review held, led by the reader."""
    actions.review_hold(key, **request.viewing.by())


def _remark(request: HttpRequest, key: str) -> None:
    """A remark on a step."""
    actions.review_remark(key, typed(request, "step", 40), typed(request, "words"), **request.viewing.by())


def _cause(request: HttpRequest, key: str) -> None:
    """A root cause."""
    actions.review_cause(key, typed(request, "cause", 40), typed(request, "words"), **request.viewing.by())


def _gap(request: HttpRequest, key: str) -> None:
    """A gap that the review found, in the review's own area."""
    viewing: Viewing = request.viewing
    found = queries.review_get(key, actor=viewing.actor, at=viewing.at)
    actions.gap_raise(
        title=typed(request, "title", 400),
        cause=typed(request, "cause", 40),
        came_of_kind="review",
        came_of_key=key,
        area_code=found.area_code,
        owner_role=typed(request, "owner_role", 24),
        due_at=end_of_day_typed(typed(request, "due_on", 10), viewing.installation.zone, "gap.column.due"),
        **request.viewing.by(),
    )


def _close(request: HttpRequest, key: str) -> None:
    """The review closed."""
    actions.review_close(key, no_gap_because=typed(request, "no_gap_because"), **request.viewing.by())


def _view(name: str, do: Callable[[HttpRequest, str], None]) -> Callable[..., HttpResponse]:
    return deed_view(signed_in("reviews"), name, do, _page, "review")


hold, remark, cause = _view("hold", _hold), _view("remark", _remark), _view("cause", _cause)
gap, close = _view("gap", _gap), _view("close", _close)
