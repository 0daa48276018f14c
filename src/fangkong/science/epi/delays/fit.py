"""Fitting a delay to pairs of events known by windows: maximum likelihood, intervals, the choice of a family.

Serial intervals (onset of the infector, onset of the infected), incubation (exposure, onset), onset to report, to
admission, to death: the same fit. All three families hold delays above 0 only; serial intervals that may be negative
do not fit here and are refused as impossible pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from fangkong.science.epi.delays.delay import Delay, checked_probabilities, family_named
from fangkong.science.epi.delays.families import FAMILIES, Family
from fangkong.science.epi.delays.likelihood import CensoredLikelihood
from fangkong.science.epi.delays.search import Optimum, extremes_on_edge, find_optimum, parameters_at
from fangkong.science.epi.delays.windows import EventWindows, event_windows
from fangkong.science.epi.estimates import (
    DELAY_NOT_IDENTIFIED,
    DELAYS_AFTER_TRUNCATION,
    DELAYS_IMPOSSIBLE,
    TOO_FEW_DELAYS,
    TRUNCATION_BEYOND_DELAYS,
    Refusal,
)
from fangkong.science.epi.serial_interval import FloatArray

IntervalMethod = Literal["profile", "delta"]

_DERIVATIVE_STEP = 1e-5


@dataclass(frozen=True, slots=True)
class DelayFigure:
    """One figure of a fitted delay with its interval, ``lower <= estimate <= upper``."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class DelayFit:
    """A fitted delay and how sure the data are of it.

    Attributes:
        delay: the most likely delay of the family.
        log_likelihood, aic: of the fit; AIC compares families on the same pairs, the lowest fits best.
        records: pairs used. ``missing``, ``impossible``: pairs left out for a window that is not known, and for a
            second event before the first.
        level, method: of every interval: "profile" (profile likelihood) or "delta" (normal on the log scale).
        unseen_share: part of the fitted delay that is longer than any that the truncation let be seen; 0 without.
        optimum: where the search ended, for intervals of other figures.
    """

    delay: Delay
    log_likelihood: float
    aic: float
    records: int
    missing: int
    impossible: int
    level: float
    method: IntervalMethod
    unseen_share: float
    optimum: Optimum

    @property
    def parameters(self) -> dict[str, DelayFigure]:
        """Both parameters of the family with intervals, by name."""
        law = self.delay.law
        return {
            name: self._figure(lambda *pair, place=i: pair[place], logged=law.logged[i])
            for i, name in enumerate(law.parameter_names)
        }

    @property
    def mean(self) -> DelayFigure:
        """Mean in days."""
        return self._figure(lambda a, b: self.delay.law.moments(a, b)[0])

    @property
    def sd(self) -> DelayFigure:
        """Standard deviation in days."""
        return self._figure(lambda a, b: self.delay.law.moments(a, b)[1])

    def quantile(self, probability: float) -> DelayFigure:
        """Days within which this part of the delays has passed.

        Raises:
            ValueError: for a probability that is not strictly between 0 and 1.
        """
        p = checked_probabilities(probability)
        return self._figure(lambda a, b: self.delay.law.inverse(p, a, b))

    def density(self, days: ArrayLike) -> FloatArray:
        """Density per day of the most likely delay, so that a fit stands wherever a delay does."""
        return self.delay.density(days)

    def _figure(self, of: Callable[[FloatArray, FloatArray], FloatArray], logged: bool = True) -> DelayFigure:
        law = self.delay.law

        def at(points: FloatArray) -> FloatArray:
            value = np.asarray(of(*parameters_at(law, points)), dtype=np.float64)
            return np.log(value) if logged else value

        centre = float(at(self.optimum.point))
        if self.method == "profile":
            low, high = extremes_on_edge(at(self.optimum.edge))
        else:
            steps = _DERIVATIVE_STEP * np.eye(2)
            gradient = (at(self.optimum.point + steps) - at(self.optimum.point - steps)) / (
                2 * _DERIVATIVE_STEP
            )
            half = float(ndtri((1 + self.level) / 2)) * float(
                np.sqrt(gradient @ self.optimum.covariance @ gradient)
            )
            low, high = centre - half, centre + half
        ends = (centre, min(low, centre), max(high, centre))
        return DelayFigure(*(float(np.exp(end)) if logged else end for end in ends))


