"""The register of gaps, the week's list, and one gap with its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from fangkong.command.directives.duty_queries import duties_list
from fangkong.command.models import Gap
from fangkong.command.reviews import actions, queries
from fangkong.command.reviews.gaps import gap_is_late
from fangkong.command.reviews.rows import CLOSE, OPEN, TO_VERIFY, WRITE, causes
from fangkong.core.errors import InputError
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, people_names, said
from fangkong.faces.web.gate import desk, signed_in
from fangkong.faces.web.paging import pager
from fangkong.faces.web.refusals import Refused, deed_view
from fangkong.faces.web.viewing import Viewing

from .forms import Deed, Field, deed, end_of_day_typed, typed
from .views import owner_field

PAGE_ROWS = 25

SHOWS = ("week", "open", "to_verify", "closed", "all")

#: Duties offered as what was changed.
MOST_DUTIES = 30


@desk("reviews", "review.read")
@require_GET
def gaps(request: HttpRequest) -> HttpResponse:
    """The week's list of gaps, or the register filtered by state and cause."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    show = request.GET.get("show", "week")
    show = show if show in SHOWS else "week"
    cause = request.GET.get("cause", "")
    cause = cause if cause in causes() else ""
    context: dict[str, Any] = {
        "page_title": said("gap.page"),
        "show": show,
        "shows": SHOWS,
        "cause": cause,
        "causes": causes(),
        "counts": queries.gap_counts(actor=actor, at=at),
    }
    if show == "week":
        week = queries.gaps_of_week(actor=actor, at=at)
        parts = {"late": week.late, "due": week.due, "to_verify": week.to_verify, "closed": week.closed}
        areas = area_names([gap.area_code for part in parts.values() for gap in part])
        context["parts"] = [(code, _rows(part, areas, viewing)) for code, part in parts.items() if part]
    else:
        page = queries.gaps_list(
            actor=actor,
            at=at,
            state="" if show == "all" else show,
            cause=cause,
            limit=PAGE_ROWS,
            after=request.GET.get("after", ""),
        )
        areas = area_names([gap.area_code for gap in page.rows])
        context["rows"] = _rows(page.rows, areas, viewing)
        kept = {"show": show} | ({"cause": cause} if cause else {})
        context["pager"] = pager(request, page, **kept)
    return render(request, "reviews/gaps.html", context)


def _rows(found: Iterable[Gap], areas: dict[str, str], viewing: Viewing) -> list[dict[str, Any]]:
    return [
        {
            "gap": gap,
            "area": areas.get(gap.area_code, gap.area_code),
            "owner": coded("role", gap.owner_role),
            "left": gap.due_at - viewing.at,
            "late": gap_is_late(gap, viewing.at),
        }
        for gap in found
    ]


@desk("reviews", "review.read")
@require_GET
def gap(request: HttpRequest, key: str) -> HttpResponse:
    """One gap: where it came from, who closes it until when, its proof and who verified it."""
    return _page(request, key)


def _page(request: HttpRequest, key: str, refused: Refused | None = None) -> HttpResponse:
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    found = queries.gap_get(key, actor=actor, at=at)
    people = people_names([found.owner_key, found.raised_by, found.proof_by, found.closed_by])
    plans = queries.plans_changed_by(key, actor=actor, at=at)
    deeds = _deeds(viewing, found, refused)
    context: dict[str, Any] = {
        "page_title": found.title,
        "gap": found,
        "area": area_names([found.area_code])[found.area_code],
        "owner": people.get(found.owner_key) or coded("role", found.owner_role),
        "raised_by": people.get(found.raised_by, ""),
        "proof_by": people.get(found.proof_by, ""),
        "closed_by": people.get(found.closed_by, ""),
        "late": gap_is_late(found, at),
        "left": found.due_at - at,
        "plans": plans,
        "came_of_href": reverse("review", args=[found.came_of_key]) if found.came_of_kind == "review" else "",
        "duty_href": reverse("standing_duty", args=[found.duty_key])
        if found.duty_key and actor.may("directive.read")
        else "",
        "history": queries.gap_history(key, actor=actor, at=at),
        "deeds": deeds,
        "own_proof": found.state == TO_VERIFY and found.proof_by == actor.key,
        "stray": refused.problem if refused and all(each.name != refused.deed for each in deeds) else "",
    }
    return render(request, "reviews/gap.html", context)


