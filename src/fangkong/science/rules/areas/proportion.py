"""A share with its exact interval: Clopper and Pearson (1934), Biometrika 26, 404-413."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import beta

from fangkong.core.errors import InputError


@dataclass(frozen=True, slots=True)
class Share:
    """``count`` of ``total`` with the interval ``low`` to ``high`` (all in 0..1) at ``level``."""

    count: int
    total: int
    value: float
    low: float
    high: float
    level: float


def exact_share(count: int, total: int, *, level: float = 0.95) -> Share:
    """The share ``count / total`` with its Clopper-Pearson interval.

    ``total`` >= 1, ``count`` in 0..total, ``level`` in (0, 1). The interval covers at least ``level``
    whatever the true share is, also for 0 found among few. Raises InputError ``share.counts_wrong``.

    >>> share = exact_share(0, 1000)
    >>> round(share.low, 5), round(share.high, 5)
    (0.0, 0.00368)
    """
    if not 0 <= count <= total or total < 1 or not 0 < level < 1:
        raise InputError("share.counts_wrong", count=count, total=total, level=level)
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, count, total - count + 1)) if count else 0.0
    high = float(beta.ppf(1 - tail, count + 1, total - count)) if count < total else 1.0
    return Share(count, total, count / total, low, high, level)
