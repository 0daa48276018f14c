"""Writes that belong to the record itself: users and areas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from fangkong.core.areas import level_of
from fangkong.core.errors import FangkongError
from fangkong.core.keys import stable_key

from . import audit
from .access.actor import roles
from .load import Outcome, Row, load
from .models import Area, User


def user_email_set(username: str, email: str, *, actor: str) -> User:
    """The user, whose notices go to ``email`` from now on; "" for nowhere.

    Raises FangkongError ``user.unknown`` or ``user.bad_email``. The address stands in no audit row.
    """
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise FangkongError("user.bad_email", name=username) from None
    with audit.writing():
        user = User.objects.filter(username=username).first()
        if user is None:
            raise FangkongError("user.unknown", name=username)
        user.email = email
        user.save(update_fields=["email"])
        audit.note(
            actor=actor,
            verb="user.email",
            object_kind="user",
            object_key=user.key,
            area_code=user.area_code,
            values=[bool(email)],
        )
    return user


def user_create(
    username: str,
    password: str,
    *,
    role: str,
    area_code: str,
    display_name: str,
    actor: str,
    language: str = "zh-hans",
) -> User:
    """The user, new or brought up to these values. Raises FangkongError for an unknown role or area code."""
    if role not in roles():
        raise FangkongError("user.unknown_role", role=role, roles=sorted(roles()))
    try:
        level_of(area_code)
    except ValueError:
        raise FangkongError("area.bad_code", area=area_code) from None
    with audit.writing():
        user, _ = User.objects.update_or_create(
            username=username,
            defaults={
                "key": stable_key("user", username),
                "password": make_password(password),
                "display_name": display_name,
                "role": role,
                "area_code": area_code,
                "language": language,
                "is_active": True,
            },
        )
        audit.note(
            actor=actor,
            verb="user.save",
            object_kind="user",
            object_key=user.key,
            area_code=area_code,
            values=[role, area_code],
        )
    return user


def areas_load(areas: Iterable[Row], *, actor: str, known_from: datetime, source_key: str) -> Outcome:
    """What became of ``areas``: dicts of ``key`` (the code), names, aliases, population; level from the code."""
    rows = [{**area, "level": level_of(area["key"])} for area in areas]
    return load(Area, rows, actor=actor, known_from=known_from, source_key=source_key)
