"""A contact's quarantine plan: stages, test days and release, computed from the rows in force.

Day 0 is the last unprotected exposure and day 1 the day after. The rows say how many days at which place and
on which day of the stage a test is due; nothing here knows a disease, an edition or a figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import (
    Answer,
    Conflict,
    InForce,
    NoRuleInForce,
    NotInPack,
    lowest_confidence,
)
from fangkong.science.rules.packs import CONFIDENCE_ORDER, Document, Row
from fangkong.science.rules.resolver import RuleBook

Tier = Literal["close", "secondary"]

#: The event that this module counts from.
DAY0_EVENT = "last_unprotected_exposure"

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage: civil dates, both included. ``test_dates`` is None when the packs do not hold the tests."""

    place: str
    days: int
    first_on: date
    last_on: date
    test_dates: tuple[date, ...] | None
    choice: str


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A row that the plan rests on, as a notice cites it."""

    part: str
    row: Row
    flags: tuple[str, ...]

    @property
    def rule_row(self) -> str:
        """The stable name of the row."""
        return self.row.row_id

    @property
    def document(self) -> Document:
        """The document cited, with its Chinese title and, where known, an English one."""
        return self.row.document


@dataclass(frozen=True, slots=True)
class Plan:
    """A contact's plan. No stages means: the rules in force ask for none.

    ``unanswered`` holds the parts on which no row decides (a named person does); ``unplaced_tests`` the test
    days that the row gives for a place or day that no stage has.
    """

    disease: str
    tier: str
    area: str
    resolved_on: date
    day0_on: date
    stages: tuple[StagePlan, ...]
    release_rule: str
    specimen: str
    transfer_within_hours: float | None
    uses: tuple[RuleUse, ...]
    unanswered: tuple[NoRuleInForce | NotInPack | Conflict, ...]
    unplaced_tests: tuple[tuple[str, int], ...]

    @property
    def total_days(self) -> int:
        """Managed days: the sum over the stages."""
        return sum(stage.days for stage in self.stages)

    @property
    def first_on(self) -> date | None:
        """The first managed day; None without stages."""
        return self.stages[0].first_on if self.stages else None

    @property
    def last_on(self) -> date | None:
        """The last managed day; None without stages."""
        return self.stages[-1].last_on if self.stages else None

    @property
    def test_dates(self) -> tuple[date, ...]:
        """Every test date of every stage, in order."""
        return tuple(day for stage in self.stages for day in stage.test_dates or ())

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(use.row for use in self.uses)

    @property
    def to_confirm(self) -> tuple[RuleUse, ...]:
        """The unverified rows that a named person confirms before the plan decides."""
        return tuple(use for use in self.uses if use.row.confidence == CONFIDENCE_ORDER[-1])

    @property
    def decides_alone(self) -> bool:
        """False while a row is unverified, a part unanswered or a test day without a place."""
        return not (self.to_confirm or self.unanswered or self.unplaced_tests)

    @property
    def legal_basis(self) -> tuple[str, ...]:
        """The law behind the rows, each text once, in the order of use."""
        return tuple(dict.fromkeys(use.row.legal_basis for use in self.uses))

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents cited, each once, in the order of use."""
        cited = {(use.document.document_id, use.document.title_zh): use.document for use in self.uses}
        return tuple(cited.values())


