"""Writes on notifications, made ready."""

from __future__ import annotations

from functools import partial

from fangkong.command.notifications import actions
from fangkong.command.reactions.running import react
from fangkong.command.reviews.tests.made_case import AT, WORKER, after, known, office
from fangkong.desks.control.tests.people import positive

from .registry import Act, deed


def told() -> None:
    """Two people hear of a positive result."""
    office()
    for role in ("duty_officer", "investigation_group"):
        known(role)
    positive("R1", known=AT, person_key="p1")


@deed(actions.notification_read)
def read() -> Act:
    from fangkong.command.models import Notification

    told()
    assert react(actor=WORKER).failed == 0
    actor = known("duty_officer")
    first = Notification.objects.filter(user_key=actor.key).order_by("key").first()
    assert first is not None
    return partial(actions.notification_read, first.key, actor=actor, at=after(1))


@deed(actions.notifications_read_all, counts=True)
def read_all() -> Act:
    told()
    assert react(actor=WORKER).failed == 0
    return partial(actions.notifications_read_all, actor=known("duty_officer"), at=after(1))
