"""The page of the methods that watch: which are on, what to expect of them, what came of them, where they are blind."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from fangkong.core.errors import InputError
from fangkong.desks.assess import queries
from fangkong.desks.assess.alarm_rates import expected_alarms
from fangkong.desks.assess.detecting import PERMISSION, Detection, detect
from fangkong.desks.assess.detection_rules import FILE, detection_rules
from fangkong.desks.monitor.alarms import method_yield
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words.errors import error_text

from .area_signals import READ
from .detection_rows import expected_rows, method_rows
from .not_given import unwatched_lines
from .reading import known


@desk("assess", PERMISSION)
@require_safe
def detection(request: HttpRequest) -> HttpResponse:
    """Every entry of the detection rules with its settings and source, its yield, and the series without power."""
    viewing: Viewing = request.viewing
    code = _area(viewing)
    context: dict[str, Any] = {"page_title": said("assess.detection.title"), "file": FILE}
    try:
        rules = detection_rules()
        found = detect(code, **known(viewing)) if code else Detection(viewing.through, viewing.at)
    except InputError as error:
        wrong = error_text(error, get_language() or "")
        return render(request, "assess/detection.html", context | {"wrong": wrong})
    yields = []
    if viewing.actor.may(READ):
        yields = method_yield(actor=viewing.actor, at=viewing.at, area_code=code)
    context |= {
        "area": area_names([code])[code] if code else "",
        "through": found.through,
        "methods": method_rows(rules, found.watched, yields),
        "reads_signals": viewing.actor.may(READ),
        "alarms": len(found.aberrations),
        "watched": sum(found.watched.values()),
        "unwatched": unwatched_lines(found.unwatched),
        "blind": len(found.unwatched),
        "registers": sorted(rules.opened.items()),
    }
    return render(request, "assess/detection.html", context)


@desk("assess", PERMISSION)
@require_safe
def expected(request: HttpRequest) -> HttpResponse:
    """The panel of alarms to expect from chance: it is simulated, which takes seconds, so it comes after the page."""
    viewing: Viewing = request.viewing
    code = _area(viewing)
    try:
        found = expected_alarms(code, actor=viewing.actor, at=viewing.at) if code else []
    except InputError as error:
        wrong = error_text(error, get_language() or "")
        return render(request, "assess/parts/expected.html", {"wrong": wrong})
    return render(request, "assess/parts/expected.html", {"rows": expected_rows(found)})


def _area(viewing: Viewing) -> str:
    """The area whose series are watched: the one that the reader looks at; "" while nothing is recorded."""
    subject = queries.subject_default(actor=viewing.actor, at=viewing.at)
    return subject.area_code if subject is not None else ""
