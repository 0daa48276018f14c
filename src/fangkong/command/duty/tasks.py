"""The tasks of this room: close out the day, and fill a hole in the roster."""

from __future__ import annotations

from datetime import date, datetime

from ..tasks.actions import task_key_of

#: The kinds, as kinds.toml has them.
CLOSE_OUT, FILL = "close_out", "fill_duty"

#: What they are about.
SUBJECT = "duty"


def close_out_subject(area_code: str, on: date) -> str:
    """The subject of the close-out of an office's day: one task for each."""
    return f"{area_code}|{on.isoformat()}"


def close_out_task_key(area_code: str, on: date) -> str:
    """The key of the task to close out an office's day."""
    return task_key_of(CLOSE_OUT, SUBJECT, close_out_subject(area_code, on))


def hole_subject(area_code: str, since: datetime) -> str:
    """The subject of one hole: an office and the moment from which nobody is on duty."""
    return f"{area_code}|{since.isoformat()}"
