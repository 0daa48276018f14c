"""Samples of the reproduction number, for what is to be carried on by sampling (a forecast, a nowcast's doubt).

As EpiEstim's ``uncertain_si`` and ``si_from_sample``: from the posterior under each draw of the serial interval the
same number of values is drawn, and a draw gives none for windows that end no later than its mean. The deterministic
mixture of ``estimate_reproduction`` is the limit of many samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.reproduction import MISSING_WEIGHT_LIMIT, QUANTILE_LEVELS
from fangkong.science.epi.reproduction_posterior import (
    NO_WINDOW,
    REASON_CODES,
    ReasonArray,
    checked_levels,
    checked_prior,
    checked_windows,
    reason_number,
    sliding_windows,
    usable_counts,
)
from fangkong.science.epi.serial_interval import FloatArray, checked_weights
from fangkong.science.epi.uncertain_interval import Mixture, checked_draws


@dataclass(frozen=True, slots=True)
class ReproductionSamples:
    """Samples of R on the day that ends each window, and what they add up to; NaN where there is none.

    Attributes:
        samples: shape ``[draws * samples_per_draw, *incidence.shape]``; NaN also where a draw takes no part.
        mean, sd: of the samples, shaped like the incidence.
        quantiles: of the samples, ``[levels, *incidence.shape]``; quantile_levels: the levels.
        reason: 0, or the position of the reason in ``reason_codes``.
    """

    samples: FloatArray
    mean: FloatArray
    sd: FloatArray
    quantiles: FloatArray
    quantile_levels: tuple[float, ...]
    reason: ReasonArray

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """The codes by the number that stands in ``reason``."""
        return REASON_CODES


def sample_reproduction(
    incidence: ArrayLike,
    serial_interval: ArrayLike,
    *,
    samples_per_draw: int = 50,
    seed: int = 0,
    window: int = 7,
    windows: ArrayLike | None = None,
    imported: ArrayLike | None = None,
    prior_mean: float = 5.0,
    prior_sd: float = 5.0,
    quantiles: Sequence[float] = QUANTILE_LEVELS,
    missing_weight_limit: float = MISSING_WEIGHT_LIMIT,
) -> ReproductionSamples:
    """Samples of the reproduction number under each draw of the serial interval, with their summary.

    Arguments:
        incidence, window, windows, imported, prior_mean, prior_sd, quantiles, missing_weight_limit: as in
            ``estimate_reproduction``.
        serial_interval: draws, ``[draws, days]`` (see ``draw_serial_intervals``), or one interval ``[days]``.
        samples_per_draw: samples from the posterior under each draw, at least 1.
        seed: of the random numbers; the same seed gives the same samples.

    Returns:
        The samples by day of the window's end, their mean, sd and quantiles.

    Raises:
        ValueError: for arguments that make no sense in themselves.

    >>> found = sample_reproduction(np.full(20, 8.0), [[0, 1.0, 0], [0, 0, 1.0]], samples_per_draw=100)
    >>> found.samples.shape, bool(0.7 < found.mean[-1] < 1.4)
    ((200, 20), True)
    """
    if samples_per_draw < 1:
        raise ValueError(f"samples_per_draw is {samples_per_draw}; draw at least one")
    given = np.asarray(incidence)
    if given.ndim not in (1, 2):
        raise ValueError(f"incidence has shape {given.shape}; give one series [days] or [series, days]")
    elsewhere = None if imported is None else np.asarray(imported)
    if elsewhere is not None and elsewhere.shape != given.shape:
        raise ValueError(f"imported has shape {elsewhere.shape}, incidence {given.shape}; they must match")
    interval = np.asarray(serial_interval, dtype=np.float64)
    draws = checked_draws(interval) if interval.ndim == 2 else checked_weights(interval)[None, :]
    levels, prior = checked_levels(quantiles), checked_prior(prior_mean, prior_sd)
    matrix = np.atleast_2d(given)
    series, days = matrix.shape
    spans = sliding_windows(days, window) if windows is None else checked_windows(windows, days)
    if np.unique(spans[:, 1]).size < spans.shape[0]:
        raise ValueError("two windows end on one day, and a value stands at its last day; call once for each")

    number = draws.shape[0] * samples_per_draw
    samples = np.full((number, series, days), np.nan)
    reason = np.full((series, days), reason_number(NO_WINDOW), dtype=np.uint8)
    summary = np.full((2 + len(levels), series, days), np.nan)
    rng = np.random.default_rng(seed)
    foreign = None if elsewhere is None else np.atleast_2d(elsewhere)
    for row in range(series if spans.size else 0):
        one = slice(row, row + 1)
        counts = usable_counts(matrix[one], None if foreign is None else foreign[one])
        mixture = Mixture(counts, draws, spans, prior, missing_weight_limit)
        estimated = np.flatnonzero(~np.isnan(mixture.mean[0]) & ~mixture.refused[0])
        unit = rng.standard_gamma(
            mixture.shape[0, estimated], size=(draws.shape[0], samples_per_draw, estimated.size)
        )
        drawn = unit * mixture.scale[:, 0, estimated][:, None, :]
        drawn = np.where(mixture.takes_part[:, estimated][:, None, :], drawn, np.nan).reshape(number, -1)
        at = spans[estimated, 1]
        samples[:, row, at] = drawn
        reason[row, spans[:, 1]] = mixture.reason[0]
        if estimated.size:
            summary[0, row, at] = np.nanmean(drawn, axis=0)
            summary[1, row, at] = np.nanstd(drawn, axis=0, ddof=1) if number > 1 else 0.0
            summary[2:, row, at] = np.nanquantile(drawn, levels, axis=0)
    shape = given.shape
    return ReproductionSamples(
        samples=samples.reshape(number, *shape),
        mean=summary[0].reshape(shape),
        sd=summary[1].reshape(shape),
        quantiles=summary[2:].reshape(len(levels), *shape),
        quantile_levels=levels,
        reason=reason.reshape(shape),
    )
