"""The supervisor's board of tasks: by state, by area, by person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from fangkong.command.tasks.boards import tasks_board
from fangkong.command.tasks.states import UNFINISHED
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import people_names, said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

#: The states in the order of a task's life.
_LIFE = ("awaiting", "in_progress", "to_verify", "overdue", "returned", "done", "revoked")


@desk("tasks", "task.read")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """How many tasks are open, late and untaken: by state, by area one level down, by who holds them."""
    viewing: Viewing = request.viewing
    found = tasks_board(actor=viewing.actor, at=viewing.at)
    areas = area_names([place.area_code for place in found.places])
    people = people_names(key for key, _ in found.holders)
    context: dict[str, Any] = {
        "page_title": said("task.board"),
        "board": found,
        "states": [
            {"state": state, "n": found.states.get(state, 0), "open": state in UNFINISHED} for state in _LIFE
        ],
        "places": [
            {"place": place, "name": areas.get(place.area_code, place.area_code)} for place in found.places
        ],
        "holders": [
            {"key": key, "name": people[key], "n": n, "gone": key in found.gone} for key, n in found.holders
        ],
        "may_give": viewing.actor.may("task.write") and not viewing.looking_back,
    }
    return render(request, "command/task_board.html", context)
