"""What a paper says of itself and what no table carries: read from paper.toml, never written in code."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("paper.toml").read_text(encoding="utf-8"))


def paper_setting(name: str) -> Any:
    """The value of ``name`` in the table of the situation report."""
    return _settings()["situation_report"][name]


def without_source() -> tuple[str, ...]:
    """Codes of the report's fields that no table of the record carries."""
    return tuple(_settings()["without_source"]["codes"])
