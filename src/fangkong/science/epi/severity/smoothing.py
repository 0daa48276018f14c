"""A running median that leaves both ends of a series as they are (R's ``runmed(endrule = "keep")``)."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from fangkong.science.epi.serial_interval import FloatArray


def checked_smoothing(window: int | None) -> int:
    """Days of the smoothing window, 0 for none.

    Raises:
        ValueError: for an even window or one below 1.
    """
    if window is None:
        return 0
    if window != int(window) or window < 1 or window % 2 == 0:
        raise ValueError(f"smoothing is {window}; a running median needs an odd number of days, such as 7")
    return int(window)


def running_median(counts: FloatArray, window: int) -> FloatArray:
    """The median of the ``window`` days around each day; the first and last half window stay as they are.

    Arguments:
        counts: ``[series, time]``; a missing day makes every median that holds it missing.
        window: odd number of days, or 0 for no smoothing.
    """
    if window <= 1 or counts.shape[1] < window:
        return counts
    half = window // 2
    smooth = counts.copy()
    windows = sliding_window_view(counts, window, axis=1)
    # Sorting puts NaN last: a window with one is found there, without numpy's warning of an empty median.
    in_order = np.sort(windows, axis=-1)
    smooth[:, half : counts.shape[1] - half] = np.where(
        np.isnan(in_order[..., -1]), np.nan, in_order[..., half]
    )
    return smooth
