"""The four answers on a rule: a row decides, the law is silent, the packs are silent, or rows tie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fangkong.core.errors import FangkongError
from fangkong.science.rules.packs import CONFIDENCE_ORDER, Coverage, Document, Row, Table


def lowest_confidence(rows: Iterable[Row]) -> str:
    """The lowest mark among ``rows``; the best mark when there is no row."""
    return CONFIDENCE_ORDER[max((CONFIDENCE_ORDER.index(row.confidence) for row in rows), default=0)]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: repeated in every answer, so that an answer explains itself."""

    key: str
    on: date
    disease: str
    area: str
    scope: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A row in force that did not decide, and the code that says why."""

    row: Row
    why: str


@dataclass(frozen=True, slots=True)
class InForce:
    """A row decides. ``used`` holds it and the national row that was its ceiling, if there was one.

    ``flags``: ``unverified`` (a person confirms), ``reference`` (guidance, no row of law exists),
    ``international``, ``target`` (binds nobody), ``local`` (a local row decides), ``no_national_row``,
    ``stricter_with_reason``, ``local_not_applied`` (a local row is shown in ``others`` but not applied),
    ``scope_assumed`` (nobody said of whom: the one scope of the rows in force was taken as asked).

    The answer can be read like its row: the fields that a notice cites stand on it too.
    """

    asked: Question
    kind: str
    row: Row
    used: tuple[Row, ...]
    others: tuple[PassedOver, ...]
    flags: tuple[str, ...]

    @property
    def value(self) -> Any:
        """The value of the deciding row."""
        return self.row.value

    @property
    def rule_row(self) -> str:
        """The stable name of the deciding row."""
        return self.row.row_id

    @property
    def key(self) -> str:
        """The key of the deciding row."""
        return self.row.key

    @property
    def unit(self) -> str:
        """The unit of the value."""
        return self.row.unit

    @property
    def scope(self) -> Table:
        """Of whom, what or where the deciding row speaks."""
        return self.row.scope

    @property
    def effective_from(self) -> date:
        """The first civil day of the deciding row."""
        return self.row.effective_from

    @property
    def effective_to(self) -> date | None:
        """The last civil day of the deciding row; None while it stays in force as far as read."""
        return self.row.effective_to

    @property
    def authority(self) -> str:
        """The rank that issued the deciding row."""
        return self.row.authority

    @property
    def jurisdiction(self) -> str:
        """The area of the deciding row."""
        return self.row.jurisdiction

    @property
    def document(self) -> Document:
        """The document that the deciding row cites."""
        return self.row.document

    @property
    def legal_basis(self) -> str:
        """The law behind the deciding row."""
        return self.row.legal_basis

    @property
    def source(self) -> tuple[str, ...]:
        """Where the deciding row was read."""
        return self.row.source

    @property
    def transition(self) -> str:
        """What the deciding row says of orders that run when it starts or ends."""
        return self.row.transition

    @property
    def note_zh(self) -> str:
        """The deciding row in one Chinese line."""
        return self.row.note_zh

    @property
    def note_en(self) -> str:
        """The deciding row in one English line."""
        return self.row.note_en

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used."""
        return lowest_confidence(self.used)

    @property
    def decides_alone(self) -> bool:
        """False when a row used is unverified: a named person confirms before it decides."""
        return self.confidence != CONFIDENCE_ORDER[-1]

    @property
    def binding(self) -> bool:
        """False for guidance and for targets."""
        return "reference" not in self.flags and "target" not in self.flags


@dataclass(frozen=True, slots=True)
class NoRuleInForce:
    """The law is silent on that day, says a complete entry of the packs: freedom from a rule."""

    asked: Question
    coverage: Coverage
    last_row: Row | None
    next_row: Row | None


@dataclass(frozen=True, slots=True)
class NotInPack:
    """The packs are silent: a named person decides.

    ``missing`` is what partial entries name as absent. ``scopes`` are the scopes that rows of the key do
    have. ``silent_above`` is the complete entry of a wider area, when only local rules are unknown.
    """

    asked: Question
    missing: tuple[str, ...]
    last_row: Row | None
    next_row: Row | None
    scopes: tuple[Mapping[str, Any], ...]
    silent_above: Coverage | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Rows that decide equally: reported, not chosen."""

    asked: Question
    rows: tuple[Row, ...]


Answer = InForce | NoRuleInForce | NotInPack | Conflict


class Undecided(FangkongError):
    """No single row gives the value; ``answer`` says which silence or conflict it is."""

    def __init__(self, answer: NoRuleInForce | NotInPack | Conflict) -> None:
        asked = answer.asked
        super().__init__(
            f"rules.{_ANSWER_CODES[type(answer)]}",
            key=asked.key,
            on=asked.on.isoformat(),
            disease=asked.disease,
            area=asked.area,
        )
        self.answer = answer


_ANSWER_CODES = {NoRuleInForce: "no_rule_in_force", NotInPack: "not_in_pack", Conflict: "conflict"}
