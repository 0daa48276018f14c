"""Received files that are not done with: not wholly in the record yet, or with rows held beyond the office's limit.

A figure names its receipts as its sources, so that the paper lists which files it speaks of.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.installation import installation
from fangkong.record.models import Receipt

from ..office_clocks import office_clock
from .entries import Entry, figure

#: The limit within which somebody decides on held rows.
CLOCK = "held_rows_decided"


@dataclass(frozen=True)
class FilesOpen:
    """Keys of the receipts that are not wholly in the record, and of those with rows held beyond the limit."""

    unfinished: tuple[str, ...]
    held_late: tuple[str, ...]
    #: Rows of the latter that wait.
    rows_late: int


def files_open(area_code: str, *, actor: Actor, at: datetime) -> FilesOpen:
    """The files received by ``at`` in the area that are not done with as the record stands; one query."""
    late = at - (office_clock(CLOCK).due(at) - at)
    rows = visible(Receipt.objects.filter(withdrawn_at=None, received_at__lte=at), actor)
    rows = rows.filter(inside_area(area_code)).filter(Q(state__in=("staged", "applying")) | Q(held__gt=0))
    unfinished, waiting, count = [], [], 0
    for key, state, held, received in rows.order_by("key").values_list("key", "state", "held", "received_at"):
        if state in ("staged", "applying"):
            unfinished.append(key)
        elif state == "applied" and received <= late:
            waiting.append(key)
            count += held
    return FilesOpen(tuple(unfinished), tuple(waiting), count)


def file_entries(area_code: str, *, actor: Actor, at: datetime, as_of: date) -> list[Entry]:
    """What a paper says of such files; nothing where every file is done with.

    A file under way belongs to the day for which it speaks: once it is in, the day reads anew anyhow. Held rows are
    told of the day that has not closed: what waits today says nothing of a day gone by.
    """
    now = installation().now()
    found = files_open(area_code, actor=actor, at=min(at, now))
    entries = []
    if found.unfinished:
        entries.append(
            figure("files_unfinished", len(found.unfinished), sources=found.unfinished, as_of=as_of)
        )
    if found.held_late and at >= now:
        entries.append(
            figure(
                "files_held_late",
                len(found.held_late),
                sources=found.held_late,
                as_of=as_of,
                params={"rows": found.rows_late},
            )
        )
    return entries
