"""What differs: between two books row by row, between the plans they make, and between days of one book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fangkong.core.areas import HOME_COUNTRY
from fangkong.core.errors import InputError
from fangkong.science.rules.answers import Conflict, InForce, NoRuleInForce, NotInPack
from fangkong.science.rules.packs import ANY_DISEASE, Document, Row, Table, jurisdiction_of
from fangkong.science.rules.plan import Plan, StagePlan
from fangkong.science.rules.resolver import RuleBook, holds
from fangkong.science.rules.roles import role_table

#: Fields of a row that may change while the row stays the same rule on the same timeline.
COMPARED = (
    "value",
    "unit",
    "effective_to",
    "end_basis",
    "date_precision",
    "authority",
    "document",
    "legal_basis",
    "source",
    "confidence",
    "transition",
    "transition_rule",
    "stricter",
    "note_zh",
    "note_en",
    "pack",
)

Planned = Plan | NoRuleInForce | NotInPack | Conflict


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row, before and after; of a document its name and Chinese title."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row ``added``, ``removed`` or ``changed`` (``change``); ``fields`` only when it changed."""

    change: str
    disease: str
    jurisdiction: str
    key: str
    scope: Table
    effective_from: date
    old: Row | None
    new: Row | None
    fields: tuple[FieldChange, ...] = ()


def diff_books(old: RuleBook, new: RuleBook) -> tuple[RowChange, ...]:
    """The rows of ``new`` against those of ``old``, by disease, key, scope and first day; empty when equal.

    Rows are the same rule when disease, jurisdiction, key, scope and ``effective_from`` are the same,
    whatever pack they stand in; a row that begins on another day is one removed and one added.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> diff_books(rule_book(), rule_book())
    ()
    """
    before, after = _by_timeline(old), _by_timeline(new)
    changes: list[RowChange] = []
    for place in sorted({*before, *after}, key=_order):
        for one, two in _paired(before.get(place, []), after.get(place, [])):
            row = two or one
            assert row is not None
            fields = _changed_fields(one, two) if one and two else ()
            if one and two and not fields:
                continue
            what = "changed" if one and two else "removed" if one else "added"
            changes.append(
                RowChange(
                    what,
                    row.disease,
                    row.jurisdiction,
                    row.key,
                    row.scope,
                    row.effective_from,
                    one,
                    two,
                    fields,
                )
            )
    return tuple(changes)


_Place = tuple[str, str, str, Table, date]


def _by_timeline(book: RuleBook) -> dict[_Place, list[Row]]:
    found: dict[_Place, list[Row]] = defaultdict(list)
    for pack in book.packs:
        for row in pack.rows:
            found[row.disease, row.key, row.jurisdiction, row.scope, row.effective_from].append(row)
    return found


def _order(place: _Place) -> tuple[str, ...]:
    disease, key, jurisdiction, scope, start = place
    return disease, key, jurisdiction, repr(sorted(scope.items())), start.isoformat()


def _paired(old: list[Row], new: list[Row]) -> list[tuple[Row | None, Row | None]]:
    """Rows of one timeline and day side by side: those of the same pack first, the others in order."""
    pairs: list[tuple[Row | None, Row | None]] = []
    left, right = list(old), list(new)
    for row in old:
        same = next((each for each in right if each.pack == row.pack), None)
        if same is not None:
            pairs.append((row, same))
            left.remove(row)
            right.remove(same)
    longest = max(len(left), len(right))
    return pairs + [
        (left[n] if n < len(left) else None, right[n] if n < len(right) else None) for n in range(longest)
    ]


def _changed_fields(old: Row, new: Row) -> tuple[FieldChange, ...]:
    pairs = ((name, _comparable(old, name), _comparable(new, name)) for name in COMPARED)
    return tuple(FieldChange(name, one, two) for name, one, two in pairs if one != two)


