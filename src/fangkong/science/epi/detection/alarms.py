"""What every detection method hands back: a bound, what was expected, the alarms, and where it had no power.

An alarm is a count above the bound. Silence means something only where the method could have spoken, so every
cell without a bound carries the reason: the reader sees "too few cases" or "baseline too short", never a
quiet week that nobody had watched.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangkong.science.epi.estimates import TOO_FEW_CASES
from fangkong.science.epi.serial_interval import FloatArray

BoolArray = NDArray[np.bool_]
ReasonArray = NDArray[np.uint8]

BASELINE_TOO_SHORT = "baseline_too_short"
MISSING_COUNT = "missing_count"
INVALID_COUNT = "invalid_count"
MISSING_BASELINE = "missing_baseline"
BASELINE_WITHOUT_VARIATION = "baseline_without_variation"
FIT_NOT_CONVERGED = "fit_not_converged"
BOUND_NOT_FINITE = "bound_not_finite"
NOT_MONITORED = "not_monitored"

REASON_CODES: tuple[str, ...] = (
    "",
    BASELINE_TOO_SHORT,
    MISSING_COUNT,
    INVALID_COUNT,
    MISSING_BASELINE,
    TOO_FEW_CASES,
    BASELINE_WITHOUT_VARIATION,
    FIT_NOT_CONVERGED,
    BOUND_NOT_FINITE,
    NOT_MONITORED,
)


@dataclass(frozen=True, slots=True)
class Alarms:
    """The bound, the expectation and the alarms of one method on one series or a matrix of them.

    Attributes:
        observed: the counts as given, as floats; shape ``[time]`` or ``[series, time]``, as everything here.
        upper: the bound: a count above it raises the alarm. NaN where the method has none; it stands where only
            the count to hold against it is missing.
        expected: the count expected without an outbreak; NaN where unknown.
        alarm: True where the count lies above the bound (for a cumulative method: where the sum crosses its
            limit).
        reason: 0 where the method had power, else the position of the reason in ``REASON_CODES``.
        p_value: chance of a count at least this high without an outbreak; NaN where the method states none.
        method: code of the method.
    """

    observed: FloatArray
    upper: FloatArray
    expected: FloatArray
    alarm: BoolArray
    reason: ReasonArray
    p_value: FloatArray
    method: str
    params: dict[str, object] = field(default_factory=dict)

    @property
    def power(self) -> BoolArray:
        """True where the method could have raised an alarm; only there does silence mean "no alarm"."""
        return np.asarray(self.reason == 0)

    def reason_at(self, *cell: int) -> str:
        """The refusal code of one cell, "" where the method had power."""
        return REASON_CODES[int(self.reason[cell])]


def reason_number(code: str) -> int:
    """Position of a refusal code in ``REASON_CODES``."""
    return REASON_CODES.index(code)


def count_matrix(counts: ArrayLike) -> tuple[FloatArray, BoolArray, bool]:
    """The counts as ``[series, time]`` with NaN for every unusable cell, which cells are invalid, and if 1-D.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``. NaN (or a mask) marks a missing count; a negative or infinite
            one is invalid: both are left out, and the cells say why.

    Raises:
        ValueError: for another number of dimensions.
    """
    values = np.ma.filled(np.ma.asarray(counts, dtype=np.float64), np.nan)
    if values.ndim not in (1, 2):
        raise ValueError(
            f"counts have shape {values.shape}; give one series [time] or a matrix [series, time]"
        )
    matrix = np.array(np.atleast_2d(values))
    invalid = np.isinf(matrix) | (matrix < 0)
    matrix[invalid] = np.nan
    return matrix, invalid, values.ndim == 1


def alarms_of(
    method: str,
    counts: ArrayLike,
    *,
    upper: FloatArray,
    expected: FloatArray,
    reason: ReasonArray,
    alarm: BoolArray | None = None,
    p_value: FloatArray | None = None,
    params: dict[str, object] | None = None,
) -> Alarms:
    """The result of a method, cells without power emptied, in the shape of the counts.

    Arguments:
        method: code of the method.
        counts: as the caller gave them.
        upper, expected, reason, alarm, p_value: ``[series, time]``; ``alarm`` defaults to counts above ``upper``.
            A bound that is not finite although nothing was refused is refused here.
        params: the settings that the words of a page need.
    """
    matrix, invalid, single = count_matrix(counts)
    reason = reason.copy()
    bound = np.where((reason == 0) & np.isfinite(upper), upper, np.nan)
    # A bound stands although the count to hold against it is missing: the reader sees what would be too many.
    reason[(reason == 0) & invalid] = reason_number(INVALID_COUNT)
    reason[(reason == 0) & np.isnan(matrix)] = reason_number(MISSING_COUNT)
    reason[(reason == 0) & np.isnan(bound)] = reason_number(BOUND_NOT_FINITE)
    power = reason == 0
    with np.errstate(invalid="ignore"):
        raised = (matrix > bound if alarm is None else alarm) & power
    chance = np.full(matrix.shape, np.nan) if p_value is None else np.where(power, p_value, np.nan)
    shape = np.shape(counts) if single else matrix.shape
    return Alarms(
        observed=np.ma.filled(np.ma.asarray(counts, dtype=np.float64), np.nan),
        upper=bound.reshape(shape),
        expected=np.where(np.isfinite(expected), expected, np.nan).reshape(shape),
        alarm=raised.reshape(shape),
        reason=reason.reshape(shape),
        p_value=chance.reshape(shape),
        method=method,
        params=params or {},
    )
