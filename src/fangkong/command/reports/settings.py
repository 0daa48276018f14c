"""What a paper says of itself and what no desk carries yet: read from paper.toml, never written in code."""

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


def pack_setting(name: str) -> int:
    """The value of ``name`` in the table of the paper pack."""
    return int(_settings()["day_pack"][name])


def clocks_of() -> dict[str, list[str]]:
    """Figure of timeliness -> the clocks of the rules that it counts, in the order of the paper."""
    return dict(_settings()["timeliness"])


def unreported(block: str) -> tuple[str, ...]:
    """Codes of the fields of ``block`` that no desk carries yet."""
    return tuple(_settings()["not_reported"][block])
