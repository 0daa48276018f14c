"""May personal data of a category be collected today, for what, under which row, and until when?

The office's own law decides: rows of the area's jurisdiction, and for a person counted in another country the
rows of the office's. A country whose law the packs do not hold needs a row of its own in FANGKONG_HOME/packs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fangkong.core.areas import HOME_COUNTRY, contains
from fangkong.core.errors import Forbidden
from fangkong.record.rulebook import rulebook
from fangkong.science.rules import InForce, Row, RuleBook
from fangkong.science.rules.answers import Answer, lowest_confidence
from fangkong.science.rules.packs import ANY_DISEASE

from .categories import Category, Condition, retention

#: Digits of the narrowest area that a row may speak of; narrower areas follow the rules of the district.
_DISTRICT_DIGITS = 6


def law_area(area_code: str, office_area: str = "") -> str:
    """The area whose rules decide on data of a person counted in ``area_code``, for an office in ``office_area``.

    >>> law_area("310115001"), law_area("KR", office_area="31"), law_area("KR"), law_area("")
    ('310115', '31', 'KR', 'CN')
    """
    for area in (area_code, office_area):
        if area and contains(HOME_COUNTRY, area):
            return area if area == HOME_COUNTRY else area[:_DISTRICT_DIGITS]
    return area_code or office_area or HOME_COUNTRY


@dataclass(frozen=True)
class Basis:
    """Why data may be held: the deciding row, the purpose, the last day as the packs say it today.

    ``ends_on`` is None while no end is written: then it lasts while ``rule_row`` runs. ``ending`` is the row
    whose end that is. ``rules`` are all rows used, the deciding one first; ``confidence`` their lowest mark.
    """

    category: str
    purpose: str
    disease: str
    area_code: str
    on: date
    row: Row
    ends_on: date | None
    ending: Row
    supports: tuple[Row, ...]
    confidence: str

    @property
    def rule_row(self) -> str:
        """The stable name of the deciding row."""
        return self.row.row_id

    @property
    def rules(self) -> tuple[Row, ...]:
        """Every row used."""
        return (self.row, *self.supports)


@dataclass(frozen=True)
class NoBasis:
    """Why data may not be collected: ``why`` is ``no_basis`` (nothing allows it) or ``limited`` (a row forbids).

    ``key`` is the rule that was asked, ``row`` the row that forbids, ``last_row`` and ``next_row`` those
    before and after the day.
    """

    category: str
    disease: str
    area_code: str
    on: date
    why: str
    key: str
    row: Row | None = None
    last_row: Row | None = None
    next_row: Row | None = None

    def refusal(self) -> Forbidden:
        """The error that says so."""
        return Forbidden(
            f"retention.{self.why}",
            category=self.category,
            key=self.key,
            on=self.on.isoformat(),
            disease=self.disease,
            area=self.area_code,
            row=_named(self.row),
            last_row=_named(self.last_row),
            next_row=_named(self.next_row),
        )


def _named(row: Row | None) -> str:
    return row.row_id if row else "-"


@dataclass
class Bases:
    """Asks one rule book, each question once: made for a batch or a run, and thrown away after it."""

    book: RuleBook
    office_area: str = ""
    _answers: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def collection(self, category: Category, *, on: date, disease: str, area_code: str) -> Basis | NoBasis:
        """The basis on which data may be collected on the civil day ``on``, or why not."""
        place = law_area(area_code, self.office_area)
        asked = (category.code, on, disease, place)
        if asked not in self._answers:
            self._answers[asked] = self._collection(category, on, disease or ANY_DISEASE, place)
        found: Basis | NoBasis = self._answers[asked]
        return found

    def _collection(self, category: Category, on: date, disease: str, place: str) -> Basis | NoBasis:
        for limit in category.limits:
            answer = self._ask(limit, on, disease, place)
            if isinstance(answer, InForce) and not limit.meets(answer.value):
                return self._refused(category, "limited", limit, answer)
        asked: list[tuple[Condition, Answer]] = []
        for ground in category.grounds:
            answer = self._ask(ground, on, disease, place)
            if isinstance(answer, InForce) and ground.meets(answer.value):
                return self._basis(category, ground, answer, on, disease, place)
            asked.append((ground, answer))
        return self._refused(category, "no_basis", *min(asked, key=lambda pair: _distance(pair[1], on)))

    def _basis(
        self, category: Category, ground: Condition, answer: InForce, on: date, disease: str, place: str
    ) -> Basis:
        """The basis with its end: the earliest end of the ground and of what ends the purpose."""
        grounds = [each for each in category.grounds if each.key == ground.key]
        runs = [self._run(grounds, on, disease, place)]
        runs += [
            self._run([end], on, disease, place)
            for end in category.ends
            if self.met(end, on, disease, place) is not None
        ]
        last, ending = min(runs, key=lambda run: run[0] or date.max)
        supports = []
        for support in category.supports:
            beside = self._ask(support, on, disease, place)
            if isinstance(beside, InForce) and beside.row != answer.row:
                supports.append(beside.row)
        return Basis(
            category=category.code,
            purpose=category.purpose,
            disease=disease,
            area_code=place,
            on=on,
            row=answer.row,
            ends_on=last,
            ending=ending,
            supports=tuple(dict.fromkeys(supports)),
            confidence=lowest_confidence([*answer.used, ending]),
        )

    def _run(
        self, conditions: list[Condition], on: date, disease: str, place: str
    ) -> tuple[date | None, Row]:
        """(last day of the unbroken time in which one of ``conditions`` is met, row of that day).

        A row that follows another without a gap and says the same goes on with it: a new edition ends nothing
        by itself. None as the last day when the row met has no end.
        """
        day, row = on, None
        while True:
            met = [m for each in conditions if (m := self.met(each, day, disease, place)) is not None]
            if not met:
                assert row is not None
                return day - timedelta(days=1), row
            # The one that runs longest: another's earlier end is no end.
            row = max(met, key=lambda each: (each.effective_to or date.max, each.row_id))
            if row.effective_to is None:
                return None, row
            day = row.effective_to + timedelta(days=1)

    def met(self, condition: Condition, on: date, disease: str, place: str) -> Row | None:
        """The row that meets ``condition`` on the civil day ``on``, None when none does."""
        answer = self._ask(condition, on, disease, place)
        return answer.row if isinstance(answer, InForce) and condition.meets(answer.value) else None

    def _ask(self, condition: Condition, on: date, disease: str, place: str) -> Answer:
        asked = (condition.key, condition.facts, on, disease, place)
        if asked not in self._answers:
            self._answers[asked] = self.book.resolve(
                condition.key, on=on, disease=disease, area=place, scope=dict(condition.facts)
            )
        answer: Answer = self._answers[asked]
        return answer

    def event_days(self, category: Category, *, on: date, disease: str, area_code: str) -> InForce | None:
        """The row that says how many days after the last case the event is over, when one is in force."""
        if not category.event_end:
            return None
        place = law_area(area_code, self.office_area)
        answer = self._ask(Condition(category.event_end), on, disease or ANY_DISEASE, place)
        return answer if isinstance(answer, InForce) else None

    @staticmethod
    def _refused(category: Category, why: str, condition: Condition, answer: Answer) -> NoBasis:
        return NoBasis(
            category=category.code,
            disease=answer.asked.disease,
            area_code=answer.asked.area,
            on=answer.asked.on,
            why=why,
            key=condition.key,
            row=answer.row if isinstance(answer, InForce) else None,
            last_row=getattr(answer, "last_row", None),
            next_row=getattr(answer, "next_row", None),
        )


def _distance(answer: Answer, on: date) -> tuple[int, int]:
    """How near the answer came: a row that was in force once, then one that will be, nearest first."""
    before, after = getattr(answer, "last_row", None), getattr(answer, "next_row", None)
    if before is not None and before.effective_to is not None:
        return 0, (on - before.effective_to).days
    return (1, (after.effective_from - on).days) if after is not None else (2, 0)


def collection_basis(
    category: str,
    *,
    on: date,
    disease: str,
    area_code: str,
    office_area: str = "",
    book: RuleBook | None = None,
) -> Basis | NoBasis:
    """The basis on which data of ``category`` may be collected on the civil day ``on``, or why it may not.

    ``area_code`` is where the person is counted, ``office_area`` the office's jurisdiction: its law decides on
    people counted abroad. Raises InputError ``retention.unknown_category``.
    """
    bases = Bases(book or rulebook(), office_area)
    return bases.collection(retention().category(category), on=on, disease=disease, area_code=area_code)


def require_basis(category: str, **asked: Any) -> Basis:
    """The basis, arguments as in :func:`collection_basis`.

    Raises Forbidden ``retention.no_basis`` or ``retention.limited``, naming the key, the row that forbids and
    the rows before and after the day.
    """
    found = collection_basis(category, **asked)
    if isinstance(found, NoBasis):
        raise found.refusal()
    return found