def _deeds(viewing: Viewing, found: Gap, refused: Refused | None) -> list[Deed]:
    actor = viewing.actor
    if viewing.looking_back or not actor.sees(found.area_code):
        return []

    def of(name: str, fields: list[Field] | None = None, *, now: bool = False) -> Deed:
        action = reverse(f"gap_{name}", args=[found.key])
        return deed(name, f"gap.deed.{name}", action, fields or [], refused=refused, open_now=now)

    reason = Field("reason", said("confirm.reason"), most=400, hint=said("review.no_names"))
    deeds: list[Deed] = []
    owner = actor.role == found.owner_role or actor.key == found.owner_key
    if found.state == OPEN and actor.may(WRITE) and (owner or actor.may(CLOSE)):
        deeds.append(of("prove", _proof_fields(viewing, found), now=owner))
    if found.state == OPEN and actor.may(CLOSE):
        day = found.due_at.astimezone(viewing.installation.zone).date().isoformat()
        due = Field("due_on", said("gap.column.due"), "date", value=day)
        deeds.append(of("assign", [owner_field(found.owner_role), due, reason]))
    if found.state == TO_VERIFY and actor.may(CLOSE) and found.proof_by != actor.key:
        deeds += [of("close", now=True), of("return", [reason])]
    return deeds


def _proof_fields(viewing: Viewing, found: Gap) -> list[Field]:
    plans = queries.plans_changed_by(found.key, actor=viewing.actor, at=viewing.at)
    none = ("", said("gap.changed_nothing"))
    fields = [Field("proof", said("gap.field.proof"), hint=said("review.no_names"))]
    plan_options = (
        none,
        *((each.key, said("gap.plan_edition", title=each.title, n=each.edition)) for each in plans),
    )
    fields.append(
        Field(
            "plan_key",
            said("gap.field.plan"),
            "select",
            plan_options,
            required=False,
            hint=said("gap.plan_hint"),
        )
    )
    if viewing.actor.may("directive.read"):
        duties = duties_list(actor=viewing.actor, at=viewing.at, limit=MOST_DUTIES).rows
        duty_options = (none, *((each.key, each.title) for each in duties))
        fields.append(Field("duty_key", said("gap.field.duty"), "select", duty_options, required=False))
    return fields


def _prove(request: HttpRequest, key: str) -> None:
    """The proof handed in."""
    plan, duty = typed(request, "plan_key", 96), typed(request, "duty_key", 96)
    actions.gap_prove(key, typed(request, "proof"), plan_key=plan, duty_key=duty, **request.viewing.by())


def _close(request: HttpRequest, key: str) -> None:
    """The proof verified by a second person."""
    actions.gap_close(key, **request.viewing.by())


def _return(request: HttpRequest, key: str) -> None:
    """The proof sent back."""
    actions.gap_return(key, typed(request, "reason", 400), **request.viewing.by())


def _assign(request: HttpRequest, key: str) -> None:
    """Another owner or another day."""
    due = end_of_day_typed(typed(request, "due_on", 10), request.viewing.installation.zone, "gap.column.due")
    if due is None:
        raise InputError("error.bad_day", label="gap.column.due")
    actions.gap_assign(
        key,
        owner_role=typed(request, "owner_role", 24),
        due_at=due,
        reason=typed(request, "reason", 400),
        **request.viewing.by(),
    )


def _view(name: str, do: Callable[[HttpRequest, str], None]) -> Callable[..., HttpResponse]:
    return deed_view(signed_in("reviews"), name, do, _page, "gap")


prove, close = _view("prove", _prove), _view("close", _close)
send_back, assign = _view("return", _return), _view("assign", _assign)
