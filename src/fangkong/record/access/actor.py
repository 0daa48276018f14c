"""The actor: who acts, in which role, where. Every action and every query takes one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fangkong.core.areas import Range, code_ranges, contains
from fangkong.core.errors import Forbidden

if TYPE_CHECKING:
    from fangkong.record.models import User


@dataclass(frozen=True)
class Actor:
    """Somebody acting: a signed-in person, or the system itself on behalf of the office."""

    key: str
    role: str
    area_code: str
    permissions: frozenset[str]
    named: str
    everywhere: bool = False

    @property
    def ranges(self) -> list[Range]:
        """Half-open ranges of area codes that the actor may see; empty means nothing."""
        if self.everywhere:
            return [("", "\U0010ffff")]
        return code_ranges(self.area_code) if self.area_code else []

    def may(self, permission: str) -> bool:
        """True when the role carries ``permission``."""
        return self.everywhere or permission in self.permissions

    def sees(self, area_code: str) -> bool:
        """True when ``area_code`` lies in the actor's scope."""
        return self.everywhere or (bool(self.area_code) and contains(self.area_code, area_code))

    def require(self, permission: str, area_code: str | None = None) -> None:
        """Nothing when allowed. Raises Forbidden naming the roles that may."""
        if not self.may(permission):
            raise Forbidden("access.not_your_role", permission=permission, roles=roles_that_may(permission))
        if area_code is not None and not self.sees(area_code):
            raise Forbidden("access.not_your_area", permission=permission, roles=roles_that_may(permission))


@cache
def roles() -> dict[str, dict[str, Any]]:
    """Role code -> what it may do, as roles.toml says."""
    return tomllib.loads(Path(__file__).with_name("roles.toml").read_text(encoding="utf-8"))


def roles_that_may(permission: str) -> list[str]:
    """The role codes that carry ``permission``, in the file's order."""
    return [role for role, entry in roles().items() if permission in entry["may"]]


def actor_of(user: User) -> Actor:
    """The actor that a signed-in ``user`` is. A role the file does not know may do nothing."""
    entry = roles().get(user.role, {"may": [], "named": "no"})
    return Actor(user.key, user.role, user.area_code, frozenset(entry["may"]), entry["named"])


def system_actor(name: str) -> Actor:
    """The office's own hand (``cli``, ``cycle``, ``reaction``): sees everything, proposes, never approves."""
    return Actor(f"system:{name}", "system", "", frozenset(), "no", everywhere=True)
