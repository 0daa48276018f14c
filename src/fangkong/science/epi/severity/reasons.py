"""Why a fatality risk is missing: the codes of this room, by the number that stands in ``reason``."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fangkong.science.epi.estimates import MISSING_DAYS, NO_CASES
from fangkong.science.epi.serial_interval import FloatArray

BoolArray = NDArray[np.bool_]
ReasonArray = NDArray[np.uint8]

INVALID_COUNT = "invalid_count"
DEATHS_EXCEED_CASES = "deaths_exceed_cases"
NO_KNOWN_OUTCOMES = "no_known_outcomes"
DEATHS_EXCEED_OUTCOMES = "deaths_exceed_outcomes"
BURN_IN = "burn_in"
SMOOTHING_EDGE = "smoothing_edge"

REASON_CODES: tuple[str, ...] = (
    "",
    MISSING_DAYS,
    INVALID_COUNT,
    NO_CASES,
    DEATHS_EXCEED_CASES,
    NO_KNOWN_OUTCOMES,
    DEATHS_EXCEED_OUTCOMES,
    BURN_IN,
    SMOOTHING_EDGE,
)


def reason_number(code: str) -> int:
    """Position of a code in ``REASON_CODES``."""
    return REASON_CODES.index(code)


def first_reason(*rules: tuple[BoolArray, str], shape: tuple[int, ...]) -> ReasonArray:
    """The first rule that refuses each cell, 0 where none does.

    Arguments:
        rules: ``(refused, code)`` in order of precedence; ``refused`` broadcasts to ``shape``.
        shape: of the result.
    """
    reason = np.zeros(shape, dtype=np.uint8)
    for refused, code in reversed(rules):
        reason[np.broadcast_to(refused, shape)] = reason_number(code)
    return reason


def checked_counts(values: ArrayLike, name: str) -> tuple[FloatArray, BoolArray, bool]:
    """The counts as ``[series, time]``, which cells are invalid, and whether one series was given.

    Arguments:
        values: shape ``[time]`` or ``[series, time]``; NaN is missing, a negative or infinite count invalid.
            Both stand as NaN in the result.
        name: of the argument, for the sentence of an error.

    Raises:
        ValueError: for another number of dimensions.
    """
    counts = np.asarray(values, dtype=np.float64)
    if counts.ndim not in (1, 2):
        raise ValueError(
            f"{name} have shape {counts.shape}; give one series [time] or a matrix [series, time]"
        )
    matrix = np.array(np.atleast_2d(counts))
    invalid = np.isinf(matrix) | (matrix < 0)
    matrix[invalid] = np.nan
    return matrix, invalid, counts.ndim == 1
