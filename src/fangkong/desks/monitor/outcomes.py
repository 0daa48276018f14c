"""How signals of each kind may end, and what that says of whatever raised them: ``outcomes.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_ANY = "any"


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("outcomes.toml").read_text(encoding="utf-8"))


#: What an investigation may find.
FINDINGS: tuple[str, ...] = tuple(_table()["findings"])

#: What an outcome says of the method that raised the signal.
CONFIRMED, FALSE, KNOWN = "confirmed", "false", "known"


def outcomes_of(kind: str) -> tuple[str, ...]:
    """The outcomes with which a signal of this kind may be closed, in the order of the file.

    >>> outcomes_of("aberration")
    ('confirmed_outbreak', 'not_confirmed', 'data_error', 'known_event')
    """
    return tuple(_of(kind))


def outcome_needs(kind: str, outcome: str) -> str:
    """The state that a signal must have reached before this outcome; "" for none."""
    return str(_of(kind)[outcome]["needs"])


def outcome_counts(kind: str, outcome: str) -> str:
    """What the outcome says of the method: confirmed, false or known; "" when it says nothing."""
    return str(_of(kind).get(outcome, {}).get("counts", ""))


def all_outcomes() -> tuple[str, ...]:
    """Every outcome of any kind of signal, each once."""
    return tuple(dict.fromkeys(code for outcomes in _table()["outcomes"].values() for code in outcomes))


def _of(kind: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _table()["outcomes"].get(kind, _table()["outcomes"][_ANY])
    return found
