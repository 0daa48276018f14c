"""Who at a key post or in an institution is tested how often, and on which day each next test is due.

Which posts there are and how often they are tested is data, per jurisdiction: a city adds rows for its own.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import InForce
from fangkong.science.rules.basis import Basis, Inquiry, Silence
from fangkong.science.rules.packs import Row
from fangkong.science.rules.resolver import RuleBook

_READING_FILE = Path(__file__).with_name("institutions.toml")
_FREQUENCY = "testing.post_frequency"
_DAY = timedelta(days=1)
_WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Frequency:
    """``times`` tests in any ``per_days`` days, for the persons of the row."""

    person: str
    times: int
    per_days: int
    row: Row
    basis: Basis

    @property
    def tests_a_week(self) -> Fraction:
        """Tests of one person in a week."""
        return Fraction(self.times * _WEEK_DAYS, self.per_days)


@dataclass(frozen=True, slots=True)
class NextTest:
    """When the next test of one person is due; ``overdue_days`` counts from ``due_on`` to the day asked."""

    person_key: str
    due_on: date
    last_on: date | None
    overdue_days: int

    @property
    def due(self) -> bool:
        """True when the test is due on the day asked, or was before."""
        return self.overdue_days >= 0


@dataclass(frozen=True, slots=True)
class DueList:
    """Everyone of a post with the day of the next test, the longest overdue first."""

    on: date
    frequency: Frequency
    people: tuple[NextTest, ...]

    @property
    def due(self) -> tuple[NextTest, ...]:
        """Those whose test is due today or was before."""
        return tuple(each for each in self.people if each.due)


@dataclass(frozen=True, slots=True)
class VisitorCheck:
    """What a visitor shows: a negative PCR no older than ``pcr_within``, and an antigen test on site."""

    pcr_within: timedelta | None
    antigen_on_site: bool
    row: Row


@dataclass(frozen=True, slots=True)
class WholeRound:
    """A round of everyone, due on the day the infection is known."""

    due_on: date
    who: str
    tests: int
    row: Row


@dataclass(frozen=True, slots=True)
class InstitutionPlan:
    """The plan of one institution; a part is None where no row decides it, and ``basis`` says which silence."""

    institution: str
    residents: int
    staff: int
    frequency: Frequency | None
    tests_a_week: int | None
    health_checks_a_day: int | None
    visitor: VisitorCheck | None
    one_case_action: str
    whole_round: WholeRound | None
    basis: Basis


def post_frequency(
    book: RuleBook, person: str, *, on: date, disease: str, area: str = HOME_COUNTRY
) -> Frequency | Silence:
    """How often the persons of a post are tested in ``area`` on ``on``, or the silence.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> found = post_frequency(rule_book(), "high_turnover_trade_worker", on=date(2022, 8, 1),
    ...                        disease="covid-19")
    >>> found.times, found.per_days
    (2, 7)
    """
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    answer = inquiry.ask(_FREQUENCY, person=person)
    return _frequency(person, answer, inquiry.basis()) if isinstance(answer, InForce) else answer


def posts(book: RuleBook, *, on: date, disease: str, area: str = HOME_COUNTRY) -> tuple[Frequency, ...]:
    """Every post that a row in force of ``area`` speaks of, the most often tested first."""
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    found = [
        _frequency(answer.scope["person"], answer, Basis((answer,), (), ()))
        for answer in inquiry.every(_FREQUENCY)
        if "person" in answer.scope
    ]
    return tuple(sorted(found, key=lambda each: (-each.tests_a_week, each.person)))


def days_tested(frequency: Frequency, first_on: date, days: int) -> tuple[date, ...]:
    """The days on which somebody first tested on ``first_on`` is tested within ``days`` days, evenly spread.

    Every stretch of ``per_days`` days that lies within holds at least the tests that the row asks for.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> found = post_frequency(rule_book(), "high_turnover_trade_worker", on=date(2022, 8, 1),
    ...                        disease="covid-19")
    >>> [day.day for day in days_tested(found, date(2022, 8, 1), 14)]
    [1, 4, 8, 11]
    """
    found: list[date] = []
    for number in range(days * frequency.times):
        after = number * frequency.per_days // frequency.times
        if after >= days:
            break
        found.append(first_on + after * _DAY)
    return tuple(dict.fromkeys(found))


def due_list(
    book: RuleBook,
    person: str,
    tests: Mapping[str, Iterable[date]],
    *,
    on: date,
    disease: str,
    area: str = HOME_COUNTRY,
) -> DueList | Silence:
    """When each person of a post is next tested, given everyone's test dates so far (civil days).

    The next test is due ``per_days`` after the last test but ``times - 1``: any window of ``per_days`` then
    holds the tests that the row asks for, and none more. Whoever has fewer tests than that is due on ``on``.
    Tests after ``on`` do not count.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> found = due_list(rule_book(), "high_turnover_trade_worker",
    ...                  {"a": [date(2022, 8, 1), date(2022, 8, 4)]}, on=date(2022, 8, 5), disease="covid-19")
    >>> found.people[0].due_on.isoformat()
    '2022-08-08'
    """
    frequency = post_frequency(book, person, on=on, disease=disease, area=area)
    if not isinstance(frequency, Frequency):
        return frequency
    people: list[NextTest] = []
    for key, dates in tests.items():
        past = sorted(day for day in dates if day <= on)
        full = len(past) >= frequency.times
        due_on = past[-frequency.times] + frequency.per_days * _DAY if full else on
        people.append(NextTest(key, due_on, past[-1] if past else None, (on - due_on).days))
    people.sort(key=lambda each: (each.due_on, each.person_key))
    return DueList(on, frequency, tuple(people))


def institution_plan(
    book: RuleBook,
    *,
    institution: str,
    residents: int,
    staff: int,
    on: date,
    disease: str,
    area: str = HOME_COUNTRY,
    positive_on: date | None = None,
) -> InstitutionPlan:
    """The testing plan of an institution: rhythm, health checks, visitors, and the round when one is positive.

    ``institution`` is a name of ``institutions.toml`` (``nursing_home``); ``positive_on`` is the day on which
    an infection became known. Raises InputError ``testing.institution_unknown``.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> plan = institution_plan(rule_book(), institution="nursing_home", residents=120, staff=60,
    ...                         on=date(2023, 1, 17), disease="covid-19", positive_on=date(2023, 1, 17))
    >>> plan.tests_a_week, plan.whole_round.tests
    (360, 180)
    """
    known: Mapping[str, Any] = _reading()["institution"]
    if institution not in known:
        raise InputError("testing.institution_unknown", institution=institution, known=sorted(known))
    names = known[institution]
    inquiry = Inquiry(book, on=on, disease=disease, area=area)
    people = residents + staff
    rhythm = inquiry.row(_FREQUENCY, person=names["persons"])
    frequency = _frequency(names["persons"], rhythm, Basis((rhythm,), (), ())) if rhythm else None
    checks = inquiry.value("institution.health_checks_per_day", place=names["place"])
    visitor = inquiry.row("checks.visitor", place=names["place"])
    action = inquiry.row("testing.one_case_action", place=names["place"])
    who = _reading()["one_case_action"].get(action.value) if action else None
    whole_round = None
    if action and who == "everyone" and positive_on is not None:
        whole_round = WholeRound(positive_on, who, people, action.row)
    return InstitutionPlan(
        institution=institution,
        residents=residents,
        staff=staff,
        frequency=frequency,
        tests_a_week=math.ceil(people * frequency.tests_a_week) if frequency else None,
        health_checks_a_day=checks,
        visitor=_visitor(visitor) if visitor else None,
        one_case_action=action.value if action else "",
        whole_round=whole_round,
        basis=inquiry.basis(),
    )


def visitor_may_enter(
    check: VisitorCheck, *, at: datetime, pcr_negative_at: datetime | None, antigen_negative: bool | None
) -> tuple[str, ...]:
    """What a visitor still has to show at the moment ``at``: ``pcr``, ``antigen``; empty when nothing.

    ``pcr_negative_at`` is the moment of the last negative PCR (None without one), both aware.
    """
    missing: list[str] = []
    within = check.pcr_within
    if within is not None and (pcr_negative_at is None or at - pcr_negative_at > within):
        missing.append("pcr")
    if check.antigen_on_site and antigen_negative is not True:
        missing.append("antigen")
    return tuple(missing)


def _frequency(person: str, answer: InForce, basis: Basis) -> Frequency:
    return Frequency(person, int(answer.value["times"]), int(answer.value["per_days"]), answer.row, basis)


def _visitor(answer: InForce) -> VisitorCheck:
    table = answer.value
    within = timedelta(hours=table["pcr_hours"]) if "pcr_hours" in table else None
    return VisitorCheck(within, bool(table.get("antigen_on_site", False)), answer.row)


@cache
def _reading() -> Mapping[str, Any]:
    return tomllib.loads(_READING_FILE.read_text(encoding="utf-8"))