@dataclass(frozen=True, slots=True)
class DelayChoice:
    """The same pairs under several families.

    Attributes:
        best: the fit with the lowest AIC.
        fits: all fits by family.
        akaike_weights: how much of the evidence each fit holds, by family; they sum to 1.
        refusals: the families that could not be fitted, and why.
    """

    best: DelayFit
    fits: dict[str, DelayFit]
    akaike_weights: dict[str, float]
    refusals: dict[str, Refusal]


def fit_delay(
    primary_lower: ArrayLike,
    secondary_lower: ArrayLike,
    *,
    primary_upper: ArrayLike | None = None,
    secondary_upper: ArrayLike | None = None,
    family: str = "gamma",
    observed_until: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    level: float = 0.95,
    method: IntervalMethod = "profile",
    minimum_records: int = 10,
    leave_out_impossible: bool = False,
    largest_unseen_share: float = 0.2,
) -> DelayFit | Refusal:
    """The delay between two events that are known by windows, with intervals, or why the data carry none.

    Arguments:
        primary_lower, primary_upper: window of the first event of each pair, ``[pair]``, as days from any start or
            as NumPy datetimes. Without ``primary_upper`` the first is a date: a window of one day. Equal ends: an
            exact time. NaN or NaT: not known, the pair is left out and counted.
        secondary_lower, secondary_upper: of the second event, the same way; an infinite upper end where it had not
            come when last looked.
        family: "gamma", "lognormal" or "weibull".
        observed_until: end of observation if a pair is in the list only because its second event had come by then
            (a running outbreak: right truncation), one number or one per pair; None where all pairs are complete.
        weights: how often each pair counts, 0 or more.
        level: of the intervals.
        method: "profile" or "delta".
        minimum_records: usable pairs below which no delay is fitted.
        leave_out_impossible: leave pairs out whose second window ends before the first begins (and count them),
            instead of refusing the whole list.
        largest_unseen_share: with truncation, part of the fitted delay that may lie beyond the longest delay that
            could have been seen; above it the fit is a guess of the family and is refused.

    Returns:
        A ``DelayFit``, or a ``Refusal``: ``too_few_delays``, ``delays_impossible``, ``delays_after_truncation``,
        ``truncation_beyond_delays``, ``delay_not_identified`` (windows so wide, or delays so alike, that the spread
        cannot be told).

    Raises:
        ValueError: for windows that end before they begin, shapes that do not agree, another family or method, a
            level or share outside 0 to 1.

    Source: Park et al. (2024), medRxiv 2024.01.12.24301247; Reich et al. (2009), Stat Med 28(22):2769-2784.

    >>> onset = [0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7]
    >>> report = [3, 5, 4, 9, 4, 7, 6, 11, 9, 8, 12, 10]
    >>> fit = fit_delay(onset, report)
    >>> f"mean {fit.mean.estimate:.1f} days ({fit.mean.lower:.1f} to {fit.mean.upper:.1f})"
    'mean 4.0 days (3.1 to 5.3)'
    """
    law = family_named(family)
    if method not in get_args(IntervalMethod):
        raise ValueError(f"method is {method!r}; choose one of {', '.join(get_args(IntervalMethod))}")
    for name, share in (("level", level), ("largest_unseen_share", largest_unseen_share)):
        if not 0 < share < 1:
            raise ValueError(f"{name} is {share}; it must lie between 0 and 1")
    windows = event_windows(
        primary_lower, secondary_lower, primary_upper, secondary_upper, observed_until, weights
    )
    refusal = _refused(windows, minimum_records, leave_out_impossible)
    return refusal or _fit(law, windows, level, method, largest_unseen_share)


