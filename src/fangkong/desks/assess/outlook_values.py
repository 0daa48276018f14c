"""What the outlook hands out: nowcasts, what became of them, reproduction numbers and forecasts, by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from fangkong.science.epi.intervals import PublishedInterval
from fangkong.science.epi.reproduction import Reproduction

from .breaks import Stretch
from .strata import FloatArray


@dataclass(frozen=True)
class NowcastDays:
    """What each of the last days is expected to come to.

    Attributes:
        made_on: the last day whose reports it knows, to that day's close.
        reference, origin: by which day cases stand ("onset", "report", "published"); counted or published.
        days: the reference days, the last axis of the arrays.
        observed: reported by ``made_on``, ``[day]``; NaN for a day that was not published.
        mean: expected in the end, ``[day]``; NaN where refused.
        quantiles: ``[level, day]``; levels: their probabilities, rising, the median among them.
        incomplete: days of which at least one more report is still to be reckoned with: shade them.
        reasons: "" or the code why a day deserves less trust or has no nowcast (``nowcast.REASON_CODES``).
        broken: the break of the published series after which the days begin; of those before it nothing is said.
        undated, beyond: cases left out for want of a day, and for having come with a file of the past.
    """

    disease: str
    area_code: str
    made_on: date
    reference: str
    origin: str
    days: list[date]
    observed: FloatArray
    mean: FloatArray
    quantiles: FloatArray
    levels: tuple[float, ...]
    incomplete: list[bool]
    reasons: list[str]
    undated: int
    beyond: int
    broken: Stretch | None

    def at(self, level: float) -> FloatArray:
        """The quantile of one of ``levels`` by day. Raises ValueError for another."""
        return np.asarray(self.quantiles[self.levels.index(level)])


@dataclass(frozen=True)
class PastNowcast:
    """An earlier nowcast beside what became of its days.

    Attributes:
        said: the nowcast as it was made on its day, with what was known then.
        became: what is known of the same days now, ``[day]``; NaN where nothing is.
        settled: days of which no report is due any more; only there is ``became`` final.
        within_50, within_95: whether what became lies inside the interval; None where nothing was said.
    """

    said: NowcastDays
    became: FloatArray
    settled: list[bool]
    within_50: list[bool | None]
    within_95: list[bool | None]


@dataclass(frozen=True)
class PastNowcasts:
    """Earlier nowcasts, the first one first, and how they fared on the days that are settled.

    ``days`` counts (nowcast, open day) pairs that are settled and had something to foresee; ``within_50`` and
    ``within_95`` how many of them the intervals held, and ``raw_error``, ``error`` the mean distance of the raw count
    and of the median from what became, in cases; None without such a pair.
    """

    made: list[PastNowcast]
    days: int
    within_50: int
    within_95: int
    error: float | None
    raw_error: float | None

    @classmethod
    def of(cls, made: list[PastNowcast]) -> PastNowcasts:
        """The nowcasts with how they fared."""
        days = within_50 = within_95 = 0
        errors, raw_errors = [], []
        for each in made:
            middle = each.said.at(0.5)
            for n, settled in enumerate(each.settled):
                half, most = each.within_50[n], each.within_95[n]
                if not settled or not each.said.incomplete[n] or half is None or most is None:
                    continue
                days += 1
                within_50 += half
                within_95 += most
                errors.append(abs(float(middle[n]) - float(each.became[n])))
                raw_errors.append(abs(float(each.said.observed[n]) - float(each.became[n])))
        return cls(
            made=made,
            days=days,
            within_50=within_50,
            within_95=within_95,
            error=float(np.mean(errors)) if errors else None,
            raw_error=float(np.mean(raw_errors)) if raw_errors else None,
        )


@dataclass(frozen=True)
class ReproductionDays:
    """The reproduction number by the last day of its window, the open counts included, the plain one beside it.

    Attributes:
        pooled: over the samples of the nowcast. plain: of the raw counts, which falls at the end because the last cases
            are not reported; to show why the other is needed.
        window_days: days of each window. Both have the axis of ``days``.
    """

    disease: str
    area_code: str
    made_on: date
    days: list[date]
    pooled: Reproduction
    plain: Reproduction
    interval: PublishedInterval
    window_days: int


@dataclass(frozen=True)
class ForecastDays:
    """What the days after ``made_on`` may bring.

    ``quantiles`` are ``[level, day]`` in cases, ``mean`` ``[day]``; ``reasons`` say why a day has none
    (``forecast.FORECAST_REASON_CODES``), ``members`` which models went in. ``from_nowcast`` tells whether the forecast
    carries on from samples of a nowcast or, where there is none, from the counts as reported. ``paths`` are sample
    paths, ``[path, day]``.
    """

    disease: str
    area_code: str
    made_on: date
    days: list[date]
    quantiles: FloatArray
    levels: tuple[float, ...]
    mean: FloatArray
    reasons: list[str]
    members: tuple[str, ...]
    from_nowcast: bool
    paths: FloatArray

    def total(self, days: int, levels: Sequence[float]) -> list[float]:
        """Quantiles of the cases of the first ``days`` days together; NaN where one of them has no forecast.

        From paths whose days belong together: the sum of the days' own quantiles would be too wide.
        """
        return [float(each) for each in np.quantile(self.paths[:, :days].sum(axis=1), levels)]