def _comparable(row: Row, name: str) -> Any:
    value = getattr(row, name)
    return f"{value.document_id} {value.title_zh}" if isinstance(value, Document) else value


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """Two plans of one situation side by side; a side without a plan is the answer that stands there.

    ``days_by_place`` and the pairs hold (old, new), None or 0 where a side has nothing. ``stages`` puts the
    stages side by side in their order.
    """

    situation: Mapping[str, Any]
    on: date
    old: Planned
    new: Planned
    total_days: tuple[int | None, int | None]
    last_day: tuple[date | None, date | None]
    days_by_place: tuple[tuple[str, int, int], ...]
    stages: tuple[tuple[StagePlan | None, StagePlan | None], ...]
    tests_dropped: tuple[date, ...]
    tests_added: tuple[date, ...]
    release_rule: tuple[Any, Any]
    transfer_within_hours: tuple[float | None, float | None]
    rows_dropped: tuple[str, ...]
    rows_added: tuple[str, ...]

    @property
    def same_outcome(self) -> bool:
        """True when the person lives through the same plan, whatever rows it rests on."""
        return (
            type(self.old) is type(self.new)
            and all(one == two for one, two in self.stages)
            and self.release_rule[0] == self.release_rule[1]
            and self.transfer_within_hours[0] == self.transfer_within_hours[1]
        )


def diff_plans(
    old: RuleBook,
    new: RuleBook,
    situation: Mapping[str, Any],
    *,
    on: date,
    area: str | None = None,
) -> PlanDifference:
    """How the plan of ``situation`` on the civil day ``on`` differs between two books, stage by stage.

    ``situation`` and ``area`` are as in :meth:`RuleBook.plan_for`, and so is what is raised.
    """
    one, two = (book.plan_for(situation, on=on, area=area) for book in (old, new))
    first, second = _stages(one), _stages(two)
    longest = max(len(first), len(second))
    tests = [{day for stage in stages for day in stage.test_days or ()} for stages in (first, second)]
    rows = [_row_ids(planned) for planned in (one, two)]
    return PlanDifference(
        situation=dict(situation),
        on=on,
        old=one,
        new=two,
        total_days=(_of_plan(one, "total_days"), _of_plan(two, "total_days")),
        last_day=(first[-1].last_day if first else None, second[-1].last_day if second else None),
        days_by_place=_days_by_place(first, second),
        stages=tuple(
            (first[n] if n < len(first) else None, second[n] if n < len(second) else None)
            for n in range(longest)
        ),
        tests_dropped=tuple(sorted(tests[0] - tests[1])),
        tests_added=tuple(sorted(tests[1] - tests[0])),
        release_rule=(_of_plan(one, "release_rule"), _of_plan(two, "release_rule")),
        transfer_within_hours=(
            _of_plan(one, "transfer_within_hours"),
            _of_plan(two, "transfer_within_hours"),
        ),
        rows_dropped=tuple(row for row in rows[0] if row not in rows[1]),
        rows_added=tuple(row for row in rows[1] if row not in rows[0]),
    )


def _stages(planned: Planned) -> tuple[StagePlan, ...]:
    return planned.stages if isinstance(planned, Plan) else ()


def _of_plan(planned: Planned, name: str) -> Any:
    return getattr(planned, name) if isinstance(planned, Plan) else None


def _days_by_place(
    old: tuple[StagePlan, ...], new: tuple[StagePlan, ...]
) -> tuple[tuple[str, int, int], ...]:
    days: dict[str, list[int]] = {}
    for side, stages in enumerate((old, new)):
        for stage in stages:
            days.setdefault(stage.place, [0, 0])[side] += stage.days or 0
    return tuple((place, one, two) for place, (one, two) in days.items())


def _row_ids(planned: Planned) -> list[str]:
    return [row.rule_row for row in planned.rules] if isinstance(planned, Plan) else []


@dataclass(frozen=True, slots=True)
class Edition:
    """What the book says of one situation from one day to another, both included; None is open.

    ``error`` is set instead of an answer when the rows of these days cannot plan the situation at all (they
    count from an event whose date it does not have, say).
    """

    from_day: date
    to_day: date | None
    answer: Planned | None
    documents: tuple[Document, ...]
    error: InputError | None = None


