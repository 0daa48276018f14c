"""The office's own hand: every second it reacts to events and keeps the clocks of tasks, limits and orders."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, close_old_connections

from fangkong.core.errors import FangkongError
from fangkong.desks.control.actions import order_lapse_due, permit_lapse_due
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation

from .directives.watch import directives_watch
from .duty.watch import duty_watch
from .purge_watch import purge_when_a_day_begins
from .reactions.running import react
from .response.watch import response_watch
from .rules_watch import rejudge_when_rules_change
from .tasks.actions import task_mark_overdue
from .tasks.watch import tasks_watch
from .timers.actions import timer_mark_missed

#: Seconds between two passes.
INTERVAL_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pass:
    """What one pass did: reactions carried out and failed, tasks overdue, limits missed, orders and permits lapsed."""

    reactions: int
    failed: int
    overdue: int
    missed: int
    lapsed: int


def tick(now: datetime, actor: Actor) -> Pass:
    """One pass at the office's ``now``: reactions first, then clocks, then what the clocks brought about.

    A second pass at the same moment changes nothing.
    """
    first = react(actor=actor)
    overdue = task_mark_overdue(now, actor=actor)
    watched = tasks_watch(now, actor) + duty_watch(now, actor)
    missed = timer_mark_missed(now, actor=actor)
    lapsed = order_lapse_due(now, actor=actor) + permit_lapse_due(now, actor=actor)
    directed = directives_watch(now, actor)
    directed += response_watch(now, actor)
    second = react(actor=actor) if lapsed or directed or watched else None
    # The day's own work comes last: a local pack that is not sound must not stop the clocks above.
    rejudge_when_rules_change(now, actor)
    purge_when_a_day_begins(now, actor)
    done = first.done + (second.done if second else 0)
    return Pass(done, second.failed if second else first.failed, overdue, missed, lapsed)


def run_forever(stop: threading.Event) -> None:
    """Pass after pass until ``stop`` is set. A pass that fails is logged, and the next one tries again."""
    actor = system_actor("worker")
    while not stop.is_set():
        try:
            tick(installation().now(), actor)
        except (FangkongError, DatabaseError):
            log.exception("the worker's pass failed; the next one tries again")
            # A connection that the database has dropped stays broken until somebody lets go of it.
            close_old_connections()
        stop.wait(INTERVAL_SECONDS)
