"""What a computation rests on: every rule asked on the way, with the rows used and the silences met.

Every answer of the rooms below (movement, testing, capacity, clocks) carries one :class:`Basis`, so that each
figure on a page or in a notice traces to its rows and to what the packs could not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import (
    Answer,
    Conflict,
    InForce,
    NoRuleInForce,
    NotInPack,
    PassedOver,
    Question,
    lowest_confidence,
)
from fangkong.science.rules.packs import CONFIDENCE_ORDER, Row, jurisdiction_of
from fangkong.science.rules.resolver import RuleBook

#: Why a row gives way to another of its own kind: nothing that has to be published.
_ORDINARY = frozenset({"broader_scope", "lower_rank", "any_disease", "narrower_area_decides"})

Silence = NoRuleInForce | NotInPack | Conflict


@dataclass(frozen=True, slots=True)
class Basis:
    """The rows in force that a result rests on, and the questions on which no row decides.

    ``free`` are the questions that a complete entry of the packs answers with "no such rule";
    ``unanswered`` those that a named person decides: the packs are silent, or two rows tie.
    """

    in_force: tuple[InForce, ...]
    free: tuple[NoRuleInForce, ...]
    unanswered: tuple[NotInPack | Conflict, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row used, ceilings included, each once, in the order of use."""
        return tuple(dict.fromkeys(row for answer in self.in_force for row in answer.used))

    @property
    def rule_rows(self) -> tuple[str, ...]:
        """The stable names of the rows used."""
        return tuple(row.row_id for row in self.rows)

    @property
    def legal_basis(self) -> tuple[str, ...]:
        """The law behind the rows, each text once, in the order of use."""
        return tuple(dict.fromkeys(row.legal_basis for row in self.rows))

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows used; the best mark when no row was used."""
        return lowest_confidence(self.rows)

    @property
    def not_applied(self) -> tuple[PassedOver, ...]:
        """Local rows in force that are shown and not applied, each with the code that says why."""
        return tuple(
            dict.fromkeys(
                other
                for answer in self.in_force
                if "local_not_applied" in answer.flags
                for other in answer.others
                if "-" in other.row.jurisdiction and other.why not in _ORDINARY
            )
        )

    @property
    def to_confirm(self) -> tuple[Row, ...]:
        """The unverified rows that a named person confirms before the result decides."""
        return tuple(row for row in self.rows if row.confidence == CONFIDENCE_ORDER[-1])

    @property
    def decides_alone(self) -> bool:
        """False while a row is unverified or a question is unanswered."""
        return not (self.to_confirm or self.unanswered)


def joined(*bases: Basis) -> Basis:
    """One basis of several, each answer once: for a question that is put to two areas."""
    return Basis(
        in_force=tuple(dict.fromkeys(each for basis in bases for each in basis.in_force)),
        free=tuple(dict.fromkeys(each for basis in bases for each in basis.free)),
        unanswered=tuple(dict.fromkeys(each for basis in bases for each in basis.unanswered)),
    )


class Inquiry:
    """Asks one book for one day, disease and area, and remembers what was answered.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> inquiry = Inquiry(rule_book(), on=date(2022, 7, 1), disease="covid-19")
    >>> inquiry.value("freight.pass_pcr_hours", person="driver"), inquiry.basis().confidence
    (48, 'verified')
    """

    __slots__ = ("_answers", "area", "book", "disease", "on")

    def __init__(self, book: RuleBook, *, on: date, disease: str, area: str = HOME_COUNTRY) -> None:
        self.book, self.on, self.disease, self.area = book, on, disease, area
        self._answers: list[Answer] = []

    def look(self, key: str, scope: Mapping[str, Any] | None = None, **facts: Any) -> Answer:
        """The answer on ``key``, not remembered. A key that the vocabulary lacks is not in the packs."""
        given = {**(scope or {}), **facts}
        if key not in self.book.keys:
            asked = Question(
                key, self.on, self.disease, jurisdiction_of(self.area), tuple(sorted(given.items()))
            )
            return NotInPack(asked, missing=(), last_row=None, next_row=None, scopes=(), silent_above=None)
        return self.book.resolve(key, on=self.on, disease=self.disease, area=self.area, scope=given)

    def ask(self, key: str, scope: Mapping[str, Any] | None = None, **facts: Any) -> Answer:
        """The answer on ``key`` for a case with these facts; remembered."""
        answer = self.look(key, scope, **facts)
        self._answers.append(answer)
        return answer

    def row(self, key: str, scope: Mapping[str, Any] | None = None, **facts: Any) -> InForce | None:
        """The row that decides, or None; the silence is remembered."""
        answer = self.ask(key, scope, **facts)
        return answer if isinstance(answer, InForce) else None

    def value(self, key: str, scope: Mapping[str, Any] | None = None, **facts: Any) -> Any:
        """The value of the row that decides, or None; the silence is remembered."""
        answer = self.row(key, scope, **facts)
        return None if answer is None else answer.value

    def one_of(self, key: str, *scopes: Mapping[str, Any]) -> Answer:
        """The answer for the scope whose row is the narrowest; the first scope's silence when none has a row.

        For a case that goes by two names (a commuter is a traveller): the row that says more of it decides.
        """
        answers = [self.look(key, scope) for scope in scopes]
        found = [answer for answer in answers if isinstance(answer, InForce)]
        if found:
            chosen: Answer = max(found, key=lambda answer: len(answer.row.scope))
        else:
            tied = [answer for answer in answers if isinstance(answer, Conflict)]
            free = [answer for answer in answers if isinstance(answer, NoRuleInForce)]
            chosen = (tied or free or answers)[0]
        self._answers.append(chosen)
        return chosen

    def every(self, key: str, *, must: bool = True, **facts: Any) -> tuple[InForce, ...]:
        """The rows in force for every scope that agrees with ``facts``; remembered.

        For keys whose rows stand side by side (one law each, one role each). When no scope has a row in
        force the result is empty, and with ``must`` the silence for ``facts`` is remembered.
        """
        scopes = dict.fromkeys(row.scope for pack in self.book.packs for row in pack.rows if row.key == key)
        found: dict[Row, InForce] = {}
        for scope in scopes:
            if any(facts.get(name, value) != value for name, value in scope.items()):
                continue
            answer = self.look(key, {**facts, **scope})
            if isinstance(answer, InForce):
                found.setdefault(answer.row, answer)
        if must and not found:
            self.ask(key, facts)
        self._answers += found.values()
        return tuple(found.values())

    def cite(self, key: str, scope: Mapping[str, Any] | None = None, **facts: Any) -> InForce | None:
        """The row that decides, remembered; a silence is nobody's question and is not remembered."""
        answer = self.look(key, scope, **facts)
        if not isinstance(answer, InForce):
            return None
        self._answers.append(answer)
        return answer

    def keep(self, answer: Answer) -> None:
        """Remembers an answer that :meth:`look` gave."""
        self._answers.append(answer)

    def basis(self) -> Basis:
        """What was answered so far, each answer once."""
        kept = list(dict.fromkeys(self._answers))
        return Basis(
            in_force=tuple(answer for answer in kept if isinstance(answer, InForce)),
            free=tuple(answer for answer in kept if isinstance(answer, NoRuleInForce)),
            unanswered=tuple(answer for answer in kept if isinstance(answer, NotInPack | Conflict)),
        )
