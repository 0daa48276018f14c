"""The life of a risk area: kept, downgraded, released or lapsed, each by the conditions of its edition.

Rows give levels (``area.levels``) and the conditions of release (``area.release_rule``). A change of edition
never keeps an area longer: until a new row's conditions are met, the row under which the area was set may
still end it, unless the new row's transition says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import Answer, InForce, lowest_confidence
from fangkong.science.rules.areas.ranks import Silence
from fangkong.science.rules.areas.words import area_words, ask_level, levels_in_force, levels_of
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.transitions import transition_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """What is known of an area on the day of decision; all dates are civil dates.

    ``last_case_on``: the day of the last infection found inside (None: none since it was set).
    ``last_contact_left_on``: the last exposure of the last close contact inside, ``no_close_contact`` when
    there is none. ``full_round_negative_on``: the last round of tests of everyone inside that was wholly
    negative. ``adjusted_on`` and ``adjusted_from``: when and from which level it came down.
    """

    level: str
    unit: str
    designated_on: date
    last_case_on: date | None = None
    last_contact_left_on: date | None = None
    no_close_contact: bool = False
    full_round_negative_on: date | None = None
    adjusted_on: date | None = None
    adjusted_from: str = ""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a row: what it needs, what was seen, and whether that is enough.

    ``needed`` and ``seen`` are days; ``seen`` is None when the fact is not recorded. ``known`` is False for a
    condition that this module cannot check: a named person does.
    """

    code: str
    needed: Any
    seen: int | None
    met: bool
    known: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """What is due for an area: ``keep``, ``downgrade``, ``release`` or ``lapse``.

    ``to_level`` is the level after the step; for a kept area the word of the edition in force (a lock-down
    zone goes on as ``high``), empty after release or lapse. ``earliest_on`` is the first day on which the
    conditions that only wait can hold, should no new case be found.
    """

    action: str
    to_level: str
    conditions: tuple[Condition, ...]
    earliest_on: date | None
    rows: tuple[Row, ...]
    flags: tuple[str, ...]

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(self.rows)

    @property
    def person_decides(self) -> bool:
        """True when a condition cannot be checked here, or an unverified row was used."""
        return "unverified" in self.flags or not all(condition.known for condition in self.conditions)


def step_due(
    book: RuleBook, facts: AreaFacts, on: date, disease: str, area: str = HOME_COUNTRY
) -> Step | Silence:
    """The step due for an area on the civil day ``on``, or the silence of the rows.

    Days are counted as everywhere: the day of the last case is day 0. Conditions listed are those of the row
    in force on ``on``; or of the row under which the area was set, where that one already ends it.

    >>> from fangkong.science.rules import rule_book
    >>> area = AreaFacts("high", "building", date(2022, 11, 14), last_case_on=date(2022, 11, 14))
    >>> step = step_due(rule_book(), area, date(2022, 11, 19), "covid-19")
    >>> step.action, step.to_level
    ('downgrade', 'low')
    """
    ask: dict[str, Any] = {"disease": disease, "area": area}
    levels = book.resolve("area.levels", on=on, scope={}, **ask)
    if not isinstance(levels, InForce):
        return levels
    level = next((word for word in levels_of(facts.level) if word in levels_in_force(levels)), "")
    if not level:
        return Step("lapse", "", (), on, levels.used, levels.flags)
    rule = _rule_for(book, facts, level, on, ask)
    if not isinstance(rule, InForce):
        return rule
    running = transition_of(rule.row).running
    own = _rule_for(book, facts, facts.level, facts.designated_on, ask)
    earlier = own if isinstance(own, InForce) and own.row is not rule.row else None
    if earlier is not None and running == "ends_on_start":
        return Step("lapse", "", (), rule.row.effective_from, _rows(levels, rule), _flags(levels, rule))

    steps = [_step(facts, level, on, answer, levels) for answer in (rule, earlier) if answer is not None]
    if running == "own_end" and earlier is not None:
        return steps[-1]
    return next((step for step in steps if step.action != "keep"), steps[0])


def _rule_for(book: RuleBook, facts: AreaFacts, level: str, on: date, ask: Mapping[str, Any]) -> Answer:
    """The release rule of ``level`` on ``on``: that of the level it came from, where that has a second step."""
    if facts.adjusted_from:
        before = ask_level(book, "area.release_rule", facts.adjusted_from, on=on, **ask)
        if isinstance(before, InForce) and before.value.get("becomes") == level and "then" in before.value:
            return before
    return ask_level(book, "area.release_rule", level, on=on, **ask)


def _step(facts: AreaFacts, level: str, on: date, rule: InForce, levels: InForce) -> Step:
    value = rule.value
    second = "then" in value and facts.adjusted_from and value.get("becomes") == level
    if second:
        begun = max(facts.adjusted_on or facts.designated_on, facts.last_case_on or date.min)
        asked, target = {"then_no_new_days": value["then_no_new_days"]}, value["then"]
    else:
        begun = facts.last_case_on or facts.designated_on
        outcome = {"becomes", "then", "then_no_new_days"}
        asked = {name: needed for name, needed in value.items() if name not in outcome}
        target = value.get("becomes", "")
    conditions = tuple(_condition(name, needed, facts, begun, on) for name, needed in asked.items())
    waits = [needed for name, needed in asked.items() if name in _FROM_CLEAN]
    earliest = begun + max(waits) * _DAY if waits else None
    rows, flags = _rows(rule, levels), _flags(rule, levels)
    if not conditions or not all(condition.met for condition in conditions):
        return Step("keep", level, conditions, earliest, rows, flags)
    if not target or target in area_words("levels")["released"]["levels"]:
        return Step("release", "", conditions, earliest, rows, flags)
    if target not in levels_in_force(levels):
        return Step("lapse", "", conditions, earliest, rows, flags)
    return Step("downgrade", target, conditions, earliest, rows, flags)


#: Conditions that wait a number of days from the last case.
_FROM_CLEAN = frozenset({"no_new_days", "then_no_new_days", "full_round_negative_on_day"})


def _condition(name: str, needed: Any, facts: AreaFacts, begun: date, on: date) -> Condition:
    code = f"areas.condition.{name}"
    clean = (on - begun).days
    if name in ("no_new_days", "then_no_new_days"):
        return Condition(code, needed, clean, clean >= needed)
    if name == "full_round_negative_on_day":
        # A round on a later day than the row names shows no less; one before it shows too little.
        seen = _between(begun, facts.full_round_negative_on, on)
        return Condition(code, needed, seen, seen is not None and seen >= needed)
    if name == "full_round_negative_within_days":
        seen = _between(facts.full_round_negative_on, on, on)
        return Condition(code, needed, seen, seen is not None and 0 <= seen <= needed)
    if name == "last_close_contact_days":
        if facts.no_close_contact:
            return Condition(code, needed, None, True)
        # The text asks for more than so many days, not for as many.
        seen = _between(facts.last_contact_left_on, on, on)
        return Condition(code, needed, seen, seen is not None and seen > needed)
    return Condition("areas.condition.unknown", name, None, False, known=False)


def _between(start: date | None, end: date | None, on: date) -> int | None:
    """Days from ``start`` to ``end``; None when one is not recorded or lies after the day of decision."""
    if start is None or end is None or max(start, end) > on:
        return None
    return (end - start).days


def _rows(*answers: InForce) -> tuple[Row, ...]:
    return tuple(dict.fromkeys(row for answer in answers for row in answer.used))


def _flags(*answers: InForce) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag for answer in answers for flag in answer.flags))
