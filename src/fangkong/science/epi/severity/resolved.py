"""Fatality from a list of outcomes: of those resolved, and of all cases, always both.

While outcomes are still open, deaths over all cases is too low (some will yet die). Deaths over the resolved is
too high where deaths are reported sooner than recoveries and too low where the other way round. The truth, once
the open cases are known, lies between two bounds that need no assumption: none of the open cases dies, all die.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.estimates import MISSING_DAYS, NO_CASES
from fangkong.science.epi.serial_interval import FloatArray
from fangkong.science.epi.severity.proportion import exact_proportion
from fangkong.science.epi.severity.reasons import (
    INVALID_COUNT,
    NO_KNOWN_OUTCOMES,
    REASON_CODES,
    ReasonArray,
    first_reason,
)


@dataclass(frozen=True, slots=True)
class ResolvedFatality:
    """Deaths over the resolved cases, deaths over all cases, and the bounds that the open cases leave.

    Attributes:
        estimate, lower, upper: deaths / (deaths + recovered) with the exact interval; NaN where refused.
        reason: 0 where there is an estimate, else the position of the reason in ``REASON_CODES``.
        naive, naive_lower, naive_upper, naive_reason: deaths / all cases, the same way.
        if_open_recover, if_open_die: the final proportion if none and if all of the open cases die.
        deaths, recovered, open_cases: as given.
    """

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    reason: ReasonArray
    naive: FloatArray
    naive_lower: FloatArray
    naive_upper: FloatArray
    naive_reason: ReasonArray
    if_open_recover: FloatArray
    if_open_die: FloatArray
    deaths: FloatArray
    recovered: FloatArray
    open_cases: FloatArray

    def reason_at(self, *cell: int) -> str:
        """The code why the resolved risk is missing, "" where it is there."""
        return REASON_CODES[int(self.reason[cell] if cell else self.reason)]


def resolved_cfr(
    deaths: ArrayLike, recovered: ArrayLike, open_cases: ArrayLike, *, level: float = 0.95
) -> ResolvedFatality:
    """The fatality risk of resolved cases and of all cases, each with its exact interval.

    Arguments:
        deaths, recovered, open_cases: numbers of people by outcome (``open_cases``: not known yet), any shape that
            broadcasts, 0 or more; NaN where unknown.
        level: of the intervals.

    Raises:
        ValueError: for a level outside 0 to 1.

    >>> risk = resolved_cfr(deaths=32, recovered=47, open_cases=57)
    >>> f"{100 * risk.estimate:.1f} % of resolved, {100 * risk.naive:.1f} % of all"
    '40.5 % of resolved, 23.5 % of all'
    """
    counts = (np.asarray(part, dtype=np.float64) for part in (deaths, recovered, open_cases))
    d, r, o = np.broadcast_arrays(*counts)
    invalid = np.isinf(d) | np.isinf(r) | np.isinf(o) | (d < 0) | (r < 0) | (o < 0)
    d, r, o = (np.where(invalid, np.nan, part) for part in (d, r, o))
    resolved, cases = d + r, d + r + o
    reason = first_reason(
        (invalid, INVALID_COUNT),
        (np.isnan(resolved), MISSING_DAYS),
        (resolved == 0, NO_KNOWN_OUTCOMES),
        shape=d.shape,
    )
    naive_reason = first_reason(
        (invalid, INVALID_COUNT), (np.isnan(cases), MISSING_DAYS), (cases == 0, NO_CASES), shape=d.shape
    )
    counted = np.where(naive_reason == 0, cases, np.nan)
    result = (
        *exact_proportion(d, np.where(reason == 0, resolved, np.nan), level),
        reason,
        *exact_proportion(d, counted, level),
        naive_reason,
        d / counted,
        (d + o) / counted,
        d,
        r,
        o,
    )
    return ResolvedFatality(*(np.asarray(part)[()] for part in result))
