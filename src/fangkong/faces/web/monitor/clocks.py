"""The clocks of signals: which limits run for a signal or for what it is about, and how much time is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fangkong.command.timers.life import RUNNING
from fangkong.command.timers.queries import READ, timers_of_subjects
from fangkong.desks.monitor.queries import SignalRow
from fangkong.faces.web.control.presenting import coded
from fangkong.record.access import Actor


def clocks_of(signals: Sequence[SignalRow], *, actor: Actor, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """Signal key -> its clocks, the earliest limit first; none for a reader who may not read limits. One query."""
    found: dict[str, list[dict[str, Any]]] = {signal.key: [] for signal in signals}
    if not actor.may(READ):
        return found
    keys = [key for signal in signals for key in (signal.key, signal.subject_key) if key]
    timers = timers_of_subjects(keys, actor=actor, at=at) if keys else {}
    for signal in signals:
        for key in dict.fromkeys((signal.key, signal.subject_key)):
            found[signal.key] += [
                {
                    "name": coded("timer.clock", timer.clock),
                    "due_at": timer.due_at,
                    "left": timer.due_at - at,
                    "late": timer.due_at < (timer.met_at or at),
                    "runs": timer.state == RUNNING,
                    "met_at": timer.met_at,
                    "state": timer.state,
                }
                for timer in timers.get(key, ())
            ]
        found[signal.key].sort(key=lambda clock: clock["due_at"])
    return found
