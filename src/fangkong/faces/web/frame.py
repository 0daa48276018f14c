"""What every desk page shows around its content: office, rail with counts, as-of line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from fangkong.command.notifications.queries import notifications_unread_count
from fangkong.command.tasks import queries as tasks
from fangkong.command.tasks.states import UNFINISHED
from fangkong.core.clock import start_of_day
from fangkong.desks.control import queries as control
from fangkong.desks.monitor import queries as monitor
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import Actor
from fangkong.record.installation import Installation, installation
from fangkong.record.models import ReceiptRow

#: The groups of the rail in their order; their words are ``frame.group.<name>``.
RAIL_GROUPS = ("today", "desks", "command", "record", "oversight")

#: The rail, one list for each of RAIL_GROUPS: (desk, URL name, permission, letter after g); "" asks for no
#: permission, "a|b" for either of two.
RAIL: list[list[tuple[str, str, str, str]]] = [
    [
        ("checkpoint", "checkpoint", "passage.record", "h"),
        ("board", "board", "board.read", "t"),
        ("my_day", "my_day", "task.read", "y"),
        ("notifications", "notifications", "", "n"),
        ("duty", "duty", "duty.read", "w"),
        ("close_out", "close_out", "duty.read", "e"),
    ],
    [
        ("intake", "receive", "receipt.read", "r"),
        ("monitor", "signals", "signal.read", "s"),
        ("assess", "assess", "daily.read", "a"),
        ("trace", "cases", "case.read", "c"),
        ("control", "orders", "order.read", "o"),
        ("permits", "permits", "permit.read", "m"),
    ],
    [
        ("meetings", "meetings", "meeting.read", "i"),
        ("minutes", "minutes", "meeting.read", "x"),
        ("directives", "directives", "directive.read", "d"),
        ("tasks", "tasks", "task.read", "k"),
        ("response", "response", "plan.read", "l"),
        ("plans", "plans", "plan.read", "b"),
    ],
    [
        ("command", "report", "report.read", "p"),
        ("listening", "listening", "listening.read|listening.write", "q"),
        ("reviews", "reviews", "review.read", "f"),
        ("rules", "rules", "order.read", "u"),
    ],
    [("oversight", "oversight", "audit.read", "v")],
]

#: What is nobody's first page: notices and the roster are open to many, and are nobody's own work.
_NOBODYS_FIRST = {"notifications", "duty", "close_out"}

#: Up to so many entries fit on a phone as one strip; a longer rail folds into one button there.
STRIP = 6


def may_open(actor: Actor, permission: str) -> bool:
    """Whether the actor may open a page of the rail with this permission ("" for none, "a|b" for either)."""
    return any(not each or actor.may(each) for each in permission.split("|"))


def first_desk(actor: Actor) -> tuple[str, str]:
    """(key, URL name) of the page where the actor's work begins: the first of the rail, else the board."""
    for group in RAIL:
        for key, name, permission, _ in group:
            if key not in _NOBODYS_FIRST and may_open(actor, permission):
                return key, name
    return "board", "board"


#: What the search finds: cases, orders, areas with their figures.
FOUND = ("case.read", "order.read", "daily.read")


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor: ``frame`` for the base template; ``as_of`` only for signed-in pages."""
    viewing: Viewing | None = getattr(request, "viewing", None)
    if viewing is None:
        return {
            "frame": {
                "office": office(installation_or_blank()),
                "language_url": reverse("language"),
            }
        }
    counts = _counts(viewing)
    first_key, first_name = first_desk(viewing.actor)
    rail = [
        [
            {"group": word, "key": key, "href": reverse(name), "count": counts.get(key), "letter": letter}
            for key, name, permission, letter in group
            if may_open(viewing.actor, permission)
        ]
        for word, group in zip(RAIL_GROUPS, RAIL, strict=True)
    ]
    return {
        "viewing": viewing,
        "frame": {
            "office": office(viewing.installation),
            "user_name": request.user.display_name,
            "rail": [group for group in rail if group],
            "home": {"key": first_key, "href": reverse(first_name)},
            "rail_folds": sum(map(len, rail)) > STRIP,
            "here": getattr(request, "desk", ""),
            "language_url": reverse("language"),
            "sign_out_url": reverse("sign_out"),
            # A box that finds nothing for this reader is not shown.
            "search_url": reverse("find") if any(map(viewing.actor.may, FOUND)) else "",
            "query": request.GET.get("q", "") if request.resolver_match else "",
            "as_of": as_of_line(viewing),
        },
    }


def installation_or_blank() -> Installation:
    """The installation, or an empty one while there are no tables yet: error pages must render all the same."""
    from django.db import DatabaseError

    try:
        return installation()
    except DatabaseError:
        return Installation()


def office(setup: Installation) -> str:
    """The office's name in the page's language, "" when nobody gave one."""
    return setup.organisation_en if (get_language() or "").startswith("en") else setup.organisation_zh


def _counts(viewing: Viewing) -> dict[str, int]:
    counts = {"notifications": notifications_unread_count(actor=viewing.actor, at=viewing.at)}
    if viewing.actor.may("task.read"):
        states = tasks.task_counts(actor=viewing.actor, at=viewing.at)
        counts["tasks"] = sum(states.get(state, 0) for state in UNFINISHED)
    if viewing.actor.may("order.read"):
        counts["control"] = control.orders_to_decide_count(actor=viewing.actor, at=viewing.at)
    if viewing.actor.may("signal.read"):
        counts["monitor"] = monitor.signals_open_count(actor=viewing.actor, at=viewing.at)
    if viewing.actor.may("receipt.read") and viewing.actor.sees(viewing.installation.area_code):
        counts["intake"] = ReceiptRow.objects.filter(outcome="held").count()
    return counts


def as_of_line(viewing: Viewing) -> dict[str, Any]:
    """The as-of line: business day, count closed at, known at, rules in force, and whether it is a past day."""
    zone = viewing.installation.zone
    rules = control.rules_in_force(
        viewing.through, viewing.installation.disease, viewing.installation.area_code
    )
    english = (get_language() or "").startswith("en")
    return {
        "business_day": viewing.day,
        "counted_to": start_of_day(viewing.through + timedelta(days=1), zone),
        "known_at": viewing.at,
        "rules": [rule.title_en or rule.title_zh if english else rule.title_zh for rule in rules][:3],
        "look_back": viewing.looking_back,
        "today_href": reverse("look_back_end"),
    }
