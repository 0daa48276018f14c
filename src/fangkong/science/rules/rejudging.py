"""Re-judgement of a running order: what the rules of a later day make of it, and never more than it was.

On a change each running order is judged again from its own day 0. It ends at the earlier of its own end and
the new one, unless the transition of the row that decides says otherwise (rule packs, Resolution 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from fangkong.core.errors import InputError
from fangkong.science.rules.answers import Conflict, InForce, NoRuleInForce, NotInPack
from fangkong.science.rules.packs import Row
from fangkong.science.rules.plan import Plan, RuleUse, StagePlan
from fangkong.science.rules.resolver import RuleBook, civil_day_of, rule_book
from fangkong.science.rules.roles import ISOLATED_ON, role_table
from fangkong.science.rules.transitions import transition_of

#: The parts of a plan whose rows say how long it runs.
_DECIDING_PARTS = ("determine", "quarantine", "stages", "until", "release_rule", "place")


@dataclass(frozen=True, slots=True)
class Rejudgement:
    """Both computations of one order, and what follows.

    ``outcome``: ``unchanged``; ``shorter`` (``ends_on`` is before its own end); ``ends_now`` (nothing is left
    to serve); ``not_decided`` (no row decides, ``after`` is the silence: a named person does). ``ends_on`` is
    the last day of the order, None while only a condition ends it. ``before`` are the stages that the order
    was given, ``rules`` the rows that decided the change.
    """

    outcome: str
    before: tuple[StagePlan, ...]
    after: Plan | NoRuleInForce | NotInPack | Conflict
    ends_on: date | None
    rules: tuple[Row, ...]

    @property
    def stages(self) -> tuple[StagePlan, ...]:
        """The stages that the order has now: the new ones up to ``ends_on`` where it gets shorter."""
        if self.outcome in ("unchanged", "not_decided") or not isinstance(self.after, Plan):
            return self.before
        kept = self.after.stages if self.outcome == "shorter" and self.after.stages else self.before
        return cut_at(kept, self.ends_on)


def cut_at(stages: Sequence[StagePlan], last_day: date | None) -> tuple[StagePlan, ...]:
    """``stages`` without what lies after ``last_day``; all of them when it is None."""
    if last_day is None:
        return tuple(stages)
    kept = []
    for stage in stages:
        first, last = stage.first_day, stage.last_day
        if first is None or first > last_day:
            continue
        if last is None or last > last_day:
            tests = stage.test_days and tuple(day for day in stage.test_days if day <= last_day)
            stage = stage._replace(days=(last_day - first).days + 1, last_day=last_day, test_days=tests)
        kept.append(stage)
    return tuple(kept)


def rejudge(
    situation: Mapping[str, Any],
    order: Plan | Sequence[StagePlan | Mapping[str, Any]],
    *,
    ordered_on: date | str,
    on: date | str,
    area: str | None = None,
    book: RuleBook | None = None,
) -> Rejudgement:
    """What becomes on ``on`` of an order made on ``ordered_on`` for ``situation``.

    ``order`` is the plan, or its stages: :class:`StagePlan`, or tables with ``place``, ``first_on``,
    ``last_on`` as an order stores them. ``area`` and ``book`` are as in :func:`plan_for`. No order becomes
    longer. Raises InputError ``rules.rejudged_before_order`` and what :func:`plan_for` refuses.

    >>> from fangkong.science.rules.asking import plan_for
    >>> contact = {"disease": "covid-19", "role": "close_contact", "last_exposure_on": date(2022, 6, 20)}
    >>> order = plan_for(contact, on="2022-06-21")
    >>> judged = rejudge(contact, order, ordered_on="2022-06-21", on="2022-06-28")
    >>> judged.outcome, order.last_day.isoformat(), judged.ends_on.isoformat()
    ('shorter', '2022-07-11', '2022-06-30')
    """
    ordered, day = civil_day_of(ordered_on), civil_day_of(on)
    if day < ordered:
        raise InputError("rules.rejudged_before_order", ordered_on=ordered.isoformat(), on=day.isoformat())
    before = order.stages if isinstance(order, Plan) else tuple(map(stage_of, order))
    role = role_table().roles.get(situation.get("role", ""))
    if role is not None and role.form == "isolation" and situation.get(ISOLATED_ON) is None:
        # The isolation goes on from where it began, whatever day it is judged on.
        start = before[0].first_day if before else ordered
        situation = {**situation, ISOLATED_ON: start or ordered}
    after = (book or rule_book()).plan_for(situation, on=day, area=area)
    own_end = before[-1].last_day if before else None
    if not before:
        return Rejudgement("unchanged", before, after, None, ())
    if isinstance(after, NoRuleInForce):
        return _without_basis(before, after, own_end, ordered, day)
    if not isinstance(after, Plan):
        return Rejudgement("not_decided", before, after, own_end, ())
    deciding = [use for use in after.uses if use.part in _DECIDING_PARTS]
    newer = _not_of_its_day(book or rule_book(), after, deciding, day)
    return _judged(before, after, own_end, deciding, newer, ordered, day)


def stage_of(given: StagePlan | Mapping[str, Any]) -> StagePlan:
    """``given`` as a stage; a table may name its days ``first_on``/``last_on`` or ``first_day``/``last_day``."""
    if isinstance(given, StagePlan):
        return given
    first, last = (given.get(f"{end}_on", given.get(f"{end}_day")) for end in ("first", "last"))
    first_day = None if first is None else civil_day_of(first)
    last_day = None if last is None else civil_day_of(last)
    tests = given.get("test_on", given.get("test_days"))
    return StagePlan(
        place=given["place"],
        days=(last_day - first_day).days + 1 if first_day and last_day else given.get("days"),
        first_day=first_day,
        last_day=last_day,
        test_days=None
        if tests is None or given.get("tests_known") is False
        else tuple(map(civil_day_of, tests)),
        choice=given.get("choice", ""),
    )


def _not_of_its_day(book: RuleBook, after: Plan, deciding: list[RuleUse], day: date) -> list[Row]:
    """The rows in force on ``day`` that leave a case to the rows of its event's day: they may still end orders."""
    found = []
    for use in deciding:
        if not use.row.in_force(day):
            scope = dict(use.row.scope)
            answer = book.resolve(use.row.key, on=day, disease=after.disease, area=after.area, scope=scope)
            if isinstance(answer, InForce):
                found.append(answer.row)
    return found


