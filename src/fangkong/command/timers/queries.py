"""Reads on timers, by knowledge (``at``) and within the actor's scope; the earliest limit first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Timer
from fangkong.record.paging import Page, keyset_page

from .life import MET, MISSED, RUNNING

#: Whoever reads the board reads how the office keeps its limits.
READ = "board.read"


def timers_running(
    *, actor: Actor, at: datetime, clock: str = "", limit: int = 50, after: str = ""
) -> Page[Timer]:
    """The limits that still run, the next to end first. Raises Forbidden without ``board.read``."""
    return _page(_timers(actor, at, clock).filter(state=RUNNING), limit, after)


def timers_missed(
    *,
    actor: Actor,
    at: datetime,
    clock: str = "",
    area_code: str = "",
    open_only: bool = False,
    limit: int = 50,
    after: str = "",
) -> Page[Timer]:
    """The duties whose limit passed before they were done, marked already or not; targets are left out.

    ``area_code`` keeps those inside an area, ``open_only`` leaves out what was done late meanwhile. Raises
    Forbidden without ``board.read``.
    """
    late = Q(state=MISSED) | Q(state=RUNNING, due_at__lt=at)
    rows = _timers(actor, at, clock).filter(late, target=False)
    if area_code:
        rows = rows.filter(inside_area(area_code))
    if open_only:
        rows = rows.filter(met_at=None)
    return _page(rows, limit, after)


def timers_of_subject(subject_key: str, *, actor: Actor, at: datetime) -> list[Timer]:
    """Every limit about one result, case, contact or signal, the earliest first. Raises as above."""
    return list(_timers(actor, at, "").filter(subject_key=subject_key).order_by("due_at", "key"))


def timers_of_subjects(subject_keys: Sequence[str], *, actor: Actor, at: datetime) -> dict[str, list[Timer]]:
    """Subject key -> its limits, the earliest first, for one page of a list; one query. Raises as above."""
    found: dict[str, list[Timer]] = {}
    rows = _timers(actor, at, "").filter(subject_key__in=list(subject_keys))
    for timer in rows.order_by("due_at", "key"):
        found.setdefault(timer.subject_key, []).append(timer)
    return found


def timeliness(*, actor: Actor, at: datetime, clock: str = "") -> dict[str, tuple[int, int]]:
    """Clock -> (kept in time, decided at all), duties and targets alike; one query.

    A limit that still runs is not decided; a cancelled one never is. Raises as above.
    """
    rows = _timers(actor, at, clock).filter(state__in=(MET, MISSED)).order_by()
    counted = rows.values("clock").annotate(kept=Count("id", filter=Q(state=MET)), decided=Count("id"))
    return {row["clock"]: (row["kept"], row["decided"]) for row in counted.order_by("clock")}


def _timers(actor: Actor, at: datetime, clock: str) -> QuerySet[Timer]:
    actor.require(READ)
    rows = visible(Timer.objects.known_at(at), actor, at=at)
    return rows.filter(clock=clock) if clock else rows


def _page(rows: QuerySet[Timer], limit: int, after: str) -> Page[Timer]:
    return keyset_page(rows, "due_at", datetime.fromisoformat, limit=limit, after=after)
