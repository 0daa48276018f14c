"""The offices that a directive can be for: those of the next level down, and the groups of the own office."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import LEVEL_BY_LENGTH
from fangkong.record.access import inside_area
from fangkong.record.access.actor import roles_that_may
from fangkong.record.models import Area

from .rows import ACKNOWLEDGE


@dataclass(frozen=True)
class Office:
    """One office that may receive a directive."""

    area_code: str
    role: str


def offices_below(area_code: str) -> list[Office]:
    """The offices of the areas one level under ``area_code``, as the register of areas has them; one query."""
    roles = _table()
    below = [level for n, level in sorted(LEVEL_BY_LENGTH.items()) if n > len(area_code) and level in roles]
    if not below:
        return []
    inside = Area.objects.open().filter(inside_area(area_code, "key"), level=below[0]).order_by("key")
    return [Office(key, roles[below[0]]) for key in inside.values_list("key", flat=True)]


def own_groups(area_code: str) -> list[Office]:
    """The working groups of the office of ``area_code`` that may receive directives."""
    able = set(roles_that_may(ACKNOWLEDGE))
    return [Office(area_code, role) for role in _table()["groups"] if role in able]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("offices.toml").read_text(encoding="utf-8"))
