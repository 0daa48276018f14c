"""What comes from below on one page: concerns by theme, new problems, proposals, and the forms to enter them."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from fangkong.command.listening import queries
from fangkong.command.listening.problems import study_roles
from fangkong.command.listening.references import Reference
from fangkong.command.listening.rows import READ, WRITE, channels, themes
from fangkong.command.models import Concern, NewProblem
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.gate import signed_in
from fangkong.faces.web.paging import pager
from fangkong.faces.web.refusals import Refused
from fangkong.faces.web.reviews.forms import Deed, Field, deed
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import inside_area
from fangkong.record.models import Area

PAGE_ROWS = 25

#: The three lists, and the states that each may be filtered by; the first is shown.
LISTS: dict[str, tuple[str, ...]] = {
    "concerns": ("open", "answered", "outside"),
    "problems": ("open", "studied", "answered"),
    "proposals": ("proposed", "tried", "adopted", "declined"),
}

#: Where the thing that answers can be opened: kind -> (address name, permission).
REFERENCES = {
    "directive": ("directive", "directive.read"),
    "duty": ("standing_duty", "directive.read"),
    "gap": ("gap", "review.read"),
}

#: Areas offered for what is entered.
MOST_AREAS = 60


@signed_in("listening")
@require_GET
def listening(request: HttpRequest) -> HttpResponse:
    """The list that was asked for; for whoever only enters things here, the forms and what became of their own."""
    return listening_page(request)


def listening_page(request: HttpRequest, refused: Refused | None = None, done: str = "") -> HttpResponse:
    """The page; with ``refused``, the problem stands where it was typed; ``done`` is said at its head."""
    viewing: Viewing = request.viewing
    actor, at = viewing.actor, viewing.at
    if not actor.may(READ):
        actor.require(WRITE)
        problems, proposals = queries.own_entries(actor=actor, at=at)
        own = {"problems": problems, "proposals": proposals, "forms": _forms(viewing, refused), "done": done}
        return render(request, "listening/own.html", {"page_title": said("listening.page")} | own)
    which = request.GET.get("list", "concerns")
    which = which if which in LISTS else "concerns"
    state = request.GET.get("state", "")
    state = state if state in (*LISTS[which], "all") else LISTS[which][0]
    theme = request.GET.get("theme", "")
    theme = theme if theme in themes() and which == "concerns" else ""
    kept = {"list": which, "state": state} | ({"theme": theme} if theme else {})
    context: dict[str, Any] = {
        "page_title": said("listening.page"),
        "which": which,
        "lists": list(LISTS),
        "state": state,
        "states": (*LISTS[which], "all"),
        "state_words": {
            "concerns": "concern.state",
            "problems": "problem.state",
            "proposals": "proposal.state",
        }[which],
        "theme": theme,
        "themes": queries.concern_themes(actor=actor, at=at) if which == "concerns" else [],
        "forms": _forms(viewing, refused),
        "done": done,
        "may_merge": which == "concerns"
        and state == "open"
        and actor.may(WRITE)
        and not viewing.looking_back,
        "merge_problem": refused.problem if refused and refused.deed == "merge" else "",
    }
    wanted = "" if state == "all" else state
    asked: dict[str, Any] = {"actor": actor, "at": at, "state": wanted, "limit": PAGE_ROWS}
    asked["after"] = request.GET.get("after", "")
    if which == "concerns":
        page: Any = queries.concerns_list(theme=theme, **asked)
        context["rows"] = _concern_rows(page.rows, viewing)
    elif which == "problems":
        page = queries.problems_list(**asked)
        context["rows"] = _problem_rows(page.rows, viewing)
    else:
        page = queries.proposals_list(**asked)
        areas = area_names([each.area_code for each in page.rows])
        context["rows"] = [
            {"proposal": each, "area": areas.get(each.area_code, each.area_code)} for each in page.rows
        ]
    context["pager"] = pager(request, page, **kept)
    return render(request, "listening/listening.html", context)


def _concern_rows(found: list[Concern], viewing: Viewing) -> list[dict[str, Any]]:
    voices = queries.voices_of(found, actor=viewing.actor, at=viewing.at) if found else {}
    areas = area_names([each.area_code for each in found])
    return [
        {
            "concern": each,
            "area": areas.get(each.area_code, each.area_code),
            "voices": voices[each.key],
        }
        for each in found
    ]


def _problem_rows(found: list[NewProblem], viewing: Viewing) -> list[dict[str, Any]]:
    areas = area_names([each.area_code for each in found])
    return [
        {
            "problem": each,
            "area": areas.get(each.area_code, each.area_code),
            "owner": coded("role", each.owner_role),
            "left": each.due_at - viewing.at,
            "late": each.state == "open" and each.due_at < viewing.at,
        }
        for each in found
    ]


def _forms(viewing: Viewing, refused: Refused | None) -> list[Deed]:
    """The forms of what may be entered; none on a past day."""
    actor = viewing.actor
    if viewing.looking_back or not actor.may(WRITE):
        return []
    no_names = said("listening.no_names")
    area = area_field(viewing)
    day = Field("voiced_on", said("concern.field.voiced_on"), "date", value=viewing.day.isoformat())
    channel = Field(
        "channel",
        said("concern.field.channel"),
        "select",
        tuple((code, said(f"concern.channel.{code}")) for code in channels()),
    )
    forms = []
    if actor.may(READ):
        forms += [
            deed(
                "concern",
                "concern.deed.enter",
                reverse("concern_new"),
                [
                    Field("words", said("concern.field.words"), hint=no_names),
                    channel,
                    area,
                    day,
                    theme_field("", optional=True),
                    Field("votes", said("concern.field.votes"), "number", value="0", required=False),
                ],
                refused=refused,
            ),
            deed(
                "paste",
                "concern.deed.paste",
                reverse("concerns_paste"),
                [
                    Field("text", said("concern.field.text"), most=60_000, hint=said("concern.paste_hint")),
                    channel,
                    area,
                    day,
                ],
                refused=refused,
            ),
        ]
    owners = (("", "—"), *((role, coded("role", role)) for role in study_roles()))
    title = Field("title", said("listening.field.title"), "text", most=200, hint=no_names)
    words = Field("words", said("listening.field.words"))
    forms += [
        deed(
            "problem",
            "problem.deed.raise",
            reverse("problem_new"),
            [title, words, area, Field("owner_role", said("problem.owner"), "select", owners)],
            refused=refused,
        ),
        deed(
            "proposal", "proposal.deed.make", reverse("proposal_new"), [title, words, area], refused=refused
        ),
    ]
    return forms


def area_field(viewing: Viewing) -> Field:
    """The choice of an area: the actor's own and those inside it, the larger ones first."""
    own = viewing.actor.area_code or viewing.installation.area_code
    inside = Area.objects.open().filter(inside_area(own, "key")).annotate(size=Length("key"))
    # The larger areas first: whoever enters for a street finds it after the districts.
    codes = list(inside.order_by("size", "key").values_list("key", flat=True)[:MOST_AREAS]) or [own]
    names = area_names(codes)
    options = tuple((code, names.get(code, code)) for code in codes)
    return Field("area_code", said("task.place"), "select", options, value=own)


def theme_field(value: str, *, optional: bool = False) -> Field:
    """The choice of a theme."""
    options = tuple((code, said(f"concern.theme.{code}")) for code in themes())
    if optional:
        options = (("", said("concern.theme_by_words")), *options)
    return Field("theme", said("concern.field.theme"), "select", options, value, required=not optional)


def reference_field(name: str, label: str, found: list[Reference], *, required: bool = False) -> Field:
    """The choice of what answers: its kind and title."""
    options = (
        ("", said("listening.reference_none")),
        *(
            (f"{each.kind}|{each.key}", f"{said(f'listening.reference.{each.kind}')}｜{each.title}")
            for each in found
        ),
    )
    return Field(name, label, "select", options, required=required)


def reference_row(found: Reference | None, viewing: Viewing) -> dict[str, str] | None:
    """What answers, with the address where the reader may open it."""
    if found is None:
        return None
    name, permission = REFERENCES.get(found.kind, ("", ""))
    href = reverse(name, args=[found.key]) if name and viewing.actor.may(permission) else ""
    return {"kind": found.kind, "title": found.title, "href": href}
