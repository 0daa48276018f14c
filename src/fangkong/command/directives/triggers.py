"""Which events open tasks of standing duties: ``triggers.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.record.models import Case, Event, Signal, Versioned

#: What a trigger may ask a fact of.
_ASKED: Mapping[str, type[Versioned]] = {"case": Case, "signal": Signal}


@dataclass(frozen=True)
class Trigger:
    """One code: the kind of event, what it must be like, and what the task is about."""

    code: str
    event: str
    about: str
    when: Mapping[str, Any]
    of: str
    fact: Mapping[str, Any]

    def fits(self, event: Event) -> bool:
        """True when the event, and the thing that it tells of as it was known then, are what the trigger asks for."""
        if event.kind != self.event or any(event.params.get(k) != v for k, v in self.when.items()):
            return False
        if not self.fact:
            return True
        held = _ASKED[self.of].objects.known_at(event.at).filter(key=event.subject_key, **self.fact)
        return held.exists()


@cache
def triggers() -> Mapping[str, Trigger]:
    """Code -> trigger, in the order of the file."""
    table = tomllib.loads(Path(__file__).with_name("triggers.toml").read_text(encoding="utf-8"))
    return {
        code: Trigger(
            code,
            entry["event"],
            entry["about"],
            entry.get("when", {}),
            entry.get("of", ""),
            entry.get("fact", {}),
        )
        for code, entry in table.items()
        if isinstance(entry, dict)
    }


def triggers_of(event_kind: str) -> tuple[Trigger, ...]:
    """The triggers that an event of this kind may pull."""
    return tuple(trigger for trigger in triggers().values() if trigger.event == event_kind)


def trigger_events() -> tuple[str, ...]:
    """The kinds of events that may open a task of a duty, each once."""
    return tuple(dict.fromkeys(trigger.event for trigger in triggers().values()))
