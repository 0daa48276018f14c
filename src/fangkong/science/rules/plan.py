"""The plan of one person: stages with their days and tests, how they end, and the rows that say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from fangkong.science.rules.answers import Conflict, NoRuleInForce, NotInPack, lowest_confidence
from fangkong.science.rules.packs import CONFIDENCE_ORDER, Document, Row
from fangkong.science.rules.reading import Reading

Silence = NoRuleInForce | NotInPack | Conflict


class StagePlan(NamedTuple):
    """One stage: civil dates, both included.

    ``last_day`` is None where only a condition ends the stage (``not_before`` is the earliest day that a row
    allows), and ``first_day`` too when the stage follows such an end. ``test_days`` is None when the packs do
    not hold the tests. ``days`` is None while an end is open.
    """

    place: str
    days: int | None
    first_day: date | None
    last_day: date | None
    test_days: tuple[date, ...] | None
    choice: str = ""
    not_before: date | None = None


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


class Plan:
    """A person's plan under the rules of ``resolved_on``. No stages means: the rules in force ask for none.

    ``day0_on`` is the day from which the stages are counted; None where no row counts from an event.
    ``situation`` is what was asked. Two plans are equal when everything that they say is.
    """

    __slots__ = (
        "_lay",
        "_reading",
        "_stages",
        "area",
        "day0_on",
        "disease",
        "resolved_on",
        "role",
        "situation",
    )

    def __init__(
        self,
        *,
        disease: str,
        role: str,
        area: str,
        resolved_on: date,
        day0_on: date | None,
        situation: Mapping[str, Any],
        reading: Reading,
        lay: Callable[[Plan], tuple[StagePlan, ...]],
    ) -> None:
        self.disease = disease
        self.role = role
        self.area = area
        self.resolved_on = resolved_on
        self.day0_on = day0_on
        self.situation = situation
        self._reading = reading
        self._lay = lay
        self._stages: tuple[StagePlan, ...] | None = None

    @property
    def stages(self) -> tuple[StagePlan, ...]:
        """The stages in order."""
        if self._stages is None:
            self._stages = self._lay(self)
        return self._stages

    @property
    def uses(self) -> tuple[RuleUse, ...]:
        """The rows used, by the part of the plan that each gives."""
        return tuple(
            RuleUse(part, row, answer.flags)
            for part, answer in self._reading.decided.items()
            for row in answer.used
        )

    @property
    def rules(self) -> tuple[Row, ...]:
        """The rows used, each once, in the order of use."""
        return tuple(dict.fromkeys(use.row for use in self.uses))

    @property
    def unanswered(self) -> tuple[Silence, ...]:
        """The parts on which no row decides: a named person does."""
        return tuple(self._asked_here(*each) for each in self._reading.unanswered)

    def _asked_here(self, answer: Silence, by_event: bool) -> Silence:
        on = self.resolved_on
        if by_event:
            on = self.event_on or on
        return replace(answer, asked=replace(answer.asked, on=on, area=self.area))

    @property
    def event_on(self) -> date | None:
        """The day of the event, for rows that decide by it."""
        return self._reading.event_of(self.situation)

    @property
    def unplaced_tests(self) -> tuple[tuple[str, int], ...]:
        """The test days that the row gives for a place or day that no stage has."""
        return self._reading.unplaced_tests

    @property
    def release_rule(self) -> Any:
        """The value of the row that says when the person goes free; "" where there is none."""
        return self._reading.value("release_rule", "")

    @property
    def release_key(self) -> str:
        """The key of that row; "" where there is none."""
        answer = self._reading.decided.get("release_rule")
        return answer.key if answer else ""

    @property
    def specimen(self) -> str:
        """How the swab is taken; "" where no row says."""
        return str(self._reading.value("specimen", ""))

    @property
    def transfer_within_hours(self) -> float | None:
        """Hours within which the person is brought to the place; None where no row says."""
        hours: float | None = self._reading.value("transfer_within_hours", None)
        return hours

    @property
    def tests_in_window(self) -> Any:
        """Tests that are due without a stage: {tests, days, min_gap_hours}; None where no row asks for them."""
        return self._reading.value("tests_in_window", None)

    @property
    def total_days(self) -> int:
        """Managed days: the sum over the stages that have an end."""
        return sum(stage.days or 0 for stage in self.stages)

    @property
    def first_day(self) -> date | None:
        """The first managed day; None without stages."""
        return self.stages[0].first_day if self.stages else None

    @property
    def last_day(self) -> date | None:
        """The last managed day; None without stages, and where only a condition ends the last stage."""
        return self.stages[-1].last_day if self.stages else None

    @property
    def test_days(self) -> tuple[date, ...]:
        """Every test date of every stage, in order."""
        return tuple(day for stage in self.stages for day in stage.test_days or ())

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
        return not (self.to_confirm or self._reading.unanswered or self.unplaced_tests)

    @property
    def legal_basis(self) -> tuple[str, ...]:
        """The law behind the rows, each text once, in the order of use."""
        return tuple(dict.fromkeys(use.row.legal_basis for use in self.uses))

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents cited, each once, in the order of use."""
        cited = {(use.document.document_id, use.document.title_zh): use.document for use in self.uses}
        return tuple(cited.values())

    def _said(self) -> tuple[Any, ...]:
        return (
            self.disease,
            self.role,
            self.area,
            self.resolved_on,
            self.day0_on,
            self.stages,
            self.uses,
            self.unanswered,
            self.unplaced_tests,
        )

    def __eq__(self, other: object) -> bool:
        return self._said() == other._said() if isinstance(other, Plan) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.disease, self.role, self.area, self.resolved_on, self.day0_on, self.stages))

    def __repr__(self) -> str:
        stages = ", ".join(f"{each.place} {each.first_day}..{each.last_day}" for each in self.stages)
        return (
            f"Plan({self.disease} {self.role} in {self.area} on {self.resolved_on}: {stages or 'no stages'})"
        )
