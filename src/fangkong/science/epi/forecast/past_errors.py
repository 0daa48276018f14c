"""What a model got wrong in the past: it chooses among candidates and sets the width of the intervals.

Errors are measured on ``log(1 + count)``. Their variance at a count f and horizon h is taken as
``1 / (1 + f) + tau_h^2``: the first part is the noise of counting (Poisson), the second the error of the model
and the extra variation of reporting, so that together they behave as a negative binomial. ``tau_h`` comes from
the past errors at that horizon, steadied across horizons by a smooth curve; the shape of the law (its tails and
its lean) from all standardised past errors, and from Student's t as far as there are few of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from fangkong.science.epi.serial_interval import FloatArray

# Errors beyond four (robust) standard deviations are events, not the usual error: they are cut to that size.
_LARGEST_ERROR_SDS = 4.0
# Independent errors as which a smooth curve, the symmetric law and Student's t count against the errors seen.
_CURVE_WEIGHT = 8.0
_SYMMETRY_WEIGHT = 5.0
_TAIL_WEIGHT = 20.0
_FEWEST_ERRORS = 4
_TAIL_FREEDOM = 6.0
# The error of a model grows no faster than e-fold in three steps, and no forecast passes a million times the
# largest count.
_STEEPEST_ERROR = 0.35
_LARGEST_RISE = float(np.log(1e6))


@dataclass(frozen=True, slots=True)
class ErrorLaw:
    """The law of a model's errors about its forecast from the last origin.

    Attributes:
        centre: ``log(1 + count)`` forecast, ``[series, horizon]``.
        model_variance: ``tau^2`` by horizon, ``[series, horizon]``.
        errors, sizes: standardised past errors and their absolute values, sorted, NaN last;
            ``[series, errors]``.
        known: number of past errors, ``[series]``.
        independent: number of independent errors that they are worth, ``[series]``.
        ceiling: largest ``log(1 + count)`` that is forecast, ``[series]``.
    """

    centre: FloatArray
    model_variance: FloatArray
    errors: FloatArray
    sizes: FloatArray
    known: FloatArray
    independent: FloatArray
    ceiling: FloatArray

    def standard_quantiles(self, levels: FloatArray) -> FloatArray:
        """Quantiles of the standardised error, ``[levels, series]``, rising with the level."""
        freedom = _TAIL_FREEDOM
        student = stdtrit(freedom, levels) * np.sqrt((freedom - 2) / freedom)
        student = np.repeat(student[:, None], self.known.size, axis=1)
        leaning = _sorted_quantiles(self.errors, self.known, levels)
        central = np.abs(2 * levels - 1)
        symmetric = np.sign(levels - 0.5)[:, None] * _sorted_quantiles(self.sizes, self.known, central)
        lean = self.independent / (self.independent + _SYMMETRY_WEIGHT)
        seen = self.independent / (self.independent + _TAIL_WEIGHT)
        seen = np.where(self.known >= _FEWEST_ERRORS, seen, 0.0)
        own = np.where(seen > 0, lean * leaning + (1 - lean) * symmetric, 0.0)
        law = seen * own + (1 - seen) * student
        order = np.argsort(levels)
        law[order] = np.maximum.accumulate(law[order], axis=0)
        return law

    def quantiles(self, levels: FloatArray, centre: FloatArray | None = None) -> FloatArray:
        """Quantiles of the count, ``[levels, *centre's shape]``.

        Arguments:
            levels: probabilities.
            centre: another forecast to put the law about, ``[..., series, horizon]``; default its own.
        """
        at = self.centre if centre is None else centre
        spread = np.sqrt(np.exp(-at) + self.model_variance)
        law = self.standard_quantiles(levels).reshape((levels.size,) + (1,) * (at.ndim - 2) + (-1, 1))
        log_count = np.clip(at + law * spread, 0.0, np.maximum(self.ceiling[:, None], at))
        return np.asarray(np.expm1(log_count))


def error_law(forecasts: FloatArray, came: FloatArray, largest: FloatArray) -> ErrorLaw:
    """The law of the errors of past forecasts about the last of them.

    Arguments:
        forecasts: ``log(1 + count)`` by origin, ``[series, origins, horizon]``; the last origin is now.
        came: what came, NaN where not yet known, same shape.
        largest: largest ``log(1 + count)`` seen, ``[series]``.
    """
    series, _, horizon = forecasts.shape
    error = came - forecasts
    counting = np.exp(-forecasts)
    seen = ~np.isnan(error)
    number = seen.sum(axis=1).astype(np.float64)
    size = np.abs(error)
    usual = 1.4826 * _median_of_known(size, seen)
    least = np.sqrt(np.where(seen, counting, np.inf).min(axis=1))
    limit = _LARGEST_ERROR_SDS * np.maximum(usual, np.where(np.isfinite(least), least, 0.0))
    cut = np.where(seen, np.minimum(size, limit[:, None, :]), 0.0)
    excess = np.where(seen, cut**2 - counting, 0.0).sum(axis=1)
    variance = np.maximum(excess / np.maximum(number, 1.0), 0.0)

    steps = np.arange(1, horizon + 1, dtype=np.float64)
    # Errors of neighbouring origins overlap: h steps ahead, they are worth fewer.
    worth = number / np.sqrt(steps)
    curve = _steadied(variance, worth, steps)
    variance = (worth * variance + _CURVE_WEIGHT * curve) / (worth + _CURVE_WEIGHT)
    variance = np.minimum(variance, (_STEEPEST_ERROR * steps) ** 2)

    standard = np.where(seen, error / np.sqrt(counting + variance[:, None, :]), np.nan)
    standard = np.sort(standard.reshape(series, -1), axis=1)
    known = number.sum(axis=1)
    return ErrorLaw(
        centre=forecasts[:, -1],
        model_variance=variance,
        errors=standard,
        sizes=np.sort(np.abs(standard), axis=1),
        known=known,
        independent=known / horizon / np.sqrt(max(horizon / 2, 1.0)),
        ceiling=largest + _LARGEST_RISE,
    )


def past_error(forecasts: FloatArray, came: FloatArray) -> FloatArray:
    """Mean absolute past error of each candidate on the root scale, ``[series, candidates]``; NaN without past.

    Each horizon counts alike. Roots stand between cases, where one peak would decide alone, and logs, where
    quiet days would.

    Arguments:
        forecasts: ``log(1 + count)``, ``[series, origins, candidates, horizon]``.
        came: ``[series, origins, horizon]``, NaN where not yet known.
    """
    seen = ~np.isnan(came)
    target = np.sqrt(np.expm1(np.where(seen, came, 0.0)))[:, :, None, :]
    size = np.abs(np.sqrt(np.expm1(forecasts)) - target) * seen[:, :, None, :]
    number = seen.sum(axis=1)
    mean = size.sum(axis=1) / np.maximum(number, 1)[:, None, :]
    horizons = (number > 0).sum(axis=1)
    total = (mean * (number > 0)[:, None, :]).sum(axis=2)
    return np.where(horizons[:, None] > 0, total / np.maximum(horizons, 1)[:, None], np.nan)


def candidate_weights(error: FloatArray, power: float) -> FloatArray:
    """Weights that add up to 1 and favour candidates with small past errors, ``[series, candidates]``.

    A mean of the good ones rather than the best one: the best of many is best partly by luck.

    Arguments:
        error: past error of each candidate, ``[series, candidates]``; NaN without past.
        power: to which a weight falls with the error relative to the best.
    """
    best = np.nanmin(np.where(np.isnan(error), np.inf, error), axis=1, keepdims=True)
    known = np.isfinite(best) & ~np.isnan(error)
    ratio = np.where(known, (best + 1e-9) / (np.where(known, error, 1.0) + 1e-9), 1.0)
    weight = ratio**power
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def best_candidate(error: FloatArray) -> FloatArray:
    """All weight on the candidate with the smallest past error (the first without a past)."""
    best = np.argmin(np.where(np.isnan(error), np.inf, error), axis=1)
    return np.asarray(np.arange(error.shape[1]) == best[:, None], dtype=np.float64)


def _steadied(variance: FloatArray, worth: FloatArray, steps: FloatArray) -> FloatArray:
    """The curve ``a + b h^1.5`` with a, b >= 0 nearest to the variances by horizon, ``[series, horizon]``."""
    growth = steps**1.5
    s00, s01, s11 = worth.sum(axis=1), worth @ growth, worth @ growth**2
    t0, t1 = (worth * variance).sum(axis=1), (worth * variance) @ growth
    det = s00 * s11 - s01**2
    safe = np.where(det > 1e-9 * np.maximum(s00 * s11, 1e-12), det, np.inf)
    a, b = (t0 * s11 - t1 * s01) / safe, (t1 * s00 - t0 * s01) / safe
    only_growth = t1 / np.maximum(s11, 1e-12)
    flat = t0 / np.maximum(s00, 1e-12)
    no_slope = (b < 0) | ~np.isfinite(safe)
    b = np.where(no_slope, 0.0, np.where(a < 0, only_growth, b))
    a = np.where(no_slope, flat, np.maximum(a, 0.0))
    return a[:, None] + b[:, None] * growth


def _median_of_known(values: FloatArray, seen: np.ndarray) -> FloatArray:
    """Median along axis 1 of the cells that are known; 0 where none is."""
    ranked = np.sort(np.where(seen, values, np.inf), axis=1)
    number = seen.sum(axis=1)
    low = np.take_along_axis(ranked, np.maximum((number - 1) // 2, 0)[:, None, :], axis=1)[:, 0]
    high = np.take_along_axis(ranked, np.minimum(number // 2, values.shape[1] - 1)[:, None, :], axis=1)[:, 0]
    return np.where(number > 0, (np.where(number > 0, low, 0) + np.where(number > 0, high, 0)) / 2, 0.0)


def _sorted_quantiles(ranked: FloatArray, known: FloatArray, levels: FloatArray) -> FloatArray:
    """Quantiles (Hazen's positions) of rows sorted with NaN last, ``[levels, rows]``; 0 for an empty row."""
    place = np.clip(levels[:, None] * known - 0.5, 0.0, np.maximum(known - 1, 0))
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, np.maximum(known - 1, 0).astype(np.int64))
    rows = np.arange(known.size)
    low, high = ranked[rows, below], ranked[rows, above]
    return np.where(known > 0, low + (place - below) * (high - low), 0.0)
