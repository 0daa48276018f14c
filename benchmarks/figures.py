"""Figures of a run: medians, percentiles, targets met or missed, and tables of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Section:
    """One part's table, with the sentences that stand above and below it."""

    title: str
    lead: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """The section as Markdown."""
        lines = [f"## {self.title}", "", self.lead, ""]
        lines += [
            "| " + " | ".join(row) + " |" for row in (self.columns, ["---"] * len(self.columns), *self.rows)
        ]
        for note in self.notes:
            lines += ["", note]
        return "\n".join(lines) + "\n"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` (0 to 1) of ``values`` do not exceed.

    >>> percentile([1, 2, 3, 4], 0.95), percentile([1, 2, 3, 4], 0.5)
    (4, 2)
    """
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return float(median(values))


def verdict(value: float, target: float, unit: str) -> str:
    """Whether a figure that must stay below its target does.

    >>> verdict(150, 200, "ms"), verdict(230, 200, "ms")
    ('met', 'missed by 30 ms')
    """
    return "met" if value < target else f"missed by {value - target:.0f} {unit}"
