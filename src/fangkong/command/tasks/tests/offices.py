"""An office with its streets, its people and tasks given in words, as the tests of tasks need them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fangkong.command.tasks.giving import NewTask, tasks_create
from fangkong.desks.control.tests.people import clock, colleague
from fangkong.record.access import Actor, system_actor
from fangkong.record.models import Event, Task, User

HAND = system_actor("reaction")
AT = clock("2022-04-11")
CITY, DISTRICT, STREET, NEXT_STREET = "9901", "990101", "990101001", "990101002"


def after(minutes: float) -> datetime:
    return AT + timedelta(minutes=minutes)


def officer(name: str = "duty") -> Actor:
    """The duty officer of the city: gives tasks and hears of those that nobody takes."""
    return colleague("duty_officer", CITY, name=name)


def grid(name: str = "grid", area: str = STREET) -> Actor:
    """Somebody who does tasks and gives none."""
    return colleague("grid_worker", area, name=name)


def new(title: str = "清点防护物资", **more: Any) -> NewTask:
    given = {"owner_role": "grid_worker", "area_code": STREET, "due_at": after(600), **more}
    return NewTask(title=title, **given)


def give(actor: Actor = HAND, **more: Any) -> str:
    """The key of one task given in words at ``AT``."""
    return tasks_create([new(**more)], actor=actor, at=AT)[0]


def open_task(key: str) -> Task:
    return Task.objects.open().get(key=key)


def told(kind: str) -> list[Event]:
    """The events of ``kind``, the first one first."""
    return list(Event.objects.filter(kind=kind).order_by("pk"))


def leaves(actor: Actor) -> None:
    """The person signs in no more."""
    User.objects.filter(key=actor.key).update(is_active=False)
