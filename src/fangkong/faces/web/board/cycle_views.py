"""Running the day's cycle and reading what it did."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from fangkong.command.cycle import STEPS, run_cycle
from fangkong.core.errors import NotFound
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.gate import desk
from fangkong.faces.words import formats
from fangkong.record.models import CycleStep


@desk("board", "cycle.run")
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """The cycle of the last closed day, run; then what it did."""
    viewing = request.viewing
    viewing.require_live()
    result = run_cycle(viewing.through, actor=viewing.actor)
    request.session["cycle_changed"] = [step.step for step in result.steps if step.changed]
    return redirect("cycle", day=viewing.through)


@desk("board", "cycle.run")
@require_safe
def steps(request: HttpRequest, day: date) -> HttpResponse:
    """The steps of one day's cycle as recorded."""
    viewing = request.viewing
    rows = {row.step: row for row in CycleStep.objects.filter(as_of=day)}
    if not rows:
        raise NotFound("page.no_cycle", day=day.isoformat())
    changed = request.session.pop("cycle_changed", None)
    lang = request.LANGUAGE_CODE
    listed = [
        {
            "step": said(f"cycle.step.{step}"),
            "text": _done(step, rows[step]),
            "at": formats.moment(rows[step].done_at.astimezone(viewing.installation.zone), lang),
            "changed": changed is not None and step in changed,
        }
        for step in STEPS
        if step in rows
    ]
    context = {
        "page_title": said("cycle.title", day=formats.day(day, lang)),
        "day": day,
        "steps": listed,
        "just_run": changed is not None,
        "any_changed": bool(changed),
    }
    return render(request, "board/cycle.html", context)


def _done(step: str, row: CycleStep) -> str:
    if step == "publish":
        return said("page.cycle.published")
    counts = {name: value for name, value in row.outcome.items() if isinstance(value, (int, str))}
    open_files = [
        said(f"cycle.files.{name}", n=len(keys))
        for name in ("unfinished", "held_late")
        if (keys := row.outcome.get(name))
    ]
    return said("frame.and").join([said(f"cycle.done.{step}", **counts), *open_files])
