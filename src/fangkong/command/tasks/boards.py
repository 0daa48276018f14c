"""The supervisor's view of tasks: how many are open, late and untaken by area, who holds them, and lists by filter."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Substr

from fangkong.core.areas import LEVEL_BY_LENGTH
from fangkong.record.access import Actor
from fangkong.record.access.scope import inside_area
from fangkong.record.models import Task, User
from fangkong.record.paging import Page

from .queries import LATE, WRITE, page_by_deadline, seen_tasks
from .states import STEPS, UNFINISHED
from .watch import not_taken

#: People named on the board: whoever holds most.
_HOLDERS = 30


@dataclass(frozen=True)
class TaskFilter:
    """Which unfinished tasks: each part "" or False when it does not matter.

    Attributes:
        carries_out: key of the directive, duty, plan run or review behind them.
        person: key of the one who holds them; "-" for those on nobody's name.
        late: past their deadline. untaken: nobody took them within the office's limit.
    """

    state: str = ""
    area: str = ""
    role: str = ""
    person: str = ""
    post: str = ""
    kind: str = ""
    carries_out: str = ""
    late: bool = False
    untaken: bool = False

    def chosen(self) -> dict[str, str]:
        """The parts that matter, as an address carries them."""
        given = {part.name: getattr(self, part.name) for part in fields(self)}
        return {name: "yes" if value is True else str(value) for name, value in given.items() if value}


class Place(NamedTuple):
    """One area of the board with its unfinished tasks."""

    area_code: str
    n_open: int
    late: int
    untaken: int


@dataclass(frozen=True)
class Board:
    """Counts of what the actor sees: state -> tasks, the areas one level down, and who holds how many.

    ``gone`` are the holders who can no longer sign in: what they hold waits for nobody, and they stand first.
    """

    states: dict[str, int]
    places: list[Place]
    holders: list[tuple[str, int]]
    posts: list[str]
    gone: frozenset[str]

    @property
    def late(self) -> int:
        """Unfinished tasks past their deadline."""
        return sum(place.late for place in self.places)

    @property
    def untaken(self) -> int:
        """Tasks that nobody took within the limit."""
        return sum(place.untaken for place in self.places)

    @property
    def open(self) -> int:
        """Unfinished tasks."""
        return sum(place.n_open for place in self.places)


def tasks_board(*, actor: Actor, at: datetime) -> Board:
    """The board in six queries, whatever the number of tasks; areas with most late tasks first.

    Raises Forbidden without ``task.read``.
    """
    rows = seen_tasks(actor, at).order_by()
    states = dict(rows.values_list("state").annotate(n=Count("id")))
    unfinished = rows.filter(state__in=UNFINISHED)
    late = Q(state__in=LATE, due_at__lt=at)
    counted = (
        unfinished.annotate(place=Substr("area_code", 1, _below(actor.area_code)))
        .values_list("place")
        .annotate(n=Count("id"), late=Count("id", filter=late), untaken=Count("id", filter=not_taken(at)))
    )
    places = [Place(*row) for row in counted]
    held = unfinished.exclude(owner_key="").values_list("owner_key").annotate(n=Count("id"))
    gone = frozenset(
        User.objects.filter(is_active=False, key__in=unfinished.values("owner_key")).values_list(
            "key", flat=True
        )
    )
    stranded = list(held.filter(owner_key__in=gone).order_by("-n", "owner_key")) if gone else []
    working = held.exclude(owner_key__in=gone).order_by("-n", "owner_key")
    posts = unfinished.exclude(post="").order_by("post").values_list("post", flat=True).distinct()
    return Board(
        states=dict(sorted(states.items())),
        places=sorted(places, key=lambda place: (-place.late, -place.untaken, place.area_code)),
        holders=[*stranded, *working[:_HOLDERS]],
        posts=list(posts[:_HOLDERS]),
        gone=gone,
    )


def tasks_filtered(
    wanted: TaskFilter, *, actor: Actor, at: datetime, limit: int = 50, after: str = ""
) -> Page[Task]:
    """The unfinished tasks that fit, the earliest deadline first. Raises Forbidden without ``task.read``."""
    return page_by_deadline(_filtered(wanted, actor, at), limit, after)


def keys_to_assign(wanted: TaskFilter, *, actor: Actor, at: datetime, limit: int) -> list[str]:
    """The keys of the tasks that fit and that may be given to somebody else, ``limit`` at most, sorted.

    Raises Forbidden without ``task.write``.
    """
    actor.require(WRITE)
    rows = _filtered(wanted, actor, at).filter(state__in=STEPS["assign"])
    return list(rows.order_by("key").values_list("key", flat=True)[:limit])


def _filtered(wanted: TaskFilter, actor: Actor, at: datetime) -> QuerySet[Task]:
    rows = seen_tasks(actor, at).filter(state__in=(wanted.state,) if wanted.state else UNFINISHED)
    if wanted.area:
        rows = rows.filter(inside_area(wanted.area))
    named = {
        "owner_role": wanted.role,
        "post": wanted.post,
        "kind": wanted.kind,
        "carries_out_key": wanted.carries_out,
    }
    rows = rows.filter(**{name: value for name, value in named.items() if value})
    if wanted.person:
        rows = rows.filter(owner_key="" if wanted.person == "-" else wanted.person)
    if wanted.late:
        rows = rows.filter(state__in=LATE, due_at__lt=at)
    return rows.filter(not_taken(at)) if wanted.untaken else rows


def _below(area_code: str) -> int:
    """The length of the codes one level below ``area_code``."""
    return min((length for length in LEVEL_BY_LENGTH if length > len(area_code)), default=len(area_code))
