"""Found against expected, place by place: the counts given as proof of the tasks of a directive or a duty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fangkong.record.access import Actor

from ..tasks.evidence import evidence_kinds, ratio_of
from .seen_tasks import seen_tasks

#: Rows shown on one page, those not reached first; the sums hold all of them.
MOST_ROWS = 60


@dataclass(frozen=True)
class CountRow:
    """One task that asks for a count: ``found`` of ``expected``, both None while nobody has reported."""

    task_key: str
    title: str
    area_code: str
    state: str
    found: int | None = None
    expected: int | None = None

    @property
    def missed(self) -> int | None:
        """How many were not reached; None while nobody has reported."""
        return None if self.found is None or self.expected is None else self.expected - self.found


@dataclass(frozen=True)
class Reckoning:
    """The counts together. ``rows``: places without a report first, then those with most unreached."""

    rows: list[CountRow]
    found: int
    expected: int
    silent: int

    @property
    def missed(self) -> int:
        """How many were not reached where somebody has reported."""
        return self.expected - self.found

    @property
    def shown(self) -> Sequence[CountRow]:
        """The rows of one page."""
        return self.rows[:MOST_ROWS]


def reckoning(kind: str, keys: Iterable[str], *, actor: Actor, at: datetime) -> Reckoning | None:
    """The counts of the tasks that carry out the directives or duties ``keys``; None where none asks for a count.

    ``kind``: ``directive`` or ``standing_duty``. One query. A task that was revoked does not count.
    """
    counted = [code for code, each in evidence_kinds().items() if each.form == "ratio"]
    tasks = seen_tasks(actor, at, kind).filter(carries_out_key__in=list(keys), evidence_kind__in=counted)
    listed = tasks.exclude(state="revoked").values_list("key", "title", "area_code", "state", "evidence")
    rows = [_row(*values) for values in listed]
    if not rows:
        return None
    rows.sort(key=lambda row: (row.missed is not None, -(row.missed or 0), row.area_code, row.task_key))
    return Reckoning(
        rows=rows,
        found=sum(row.found or 0 for row in rows),
        expected=sum(row.expected or 0 for row in rows),
        silent=sum(row.found is None for row in rows),
    )


def _row(key: str, title: str, area_code: str, state: str, evidence: list[dict[str, str]]) -> CountRow:
    counts = [ratio_of(item["text"]) for item in evidence]
    found, expected = next((pair for pair in reversed(counts) if pair), (None, None))
    return CountRow(key, title, area_code, state, found, expected)
