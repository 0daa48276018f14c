"""Reads of notifications: everybody sees only their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fangkong.core.errors import InputError
from fangkong.record.access import Actor

from ..models import Delivery, Notification


@dataclass(frozen=True)
class NotificationPage:
    """One page, the newest first; ``after`` is the place where the next one begins, "" on the last."""

    rows: list[Notification]
    total: int
    after: str


def notifications_of(
    *, actor: Actor, at: datetime, unread: bool = False, limit: int = 30, after: str = ""
) -> NotificationPage:
    """The actor's own notifications up to ``at``. Raises InputError ``page.bad_place`` for a made-up place."""
    rows = Notification.objects.filter(user_key=actor.key, at__lte=at)
    if unread:
        rows = rows.filter(read_at=None)
    total = rows.count()
    if after:
        text, _, key = after.partition("|")
        try:
            start = datetime.fromisoformat(text)
        except ValueError:
            raise InputError("page.bad_place", place=after) from None
        rows = rows.filter(Q(at__lt=start) | Q(at=start, key__gt=key))
    found = list(rows.order_by("-at", "key")[: limit + 1])
    page = found[:limit]
    place = f"{page[-1].at.isoformat()}|{page[-1].key}" if len(found) > limit else ""
    return NotificationPage(page, total, place)


def notifications_unread_count(*, actor: Actor, at: datetime) -> int:
    """How many of the actor's own notifications are unread: the number beside the bell."""
    return Notification.objects.filter(user_key=actor.key, read_at=None, at__lte=at).count()


def deliveries_given_up(*, actor: Actor) -> int:
    """How many messages could not be brought out of the house and are no longer tried.

    Raises Forbidden without ``audit.read``: whoever runs the office's machine looks into it.
    """
    actor.require("audit.read")
    return Delivery.objects.filter(state="given_up").count()