def quarantine_plan(
    book: RuleBook,
    disease: str,
    *,
    tier: Tier = "close",
    last_exposure_on: date,
    on: date | None = None,
    area: str = HOME_COUNTRY,
) -> Plan | NoRuleInForce | NotInPack | Conflict:
    """The plan of a contact whose last unprotected exposure was ``last_exposure_on``.

    ``tier`` is ``close`` or ``secondary``. ``on`` is the civil day whose rules apply (the day of the order);
    the day of the exposure when it is not given. ``area`` is ``CN``, ``CN-3101`` or a bare area code.

    Returns the plan, or the answer on the stages when no single row decides them. An unverified row takes
    part in the plan and lowers its mark: :attr:`Plan.decides_alone` is then False. Raises InputError
    ``rules.tier_unknown``, or ``rules.day0_other_event`` when the rows count from another event.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> plan = quarantine_plan(rule_book(), "covid-19", last_exposure_on=date(2021, 10, 20))
    >>> [(stage.place, stage.last_on.isoformat()) for stage in plan.stages]
    [('central', '2021-11-03'), ('home_monitoring', '2021-11-10')]
    """
    rules_on = on or last_exposure_on
    if f"contact.{tier}.stages" not in book.keys:
        raise InputError("rules.tier_unknown", tier=tier)
    person = f"{tier}_contact"

    def ask(key: str) -> Answer:
        return book.resolve(key, on=rules_on, disease=disease, area=area, scope={"person": person})

    def ask_part(part: str) -> Answer | None:
        """The answer on a part of the plan; None when the vocabulary has no such part for the tier."""
        key = f"contact.{tier}.{part}"
        return ask(key) if key in book.keys else None

    stages_answer = ask(f"contact.{tier}.stages")
    determined = ask_part("determine")
    if isinstance(determined, InForce) and determined.value is False:
        if isinstance(stages_answer, InForce) and stages_answer.value:
            return Conflict(stages_answer.asked, (determined.row, stages_answer.row))
        uses = [("determine", determined)]
        if isinstance(stages_answer, InForce):
            uses.append(("stages", stages_answer))
        return _plan(disease, tier, stages_answer, last_exposure_on, uses)
    if not isinstance(stages_answer, InForce):
        return stages_answer
    if not stages_answer.value:
        return _plan(disease, tier, stages_answer, last_exposure_on, [("stages", stages_answer)])

    answers: dict[str, Answer | None] = {
        "day0": ask("clock.day0"),
        "stages": stages_answer,
        "test_days": ask_part("test_days"),
        "release_rule": ask_part("release_rule"),
    }
    day0 = answers["day0"]
    if isinstance(day0, InForce) and day0.value != DAY0_EVENT:
        raise InputError("rules.day0_other_event", event=day0.value, rule_row=day0.rule_row)
    uses = [(part, answer) for part, answer in answers.items() if isinstance(answer, InForce)]
    unanswered = [answer for answer in answers.values() if answer and not isinstance(answer, InForce)]
    # A specimen and a transfer deadline are used where a row gives them; a plan is whole without them.
    for part, name in (("swab", "specimen"), ("transfer_within_hours", "transfer_within_hours")):
        answer = ask_part(part)
        if isinstance(answer, InForce):
            uses.append((name, answer))
        elif isinstance(answer, Conflict):
            unanswered.append(answer)
    return _plan(disease, tier, stages_answer, last_exposure_on, uses, unanswered)


def _plan(
    disease: str,
    tier: str,
    stages_answer: Answer,
    day0_on: date,
    uses: Iterable[tuple[str, InForce]],
    unanswered: Iterable[NoRuleInForce | NotInPack | Conflict] = (),
) -> Plan:
    decided = dict(uses)
    value = decided["stages"].value if "stages" in decided else ()
    tests = decided["test_days"].value if "test_days" in decided else None
    stages, unplaced = _stages(value, tests, day0_on)
    return Plan(
        disease=disease,
        tier=tier,
        area=stages_answer.asked.area,
        resolved_on=stages_answer.asked.on,
        day0_on=day0_on,
        stages=stages,
        release_rule=decided["release_rule"].value if "release_rule" in decided else "",
        specimen=decided["specimen"].value if "specimen" in decided else "",
        transfer_within_hours=(
            decided["transfer_within_hours"].value if "transfer_within_hours" in decided else None
        ),
        uses=tuple(
            RuleUse(part, row, answer.flags) for part, answer in decided.items() for row in answer.used
        ),
        unanswered=tuple(unanswered),
        unplaced_tests=unplaced,
    )


def _stages(
    value: Iterable[Any], tests: Any, day0_on: date
) -> tuple[tuple[StagePlan, ...], tuple[tuple[str, int], ...]]:
    """The stages laid end to end from the day after day 0, and the test days that fit into none."""
    planned: list[StagePlan] = []
    pending = {(place, day) for place, days in (tests or {}).items() for day in days}
    first_on = day0_on + _DAY
    for stage in value:
        days = stage["days"]
        last_on = first_on + (days - 1) * _DAY
        inside = [day for day in (tests or {}).get(stage["place"], ()) if 1 <= day <= days]
        pending -= {(stage["place"], day) for day in inside}
        dates = None if tests is None else tuple(first_on + (day - 1) * _DAY for day in sorted(inside))
        planned.append(StagePlan(stage["place"], days, first_on, last_on, dates, stage.get("choice", "")))
        first_on = last_on + _DAY
    return tuple(planned), tuple(sorted(pending))
