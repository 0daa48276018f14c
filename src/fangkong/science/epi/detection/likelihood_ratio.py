"""The Poisson likelihood ratio chart: how much better a rise that began in some earlier period explains the counts.

Source: Hoehle, Paul (2008), "Count data regression charts for the monitoring of surveillance time series", Comput Stat
Data Anal 52(9):4357-4368. Bounds and alarms are those of ``glrpois`` in the R package surveillance 1.20.3; names of
arguments follow it.

Followed although unexpected: where a fall is sought (``dir="dec"``), a run of periods without any case is left out of
the comparison, because the reference takes the logarithm of its count.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw, xlogy

from fangkong.science.epi.detection.alarms import (
    NOT_MONITORED,
    Alarms,
    BoolArray,
    ReasonArray,
    alarms_of,
    count_matrix,
    reason_number,
)
from fangkong.science.epi.detection.seasonal_mean import seasonal_mean
from fangkong.science.epi.detection.usual_count import usual_count
from fangkong.science.epi.serial_interval import FloatArray

DIRECTIONS = ("inc", "dec")
RETURNED = ("cases", "value")
_MODEL_WORDS = ("S", "trend", "refit")


def glr_poisson(
    counts: ArrayLike,
    start: int,
    frequency: int = 52,
    *,
    c_arl: float = 5.0,
    mu0: ArrayLike | Mapping[str, object] | None = None,
    harmonics: int = 1,
    trend: bool = False,
    refit: bool = False,
    theta: float | None = None,
    m_tilde: int = 1,
    m: int = -1,
    dir: str = "inc",
    ret: str = "cases",
    alpha: float = 0.0,
) -> Alarms:
    """Alarms where a rise that began in any earlier period fits the counts far better than no rise.

    Arguments:
        counts: shape ``[time]`` or ``[series, time]``, by period, at least 0; NaN where missing (left out).
        start: 0-based position of the first period watched; what lies before it is the training.
        frequency: periods in a year.
        c_arl: limit of the log likelihood ratio, above 0; it sets the average run length between false alarms.
        mu0: usual counts, as ``[time]``, ``[time - start]`` (watched periods only) or ``[series, time]``; by default a
            Poisson regression on the training with ``harmonics`` yearly waves and, where asked for, a log-linear
            ``trend``. A mapping with "S", "trend" and "refit" says the same as these three arguments.
        refit: whether the regression learns anew after each alarm, from all periods up to it.
        theta: log of the rise to look for (0.69: twice the usual), not 0; None estimates it. A negative one looks for a
            fall. ``dir``, ``m_tilde`` and ``m`` then have no meaning.
        m_tilde: periods needed before a rise is judged, at least 1, anew after each alarm.
        m: a rise began at most so many periods ago, at least ``m_tilde``; -1 for any time. Otherwise a rise has
            lasted for at least ``m_tilde`` periods before this one too.
        dir: "inc" for a rise, "dec" for a fall.
        ret: what ``upper`` holds: "cases", or "value" for the log likelihood ratio itself.
        alpha: of the negative binomial law; 0, the Poisson law, is the only one of this chart.

    Returns:
        ``upper`` is the smallest count that raises the alarm in that period, so a count *at* it does; with "dec" the
        smallest count that raises none; with ``theta`` not rounded. ``expected`` is ``mu0``. After an alarm the search
        begins anew. Refused as for ``cusum``; ``not_monitored`` also while fewer than ``m_tilde`` periods have passed.

    Raises:
        ValueError: ``c_arl`` not above 0, a negative ``start``, ``mu0`` of another shape or not above 0, other settings
            outside their ranges.

    >>> watch = glr_poisson([2, 3, 1, 2, 2, 4, 5, 6, 7], start=5, mu0=[2.0] * 9)
    >>> watch.alarm.tolist()[5:], watch.upper.tolist()[5:]
    ([False, False, False, True], [8.0, 8.0, 7.0, 4.0])
    """
    if isinstance(mu0, Mapping):
        unknown = [str(word) for word in mu0 if word not in _MODEL_WORDS]
        if unknown:
            raise ValueError(f"mu0 names {', '.join(unknown)}; it may name {', '.join(_MODEL_WORDS)}")
        harmonics = int(str(mu0.get("S", 1)))
        trend, refit = bool(mu0.get("trend", False)), bool(mu0.get("refit", False))
        mu0 = None
    if not c_arl > 0:
        raise ValueError(f"c_arl is {c_arl}; it must be above 0")
    if alpha != 0:
        raise ValueError(f"alpha is {alpha}; the Poisson chart has 0")
    if theta is not None and not (np.isfinite(theta) and theta != 0):
        raise ValueError(f"theta is {theta}; it is the log of a rise, and not 0")
    if m_tilde < 1 or m == 0 or m < -1 or 0 < m < m_tilde:
        raise ValueError(
            f"m_tilde is {m_tilde} and m {m}; m_tilde is at least 1, and m at least m_tilde or -1"
        )
    if dir not in DIRECTIONS or ret not in RETURNED:
        raise ValueError(f"dir is {dir!r} and ret {ret!r}; use one of {DIRECTIONS} and one of {RETURNED}")
    matrix, _, _ = count_matrix(counts)
    mean, reason = usual_count(matrix, start, frequency, "glm" if mu0 is None else mu0, harmonics, trend)
    if (mean <= 0).any():
        raise ValueError("the usual counts mu0 must be above 0 in every period watched")
    chart = _Chart(matrix, mean, reason, start, c_arl, ret == "value")
    for t in range(start, matrix.shape[1]):
        raised = (
            chart.known_rise(t, theta) if theta is not None else chart.any_rise(t, m_tilde, m, dir == "inc")
        )
        if refit and mu0 is None and raised.any():
            rows = np.flatnonzero(raised)
            mean[rows, t + 1 :] = seasonal_mean(matrix[rows], t + 1, frequency, harmonics, trend)[:, t + 1 :]
    return alarms_of(
        "glr_poisson",
        counts,
        upper=np.maximum(chart.bound if ret == "cases" else chart.statistic, 0),
        expected=mean,
        reason=reason,
        alarm=chart.raised,
        params={"c_arl": c_arl},
    )


class _Chart:
    """The state of all series; each step judges one period and writes it down."""

    def __init__(
        self,
        matrix: FloatArray,
        mean: FloatArray,
        reason: ReasonArray,
        start: int,
        limit: float,
        with_statistic: bool,
    ) -> None:
        self.matrix, self.mean, self.reason = matrix, mean, reason
        self.start, self.limit, self.with_statistic = start, limit, with_statistic
        series, length = matrix.shape
        self.bound, self.statistic = np.full((series, length), np.nan), np.full((series, length), np.nan)
        self.raised = np.zeros((series, length), dtype=bool)
        # Sums of counts and usual counts since each candidate start of a rise.
        self._cases = np.zeros((series, max(0, length - self.start)))
        self._usual = self._cases.copy()
        # Position, among the watched periods, of the first one after the latest alarm.
        self._renewed = np.zeros(series, dtype=np.int64)
        self._total = np.zeros(series)

    def any_rise(self, t: int, m_tilde: int, m: int, rising: bool) -> BoolArray:
        """Judge one period against a rise (or fall) of any size; where it raises the alarm."""
        x, n = self.matrix[:, t], t - self.start
        missing = np.isnan(x)
        early, end = (0, n + 1) if m < 0 else (max(0, n - m), max(0, n - m, n - m_tilde + 1))
        candidates = slice(early, end)
        # A sum that leaves the range of numbers ends in a bound that is none.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self._usual[:, early : n + 1] += self.mean[:, t][:, None]
            cases, usual = self._cases[:, candidates], self._usual[:, candidates]
            judged = np.arange(early, end) >= self._renewed[:, None]
            if m < 0:
                judged &= (n - self._renewed >= m_tilde - 1)[:, None]
            if rising:
                self.bound[:, t] = _rising_bound(cases, usual, judged, self.limit)
                raised = np.asarray(x >= self.bound[:, t])
            else:
                self.bound[:, t], lowest = _falling_bound(cases, usual, judged, self.limit)
                total = cases + x[:, None]
                raised = np.asarray((judged & (total > 0) & (total <= lowest)).any(axis=1))
            if self.with_statistic:
                self.statistic[:, t] = _largest_ratio(cases + x[:, None], usual, judged, rising)
            self._cases[:, early : n + 1] += np.where(missing, 0.0, x)[:, None]
            # A period that nobody counted belongs to no rise.
            self._usual[:, early : n + 1] -= np.where(missing, self.mean[:, t], 0.0)[:, None]
        self.reason[~judged.any(axis=1) & (self.reason[:, t] == 0), t] = reason_number(NOT_MONITORED)
        return self._renew(t, raised & ~missing)

    def known_rise(self, t: int, theta: float) -> BoolArray:
        """Judge one period against a rise of known size; where it raises the alarm."""
        x, usual = self.matrix[:, t], self.mean[:, t]
        with np.errstate(over="ignore", invalid="ignore"):
            expected = usual * np.expm1(theta)
            self.bound[:, t] = (self.limit - self._total + expected) / theta
            after = np.maximum(self._total + theta * x - expected, 0)
        self.statistic[:, t] = after
        raised = self._renew(t, after > self.limit)
        self._total = np.where(raised, 0.0, np.where(np.isnan(after), self._total, after))
        return raised

    def _renew(self, t: int, raised: BoolArray) -> BoolArray:
        raised = raised & (self.reason[:, t] == 0)
        self.raised[:, t] = raised
        self._renewed[raised] = t - self.start + 1
        return raised


def _rising_bound(cases: FloatArray, usual: FloatArray, judged: BoolArray, limit: float) -> FloatArray:
    """The smallest count that makes some rise likely enough."""
    # The number of cases y above usual with y log(y / usual) - (y - usual) = limit.
    total = usual * np.exp(1 + lambertw((limit / usual - 1) / np.e).real)
    needed = np.where(judged, np.ceil(total - cases), np.inf)
    return np.asarray(needed.min(axis=1, initial=np.inf))


def _falling_bound(
    cases: FloatArray, usual: FloatArray, judged: BoolArray, limit: float
) -> tuple[FloatArray, FloatArray]:
    """The smallest count that leaves every fall unlikely, and the sums up to which each fall is likely enough."""
    # The same equation below usual; with fewer usual cases than the limit even a single one is no fall.
    root = lambertw((limit / usual - 1) / np.e, -1).real
    lowest = np.where(usual > limit, usual * np.exp(1 + root), -np.inf)
    needed = np.where(judged, np.maximum(np.ceil(lowest - cases), 0), 0)
    # Without any further case, a run that had none is left out.
    at_none = np.where(cases > 0, needed, 0).max(axis=1, initial=0)
    return np.where(at_none > 0, needed.max(axis=1, initial=0), 0.0), lowest


def _largest_ratio(total: FloatArray, usual: FloatArray, judged: BoolArray, rising: bool) -> FloatArray:
    """The largest log likelihood ratio over the candidate starts; 0 where no rise (or fall) explains more."""
    ratio = xlogy(total, total / usual) - (total - usual)
    changed = judged & ((total > usual) if rising else ((total < usual) & (total > 0)))
    return np.asarray(np.where(changed, ratio, 0.0).max(axis=1, initial=0.0))
