"""How well a reading of a report agrees with an annotation of it made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .classes import TASKS, UNREADABLE
from .clauses import Clause
from .owners import CARRIED_OVER, STATED

#: A clause of the annotation is found by a clause that covers this share of the shorter of the two.
OVERLAP = 0.5


@dataclass
class Score:
    """Counts over one or more reports; the fields that should be zero say so in their name.

    ``wanted``: decisions and duties of the annotation (headings and repeats aside); ``found``: of these, covered by a
    proposed task; ``same_class``: with the class of the annotation or one it also accepts; ``proposed``: tasks
    proposed; ``wrong``: of these, mostly principles or facts; ``missed``, ``false_tasks``: ids and texts.
    """

    wanted: int = 0
    found: int = 0
    same_class: int = 0
    proposed: int = 0
    wrong: int = 0
    headings_doubled: int = 0
    owners_invented: int = 0
    owners_stated: int = 0
    owners_found: int = 0
    deadlines_invented: int = 0
    quotes_inexact: int = 0
    unreadable: int = 0
    unreadable_found: int = 0
    outside_report: int = 0
    clauses: int = 0
    classes_right: int = 0
    missed: list[str] = field(default_factory=list)
    false_tasks: list[str] = field(default_factory=list)
    confused: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the annotated decisions and duties that were found; 1 when there are none."""
        return self.found / self.wanted if self.wanted else 1.0

    @property
    def wrong_share(self) -> float:
        """Share of the proposed tasks that are principles or facts; 0 when none is proposed."""
        return self.wrong / self.proposed if self.proposed else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


def score(
    source: str, found: Sequence[Clause], gold: Sequence[Mapping[str, Any]], span: tuple[int, int]
) -> Score:
    """The score of ``found`` against ``gold``, clauses as in the annotation of minutes (``span``, ``class``,
    ``also_accept``, ``owner``, ``deadline``, ``duplicate_of``); ``span`` is the report inside ``source``.

    Clauses are matched by overlap of their spans: cutting finer or coarser is no error in itself.
    """
    result = Score()
    _count_gold(result, found, gold)
    for clause in found:
        result.quotes_inexact += source[clause.span[0] : clause.span[1]] != clause.quote
        result.outside_report += not (span[0] <= clause.span[0] and clause.span[1] <= span[1])
        if clause.is_task:
            _count_task(result, clause, gold)
    return result


def _accepted(clause: Mapping[str, Any]) -> set[str]:
    return {clause["class"], *(clause.get("also_accept") or ())}


def _overlap(a: Sequence[int], b: Sequence[int]) -> int:
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def _covers(clause: Clause, span: Sequence[int]) -> bool:
    shorter = min(clause.span[1] - clause.span[0], span[1] - span[0])
    return _overlap(clause.span, span) >= OVERLAP * max(1, shorter)


def _count_gold(result: Score, found: Iterable[Clause], gold: Iterable[Mapping[str, Any]]) -> None:
    found = list(found)
    for clause in gold:
        over = [other for other in found if _covers(other, clause["span"])]
        nearest = max(over, key=lambda other: _overlap(other.span, clause["span"]), default=None)
        result.clauses += 1
        kind = nearest.kind if nearest else "none"
        result.classes_right += kind in _accepted(clause)
        if kind not in _accepted(clause):
            result.confused.append((clause["class"], kind, clause["text"]))
        if clause["class"] == UNREADABLE or "truncated" in (clause.get("repairs") or ()):
            result.unreadable += 1
            result.unreadable_found += any(
                "truncated" in other.repairs or other.kind == UNREADABLE for other in over
            )
        if clause.get("duplicate_of"):
            continue
        if clause["class"] in TASKS:
            result.wanted += 1
            tasks = [other for other in over if other.is_task]
            accepted = bool(tasks) or kind in _accepted(clause)
            result.found += accepted
            result.same_class += any(other.kind in _accepted(clause) for other in tasks)
            if not accepted:
                result.missed.append(clause["text"])
            owner = clause.get("owner") or {}
            if owner.get("basis") in (STATED, CARRIED_OVER):
                result.owners_stated += 1
                result.owners_found += any(other.owner and other.owner.basis != "implied" for other in tasks)


def _count_task(result: Score, clause: Clause, gold: Sequence[Mapping[str, Any]]) -> None:
    nearest = max(gold, key=lambda other: _overlap(clause.span, other["span"]), default=None)
    result.proposed += 1
    if nearest is None or not _overlap(clause.span, nearest["span"]):
        result.wrong += 1
        result.false_tasks.append(clause.text)
        return
    if nearest.get("is_heading") or nearest.get("duplicate_of"):
        result.headings_doubled += 1
    elif not TASKS & _accepted(nearest):
        result.wrong += 1
        result.false_tasks.append(clause.text)
    owner = nearest.get("owner") or {}
    if clause.owner and clause.owner.basis in (STATED, CARRIED_OVER):
        result.owners_invented += owner.get("basis") not in (STATED, CARRIED_OVER)
    result.deadlines_invented += clause.deadline is not None and nearest.get("deadline") is None
