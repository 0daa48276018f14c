"""Limits of one set of minutes: ``limits.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any


def limit(name: str) -> int:
    """The limit called ``name``: most_clauses or most_at_once. Raises KeyError for another."""
    return int(_table()[name])


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("limits.toml").read_text(encoding="utf-8"))