def plan_timeline(
    book: RuleBook, situation: Mapping[str, Any], *, area: str | None = None
) -> tuple[Edition, ...]:
    """One situation under every edition: each stretch of decision days with one and the same outcome and rows.

    The situation's own dates stay; only the day of the decision moves, over every day on which a row that
    the role asks for begins or has ended. Days before the first such row are left out. Raises InputError
    ``rules.role_unknown`` and what else :meth:`RuleBook.plan_for` raises for every day alike.
    """
    days = change_days(book, situation, area=area)
    if not days:
        # Nothing to plan: what was asked must be sound all the same.
        book.plan_for(situation, on=date.max, area=area)
    found: list[tuple[Edition, Any]] = []
    for n, day in enumerate(days):
        # A stretch ends on the eve of the next day on which anything the role asks for may change.
        until = days[n + 1] - timedelta(days=1) if n + 1 < len(days) else None
        answer, error = _planned(book, situation, day, area)
        mark = _signature(answer) if answer is not None else (error.code, str(error)) if error else None
        if found and found[-1][1] == mark:
            earlier = found[-1][0]
            found[-1] = (
                Edition(earlier.from_day, until, earlier.answer, earlier.documents, earlier.error),
                mark,
            )
        else:
            documents = answer.documents if isinstance(answer, Plan) else ()
            found.append((Edition(day, until, answer, documents, error), mark))
    if found and all(edition.error is not None for edition, _ in found):
        error = found[0][0].error
        assert error is not None
        raise error
    return tuple(edition for edition, _ in found)


def change_days(book: RuleBook, situation: Mapping[str, Any], *, area: str | None = None) -> tuple[date, ...]:
    """Every day on which a row that the situation's role asks for begins, or the first day without it."""
    roles = role_table().roles
    role = roles.get(str(situation.get("role", "")))
    if role is None:
        raise InputError("rules.role_unknown", role=str(situation.get("role", "")), near=sorted(roles))
    place, wanted = jurisdiction_of(area or HOME_COUNTRY), set(role.keys)
    diseases = (situation.get("disease"), ANY_DISEASE)
    days: set[date] = set()
    for pack in book.packs:
        for row in pack.rows:
            if row.key in wanted and row.disease in diseases and holds(row.jurisdiction, place):
                days.add(row.effective_from)
                if row.effective_to is not None and row.effective_to < date.max:
                    days.add(row.effective_to + timedelta(days=1))
    return tuple(sorted(days))


def _planned(
    book: RuleBook, situation: Mapping[str, Any], on: date, area: str | None
) -> tuple[Planned | None, InputError | None]:
    try:
        return book.plan_for(situation, on=on, area=area), None
    except InputError as error:
        return None, error


def _from(start: date, stage: StagePlan) -> tuple[Any, ...]:
    """The stage counted from ``start``: a plan that counts from no event begins on the day of its decision."""
    days = (stage.first_day, stage.last_day, stage.not_before, *(stage.test_days or ()))
    return (stage.place, stage.days, stage.choice, *(day and (day - start).days for day in days))


def _signature(answer: Planned | InForce) -> Any:
    """What makes two answers one edition: outcome and rows, whatever day they were asked for."""
    if isinstance(answer, Plan):
        return (
            answer.stages
            if answer.day0_on
            else tuple(_from(answer.resolved_on, each) for each in answer.stages),
            answer.release_rule,
            answer.transfer_within_hours,
            tuple(_row_ids(answer)),
            tuple(_signature(each) for each in answer.unanswered),
        )
    if isinstance(answer, Conflict):
        return ("conflict", tuple(row.row_id for row in answer.rows))
    if isinstance(answer, InForce):
        return ("in_force", answer.rule_row)
    return (
        type(answer).__name__,
        answer.asked.key,
        answer.last_row.row_id if answer.last_row else "",
        answer.next_row.row_id if answer.next_row else "",
    )
