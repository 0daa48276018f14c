"""What the worker does for directives and duties in each pass: end what is over, open what the calendar asks for."""

from __future__ import annotations

from datetime import datetime

from fangkong.record.access import Actor

from .duty_tasks import duties_ask_for_review, duties_open_for_day
from .ending import directives_complete_due, directives_lapse_due


def directives_watch(at: datetime, actor: Actor) -> int:
    """How many directives ended and tasks of duties were opened; a second time at the same moment none."""
    ended = directives_lapse_due(at, actor=actor) + directives_complete_due(at, actor=actor)
    return ended + duties_open_for_day(at, actor=actor) + duties_ask_for_review(at, actor=actor)
