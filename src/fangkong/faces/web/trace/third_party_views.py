"""What somebody says about somebody else, taken at a hotline or a counter: a task to verify, and nothing more."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from fangkong.core.errors import FangkongError, InputError, NotFound
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import area_name
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text
from fangkong.public.third_party import TOPICS, third_party_report
from fangkong.record.access import visible, visible_people
from fangkong.record.models import Area, Person, Place

PERMISSION = "task.write"

#: Places or areas that are offered for one name; more is a sign to write more of it.
MOST, _MOST_NAME = 20, 60

_WHAT = ("area", "place")


@desk("tasks", PERMISSION)
@require_http_methods(["GET", "HEAD", "POST"])
def third_party(request: HttpRequest) -> HttpResponse:
    """The form; posted, the task to verify, or the places of that name to choose from.

    A person is never searched for here: whoever may, comes from the person's own page.
    """
    viewing: Viewing = request.viewing
    asked = request.POST if request.method == "POST" else request.GET
    person = _person(viewing, asked.get("person", ""))
    typed = {
        "about": "person" if person else _one_of(asked.get("about", ""), _WHAT),
        "named": asked.get("named", "").strip()[:_MOST_NAME],
        "topic": asked.get("topic", ""),
    }
    context: dict[str, Any] = {
        "page_title": said("third_party.page.title"),
        "person": person,
        "typed": typed,
        "whats": [(code, said(f"third_party.about.{code}")) for code in _WHAT],
        "topics": [(code, said(f"third_party.topic.{code}")) for code in TOPICS],
        "people_href": reverse("people") if viewing.actor.may("person.unmask") else "",
        "may": not viewing.looking_back,
        "choices": [],
        "problem": "",
    }
    if request.method != "POST":
        return render(request, "trace/third_party.html", context)
    viewing.require_live()
    try:
        about_key = person or asked.get("chosen", "") or _meant(viewing, typed, context)
        if not about_key:
            return render(request, "trace/third_party.html", context)
        task = third_party_report(
            typed["about"],
            about_key,
            topic=typed["topic"],
            **viewing.by(),
        )
    except (InputError, NotFound) as refused:
        context["problem"] = _said(refused)
        return render(request, "trace/third_party.html", context, status=400)
    return redirect("task", key=task)


def _meant(viewing: Viewing, typed: dict[str, str], context: dict[str, Any]) -> str:
    """The key of the one thing that was named; "" with ``choices`` in the context when there are several."""
    if not typed["named"]:
        raise InputError("third_party.name_needed")
    found = (_areas if typed["about"] == "area" else _places)(viewing, typed["named"])
    if not found:
        raise InputError("third_party.not_found", named=typed["named"])
    if len(found) == 1:
        return found[0][0]
    context["choices"] = found[:MOST]
    return ""


def _areas(viewing: Viewing, named: str) -> list[tuple[str, str]]:
    rows = Area.objects.known_at(viewing.at).filter(
        Q(key=named) | Q(name_zh__contains=named) | Q(name_en__icontains=named)
    )
    seen = [row for row in rows.order_by("key") if viewing.actor.sees(row.key)]
    exact = [row for row in seen if named in (row.key, row.name_zh, row.name_en)]
    if len(exact) == 1:
        return [(exact[0].key, area_name(exact[0]))]
    names = area_names([row.key for row in seen[:MOST]])
    return [(row.key, names[row.key]) for row in seen[:MOST]]


def _places(viewing: Viewing, named: str) -> list[tuple[str, str]]:
    rows = Place.objects.known_at(viewing.at).filter(Q(name_zh__contains=named) | Q(name_en__icontains=named))
    found = list(visible(rows, viewing.actor, at=viewing.at).order_by("key")[:MOST])
    areas = area_names([place.area_code for place in found])
    english = (get_language() or "").startswith("en")
    return [
        (
            place.key,
            f"{(place.name_en if english else '') or place.name_zh} · {areas[place.area_code]}",
        )
        for place in found
    ]


def _person(viewing: Viewing, key: str) -> str:
    """The key when the reader may open this person; else ""."""
    if not key or not viewing.actor.may("person.unmask"):
        return ""
    people = Person.objects.known_at(viewing.at).filter(key=key)
    return key if visible_people(people, viewing.actor, at=viewing.at).exists() else ""


def _one_of(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else known[0]


def _said(refused: FangkongError) -> str:
    if refused.code == "third_party.unknown_topic":
        # The general sentence lists codes; here the choices stand on the page.
        return said("third_party.topic_needed")
    return error_text(refused, get_language() or "zh-hans")