def _refused(windows: EventWindows, minimum_records: int, leave_out_impossible: bool) -> Refusal | None:
    """Why no family can be fitted to these pairs."""
    if windows.impossible and not leave_out_impossible:
        return Refusal(DELAYS_IMPOSSIBLE, {"records": windows.impossible})
    if windows.unseen:
        return Refusal(DELAYS_AFTER_TRUNCATION, {"records": windows.unseen})
    if windows.records < max(minimum_records, 1):
        return Refusal(TOO_FEW_DELAYS, {"records": windows.records, "minimum_records": minimum_records})
    return None


def _fit(
    law: Family, windows: EventWindows, level: float, method: IntervalMethod, largest_unseen_share: float
) -> DelayFit | Refusal:
    optimum = find_optimum(CensoredLikelihood(law, windows), level)
    if optimum is None:
        return Refusal(DELAY_NOT_IDENTIFIED, {"family": law.name, "records": windows.records})
    first, second = parameters_at(law, optimum.point)
    delay = Delay(law.name, float(first), float(second))
    longest = float(windows.horizon.max())
    unseen = 1 - float(delay.cdf(longest)) if np.isfinite(longest) else 0.0
    if unseen > largest_unseen_share:
        params = {
            "longest_days": longest,
            "unseen_share": unseen,
            "largest_unseen_share": largest_unseen_share,
        }
        return Refusal(TRUNCATION_BEYOND_DELAYS, params)
    return DelayFit(
        delay=delay,
        log_likelihood=optimum.log_likelihood,
        aic=2 * len(law.parameter_names) - 2 * optimum.log_likelihood,
        records=windows.records,
        missing=windows.missing,
        impossible=windows.impossible,
        level=level,
        method=method,
        unseen_share=unseen,
        optimum=optimum,
    )


def choose_delay(
    primary_lower: ArrayLike,
    secondary_lower: ArrayLike,
    *,
    families: Sequence[str] = tuple(FAMILIES),
    primary_upper: ArrayLike | None = None,
    secondary_upper: ArrayLike | None = None,
    observed_until: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    level: float = 0.95,
    method: IntervalMethod = "profile",
    minimum_records: int = 10,
    leave_out_impossible: bool = False,
    largest_unseen_share: float = 0.2,
) -> DelayChoice | Refusal:
    """The family with the lowest AIC, the others beside it with their Akaike weights.

    Arguments:
        families: names of the families to try, at least one; all else as in ``fit_delay``.

    Returns:
        A ``DelayChoice``, or the refusal of the first family where none could be fitted.

    Raises:
        ValueError: as ``fit_delay``, and for no family.

    Source: Burnham and Anderson (2002), "Model Selection and Multimodel Inference", section 2.9.

    >>> onset, report = [0] * 12, [3, 5, 4, 9, 4, 7, 6, 11, 9, 8, 12, 10]
    >>> choice = choose_delay(onset, report)
    >>> sorted(choice.fits), round(sum(choice.akaike_weights.values()), 6)
    (['gamma', 'lognormal', 'weibull'], 1.0)
    """
    if not families:
        raise ValueError("families is empty; name at least one")
    fits: dict[str, DelayFit] = {}
    refusals: dict[str, Refusal] = {}
    for family in families:
        fit = fit_delay(
            primary_lower,
            secondary_lower,
            primary_upper=primary_upper,
            secondary_upper=secondary_upper,
            family=family,
            observed_until=observed_until,
            weights=weights,
            level=level,
            method=method,
            minimum_records=minimum_records,
            leave_out_impossible=leave_out_impossible,
            largest_unseen_share=largest_unseen_share,
        )
        if isinstance(fit, Refusal):
            refusals[family] = fit
        else:
            fits[family] = fit
    if not fits:
        return refusals[families[0]]
    lowest = min(fit.aic for fit in fits.values())
    evidence = {family: float(np.exp((lowest - fit.aic) / 2)) for family, fit in fits.items()}
    total = sum(evidence.values())
    return DelayChoice(
        best=min(fits.values(), key=lambda fit: fit.aic),
        fits=fits,
        akaike_weights={family: share / total for family, share in evidence.items()},
        refusals=refusals,
    )
