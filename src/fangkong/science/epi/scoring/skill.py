"""Which of several models forecast better, when not all of them forecast everything.

Source: pairwise comparison of Cramer et al. (2022), PNAS 119(15):e2113561119, as in the R package scoringutils 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.serial_interval import FloatArray


def relative_skill(scores: ArrayLike, *, baseline: int | None = None) -> FloatArray:
    """The relative skill of each model: below 1 is better than the field (or than the baseline).

    For each pair of models the ratio of their mean scores on the forecasts that both made; a model's skill
    is the geometric mean of its ratios, the one with itself (1) included.

    Arguments:
        scores: ``[models, *forecasts]``, at least 0, smaller is better; NaN where a model made no forecast.
        baseline: position of the model whose skill is set to 1; None leaves the field as measure.

    Returns:
        Shape ``[models]``. Pairs without a common forecast, or whose ratio is 0 to 0, are left out; NaN for a
        model that can be compared with none but itself while there are others. A perfect model among
        imperfect ones has skill 0 (and they infinite).

    Raises:
        ValueError: no model, or a baseline that is none.

    >>> relative_skill([[1.0, 2.0], [2.0, 4.0]], baseline=1).round(6).tolist()
    [0.5, 1.0]
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim < 2 or table.shape[0] == 0:
        raise ValueError(f"scores have shape {table.shape}; give [models, forecasts]")
    models = table.shape[0]
    if baseline is not None and not 0 <= baseline < models:
        raise ValueError(f"baseline is {baseline}; there are models 0 to {models - 1}")
    table = table.reshape(models, -1)
    known = np.isfinite(table)
    filled = np.where(known, table, 0.0)
    # Sum of i's scores where j is known too, for all pairs in one product.
    sums = filled @ known.T.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.log(sums) - np.log(sums.T)
        comparable = ~np.isnan(log_ratio)
        np.fill_diagonal(comparable, True)
        np.fill_diagonal(log_ratio, 0.0)
        log_skill = np.where(comparable, log_ratio, 0.0).sum(axis=1) / comparable.sum(axis=1)
        log_skill[comparable.sum(axis=1) < min(models, 2)] = np.nan
        if baseline is not None:
            log_skill = log_skill - log_skill[baseline]
        return np.asarray(np.exp(log_skill))
