"""Lawless (1994) nowcast: reported so far divided by the share that such a delay has let through.

The baseline to compare with, equal to ``nowcast(method = "lawless")`` of the R package surveillance 1.20.3 with its
quirks: the spread leaves out the uncertainty of the delay distribution (that line of the package is computed and
thrown away), the truncated normal is scaled but not shifted at the observed count, and a day without a report gets
0 with an interval from 0 to 0.

Source: Lawless (1994), "Adjustments for reporting delays and the prediction of occurred but not reported events",
Canadian Journal of Statistics 22:15-31.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from fangkong.science.epi.nowcast.result import MISSING_REPORTS, NOTHING_KNOWN, REASON_CODES, Nowcast
from fangkong.science.epi.nowcast.triangle import as_stack, latest_report
from fangkong.science.epi.serial_interval import FloatArray

LEVELS = (0.025, 0.5, 0.975)


def lawless(
    triangle: ArrayLike,
    *,
    quantile_levels: ArrayLike = LEVELS,
    window: int | None = None,
    max_total: int | None = None,
) -> Nowcast:
    """Eventual counts by reverse-time hazards, as the R package surveillance computes them.

    Arguments:
        triangle: incremental counts ``[ref, delay]`` or ``[series, ref, delay]``, NaN where not yet reported. The
            last delay holds all longer ones.
        quantile_levels: probabilities of the quantiles.
        window: use the last ``window + 1`` reference periods only (``m`` of the package); all by default.
        max_total: largest count that the package reckons with (``N.tInf.max``, 300 there): where a probability is
            not reached by then, it answers 0. None for no limit.

    Returns:
        whole-number quantiles; ``mean`` is reported / share let through. NaN, ``nothing_known``, where the share is 0:
        the package stops with an error there.

    Raises:
        ValueError: another number of dimensions, levels outside 0 to 1, a window below 1.

    >>> seen = [[4, 2, 1], [6, 3, 1], [5, 3, np.nan], [4, np.nan, np.nan]]
    >>> lawless(seen).at(0.5)
    array([ 7., 10.,  9.,  7.])
    """
    stack, single = as_stack(triangle)
    asked = np.asarray(quantile_levels, dtype=np.float64).ravel()
    levels = np.sort(asked)
    if levels.size == 0 or not ((levels > 0) & (levels < 1)).all():
        raise ValueError("quantile_levels must lie between 0 and 1")
    if window is not None and window < 1:
        raise ValueError(f"window is {window}; it needs at least 1 reference period before the latest")
    series, periods, delays = stack.shape
    quantiles = np.full((len(levels), series, periods), np.nan)
    mean, observed = np.full((series, periods), np.nan), np.zeros((series, periods))
    reason = np.zeros((series, periods), dtype=np.uint8)
    for row in range(series):
        observed[row] = np.nansum(stack[row], axis=1)
        reason[row] = REASON_CODES.index(NOTHING_KNOWN)
        now = latest_report(stack[row])
        if now < 0:
            continue
        share, seen = _share_reported(stack[row], now, window), observed[row]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            expected = seen / share
            spread = np.sqrt(seen * (1 - share)) / share
        known = np.isfinite(expected) & np.isfinite(spread) & (share > 0)
        missing = np.isnan(stack[row][:, 0]) & (np.arange(periods) <= now)
        reason[row] = np.where(
            missing,
            REASON_CODES.index(MISSING_REPORTS),
            np.where(known, 0, REASON_CODES.index(NOTHING_KNOWN)),
        )
        stands = known & ~missing
        mean[row, stands] = expected[stands]
        quantiles[:, row, stands] = _quantiles(
            levels, expected[stands], spread[stands], seen[stands], max_total
        )
    flat = (periods,) if single else (series, periods)
    return Nowcast(
        # In the order in which they were asked for.
        quantiles=quantiles[np.searchsorted(levels, asked)].reshape(len(levels), *flat),
        quantile_levels=asked,
        mean=mean.reshape(flat),
        observed=observed.reshape(flat),
        reason=reason.reshape(flat),
        method="lawless",
        params={"delays": delays, "window": window},
    )


def _share_reported(cells: FloatArray, now: int, window: int | None) -> FloatArray:
    """The share let through by the delay that each period has had; 0 for a period after the latest report."""
    periods, delays = cells.shape
    counts = np.nan_to_num(cells, nan=0.0, posinf=0.0, neginf=0.0)
    running = np.cumsum(counts, axis=1)
    first = 0 if window is None else max(0, now - window)
    hazard = np.zeros(delays)
    for delay in range(delays):
        rows = slice(first, max(first, min(periods, now - delay + 1)))
        at_risk = running[rows, delay].sum()
        hazard[delay] = counts[rows, delay].sum() / at_risk if at_risk != 0 else 0.0
    hazard[0] = 1
    # Share within a delay: product over the longer delays of "not just then".
    through = np.append(np.cumprod((1 - hazard[1:])[::-1])[::-1], 1.0)
    had = now - np.arange(periods)
    return np.where(had < 0, 0.0, through[np.clip(had, 0, delays - 1)])


def _quantiles(
    levels: FloatArray, mean: FloatArray, sd: FloatArray, seen: FloatArray, max_total: int | None
) -> FloatArray:
    """Smallest whole numbers whose (scaled) normal probability passes each level."""
    spread = np.maximum(sd, 1e-300)
    above = 1 - special.ndtr((seen - mean) / spread)
    passes = levels[:, None] * above[None]
    start = np.floor(mean + spread * special.ndtri(np.clip(passes, 0, 1)))
    out = np.maximum(start, seen)
    # The distribution must lie above the level, not on it: one step decides.
    out = np.where(special.ndtr((out - mean) / spread) > passes, out, out + 1)
    # A point where nothing is left to come; the package has no such whole number unless the mean is one.
    out = np.where(sd > 0, out, np.where(mean == np.rint(mean), mean, 0.0))
    if max_total is not None:
        out = np.where(out > max_total, 0.0, out)
    return np.asarray(out)
