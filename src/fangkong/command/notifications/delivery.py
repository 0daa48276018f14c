"""Bringing notifications out of the house: by e-mail and by webhook, tried again until they get through.

At least once: a process killed between sending and writing that down sends again, under the same message
number, so that whoever receives it can tell. The writer of the text is given by the faces; this room knows no
language.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import tomllib
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import DatabaseError, close_old_connections

from fangkong.record.installation import installation
from fangkong.record.models import User

from ..models import Delivery, Notification
from .actions import EMAIL, WAITING

SENT, GIVEN_UP = "sent", "given_up"

#: Seconds between two looks at what waits.
INTERVAL_SECONDS = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """What one user is told, in that user's language: a subject line, a text, and the page to open."""

    subject: str
    text: str
    address: str


#: (notification, user) -> the message in the user's language.
Writer = Callable[[Notification, User], Message]


@cache
def _limits() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("delivery.toml").read_text(encoding="utf-8"))


def deliver_due(now: datetime, write: Writer) -> tuple[int, int]:
    """(sent, not sent): every delivery due at ``now`` is tried once. What fails waits longer each time.

    Never raises for a message that does not get through: the reason is kept as a code, without an address.
    """
    limits = _limits()
    waiting = list(
        Delivery.objects.filter(state=WAITING, next_at__lte=now).order_by("next_at", "id")[: limits["batch"]]
    )
    notes = {n.key: n for n in Notification.objects.filter(key__in={d.notification_key for d in waiting})}
    users = {u.key: u for u in User.objects.filter(key__in={n.user_key for n in notes.values()})}
    sent = 0
    for delivery in waiting:
        note = notes[delivery.notification_key]
        user = users[note.user_key]
        try:
            message = write(note, user)
            if delivery.channel == EMAIL:
                _email(note, user, message)
            else:
                _webhook(note, user, message)
        except Exception as error:
            # Whatever the other side does, one message must not hold up the rest.
            _failed(delivery, now, type(error).__name__)
            continue
        delivery.state, delivery.sent_at, delivery.attempts = SENT, now, delivery.attempts + 1
        delivery.error_code = ""
        delivery.save(update_fields=["state", "sent_at", "attempts", "error_code"])
        sent += 1
    return sent, len(waiting) - sent


def deliver_forever(stop: threading.Event, write: Writer) -> None:
    """Look after look until ``stop`` is set; for a thread of its own, so that a slow mail server delays nobody."""
    while not stop.is_set():
        try:
            deliver_due(installation().now(), write)
        except DatabaseError:
            log.exception("looking for messages to send failed; the next look tries again")
            close_old_connections()
        stop.wait(INTERVAL_SECONDS)


def _failed(delivery: Delivery, now: datetime, code: str) -> None:
    limits = _limits()
    delivery.attempts += 1
    delivery.error_code = code[:60]
    waits = limits["wait_minutes"]
    if delivery.attempts >= limits["attempts"]:
        delivery.state = GIVEN_UP
        log.warning("a message could not be delivered by %s: %s", delivery.channel, code)
    else:
        delivery.next_at = now + timedelta(minutes=waits[min(delivery.attempts, len(waits)) - 1])
    delivery.save(update_fields=["attempts", "error_code", "state", "next_at"])


def _email(note: Notification, user: User, message: Message) -> None:
    mail = EmailMessage(
        subject=message.subject,
        body=f"{message.text}\n\n{message.address}\n",
        to=[user.email],
        headers={"Message-ID": f"<{note.key.replace(':', '.')}@fangkong>"},
        connection=get_connection(timeout=_limits()["timeout_seconds"]),
    )
    mail.send()


def _webhook(note: Notification, user: User, message: Message) -> None:
    body = json.dumps(
        {
            "id": note.key,
            "to": user.username,
            "kind": note.kind,
            "at": note.at.isoformat(),
            "subject": message.subject,
            "text": message.text,
            "address": message.address,
        },
        ensure_ascii=False,
    ).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": note.key}
    if settings.WEBHOOK_SECRET:
        digest = hmac.new(settings.WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers["X-Fangkong-Signature"] = f"sha256={digest}"
    # The address comes from the environment of whoever runs the office's machine, never from a page.
    request = urllib.request.Request(settings.WEBHOOK_URL, data=body, headers=headers, method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=_limits()["timeout_seconds"]) as answer:  # noqa: S310
        answer.read(0)
