"""Every time limit of the packs as a clock: what starts it, when it is due, who hears when it is missed.

``clocks.toml`` says which event starts which rule key; the rows in force say how long. A target is measured
and shown, it binds nobody. A limit that no row sets is not invented: it stands in the basis as unanswered.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import Answer, InForce
from fangkong.science.rules.basis import Basis, Inquiry
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.testing.campaign import hours_for_population

_CLOCKS_FILE = Path(__file__).with_name("clocks.toml")
_EVERY_PART = "*"
_UNITS = {"h": "hours", "d": "days"}
_PART = re.compile(r"_(?P<unit>hours|days)$")


@dataclass(frozen=True, slots=True)
class Clock:
    """One time limit that runs: due at ``due_at`` (aware, UTC or the caller's zone), under one row.

    ``part`` names the limit inside a table of limits, "" for a plain one. ``row`` is None when the limit was
    stated by the sender and no row of the packs stands behind it. ``target`` limits bind nobody.
    """

    trigger: str
    key: str
    part: str
    started_at: datetime
    due_at: datetime
    row: Row | None
    stated: bool
    binding: bool
    target: bool
    to_confirm: bool
    escalates_to: str

    @property
    def rule_row(self) -> str:
        """The stable name of the row; "" for a limit that only the sender states."""
        return self.row.row_id if self.row else ""

    @property
    def within(self) -> timedelta:
        """The length of the limit; negative when it lies before the event."""
        return self.due_at - self.started_at

    def missed(self, at: datetime, done_at: datetime | None = None) -> bool:
        """True when it was done too late, or is not done and the moment has passed."""
        return (done_at or at) > self.due_at


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clocks that one event starts, the earliest first, and what they rest on.

    ``unread`` are keys whose row is in force with a value that is no time limit as we read it.
    """

    trigger: str
    started_at: datetime
    clocks: tuple[Clock, ...]
    unread: tuple[str, ...]
    basis: Basis

    def __iter__(self) -> Iterator[Clock]:
        return iter(self.clocks)

    def __len__(self) -> int:
        return len(self.clocks)


def clocks_for(
    book: RuleBook,
    trigger: str,
    *,
    at: datetime,
    on: date | None = None,
    disease: str,
    area: str = HOME_COUNTRY,
    facts: Mapping[str, Any] | None = None,
) -> Clocks:
    """The clocks that ``trigger`` starts at the aware moment ``at``, under the rows in force on ``on``.

    ``on`` is the civil day of the jurisdiction (that of ``at`` in its own zone when not given). ``facts`` hold
    what the rows ask for: ``person``, ``role``, ``disease_class``, ``place``, ``population``,
    ``sample_class``, and for a stated limit its moment. Silences stand in ``basis``.

    Raises InputError ``clocks.trigger_unknown`` (with what is near), ``clocks.fact_needed`` or
    ``clocks.moment_not_aware``.

    >>> from datetime import UTC
    >>> from fangkong.science.rules.resolver import rule_book
    >>> found = clocks_for(rule_book(), "case_found", at=datetime(2021, 10, 20, 6, tzinfo=UTC),
    ...                    on=date(2021, 10, 20), disease="covid-19")
    >>> found.clocks[0].key, found.clocks[0].due_at.isoformat()
    ('report.case_hours', '2021-10-20T08:00:00+00:00')
    """
    if at.utcoffset() is None:
        raise InputError("clocks.moment_not_aware", trigger=trigger, given=at.isoformat())
    entries = [entry for entry in _data()["clock"] if entry["trigger"] == trigger]
    if not entries:
        near = difflib.get_close_matches(trigger, triggers(), n=3)
        raise InputError("clocks.trigger_unknown", trigger=trigger, near=near)
    inquiry = Inquiry(book, on=on or at.date(), disease=disease, area=area)
    found: list[Clock] = []
    unread: list[str] = []
    for entry in entries:
        given = {**entry.get("default", {}), **(facts or {})}
        if not _starts(entry, given):
            continue
        if "stated" in entry:
            found += _stated(entry, inquiry, at, given)
            continue
        answer = _ask(entry, inquiry, given)
        if not isinstance(answer, InForce):
            continue
        limits = _limits(entry, answer, given)
        if not limits:
            unread.append(entry["key"])
        found += (_clock(entry, answer, part, at, limit) for part, limit in limits)
    found.sort(key=lambda clock: (clock.due_at, clock.key, clock.part))
    return Clocks(trigger, at, tuple(found), tuple(unread), inquiry.basis())


def triggers() -> tuple[str, ...]:
    """Every event that starts a clock, in the order of ``clocks.toml``."""
    return tuple(dict.fromkeys(entry["trigger"] for entry in _data()["clock"]))


def clock_keys() -> frozenset[str]:
    """Every rule key that ``clocks.toml`` turns into a clock."""
    return frozenset(entry["key"] for entry in _data()["clock"] if "key" in entry)


def reasons_for_no_clock() -> Mapping[str, str]:
    """Rule keys that start no clock, with the reason."""
    return dict(_data()["not_a_clock"])


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(_CLOCKS_FILE.read_text(encoding="utf-8"))


def _starts(entry: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return all(
        name in given if value is True else given.get(name) == value
        for name, value in entry.get("needs", {}).items()
    )


def _ask(entry: Mapping[str, Any], inquiry: Inquiry, given: Mapping[str, Any]) -> Answer:
    fixed = entry.get("scope", {})
    alone = [{**fixed, name: given[name]} for name in entry.get("by", ()) if name in given]
    return inquiry.one_of(entry["key"], *(alone or [fixed]))


def _limits(
    entry: Mapping[str, Any], answer: InForce, given: Mapping[str, Any]
) -> tuple[tuple[str, timedelta], ...]:
    """The limits in the value of the row, by part; none when the value is no limit as we read it."""
    value, unit = answer.value, _UNITS.get(answer.unit)
    if _is_number(value):
        return (("", timedelta(**{unit: value})),) if unit else ()
    if not isinstance(value, Mapping):
        return ()
    if "classes" in entry:
        population = _needed(entry, given, entry["classes"])
        part, hours = hours_for_population(value, population) or ("", None)
        return ((part, timedelta(hours=hours)),) if hours is not None else ()
    if "pick" in entry:
        wanted = given.get(entry["pick"])
        return tuple(
            (part, timedelta(**{unit: limit}))
            for part, limit in value.items()
            if unit and _is_number(limit) and wanted in (None, part)
        )
    parts = entry.get("parts", ())
    return tuple(
        (part, timedelta(**{found["unit"]: limit}))
        for part, limit in value.items()
        if (part in parts or _EVERY_PART in parts) and _is_number(limit) and (found := _PART.search(part))
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _clock(entry: Mapping[str, Any], answer: InForce, part: str, at: datetime, limit: timedelta) -> Clock:
    return Clock(
        trigger=entry["trigger"],
        key=entry["key"],
        part=part,
        started_at=at,
        due_at=at - limit if entry.get("before") else at + limit,
        row=answer.row,
        stated=False,
        binding=answer.binding,
        target="target" in answer.flags,
        to_confirm=not answer.decides_alone,
        escalates_to=entry["escalates_to"],
    )


def _stated(
    entry: Mapping[str, Any], inquiry: Inquiry, at: datetime, given: Mapping[str, Any]
) -> Iterator[Clock]:
    """The clocks whose moment the sender states, under the row of the key that it is stated under, if any."""
    due_at = _needed(entry, given, entry["stated"])
    if due_at.utcoffset() is None:
        raise InputError("clocks.moment_not_aware", trigger=entry["trigger"], given=due_at.isoformat())
    under = inquiry.every(entry["under"]) if "under" in entry else ()
    for part in entry["parts"]:
        yield Clock(
            trigger=entry["trigger"],
            key=entry.get("under", ""),
            part=part,
            started_at=at,
            due_at=due_at,
            row=under[0].row if under else None,
            stated=True,
            binding=True,
            target=False,
            to_confirm=any(not answer.decides_alone for answer in under),
            escalates_to=entry["escalates_to"],
        )


def _needed(entry: Mapping[str, Any], given: Mapping[str, Any], name: str) -> Any:
    if name not in given:
        raise InputError("clocks.fact_needed", trigger=entry["trigger"], fact=name)
    return given[name]
