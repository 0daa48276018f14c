"""Which measures restrict people, by words kept as data: they need a note on proportionality."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.science.minutes.alarms import alarms


def restricts(texts: Iterable[str], clause_alarms: Iterable[str] = ()) -> bool:
    """True when one of the measures restricts people, or the clause that they come from raised such an alarm."""
    words, raised_by = _words(), set(_table()["alarms"])
    if raised_by & set(clause_alarms):
        return True
    return any(any(word in text.lower() for word in words) or raised_by & set(alarms(text)) for text in texts)


@cache
def _words() -> tuple[str, ...]:
    return (*_table()["zh"], *_table()["en"])


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("restricting.toml").read_text(encoding="utf-8"))
