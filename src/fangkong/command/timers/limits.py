"""Which events start which clocks, and what meets them: ``timers.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Start:
    """One kind of event that starts the clocks of one trigger of the rules."""

    event: str
    trigger: str
    subject_kind: str
    facts: Mapping[str, str]
    #: Parameters that the event must have.
    when: Mapping[str, Any]
    #: The signal's parameter that holds the civil day at whose close the clocks start; "" for the event's moment.
    starts_from: str


@dataclass(frozen=True)
class Kept:
    """What one clock runs beside and what meets it."""

    #: The kind of task that it runs beside; "" for a clock that runs by itself.
    task: str
    met_by: tuple[str, ...]
    #: Whether it was kept shows at the moment that starts it.
    at_start: bool


def starts_on(event_kind: str) -> tuple[Start, ...]:
    """What an event of this kind starts, in the order of the file."""
    return tuple(start for start in _starts() if start.event == event_kind)


def starting_events() -> tuple[str, ...]:
    """The kinds of events that start a clock, each once."""
    return tuple(dict.fromkeys(start.event for start in _starts()))


def meeting_events() -> tuple[str, ...]:
    """The kinds of events that meet a clock, each once."""
    return tuple(dict.fromkeys(kind for kept in kept_clocks().values() for kind in kept.met_by))


def clocks_of_task(task_kind: str) -> tuple[str, ...]:
    """The rule keys of the clocks that run beside tasks of this kind."""
    return tuple(key for key, kept in kept_clocks().items() if kept.task == task_kind)


def clocks_met_by(event_kind: str) -> tuple[str, ...]:
    """The rule keys of the clocks that an event of this kind meets."""
    return tuple(key for key, kept in kept_clocks().items() if event_kind in kept.met_by)


@cache
def kept_clocks() -> Mapping[str, Kept]:
    """Rule key -> what the clock runs beside; a clock that is not here is not kept as a row."""
    return {
        key: Kept(entry.get("task", ""), tuple(entry.get("met_by", ())), entry.get("at_start", False))
        for key, entry in _table()["clock"].items()
    }


@cache
def _starts() -> tuple[Start, ...]:
    return tuple(
        Start(
            event=entry["event"],
            trigger=entry["trigger"],
            subject_kind=entry["subject_kind"],
            facts=entry.get("facts", {}),
            when=entry.get("when", {}),
            starts_from=entry.get("from", ""),
        )
        for entry in _table()["start"]
    )


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("timers.toml").read_text(encoding="utf-8"))
