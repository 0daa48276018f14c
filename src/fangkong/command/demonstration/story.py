"""The story of ``story.toml``, read once."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class StoryUser:
    """Somebody of the invented office: sign-in name, shown name, role, and the area that they work for."""

    username: str
    name: str
    role: str
    area_code: str


@dataclass(frozen=True)
class Story:
    """The story as read; every ``*_at`` is an aware UTC instant.

    Attributes:
        area_code, disease, organisation_zh, organisation_en: what the installation becomes.
        registers_at: when the office took over its registers. opens_at: its now after loading.
        first_on, days: the window of the outbreak. live_from: before it is history, after it events come in.
        silent_district: has not reported its last day.
        users: who works there.
        settings: the remaining tables, by name.
    """

    area_code: str
    disease: str
    organisation_zh: str
    organisation_en: str
    registers_at: datetime
    opens_at: datetime
    first_on: date
    days: int
    live_from: datetime
    silent_district: str
    users: tuple[StoryUser, ...]
    settings: dict[str, Any]

    def user(self, role: str) -> StoryUser:
        """The first user with ``role``. Raises StopIteration when the story has none."""
        return next(user for user in self.users if user.role == role)


@cache
def story() -> Story:
    """The story of ``story.toml``."""
    table = tomllib.loads(Path(__file__).with_name("story.toml").read_text(encoding="utf-8"))
    office, outbreak = table["office"], table["outbreak"]
    return Story(
        area_code=office["area_code"],
        disease=office["disease"],
        organisation_zh=office["organisation_zh"],
        organisation_en=office["organisation_en"],
        registers_at=_instant(office["registers_at"]),
        opens_at=_instant(office["opens_at"]),
        first_on=outbreak["first_on"],
        days=outbreak["days"],
        live_from=_instant(outbreak["live_from"]),
        silent_district=table["figures"]["silent_district"],
        users=tuple(StoryUser(**user) for user in table["user"]),
        settings={
            name: table[name]
            for name in ("figures", "identities", "boundaries", "orders", "tasks", "files", "checkpoints")
        },
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
