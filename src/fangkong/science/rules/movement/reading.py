"""How the words of the movement rows are read: ``gates.toml`` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("gates.toml")


@cache
def reading() -> Mapping[str, Any]:
    """The tables of ``gates.toml``."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def may_leave_area(regime: str) -> bool | None:
    """Whether people may leave an area under this regime; None for a regime that nobody taught us to read."""
    entry = reading()["regime"].get(regime)
    return None if entry is None else bool(entry["leave_area"])
