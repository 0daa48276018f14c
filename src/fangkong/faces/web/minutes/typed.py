"""What people choose on the forms of a clause: owners, dates, proofs, as the actions take them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from fangkong.command.directives.duties import RECURS
from fangkong.command.directives.offices import offices_below, own_groups
from fangkong.command.minutes.deciding import Decision
from fangkong.command.minutes.proposals import BELOW, OWN
from fangkong.command.tasks.owners import doing_roles
from fangkong.core.areas import contains
from fangkong.core.errors import InputError
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.typed_times import day_or_none, moment_or_none
from fangkong.faces.web.viewing import Viewing
from fangkong.record.access import inside_area
from fangkong.record.models import User

#: The most people and offices that a form offers by name; whoever is not among them is reached through their office.
MOST_NAMED = 200

#: The longest text that is read of a field.
MOST_CHARACTERS = 4000


@dataclass(frozen=True)
class Choice:
    """One owner that the form offers."""

    value: str
    name: str


@dataclass(frozen=True)
class Owners:
    """The owners of one office's form: its groups, the offices below (all at once, or one), people by name."""

    groups: list[Choice]
    below: list[Choice]
    people: list[Choice]


def owners_of(area_code: str) -> Owners:
    """What the form of the office of ``area_code`` offers; three queries."""
    able = set(doing_roles())
    groups = [
        Choice(f"{OWN}|{each.role}", coded("role", each.role))
        for each in own_groups(area_code)
        if each.role in able
    ]
    offices = offices_below(area_code)[:MOST_NAMED]
    names = area_names([office.area_code for office in offices])
    below = [
        Choice(f"at|{each.area_code}|{each.role}", names.get(each.area_code, each.area_code))
        for each in offices
    ]
    if below:
        below.insert(0, Choice(BELOW, said("minutes.owner.below", n=len(offices))))
    users = User.objects.filter(inside_area(area_code), is_active=True, role__in=able).order_by(
        "area_code", "key"
    )
    people = [
        Choice(f"person|{key}", f"{name}{said('frame.and')}{coded('role', role)}")
        for key, name, role in users.values_list("key", "display_name", "role")[:MOST_NAMED]
    ]
    return Owners(groups, below, people)


def owner_typed(value: str, area_code: str) -> dict[str, str]:
    """The fields of a Decision that the chosen owner means. Raises InputError ``minutes.owner_needed``."""
    kind, _, rest = value.partition("|")
    if kind == BELOW:
        offices = offices_below(area_code)
        return {"owner_role": offices[0].role if offices else "", "area_code": area_code, "where": BELOW}
    if kind == OWN and rest:
        return {"owner_role": rest[:24], "area_code": area_code}
    if kind == "at":
        where, _, role = rest.partition("|")
        return {"owner_role": role[:24], "area_code": where[:24]}
    person = User.objects.filter(key=rest[:96], is_active=True).first() if kind == "person" else None
    if person is None:
        raise InputError("minutes.owner_needed")
    # Where the person works, as far as that is inside the office's area.
    inside = bool(person.area_code) and contains(area_code, person.area_code)
    return {
        "owner_role": person.role,
        "owner_key": person.key,
        "area_code": person.area_code if inside else area_code,
    }


def decision_typed(request: HttpRequest, as_: str, area_code: str, seen: dict[str, str]) -> Decision:
    """The decision that the form makes. Raises InputError as the fields' own readers."""
    viewing: Viewing = request.viewing
    post = request.POST

    def text(name: str, most: int = MOST_CHARACTERS) -> str:
        return str(post.get(name, ""))[:most].strip()

    more: dict[str, Any] = dict(owner_typed(text("owner"), area_code))
    if as_ == "directive":
        more |= {
            "due_at": moment_or_none(text("due_at", 24), viewing.installation.zone, "directive.field.due_at"),
            "sunset_on": day_or_none(text("sunset_on", 24), "directive.field.sunset_on"),
            "proportionality_note": text("proportionality_note", 800),
            "exceptions": list(safeguards().exceptions),
            "purpose": text("purpose"),
        }
    else:
        opens = text("opens", 40)
        more |= {
            "trigger": "" if opens in RECURS else opens,
            "recurs": opens if opens in RECURS else "",
            "measure": text("measure", 200),
            "post": text("post", 80),
            "review_on": day_or_none(text("review_on", 24), "standing_duty.column.review"),
        }
    return Decision(
        as_=as_,
        title=text("title", 200),
        evidence_kind=text("evidence_kind", 24) if "evidence_kind" in post else None,
        reason=text("reason", 400),
        seen=seen,
        **more,
    )


def habit_due(viewing: Viewing) -> datetime:
    """The office's habit where a text states no deadline: over by the close of the next day."""
    return viewing.installation.close_of(viewing.day + timedelta(days=1))
