"""Which part of the infections was found: a severity known from elsewhere over the severity seen here.

Where cases look more deadly than the disease is known to be, mild ones were not found. Source:
``estimate_ascertainment`` of the R package cfr 0.2.0 (MIT; re-derived here), after Russell et al. (2020), BMC
Medicine 18:332.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fangkong.science.epi.serial_interval import FloatArray
from fangkong.science.epi.severity.fatality import FatalityRisk
from fangkong.science.epi.severity.reasons import BoolArray, ReasonArray


@dataclass(frozen=True, slots=True)
class Ascertainment:
    """Part of the cases that was found, from the adjusted risk and, beside it, from the naive one.

    Attributes:
        estimate, lower, upper: between 0 and 1; NaN where the adjusted risk is missing. The interval is that of
            the fatality risk alone; the baseline counts as known.
        naive, naive_lower, naive_upper: the same from the naive risk.
        reason, naive_reason: those of the fatality risk, positions in its ``REASON_CODES``.
        capped: True where the baseline is above the risk seen, so the ratio was cut to 1: the baseline does not
            fit these cases.
        baseline: the severity taken as true.
    """

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    naive: FloatArray
    naive_lower: FloatArray
    naive_upper: FloatArray
    reason: ReasonArray
    naive_reason: ReasonArray
    capped: BoolArray
    baseline: float


def estimate_ascertainment(risk: FatalityRisk, baseline: float) -> Ascertainment:
    """The part of the cases that was found: baseline severity over the severity seen, cut to at most 1.

    Arguments:
        risk: from ``delay_adjusted_cfr``, of any kind; the result has its shape.
        baseline: the true severity of the disease, between 0 and 1, from a source of its own.

    Raises:
        ValueError: for a baseline outside 0 to 1.

    >>> from fangkong.science.epi.severity.fatality import delay_adjusted_cfr
    >>> risk = delay_adjusted_cfr([10, 40, 60, 0], [0, 1, 3, 4], [0.2, 0.5, 0.3])
    >>> found = estimate_ascertainment(risk, 0.014)
    >>> f"{found.estimate:.3f} ({found.lower:.3f} to {found.upper:.3f})"
    '0.161 (0.090 to 0.343)'
    """
    if not 0 <= baseline <= 1:
        raise ValueError(f"baseline is {baseline}; a severity lies between 0 and 1")

    def ratio(severity: FloatArray) -> FloatArray:
        seen = np.asarray(severity, dtype=np.float64)
        # A risk of 0 leaves every ratio possible up to the cut.
        whole = np.where(np.isnan(seen), np.nan, 1.0)
        with np.errstate(over="ignore"):
            quotient = np.divide(baseline, seen, out=whole, where=seen > 0)
        return np.minimum(quotient, 1.0)[()]

    with np.errstate(invalid="ignore"):
        capped = np.asarray(np.asarray(risk.estimate) < baseline)[()]
    return Ascertainment(
        estimate=ratio(risk.estimate),
        lower=ratio(risk.upper),
        upper=ratio(risk.lower),
        naive=ratio(risk.naive),
        naive_lower=ratio(risk.naive_upper),
        naive_upper=ratio(risk.naive_lower),
        reason=risk.reason,
        naive_reason=risk.naive_reason,
        capped=capped,
        baseline=float(baseline),
    )
