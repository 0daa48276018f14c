"""The lag of each day: the cheapest path, checked against trying every single stretch."""

from __future__ import annotations

import numpy as np
import pytest

from fangkong.science.reconcile.settings import settings as choices
from fangkong.science.reconcile.shifts import lag_paths, runs_of


def late_copy(x, lag, first, last):
    """``x`` with the days from ``first`` to ``last`` told ``lag`` days late."""
    y = x.copy()
    for day in range(first, last + 1):
        y[day] = x[day - lag]
    return y


@pytest.mark.parametrize("lag", [-3, -1, 1, 2, 7])
@pytest.mark.parametrize(("first", "last"), [(10, 30), (10, 59), (25, 45)])
def test_a_stretch_told_late_or_early_is_found(lag, first, last):
    x = np.random.default_rng(lag + 20).integers(0, 5000, 70).astype(float)
    path = lag_paths(x[None], late_copy(x, lag, first, last)[None], choices())[0]
    # A figure told on its own day and again a day later suits both lags; only the days between are certain.
    assert set(path[max(first, first - lag) : min(last, last - lag) + 1]) == {lag}
    assert not path[: min(first, first - lag)].any()
    assert not path[max(last, last - lag) + 1 :].any()
    assert len(list(runs_of(path))) == 1


def test_a_flat_series_has_no_lag_and_unlike_series_have_none():
    flat = np.zeros((1, 40))
    assert not lag_paths(flat, flat, choices()).any()
    draw = np.random.default_rng(8)
    assert not lag_paths(
        draw.integers(0, 90, (3, 60)) * 1.0, draw.integers(0, 90, (3, 60)) * 1.0, choices()
    ).any()


def test_missing_days_do_not_hide_a_shift():
    x = np.random.default_rng(9).integers(0, 5000, 60).astype(float)
    y = late_copy(x, 1, 20, 59)
    y[[25, 40, 41]] = np.nan
    path = lag_paths(x[None], y[None], choices())[0]
    assert set(path[20:58]) == {1}
