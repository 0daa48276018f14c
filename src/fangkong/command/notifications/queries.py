"""Reads of notifications: everybody sees only their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fangkong.core.errors import InputError
from fangkong.record.access import Actor

from ..models import Delivery, Notification
from .delivery import GIVEN_UP


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


def deliveries_given_up(notifications: Iterable[Notification]) -> dict[str, list[str]]:
    """Key of a notice -> channels (email, webhook) that could not bring it out of the house and are not tried again.

    One query; notices that were brought, or still are being tried, are left out.
    """
    keys = [row.key for row in notifications]
    rows = Delivery.objects.filter(state=GIVEN_UP, notification_key__in=keys).order_by(
        "notification_key", "channel"
    )
    found: dict[str, list[str]] = {}
    for key, channel in rows.values_list("notification_key", "channel"):
        found.setdefault(key, []).append(channel)
    return found
