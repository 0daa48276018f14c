"""The night's look at every series: aberrations become signals, and what could not be watched is counted.

The same day looked at again raises nothing that was raised before: a signal is one of (entry, series, period). A run
that was killed goes on where it stopped.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fangkong.core.killpoints import kill_point
from fangkong.desks.assess.detecting import Aberration, detect
from fangkong.desks.monitor.actions import signals_raise
from fangkong.desks.monitor.alarms import alarm_of
from fangkong.record.access import Actor

#: Signals raised in one transaction.
_CHUNK = 200

RAISED = kill_point("detection.chunk_raised")
ALL_RAISED = kill_point("detection.all_raised")

#: What the step says where nothing could be looked at.
NOT_DETECTED: dict[str, Any] = {"series": 0, "alarms": 0, "unwatched": 0, "why": {}}


def detection_run(area_code: str, *, actor: Actor, at: datetime, through: date) -> dict[str, Any]:
    """What the record holds after the look at the districts of ``area_code`` up to ``through``, known at ``at``.

    Callable for any past day: give the close of that day as ``at``. ``series`` counts (entry, series) that were
    looked at, ``alarms`` those above their bound, ``unwatched`` those of which silence means nothing, ``why`` by
    reason. Raises Forbidden without ``signal.write`` in the area of an alarm, and as ``detect``.
    """
    if not area_code:
        return NOT_DETECTED
    found = detect(area_code, actor=actor, at=at, through=through)
    for chunk in _chunks(found.aberrations):
        new = [
            alarm_of(each.key.disease, each.key.area_code, each.subject_key, each.params()) for each in chunk
        ]
        signals_raise(new, actor=actor, at=at)
        RAISED.passed()
    ALL_RAISED.passed()
    return {
        "series": sum(found.watched.values()),
        "alarms": len(found.aberrations),
        "unwatched": len(found.unwatched),
        "why": found.reasons,
    }


def _chunks(found: list[Aberration]) -> list[list[Aberration]]:
    return [found[start : start + _CHUNK] for start in range(0, len(found), _CHUNK)]
