"""What counts as equal, as evidence and as coincidence: ``settings.toml`` as a value."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of the comparison; each is explained in ``settings.toml``. Shares are between 0 and 1."""

    absolute_tolerance: float
    relative_tolerance: float
    max_lag_days: int
    min_agreeing_days: int
    min_agreeing_share: float
    min_lead: float
    min_share_of_leader: float
    min_series_in_common: int
    max_negative_share: float
    min_steps: int
    max_parts: int
    max_targets: int
    max_log10_chance: float
    day_draws: int
    jump_days_around: int
    min_jump: float
    min_jump_ratio: float
    min_jump_deviations: float
    sure_jump_deviations: float
    quiet_ratio: float
    min_level_change: float
    ratio_tolerance: float
    ranks: Mapping[str, int]


@cache
def settings() -> Settings:
    """The settings as the file has them."""
    read: dict[str, Any] = tomllib.loads(
        Path(__file__).with_name("settings.toml").read_text(encoding="utf-8")
    )
    del read["schema"]
    return Settings(**read)
