"""May a commuter make the journey today? Both ends are asked, one valid test counts at both.

The answer names the end that binds and the stricter row, and shows what a refusal costs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.errors import InputError
from fangkong.science.rules.basis import Basis, Inquiry, joined
from fangkong.science.rules.movement.commute_rules import (
    EndRules,
    NotApplied,
    Requirement,
    end_rules,
    is_stricter,
    strictest,
)
from fangkong.science.rules.movement.reading import reading
from fangkong.science.rules.packs import Row, jurisdiction_of
from fangkong.science.rules.resolver import RuleBook

HOME, WORK = "home", "work"
_NEGATIVE = "negative"
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_ORDER = ("refused", "register_first", "test_first", "not_decided", "pass")


@dataclass(frozen=True, slots=True)
class Test:
    """A PCR test: its aware moment, its result, and the end (or area code) where it was taken."""

    __test__ = False  # pytest: a test of the laboratory, not of the code

    at: datetime
    result: str = _NEGATIVE
    place: str = ""


@dataclass(frozen=True, slots=True)
class CommuteFacts:
    """The commuter at the aware moment ``at`` of leaving.

    ``tests`` are all tests known, in any order. ``risk_street_days`` counts the days since the last stay in a
    risk street (0 today, None never). ``home_risk`` and ``work_risk`` are the risk levels of the two areas,
    None without one. ``approved_at`` is the moment the pass was granted. ``persons`` travel alike (a shuttle).
    ``other_rest_days`` and ``other_work_days`` correct the working week (holidays and days worked instead).
    """

    at: datetime
    registered_at: datetime | None = None
    approved_at: datetime | None = None
    tests: tuple[Test, ...] = ()
    risk_street_days: int | None = None
    home_risk: str | None = None
    work_risk: str | None = None
    transport: str | None = None
    point_to_point: bool = True
    persons: int = 1
    other_rest_days: tuple[date, ...] = ()
    other_work_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What still stands between the commuter and the journey.

    ``answer`` is what it makes of the journey, ``possible_at`` the first moment at which it is met (None when
    nobody can say), ``requirement`` the strictest row that asks for it.
    """

    answer: str
    code: str
    requirement: Requirement
    possible_at: datetime | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One requirement at the two ends: what binds, where, and whether the ends differ.

    ``binding_end`` is ``home``, ``work`` or ``both``; ``stricter_row`` the row behind it.
    """

    code: str
    home: Any
    work: Any
    binding_end: str
    stricter_row: Row


@dataclass(frozen=True, slots=True)
class Recognition:
    """The test that counts: one negative test, accepted at each end whose window it satisfies, not repeated.

    ``window`` is the strictest applied window of the two ends, None when neither asks for a test.
    """

    test: Test | None
    age: timedelta | None
    accepted_at_home: bool
    accepted_at_work: bool
    window: timedelta | None

    @property
    def accepted_at_both(self) -> bool:
        """True when the test need not be repeated at either end."""
        return self.accepted_at_home and self.accepted_at_work


@dataclass(frozen=True, slots=True)
class Cost:
    """What not travelling today costs: None figures while nobody can say when it is possible again."""

    work_days: int | None
    person_days: int | None
    possible_at: datetime | None
    possible_on: date | None
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CommuteAnswer:
    """The answer for one journey, the same from either city.

    ``answer``: ``pass``, ``test_first``, ``register_first``, ``refused``, or ``not_decided`` when the packs say
    nothing at an end and a named person has to. ``needs`` say what is missing, ``comparisons`` which end binds,
    ``not_applied`` the local rows that are published as flagged, ``stricter_rows`` the stricter local rows that
    do count, ``cost`` what the refusal costs (None for ``pass``).
    """

    answer: str
    needs: tuple[Need, ...]
    recognition: Recognition
    comparisons: tuple[Comparison, ...]
    home: EndRules
    work: EndRules
    cost: Cost | None
    basis: Basis

    @property
    def binding_end(self) -> str:
        """The end that stops the journey, or that asks most of it: ``home``, ``work``, ``both`` or ``""``."""
        deciding = [need for need in self.needs if need.answer == self.answer]
        if deciding:
            named = {each.binding_end for each in self.comparisons if each.code in {n.code for n in deciding}}
        else:
            named = {each.binding_end for each in self.comparisons}
        if not named:
            return ""
        return named.pop() if len(named) == 1 else "both"

    @property
    def stricter_rows(self) -> tuple[Row, ...]:
        """The rows by which one end asks more than the other, each once, and reasoned stricter local rows."""
        unlike = (each.stricter_row for each in self.comparisons if each.home != each.work)
        return tuple(dict.fromkeys([*unlike, *self.home.stricter_applied, *self.work.stricter_applied]))

    @property
    def not_applied(self) -> tuple[NotApplied, ...]:
        """Local rows of either end that are named, published as flagged, and not applied."""
        return (*self.home.not_applied, *self.work.not_applied)

    @property
    def possible_on(self) -> date | None:
        """The first civil day on which the journey is possible; None when nobody can say."""
        return self.cost.possible_on if self.cost else None

    @property
    def decides_alone(self) -> bool:
        """False while a row is unverified, a question open or a field of a pass unread."""
        return self.basis.decides_alone and not (self.home.unread or self.work.unread)


def commute_answer(
    book: RuleBook,
    *,
    home_area: str,
    work_area: str,
    on: date,
    disease: str,
    facts: CommuteFacts,
) -> CommuteAnswer:
    """Whether a commuter may travel between ``home_area`` and ``work_area`` under the rules of the day ``on``.

    Areas are bare codes or ``CN-`` codes. Every requirement holds for the whole journey, there and back, so the
    answer from either city is the same. A negative test taken anywhere counts at each end whose window holds it.

    Raises InputError ``gate.moment_not_aware``, ``gate.result_after_gate`` or ``commute.same_area``.

    >>> from datetime import UTC
    >>> from fangkong.science.rules.resolver import rule_book
    >>> at = datetime(2022, 7, 6, 0, tzinfo=UTC)
    >>> answer = commute_answer(rule_book(), home_area="130681", work_area="320509", on=date(2022, 7, 6),
    ...                         disease="covid-19", facts=CommuteFacts(at))
    >>> answer.answer, answer.possible_on.isoformat()
    ('register_first', '2022-07-07')
    """
    _check(facts)
    if jurisdiction_of(home_area) == jurisdiction_of(work_area):
        raise InputError("commute.same_area", area=jurisdiction_of(home_area))
    home_asked = Inquiry(book, on=on, disease=disease, area=home_area)
    work_asked = Inquiry(book, on=on, disease=disease, area=work_area)
    means = facts.transport
    home = end_rules(home_asked, HOME, risk=facts.home_risk, other_risk=facts.work_risk, transport=means)
    work = end_rules(work_asked, WORK, risk=facts.work_risk, other_risk=facts.home_risk, transport=means)
    ends = (home, work)
    recognition = _recognition(facts, home, work)
    turnaround = home_asked.cite("testing.turnaround_hours") or work_asked.cite("testing.turnaround_hours")
    slowest = turnaround.value.get("voluntary") if turnaround else None
    needs = tuple(_needs(facts, ends, recognition, None if slowest is None else timedelta(hours=slowest)))
    silent = any(end.silent for end in ends)
    answers = {need.answer for need in needs} | ({"not_decided"} if silent else {"pass"})
    answer = min(answers, key=_ORDER.index)
    return CommuteAnswer(
        answer=answer,
        needs=needs,
        recognition=recognition,
        comparisons=tuple(_comparisons(home, work)),
        home=home,
        work=work,
        # What an end that says nothing asks tomorrow is as unknown as what it asks today.
        cost=None if answer == "pass" else _cost(facts, on, needs, silent),
        basis=joined(home_asked.basis(), work_asked.basis()),
    )


def _check(facts: CommuteFacts) -> None:
    moments = [facts.at, facts.registered_at, facts.approved_at, *(test.at for test in facts.tests)]
    for moment in moments:
        if moment is not None and moment.utcoffset() is None:
            raise InputError("gate.moment_not_aware", given=moment.isoformat())
    for test in facts.tests:
        if test.at > facts.at:
            raise InputError("gate.result_after_gate", given=test.at.isoformat())


def _recognition(facts: CommuteFacts, home: EndRules, work: EndRules) -> Recognition:
    """The latest test, if negative, held against the window of each end."""
    last = max(facts.tests, key=lambda test: test.at, default=None)
    negative = last if last is not None and last.result == _NEGATIVE else None
    age = None if negative is None else facts.at - negative.at

    def accepted(end: EndRules) -> bool:
        window = end.strictest("pcr_window")
        return window is None or (age is not None and age <= window.value)

    binding = strictest(
        *(each for each in (home.strictest("pcr_window"), work.strictest("pcr_window")) if each)
    )
    window = binding.value if binding else None
    return Recognition(negative, age, accepted(home), accepted(work), window)


def _needs(
    facts: CommuteFacts,
    ends: Iterable[EndRules],
    recognition: Recognition,
    slowest: timedelta | None,
) -> Iterable[Need]:
    """Everything unmet, each kind once with its strictest requirement."""
    asked = [each for end in ends for each in end.requirements]

    def binding(code: str) -> Requirement | None:
        return strictest(*(each for each in asked if each.code == code))

    for code in ("area_closed", "isolation"):
        if barred := binding(code):
            yield Need("refused", code, barred, None)
    if (street := binding("risk_street")) and facts.risk_street_days is not None:
        left = street.value - facts.risk_street_days
        if left >= 0:
            yield Need("refused", "risk_street", street, facts.at + (left + 1) * _DAY)
    if (door := binding("point_to_point")) and not facts.point_to_point:
        yield Need("refused", "point_to_point", door, facts.at)
    last = max(facts.tests, key=lambda test: test.at, default=None)
    yield from _registration(facts, binding("register_ahead"), binding("review"))
    tested_at = None if slowest is None else facts.at + slowest
    window = binding("pcr_window")
    if window and not recognition.accepted_at_both:
        positive = last is not None and last.result != _NEGATIVE
        yield Need(
            "refused" if positive else "test_first", "pcr_window", window, None if positive else tested_at
        )
    if (weekly := binding("tests_per_week")) and not _tested_often_enough(facts, weekly.value):
        yield Need("test_first", "tests_per_week", weekly, tested_at)


def _tested_often_enough(facts: CommuteFacts, per_week: int) -> bool:
    """So many negative tests in the last week, or the last no older than an even spread of them leaves."""
    ages = [facts.at - test.at for test in facts.tests if test.result == _NEGATIVE]
    held = sum(age < _WEEK for age in ages)
    return held >= per_week or any(age <= _WEEK / per_week for age in ages)


def _registration(
    facts: CommuteFacts, ahead: Requirement | None, review: Requirement | None
) -> Iterable[Need]:
    start = facts.registered_at or facts.at
    if ahead and (facts.registered_at is None or start + ahead.value > facts.at):
        yield Need("register_first", "register_ahead", ahead, start + ahead.value)
    granted = facts.approved_at is not None and facts.approved_at <= facts.at
    if review and not granted and (facts.registered_at is None or start + review.value > facts.at):
        yield Need("register_first", "review", review, start + review.value)


def _comparisons(home: EndRules, work: EndRules) -> Iterable[Comparison]:
    codes = dict.fromkeys(each.code for each in (*home.requirements, *work.requirements))
    for code in codes:
        here, there = home.strictest(code), work.strictest(code)
        if here and there:
            if is_stricter(here, there):
                end, row = HOME, here.row
            elif is_stricter(there, here):
                end, row = WORK, there.row
            else:
                end, row = "both", min(here.row, there.row, key=lambda row: row.row_id)
        else:
            one = here or there
            assert one is not None
            end, row = one.end, one.row
        yield Comparison(code, here.value if here else None, there.value if there else None, end, row)


def _cost(facts: CommuteFacts, on: date, needs: tuple[Need, ...], open_question: bool) -> Cost:
    because = tuple(dict.fromkeys(need.requirement.rule_row for need in needs))
    moments = [need.possible_at for need in needs]
    if open_question or None in moments:
        return Cost(None, None, None, None, because)
    possible_at = max((moment for moment in moments if moment is not None), default=facts.at)
    first_on = on
    leaves_at = facts.at
    while leaves_at < possible_at:  # the journey is made at the same hour of a later day
        first_on, leaves_at = first_on + _DAY, leaves_at + _DAY
    lost = sum(1 for day in range((first_on - on).days) if _is_work_day(on + day * _DAY, facts))
    return Cost(lost, lost * facts.persons, possible_at, first_on, because)


def _is_work_day(day: date, facts: CommuteFacts) -> bool:
    if day in facts.other_work_days:
        return True
    if day in facts.other_rest_days:
        return False
    return day.weekday() not in reading()["work_week"]["rest_weekdays"]
