"""What every order carries beside its rule rows: an end, exceptions, a remedy (``safeguards.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Safeguards:
    """The safeguards as read; day counts include the first and the last day."""

    default_days: int
    max_days: int
    exceptions: tuple[str, ...]
    remedy: str
    #: Where the dates come from (rule_row, safeguard, person) -> code of the reason.
    proportionality: dict[str, str]


@cache
def safeguards() -> Safeguards:
    """The safeguards of ``safeguards.toml``, read once."""
    table = tomllib.loads(Path(__file__).with_name("safeguards.toml").read_text(encoding="utf-8"))
    return Safeguards(
        default_days=table["expiry"]["default_days"],
        max_days=table["expiry"]["max_days"],
        exceptions=tuple(table["order"]["exceptions"]),
        remedy=table["order"]["remedy"],
        proportionality=dict(table["proportionality"]),
    )
