"""Quantiles of overdispersed counts, continuous in every argument and quick for whole matrices."""

from __future__ import annotations

import numpy as np
from scipy import special

from fangkong.science.epi.serial_interval import FloatArray

# Above this mean the gamma distribution with the same moments differs by less than half a case in the tails.
_GAMMA_FROM = 300.0
# A distribution function that runs on between the whole numbers reaches a probability up to one case too early.
# Half a case more makes central intervals right on average; towards the tails a larger part keeps intervals
# at least as likely as they claim although counts are whole.
_HALF = 0.5
_TAIL = 0.25


def count_quantiles(levels: FloatArray, mean: FloatArray, overdispersion: FloatArray) -> FloatArray:
    """Quantiles of a negative binomial count, read between whole numbers; ``[level, ...]``, at least 0.

    Arguments:
        levels: probabilities within 0 and 1, shape ``[level]``.
        mean: expected count, at least 0; NaN gives NaN.
        overdispersion: ``variance = mean + overdispersion * mean ** 2``; at least 0.

    >>> [round(float(q), 1) for q in count_quantiles(np.array([0.025, 0.5, 0.975]), np.array(10.0), np.array(0.1))]
    [2.6, 9.5, 20.3]
    """
    shape = (len(levels), *np.shape(mean))
    mu, alpha = np.broadcast_arrays(
        np.asarray(mean, float).ravel(), np.asarray(overdispersion, float).ravel()
    )
    level = np.asarray(levels, dtype=np.float64)[:, None]
    out = np.full((len(levels), mu.size), np.nan)
    out[:, mu <= 0] = 0
    alpha = np.maximum(alpha, 1e-9)
    small = (mu > 0) & (mu <= _GAMMA_FROM)
    if small.any():
        size = 1 / alpha[small]
        part = size / (size + mu[small])
        none = part**size
        # Below the chance of no case at all the line runs on from one before none.
        whole = np.where(level <= none, level / none - 1, special.nbdtrik(level, size, part))
        whole += _HALF + _TAIL * (2 * level - 1) ** 3
        lost = ~np.isfinite(whole)
        if lost.any():
            row, column = np.nonzero(lost)
            whole[lost] = _gamma(level[row, 0], mu[small][column], alpha[small][column])
        out[:, small] = whole
    large = mu > _GAMMA_FROM
    if large.any():
        out[:, large] = _gamma(level, mu[large], alpha[large])
    return np.maximum(out, 0).reshape(shape)


def _gamma(level: FloatArray, mu: FloatArray, alpha: FloatArray) -> FloatArray:
    scale = 1 + alpha * mu
    return np.asarray(special.gammaincinv(mu / scale, level) * scale)
