"""The word lists of ``words/`` as matchers. What a list means stands beside it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"


@cache
def lexicon(name: str) -> dict[str, Any]:
    """The lexicon ``words/<name>.toml`` as it stands."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def any_of(patterns: Iterable[str]) -> str:
    """One pattern for any of ``patterns``, in their order."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


@cache
def states() -> dict[str, dict[str, Any]]:
    """code → entry of every state that is counted, in order of precedence."""
    return {entry["code"]: entry for entry in lexicon("measures")["state"]}


@cache
def precedence(code: str) -> int:
    """The place of a state among the others; the lowest prevails in a phrase."""
    return list(states()).index(code)


@cache
def channels() -> tuple[dict[str, Any], ...]:
    """The ways of discovery, in order."""
    return tuple(lexicon("channels")["channel"])


@cache
def channel_states() -> dict[str, str]:
    """channel → the state that it implies."""
    return {entry["code"]: entry["state"] for entry in channels() if "state" in entry}


@cache
def corrections() -> re.Pattern[str]:
    """Words that say that an earlier figure is changed."""
    return re.compile(any_of(lexicon("frames")["correction"]["patterns"]))


@cache
def sources() -> re.Pattern[str]:
    """The name of a country or region, the longest first."""
    names = sorted(lexicon("sources")["names"], key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))
