"""What a row says of orders that run when it starts, and of cases that began before it.

A row may say so in a table (``transition_rule``); else its text is matched against the phrases of
``resolution.toml``; else the default of the rule packs holds (README, Resolution 6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fangkong.core.errors import InputError
from fangkong.science.rules.overlay import resolution_data
from fangkong.science.rules.packs import Row

#: ``earlier_end``: a running order ends at the earlier of its own end and the new one. ``own_end``: it runs to
#: its own end. ``ends_on_start``: it ends on the day the row starts.
RUNNING = ("earlier_end", "own_end", "ends_on_start")

#: ``decision_day``: the row in force on the day of the decision decides. ``event_day``: the one in force on
#: the day of the event does.
NEW_CASES = ("decision_day", "event_day")

_ALLOWED = {"running": RUNNING, "new_cases": NEW_CASES}


@dataclass(frozen=True, slots=True)
class TransitionRule:
    """What happens to running orders (``running``) and which day's row decides a new case (``new_cases``)."""

    running: str
    new_cases: str


def transition_of(row: Row) -> TransitionRule:
    """The transition of ``row``: its table, else the first phrase its text holds, else the default.

    Raises InputError ``rules.transition_rule_invalid`` with ``rule_row``, ``field``, ``given`` and ``allowed``.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> transition_of(rule_book().row("measles:contact.observe_days:person=contact:2019-01-01:CN"))
    TransitionRule(running='earlier_end', new_cases='event_day')
    """
    data = resolution_data()["transition"]
    said: dict[str, Any] = dict(row.transition_rule or {})
    if row.transition_rule is None:
        text = row.transition.casefold()
        for phrase in data["phrase"]:
            if phrase["contains"].casefold() in text:
                said = phrase
                break
    else:
        for name, given in said.items():
            if given not in _ALLOWED.get(name, ()):
                allowed = list(_ALLOWED.get(name, _ALLOWED))
                raise InputError(
                    "rules.transition_rule_invalid",
                    rule_row=row.row_id,
                    field=name,
                    given=str(given),
                    allowed=allowed,
                )
    return TransitionRule(said.get("running", data["running"]), said.get("new_cases", data["new_cases"]))


def decided_by_event_day(row: Row) -> bool:
    """True when the row in force on the day of the event decides, not the one of the day of the decision."""
    return transition_of(row).new_cases == "event_day"