def _without_basis(
    before: tuple[StagePlan, ...], silence: NoRuleInForce, own_end: date | None, ordered: date, day: date
) -> Rejudgement:
    """The law is silent: the order ends, unless the row that ended lets running orders run out."""
    last = silence.last_row
    rows = () if last is None else (last,)
    if last is None or last.effective_to is None or transition_of(last).running == "own_end":
        return Rejudgement("unchanged", before, silence, own_end, rows)
    ends_on = max(min(own_end or date.max, last.effective_to), ordered)
    if ends_on == own_end:
        return Rejudgement("unchanged", before, silence, own_end, rows)
    return Rejudgement("ends_now", before, silence, ends_on, rows)


def _began(rows: Iterable[Row], ordered: date, day: date) -> list[Row]:
    return [row for row in rows if ordered < row.effective_from <= day]


def _judged(
    before: tuple[StagePlan, ...],
    after: Plan,
    own_end: date | None,
    deciding: list[RuleUse],
    newer: list[Row],
    ordered: date,
    day: date,
) -> Rejudgement:
    rows = tuple(dict.fromkeys(use.row for use in deciding))
    # Only a row that began while the order ran has a say on orders that ran when it began.
    began = _began(rows, ordered, day)
    stopping = [
        row for row in (*began, *_began(newer, ordered, day)) if transition_of(row).running == "ends_on_start"
    ]
    if stopping:
        new_end = min(row.effective_from for row in stopping)
    elif any(transition_of(row).running == "own_end" for row in began):
        return Rejudgement("unchanged", before, after, own_end, rows)
    elif after.stages:
        if after.last_day is None:
            outcome = "unchanged" if own_end is None or own_end >= day else "not_decided"
            return Rejudgement(outcome, before, after, own_end, rows)
        new_end = after.last_day
    else:
        new_end = min([day, *(row.effective_from for row in began)])
    if own_end is not None and own_end <= new_end:
        return Rejudgement("unchanged", before, after, own_end, rows)
    rows = tuple(dict.fromkeys((*rows, *stopping)))
    ends_now = bool(stopping) or not after.stages or new_end < day
    return Rejudgement("ends_now" if ends_now else "shorter", before, after, new_end, rows)
