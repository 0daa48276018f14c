"""What is left of a pair of series after a shift is allowed for: a step that stays, a ratio that changes, or days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .agreement import agrees, both
from .findings import Where
from .series import Array
from .settings import Settings
from .shapes import step_sizes


@dataclass(frozen=True, slots=True)
class Explained:
    """Days (positions) on which two series differ for one reason; ``kind`` as in ``findings.KINDS``."""

    kind: str
    where: Where
    days: NDArray[np.int64]
    size: float
    evidence: dict[str, Any]


def explain(x: Array, y: Array, *, cumulative: bool, choices: Settings) -> list[Explained]:
    """Why ``y`` differs from ``x``: at most one lasting cause, and the single days that it leaves.

    Of running totals a difference that stays the same from a day on is a revision that one source made; one that grows
    and is gone again is a revision that one source made for the past and the other in one step. A ratio that holds from
    a day on is a change of definition in one of them. The rest "differs".
    """
    there = both(x, y)
    differs = there & ~agrees(x, y, choices)
    if not differs.any():
        return []
    found = []
    lasting = _lasting(x, y, there, differs, cumulative, choices) or (
        _caught_up(x, y, there, differs, choices) if cumulative else None
    )
    if lasting is not None:
        found.append(lasting)
        differs[lasting.days] = False
    days = np.flatnonzero(differs)
    if len(days):
        off = y[days] - x[days]
        evidence = {
            "days_differing": len(days),
            "days_agreeing": int((there & ~differs).sum()),
            "largest": float(off[np.abs(off).argmax()]),
            "sum": float(off.sum()),
        }
        found.append(Explained("differs", "both", days, float(np.abs(off).max()), evidence))
    return found


def _lasting(
    x: Array,
    y: Array,
    there: NDArray[np.bool_],
    differs: NDArray[np.bool_],
    cumulative: bool,
    choices: Settings,
) -> Explained | None:
    """A difference from one day to the end, after days that agree."""
    days = np.flatnonzero(there)
    agreeing = np.flatnonzero(there & ~differs)
    if not len(agreeing):
        return None
    tail = days[days > agreeing[-1]]
    before = days[days <= agreeing[-1]]
    if len(tail) < choices.min_agreeing_days or 2 * int(differs[before].sum()) > len(before):
        return None
    first = int(tail[0])
    off = y[tail] - x[tail]
    evidence: dict[str, Any] = {
        "days_before": len(before),
        "days_agreeing_before": int((~differs[before]).sum()),
        "days_after": len(tail),
    }
    where = _restless(x, y, first, cumulative, choices.jump_days_around)
    allowed = choices.absolute_tolerance + choices.relative_tolerance * np.abs(x[tail]) + 0.5
    if cumulative and (np.abs(off - np.median(off)) <= allowed).all():
        return Explained("revision", where, tail, float(np.median(off)), evidence | {"stays": True})
    own, other = (step_sizes(each, cumulative=cumulative)[tail] for each in (x, y))
    used = ~np.isnan(own) & ~np.isnan(other)
    own, other = own[used], other[used]
    if cumulative:
        # The first step may hold a backlog; the ratio is that of the days after it.
        own, other = own[1:], other[1:]
    if len(own) < choices.min_agreeing_days - 1 or own.sum() <= 0 or other.sum() <= 0:
        return None
    ratio = float(other.sum() / own.sum())
    rounding = 1.0 if not cumulative else 2.0
    fits = np.abs(other - ratio * own) <= rounding + choices.ratio_tolerance * np.abs(other)
    if abs(ratio - 1) >= choices.min_level_change and fits.all():
        evidence |= {"ratio_before": 1.0, "ratio_after": round(ratio, 4)}
        return Explained("definition_change", where, tail, round(ratio, 4), evidence)
    return None


def _caught_up(
    x: Array, y: Array, there: NDArray[np.bool_], differs: NDArray[np.bool_], choices: Settings
) -> Explained | None:
    """A stretch on which one source already has what the other adds in one step after it."""
    days = np.flatnonzero(there)
    flags = differs[days]
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    runs = [(first, after) for first, after in zip(edges[::2], edges[1::2], strict=True) if after < len(days)]
    if not runs:
        return None
    first, after = max(runs, key=lambda run: run[1] - run[0])
    stretch = days[first:after]
    off = y[stretch] - x[stretch]
    growing = (np.diff(np.abs(off)) >= 0).all() and ((off > 0).all() or (off < 0).all())
    if len(stretch) < choices.min_agreeing_days or not growing or not (~flags[after:]).all():
        return None
    behind, gap = (x, "a") if off[-1] > 0 else (y, "b")
    step = float(behind[days[after]] - behind[stretch[-1]])
    if step < choices.min_jump_ratio * np.abs(np.diff(behind[stretch])).max(initial=0.0):
        return None
    evidence = {"days_after": int(len(days) - after), "step": step, "stays": False, "step_in": gap}
    where: Where = "a" if gap == "a" else "b"
    return Explained("revision", where, stretch, float(np.abs(off).max()), evidence)


def _restless(x: Array, y: Array, first: int, cumulative: bool, width: int) -> Where:
    """Which of two series leaves its own course on the day of the first difference."""
    odd = []
    for values in (x, y):
        steps = step_sizes(values, cumulative=cumulative)
        around = np.concatenate((steps[max(0, first - width) : first], steps[first + 1 : first + 1 + width]))
        around = around[~np.isnan(around)]
        odd.append(
            abs(steps[first] - np.median(around)) if len(around) and not np.isnan(steps[first]) else 0.0
        )
    if odd[0] == odd[1]:
        return "both"
    return "a" if odd[0] > odd[1] else "b"
