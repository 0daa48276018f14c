"""The case fatality risk adjusted for the delay from onset to death, with the naive one always beside it.

The naive risk, deaths over cases, is too low while an epidemic grows: many who will die have not died yet. The
adjusted one divides by the cases whose outcome should be known by now. Both stand side by side, each with its
interval and its reason where it is missing, because the distance between them is itself the message.

Source: Nishiura et al. (2009), PLoS ONE 4(8):e6852. Numbers and empty cells are those of ``cfr_static``,
``cfr_rolling`` and ``cfr_time_varying`` of the R package cfr 0.2.0 (epiverse-trace, MIT; re-derived here). Where
cfr stops with an error (more deaths than cases, missing days) the cell is empty and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from fangkong.science.epi.estimates import MISSING_DAYS, NO_CASES
from fangkong.science.epi.serial_interval import FloatArray
from fangkong.science.epi.severity.known_outcomes import DelayGiven, delay_weights, known_outcomes
from fangkong.science.epi.severity.likelihood import risk_interval, uses_poisson
from fangkong.science.epi.severity.proportion import exact_proportion
from fangkong.science.epi.severity.reasons import (
    BURN_IN,
    DEATHS_EXCEED_CASES,
    DEATHS_EXCEED_OUTCOMES,
    INVALID_COUNT,
    NO_KNOWN_OUTCOMES,
    REASON_CODES,
    SMOOTHING_EDGE,
    BoolArray,
    ReasonArray,
    checked_counts,
    first_reason,
)
from fangkong.science.epi.severity.smoothing import checked_smoothing, running_median

FatalityKind = Literal["static", "rolling", "time_varying"]


@dataclass(frozen=True, slots=True)
class FatalityRisk:
    """The fatality risk of one kind: naive and adjusted, each with a 95 % interval and a reason.

    Attributes:
        kind: "static", "rolling" or "time_varying".
        naive, naive_lower, naive_upper: deaths over cases with the Clopper-Pearson interval, between 0 and 1; NaN
            where refused.
        naive_reason: 0 where there is a naive risk, else the position of the reason in ``REASON_CODES``.
        estimate, lower, upper: adjusted for the delay to death; NaN where refused.
        reason: the same for the adjusted risk.
        cases, deaths: the counts that the naive risk rests on: totals, cumulated, or of the day.
        known_outcomes: cases whose outcome should be known, which the adjusted risk divides by.

    For one series ``[time]`` a static risk is a plain number in each field, for a matrix ``[series, time]`` one
    number per series; the other kinds have the shape of the input, their last axis the day.
    """

    kind: FatalityKind
    naive: FloatArray
    naive_lower: FloatArray
    naive_upper: FloatArray
    naive_reason: ReasonArray
    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray
    reason: ReasonArray
    cases: FloatArray
    deaths: FloatArray
    known_outcomes: FloatArray

    def reason_at(self, *cell: int) -> str:
        """The code why the adjusted risk of a cell is missing, "" where it is there."""
        return REASON_CODES[int(self.reason[cell] if cell else self.reason)]

    def naive_reason_at(self, *cell: int) -> str:
        """The code why the naive risk of a cell is missing, "" where it is there."""
        return REASON_CODES[int(self.naive_reason[cell] if cell else self.naive_reason)]


def delay_adjusted_cfr(
    cases: ArrayLike,
    deaths: ArrayLike,
    delay: DelayGiven,
    *,
    kind: FatalityKind = "static",
    poisson_threshold: float = 100,
    burn_in: int = 7,
    smoothing: int | None = None,
) -> FatalityRisk:
    """The case fatality risk adjusted for the delay to death, and the naive one, with 95 % intervals.

    Arguments:
        cases: new cases per day by onset (or by report, if the delay starts there), ``[time]`` or
            ``[series, time]``, 0 or more; NaN where missing.
        deaths: new deaths per day, same shape.
        delay: from onset to death: an array with the probability of 0, 1, 2 ... days, a function that returns the
            density at given days, or a ``Delay`` with a method ``density``. A density is evaluated at whole days,
            as cfr does.
        kind: "static": one risk of the whole series. "rolling": for each day the static risk of all days so far.
            "time_varying": for each day the deaths of that day over the cases due that day.
        poisson_threshold: number of cases from which a risk below 5 % is judged by a Poisson likelihood; static and
            rolling only.
        burn_in: days at the start that are left out, 0 or more; time_varying only.
        smoothing: odd number of days of a running median over both series, or None; time_varying only. As many
            days at the end have no value, as in cfr.

    Returns:
        A ``FatalityRisk``. Static and rolling: risk of maximum likelihood and profile interval in steps of 0.0001.
        Time-varying: exact proportions of the cases due, rounded to whole cases.

    Raises:
        ValueError: for series of different shapes, a delay that is no distribution, another ``kind``, a burn-in
            below 0, an even smoothing window, a threshold that is not above 0.

    >>> from scipy.stats import gamma
    >>> cases, deaths = [0, 4, 9, 20, 35, 60, 80, 90], [0, 0, 0, 0, 1, 1, 2, 3]
    >>> risk = delay_adjusted_cfr(cases, deaths, lambda day: gamma.pdf(day, 2.4, scale=3.33))
    >>> f"naive {risk.naive:.3f}, adjusted {risk.estimate:.3f} ({risk.lower:.3f} to {risk.upper:.3f})"
    'naive 0.023, adjusted 0.272 (0.128 to 0.461)'
    """
    if kind not in get_args(FatalityKind):
        raise ValueError(f"kind is {kind!r}; choose one of {', '.join(get_args(FatalityKind))}")
    if not poisson_threshold > 0:
        raise ValueError(f"poisson_threshold is {poisson_threshold}; it must be above 0 cases")
    if burn_in != int(burn_in) or burn_in < 0:
        raise ValueError(f"burn_in is {burn_in}; it must be a whole number of days, 0 or more")
    window = checked_smoothing(smoothing)
    case_counts, bad_cases, single = checked_counts(cases, "cases")
    death_counts, bad_deaths, _ = checked_counts(deaths, "deaths")
    if np.shape(cases) != np.shape(deaths):
        raise ValueError(
            f"cases have shape {np.shape(cases)} and deaths {np.shape(deaths)}; give the same days of both"
        )
    weights = delay_weights(delay, case_counts.shape[1])
    invalid = bad_cases | bad_deaths
    if kind == "time_varying":
        risk = _time_varying(case_counts, death_counts, weights, invalid, int(burn_in), window)
    else:
        risk = _cumulated(kind, case_counts, death_counts, weights, invalid, poisson_threshold)
    return _of_one_series(risk) if single else risk


def _cumulated(
    kind: FatalityKind,
    cases: FloatArray,
    deaths: FloatArray,
    weights: FloatArray,
    invalid: BoolArray,
    poisson_threshold: float,
) -> FatalityRisk:
    """The risk of all days so far: of every day when rolling, of the last when static."""
    outcomes = known_outcomes(cases, weights)
    if kind == "rolling":
        cases, deaths, outcomes = (np.cumsum(part, axis=1) for part in (cases, deaths, outcomes))
        invalid = np.logical_or.accumulate(invalid, axis=1)
    else:
        cases, deaths, outcomes = (part.sum(axis=1) for part in (cases, deaths, outcomes))
        invalid = np.asarray(invalid.any(axis=1))
    shape = cases.shape
    with np.errstate(invalid="ignore"):
        common = (
            (invalid | np.isinf(cases) | np.isinf(deaths), INVALID_COUNT),
            (np.isnan(cases) | np.isnan(deaths), MISSING_DAYS),
            ((cases == 0) & (deaths == 0), NO_CASES),
            (deaths > cases, DEATHS_EXCEED_CASES),
        )
        naive_reason = first_reason(*common, shape=shape)
        reason = first_reason(
            *common,
            (deaths > outcomes, DEATHS_EXCEED_OUTCOMES),
            (outcomes <= 0, NO_KNOWN_OUTCOMES),
            shape=shape,
        )
    good = reason == 0
    estimate, lower, upper = np.full((3, *shape), np.nan)
    poisson = uses_poisson(cases, deaths, outcomes, poisson_threshold)
    estimate[good], lower[good], upper[good] = risk_interval(deaths[good], outcomes[good], poisson[good])
    naive = exact_proportion(deaths, np.where(naive_reason == 0, cases, np.nan))
    return FatalityRisk(kind, *naive, naive_reason, estimate, lower, upper, reason, cases, deaths, outcomes)


def _time_varying(
    cases: FloatArray,
    deaths: FloatArray,
    weights: FloatArray,
    invalid: BoolArray,
    burn_in: int,
    window: int,
) -> FatalityRisk:
    """The risk of each day by itself."""
    cases, deaths = running_median(cases, window), running_median(deaths, window)
    days = np.arange(cases.shape[1])
    # The cases of the burn-in do not count as due later, as in cfr; nor can they be missed.
    outcomes = np.round(known_outcomes(np.where(days < burn_in, 0.0, cases), weights))
    with np.errstate(invalid="ignore"):
        left_out = (
            (days < burn_in, BURN_IN),
            (days >= cases.shape[1] - window, SMOOTHING_EDGE),
            (invalid | np.isinf(outcomes), INVALID_COUNT),
            (np.isnan(deaths), MISSING_DAYS),
        )
        naive_reason = first_reason(
            *left_out,
            (np.isnan(cases), MISSING_DAYS),
            ((cases == 0) & (deaths == 0), NO_CASES),
            (deaths > cases, DEATHS_EXCEED_CASES),
            shape=cases.shape,
        )
        reason = first_reason(
            *left_out,
            (np.isnan(outcomes), MISSING_DAYS),
            ((outcomes <= 0) & (deaths == 0), NO_KNOWN_OUTCOMES),
            (deaths > outcomes, DEATHS_EXCEED_OUTCOMES),
            shape=cases.shape,
        )
    naive = exact_proportion(deaths, np.where(naive_reason == 0, cases, np.nan))
    adjusted = exact_proportion(deaths, np.where(reason == 0, outcomes, np.nan))
    return FatalityRisk("time_varying", *naive, naive_reason, *adjusted, reason, cases, deaths, outcomes)


def _of_one_series(risk: FatalityRisk) -> FatalityRisk:
    return FatalityRisk(
        risk.kind,
        risk.naive[0],
        risk.naive_lower[0],
        risk.naive_upper[0],
        risk.naive_reason[0],
        risk.estimate[0],
        risk.lower[0],
        risk.upper[0],
        risk.reason[0],
        risk.cases[0],
        risk.deaths[0],
        risk.known_outcomes[0],
    )
