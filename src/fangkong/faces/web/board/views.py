"""Today's board: the rhythm of the day, a sentence, what waits, and the figures behind it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from fangkong.desks.assess.values import DAYS_MISSING
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.duty.alarms import duty_alarms
from fangkong.faces.web.figures import area_name, disease_name
from fangkong.faces.web.frame import as_of_line
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing

from .districts import district_map, multiples
from .lead import lead
from .lists import panels
from .reading import Reading, read
from .rhythm import rhythm
from .tiles import groups


@desk("board", "board.read")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The board of the day in the actor's area; an invitation to receive files while the record is empty."""
    viewing: Viewing = request.viewing
    reading = read(viewing)
    context: dict[str, Any] = {
        "page_title": said("board.title"),
        "may_run": viewing.actor.may("cycle.run") and not viewing.looking_back,
        "day": viewing.day,
        "through": viewing.through,
    }
    context["duty_holes"] = duty_alarms(viewing)
    if reading is None:
        context["empty"] = True
        return render(request, "board/board.html", context)
    linked = viewing.actor.may("daily.read")
    names = {row.area_code: area_name(row) for row in reading.week}
    context |= {
        "as_of": as_of_line(viewing) | _feeds(reading),
        "area": area_name(reading.city),
        "disease": disease_name(reading.disease),
        "rhythm": rhythm(viewing.at, viewing.installation.zone, _notes(reading), over=viewing.looking_back),
        "lead": lead(reading),
        "panels": panels(reading, viewing),
        "groups": groups(reading, viewing),
        "map": district_map(
            reading.week, reading.boundaries, linked=linked, invented=viewing.installation.demonstration
        ),
        "curves": multiples(reading.curves, names),
        "may_sign": viewing.actor.may("report.sign") and viewing.actor.sees(reading.area_code),
        "may_read_report": viewing.actor.may("report.read"),
        "report": reading.report,
    }
    return render(request, "board/board.html", context)


def _feeds(reading: Reading) -> dict[str, Any]:
    """The districts' feeds of the week shown: how many are whole, and which are not, by name."""
    missing = [area_name(row) for row in reading.week if row.refusal == DAYS_MISSING]
    return {"feeds_in": len(reading.week) - len(missing), "feeds_due": len(reading.week), "missing": missing}


def _notes(reading: Reading) -> dict[str, str]:
    """What is known of the day's steps."""
    notes = {}
    if reading.report is not None:
        signed = reading.report["issue"]["signed_by"]
        notes["close"] = said("board.rhythm.note.snapshot")
        notes["report"] = said("board.rhythm.note.signed" if signed else "board.rhythm.note.to_sign")
        notes["publish"] = said("board.rhythm.note.draft")
    if reading.orders_total:
        notes["meeting"] = said("board.rhythm.note.decisions", n=reading.orders_total)
    if reading.overdue_total:
        notes["evening"] = said("count.task", n=reading.overdue_total)
    return notes
