"""Signing in: a guesser is slowed down, and neither names nor addresses are kept in the clear."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from django.contrib.auth.hashers import check_password, make_password

from fangkong.core.errors import Forbidden

from . import audit
from .keyring import keyring
from .models import SignInAttempt, User, machine_now

#: Failures within the window after which a name, or an address, has to wait.
FAILURES_PER_NAME = 5
FAILURES_PER_ADDRESS = 30
WINDOW_MINUTES = 15


def sign_in(username: str, password: str, *, address: str) -> User | None:
    """The user, or None when name or password is wrong; a failure is counted against name and address.

    Raises Forbidden("signin.wait") when either has failed too often within the window. An unknown name
    takes as long as a wrong password, so that names cannot be found out by the clock.
    """
    subjects = [
        (_subject("name", username), FAILURES_PER_NAME),
        (_subject("address", address), FAILURES_PER_ADDRESS),
    ]
    since = machine_now() - timedelta(minutes=WINDOW_MINUTES)
    for subject, limit in subjects:
        if SignInAttempt.objects.filter(subject=subject, at__gt=since).count() >= limit:
            raise Forbidden("signin.wait", minutes=WINDOW_MINUTES)
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        make_password(password)
    elif check_password(password, user.password):
        with audit.writing():
            SignInAttempt.objects.filter(subject=subjects[0][0]).delete()
            audit.note(actor=user.key, verb="user.sign_in", object_kind="user", object_key=user.key)
        return user
    with audit.writing():
        now = machine_now()
        SignInAttempt.objects.filter(at__lt=now - timedelta(days=1)).delete()
        SignInAttempt.objects.bulk_create([SignInAttempt(subject=subject, at=now) for subject, _ in subjects])
        audit.note(
            actor="anonymous", verb="user.sign_in_failed", object_kind="user", object_key=subjects[0][0][:20]
        )
    return None


def _subject(kind: str, value: str) -> str:
    return hmac.new(keyring().search, f"{kind}:{value.casefold()}".encode(), hashlib.sha256).hexdigest()
