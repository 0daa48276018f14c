"""Who works in the invented office: one account for each role, one password shown at the start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from fangkong.record.access import Actor, actor_of
from fangkong.record.actions import user_create
from fangkong.record.models import User

from .story import story

#: Letters that nobody misreads on a projector.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LETTERS = 3, 5


def password_file() -> Path:
    """Where the demonstration's password lies, readable by the installation's owner only."""
    return Path(settings.HOME) / "demo-password.txt"


def users_ensure(*, actor: Actor) -> str:
    """The password of the demonstration's users, who are made when they are not there yet.

    The password is made once per installation. When its file is gone, a new one is made and every
    demonstration user gets it.
    """
    path = password_file()
    password = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    known = set(
        User.objects.filter(username__in=[user.username for user in story().users]).values_list(
            "username", flat=True
        )
    )
    if not password:
        password, known = _new_password(path), set()
    for user in story().users:
        if user.username not in known:
            user_create(
                user.username,
                password,
                role=user.role,
                area_code=user.area_code,
                display_name=user.name,
                actor=actor.key,
            )
    return password


def actors_by_role() -> dict[str, Actor]:
    """Role -> the first of the story's users who has it, as an actor."""
    users = {
        user.username: user for user in User.objects.filter(username__in=[u.username for u in story().users])
    }
    actors: dict[str, Actor] = {}
    for user in story().users:
        actors.setdefault(user.role, actor_of(users[user.username]))
    return actors


def _new_password(path: Path) -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS))
    password = "-".join(groups)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made with its final mode: it must not be readable by others even for a moment.
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(password + "\n")
    return password
