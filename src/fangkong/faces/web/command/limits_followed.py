"""The limits that a task follows up: what nobody did in time, since when, and the page where it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from fangkong.command.directives.queries import directives_named
from fangkong.command.models import DirectiveRecipient, Handover
from fangkong.command.timers.missed import FOLLOW_UP
from fangkong.command.timers.queries import READ, timers_missed
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import visible
from fangkong.record.models import Task, Timer

#: Limits shown on the page of one task; of more only their number is told.
MOST = 20

#: What a limit is about -> its page by its own key, and the permission that the page asks for.
_PAGES = {
    "case": ("case", "case.read"),
    "signal": ("signal", "signal.read"),
    "review": ("review", "review.read"),
    "gap": ("gap", "review.read"),
    "concern": ("concern", "listening.read"),
    "problem": ("problem", "listening.read"),
    "duty_shift": ("duty_shift", "duty.read"),
}


def limits_followed(task: Task, viewing: Viewing) -> dict[str, Any]:
    """{rows [{area, due_at, title, href}], total} of the limits still missed in the task's area; {} for another task.

    Five queries at most. Nothing for a reader who may not read limits.
    """
    actor, at = viewing.actor, viewing.at
    if task.kind != FOLLOW_UP or not actor.may(READ):
        return {}
    page = timers_missed(
        actor=actor,
        at=at,
        clock=task.params["clock"],
        area_code=task.area_code,
        open_only=True,
        limit=MOST,
    )
    areas = area_names([timer.area_code for timer in page.rows])
    papers = _directives(page.rows, viewing) | _nights(page.rows, viewing)
    rows = []
    for timer in page.rows:
        title, href = papers.get(timer.subject_key, ("", _href(timer, viewing)))
        area = areas.get(timer.area_code, timer.area_code)
        rows.append({"area": area, "due_at": timer.due_at, "title": title, "href": href})
    return {"rows": rows, "total": page.total}


def _href(timer: Timer, viewing: Viewing) -> str:
    name, permission = _PAGES.get(timer.subject_kind, ("", ""))
    return reverse(name, args=[timer.subject_key]) if name and viewing.actor.may(permission) else ""


def _directives(timers: Sequence[Timer], viewing: Viewing) -> dict[str, tuple[str, str]]:
    """Recipient -> (title, address) of the directive that it has not acknowledged or answered."""
    keys = {timer.subject_key for timer in timers if timer.subject_kind == "recipient"}
    actor, at = viewing.actor, viewing.at
    if not keys or not actor.may("directive.read"):
        return {}
    rows = visible(DirectiveRecipient.objects.known_at(at).filter(key__in=keys), actor)
    of = dict(rows.values_list("key", "directive_key"))
    named = directives_named(of.values(), actor=actor, at=at)
    return {
        key: (named[directive].title, reverse("directive", args=[directive]))
        for key, directive in of.items()
        if directive in named
    }


def _nights(timers: Sequence[Timer], viewing: Viewing) -> dict[str, tuple[str, str]]:
    """Hand-over -> the address of the close-out that it belongs to."""
    keys = {timer.subject_key for timer in timers if timer.subject_kind == "handover"}
    if not keys or not viewing.actor.may("duty.read"):
        return {}
    rows = visible(Handover.objects.known_at(viewing.at).filter(key__in=keys), viewing.actor)
    return {
        key: ("", f"{reverse('close_out_day', args=[on])}?area={area}")
        for key, on, area in rows.values_list("key", "on", "area_code")
    }
