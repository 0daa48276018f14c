"""The way of an alarm from raised to closed: which step was taken when, which is due and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from fangkong.desks.monitor.actions import CLOSED, INVESTIGATED, OPEN, VERIFIED
from fangkong.desks.monitor.queries import SignalRow
from fangkong.faces.web.control.presenting import said
from fangkong.faces.words import formats

_STEPS = (OPEN, VERIFIED, INVESTIGATED, CLOSED)


def alarm_steps(
    signal: SignalRow,
    history: Sequence[tuple[datetime, str]],
    clocks: Sequence[dict[str, Any]],
    zone: ZoneInfo,
) -> list[dict[str, Any]]:
    """[{name, state, note, late}] of the four steps: "done" with its moment, "now" with what is left, else "".

    A step that was left out, since the alarm was closed before it, says so.
    """
    lang = get_language()
    entered: dict[str, datetime] = {}
    for since, state in history:
        entered.setdefault(state, since)
    here = _STEPS.index(signal.state)
    running = next((clock for clock in clocks if clock["runs"]), None)
    steps = []
    for n, state in enumerate(_STEPS):
        step: dict[str, Any] = {"name": said(f"alarm.step.{state}"), "state": "", "note": "", "late": False}
        if state in entered:
            step |= {"state": "done", "note": formats.moment(entered[state].astimezone(zone), lang)}
        elif n < here:
            step |= {"state": "done", "note": said("alarm.step.left_out")}
        elif n == here + 1:
            step["state"] = "now"
            if running is not None:
                step |= {"note": formats.span(running["left"], lang), "late": running["late"]}
            else:
                step["note"] = said("signals.no_limit")
        steps.append(step)
    return steps
