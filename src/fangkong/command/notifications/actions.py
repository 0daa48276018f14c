"""Writes of notifications: told once for each event and user; read when the user says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from fangkong.core.errors import NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import Event, User

from ..models import Delivery, Notification
from ..office_clocks import office_clock
from .whom import whom

OUTCOME = "told"
EMAIL, WEBHOOK = "email", "webhook"
WAITING = "waiting"

#: What the event is about, by the first part of its kind.
SUBJECTS = {
    "result": "result",
    "minutes": "minutes",
    "directive": "directive",
    "tasks": "my_day",
    "task": "task",
    "meeting": "meeting",
    "level": "level",
    "plan": "plan_run",
    "shift": "duty",
    "gap": "gap",
    "problem": "problem",
    "proposal": "proposal",
}


def notify(event: Event, actor: Actor) -> str:
    """A reaction: the users whom ``event`` concerns are told, each once.

    An event older than the office's ``notice_stale`` is told to nobody: what a file of the past brings in is not
    news. The outcome is the same whoever was told: it is part of the record, and when the reaction runs is not.
    """
    if installation().now() > office_clock("notice_stale").due(event.at):
        return OUTCOME
    users = list(User.objects.filter(key__in=whom(event), is_active=True).order_by("key"))
    if not users:
        return OUTCOME
    subject_kind = SUBJECTS[event.kind.partition(".")[0]]
    subject_key = str(event.params.get("directive_key") or event.subject_key)
    rows = [
        Notification(
            key=stable_key("notification", event.key, user.key),
            user_key=user.key,
            kind=event.kind,
            subject_kind=subject_kind,
            subject_key=subject_key,
            params={"area_code": event.area_code},
            at=event.at,
        )
        for user in users
    ]
    with audit.writing():
        known = set(
            Notification.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True)
        )
        new = [row for row in rows if row.key not in known]
        Notification.objects.bulk_create(new)
        Delivery.objects.bulk_create(_deliveries(new, users))
        audit.note(
            actor=actor.key,
            verb="notification.send",
            object_kind="notification",
            object_key=event.key,
            area_code=event.area_code,
            values=[row.key for row in new],
        )
    return OUTCOME


def _deliveries(rows: Sequence[Notification], users: Sequence[User]) -> list[Delivery]:
    addresses = {user.key: user.email for user in users}
    found = []
    for row in rows:
        channels = [EMAIL] if settings.EMAIL_HOST and addresses[row.user_key] else []
        channels += [WEBHOOK] if settings.WEBHOOK_URL else []
        found += [
            Delivery(notification_key=row.key, channel=channel, state=WAITING, next_at=row.at)
            for channel in channels
        ]
    return found


def notification_read(notification_key: str, *, actor: Actor, at: datetime) -> Notification:
    """The actor's own notification, now read. Raises NotFound for one that is not the actor's."""
    with audit.writing():
        row = Notification.objects.filter(key=notification_key, user_key=actor.key).first()
        if row is None:
            raise NotFound("notification.unknown", key=notification_key)
        if row.read_at is None:
            row.read_at = at
            row.save(update_fields=["read_at"])
    return row


def notifications_read_all(*, actor: Actor, at: datetime) -> int:
    """How many of the actor's own notifications were unread; all of them are read now."""
    with audit.writing():
        return Notification.objects.filter(user_key=actor.key, read_at=None, at__lte=at).update(read_at=at)
