"""Pairs of events, each known only by a window of time: who can be used, who cannot, and equal pairs once.

A date is a window of one day, "between the 3rd and the 7th" one of five. Times are days as numbers, from any start,
or NumPy datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.serial_interval import FloatArray

# One second, in days: clock times of a record are not finer, and a window must not turn to nothing by rounding.
_SMALLEST_STEP = 1.0 / 86_400
_A_DAY = 1.0


@dataclass(frozen=True, slots=True)
class EventWindows:
    """Usable pairs, each distinct one once, in days after the start of the primary window.

    Attributes:
        primary_width: width of the window of the first event, 0 where its time is exact; shape ``[pairs]``.
        start, stop: window of the second event; equal where its time is exact, ``stop`` infinite where it had not
            come yet.
        horizon: last moment at which the second event could have been seen; infinite without truncation.
        weight: how many pairs are equal to this one, times the weights that were given.
        records: usable pairs, each counted once.
        missing, impossible, unseen: pairs left out, as a window is not known, as the second event must have come
            before the first, as it lies after the truncation.
    """

    primary_width: FloatArray
    start: FloatArray
    stop: FloatArray
    horizon: FloatArray
    weight: FloatArray
    records: int
    missing: int
    impossible: int
    unseen: int


def days_of(times: ArrayLike) -> FloatArray:
    """Times as days: numbers as they are, datetimes since 1970, NaT as NaN."""
    values = np.asarray(times)
    if values.dtype.kind == "O" or values.dtype.kind == "U":
        values = np.asarray(times, dtype="datetime64[s]")
    if values.dtype.kind == "M":
        seconds = values.astype("datetime64[s]")
        return np.where(np.isnat(seconds), np.nan, seconds.astype(np.int64) / 86_400.0)
    return np.asarray(values, dtype=np.float64)


def event_windows(
    primary_lower: ArrayLike,
    secondary_lower: ArrayLike,
    primary_upper: ArrayLike | None,
    secondary_upper: ArrayLike | None,
    observed_until: ArrayLike | None,
    weights: ArrayLike | None,
) -> EventWindows:
    """The usable pairs; arguments as ``fit_delay`` has them.

    Raises:
        ValueError: for shapes that do not agree, windows that end before they begin, weights that are negative or
            not finite.
    """
    first, second = days_of(primary_lower), days_of(secondary_lower)
    if first.ndim != 1 or second.ndim != 1:
        raise ValueError(f"events have shapes {first.shape} and {second.shape}; give one row of pairs [pair]")
    if first.size != second.size:
        raise ValueError(
            f"{first.size} first events meet {second.size} second ones; give one number per pair"
        )
    columns = [
        first,
        first + _A_DAY if primary_upper is None else days_of(primary_upper),
        second,
        second + _A_DAY if secondary_upper is None else days_of(secondary_upper),
        np.asarray(np.inf) if observed_until is None else days_of(observed_until),
        np.asarray(1.0) if weights is None else np.asarray(weights, dtype=np.float64),
    ]
    try:
        table = np.array(np.broadcast_arrays(*columns))
    except ValueError:
        raise ValueError(
            f"windows have shapes {', '.join(str(part.shape) for part in columns)}; give one number per pair"
        ) from None
    if table.shape[1:] != first.shape:
        raise ValueError(
            f"{first.size} primary events meet {table.shape[1:]} others; give one number per pair"
        )
    weight = table[5]
    if not np.isfinite(weight).all() or (weight < 0).any():
        raise ValueError("weights must be finite and not negative")
    with np.errstate(invalid="ignore"):
        if (table[1] < table[0]).any() or (table[3] < table[2]).any():
            row = int(np.flatnonzero((table[1] < table[0]) | (table[3] < table[2]))[0])
            raise ValueError(
                f"pair {row} has a window that ends before it begins; a window is (lower, upper)"
            )
        # No end of the second window: the event had not come when last looked (right censoring).
        known = np.isfinite(table[:3]).all(axis=0) & ~np.isnan(table[3:5]).any(axis=0) & (table[3] > -np.inf)
        impossible = known & (table[3] <= table[0]) & ~((table[3] == table[0]) & (table[1] == table[0]))
        # A truncation before the first event leaves nothing that could have been seen.
        unseen = known & ~impossible & ((table[2] >= table[4]) | (table[0] >= table[4]))
    usable = known & ~impossible & ~unseen & (weight > 0)
    lower, upper, start, stop, horizon, weight = table[:, usable]
    rows = np.stack([upper - lower, start - lower, np.minimum(stop, horizon) - lower, horizon - lower])
    rows = np.round(rows / _SMALLEST_STEP) * _SMALLEST_STEP
    if usable.any():
        rows, place = np.unique(rows, axis=1, return_inverse=True)
        weight = np.bincount(place.ravel(), weights=weight, minlength=rows.shape[1])
    return EventWindows(
        primary_width=rows[0],
        start=rows[1],
        stop=rows[2],
        horizon=rows[3],
        weight=weight,
        records=int(usable.sum()),
        missing=int((~known).sum()),
        impossible=int(impossible.sum()),
        unseen=int(unseen.sum()),
    )
