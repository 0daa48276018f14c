"""The rhythm of the day: which step is done, which is now, and what is known of each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


@cache
def _steps() -> tuple[tuple[time, str], ...]:
    table = tomllib.loads(Path(__file__).with_name("rhythm.toml").read_text(encoding="utf-8"))
    return tuple((time.fromisoformat(step["at"]), step["key"]) for step in table["step"])


def rhythm(now: datetime, zone: ZoneInfo, notes: Mapping[str, str], *, over: bool) -> list[dict[str, Any]]:
    """The steps of the day for components/rhythm.html: time, key, note, and "done", "now" or "".

    ``over`` marks every step as done: the day is a past one.
    """
    clock = now.astimezone(zone).time()
    begun = sum(at <= clock for at, _ in _steps())
    rows = []
    for n, (at, key) in enumerate(_steps(), start=1):
        state = "done" if over or n < begun else "now" if n == begun else ""
        rows.append({"at": f"{at:%H:%M}", "key": key, "note": notes.get(key, ""), "state": state})
    return rows
