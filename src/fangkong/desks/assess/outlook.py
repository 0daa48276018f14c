"""What the last days will come to, how fast cases grow, and what the next days may bring; each as of any instant.

The three rest on one another: the reporting triangle of the record gives a nowcast with joint samples, the samples give
the reproduction number and the forecast, so what is not reported yet widens everything that is said. Nothing here is
stored: what was said on an earlier day is made again from what was known then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fangkong.core.clock import days_between
from fangkong.record.access import Actor
from fangkong.science.epi.estimates import SERIES_BREAK, TOO_FEW_CASES, WINDOW_TOO_SHORT, Refusal
from fangkong.science.epi.forecast import forecast
from fangkong.science.epi.forecast.results import METHODS
from fangkong.science.epi.intervals import serial_interval_for
from fangkong.science.epi.nowcast import nowcast
from fangkong.science.epi.nowcast.result import Nowcast
from fangkong.science.epi.nowcast_reproduction import reproduction_from_nowcast
from fangkong.science.epi.reproduction import Reproduction, estimate_reproduction

from .breaks import Stretch
from .estimates import IMPORTED
from .outlook_values import ForecastDays, NowcastDays, PastNowcast, PastNowcasts, ReproductionDays
from .parameters import parameters
from .series import Window
from .series_queries import triangle_and_breaks
from .strata import CHANNEL, DAY_FIELDS, REPORT, FloatArray, SeriesKey, series_table
from .triangles import Triangle


def outlook_of(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    reference: str = "",
    since: date | None = None,
) -> Outlook:
    """The outlook of an area from one reading: nowcast, reproduction number and forecast without reading it again.

    Arguments, queries and errors as for :func:`nowcast_of`; ``since`` is the first day read.
    """
    triangle, breaks = triangle_and_breaks(
        disease, area_code, actor=actor, at=at, through=through, since=since, reference=reference
    )
    broken = max(breaks, key=lambda each: each.last, default=None)
    if broken is not None and broken.last < triangle.first_on:
        broken = None
    if broken is not None:
        triangle = triangle.since(broken.last + timedelta(days=1))
    return Outlook(disease, area_code, actor, at, through, triangle, broken)


def nowcast_of(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    reference: str = "",
) -> NowcastDays:
    """What the last days (``parameters.toml``) will come to, from the triangle of the record as known at ``at``.

    Published daily figures where the area has them, else its cases by onset (``reference="report"``: by report).
    No day up to the end of a break takes part. Queries and errors as ``reporting_triangle``, one query more for breaks.
    """
    return outlook_of(
        disease, area_code, actor=actor, at=at, through=through, reference=reference
    ).nowcast_days()


def past_nowcasts(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    made_on: Sequence[date] | None = None,
    reference: str = "",
) -> PastNowcasts:
    """What nowcasts of earlier days said, made again with what was known then, beside what became of their days.

    ``made_on`` are those days; by default the ones in ``parameters.toml``. One reading of the record whatever their
    number. As :func:`nowcast_of` else.
    """
    given = parameters("nowcast")
    days = made_on or [through - timedelta(days=back) for back in given["made_again_days_back"]]
    earliest = min(days)
    reach = timedelta(days=parameters("triangle")["history_days"] - 1)
    base = outlook_of(
        disease, area_code, actor=actor, at=at, through=through, reference=reference, since=earliest - reach
    )
    made = [
        base.past(day, reach, int(given["compared_days"])) for day in sorted(days) if day <= base.known_on
    ]
    return PastNowcasts.of([each for each in made if each.said.days])


def reproduction_of(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    reference: str = "",
) -> ReproductionDays | Refusal:
    """The reproduction number of the last days with the open counts in its interval, the plain one beside it.

    Cori's method on each sample of the nowcast, imported cases counted as infected elsewhere, the published serial
    interval of the disease. A refusal where none is held (``no_serial_interval``), where a break leaves no days
    (``series_break``), and where fewer cases than ``parameters.toml`` asks for are expected in the last window
    (``too_few_cases``): such a number would be the prior's. Four queries more than :func:`nowcast_of`.
    """
    return outlook_of(
        disease, area_code, actor=actor, at=at, through=through, reference=reference
    ).reproduction()


def forecast_of(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    horizon_days: int | None = None,
    reference: str = "",
) -> ForecastDays | Refusal:
    """What the next days may bring, carried on from the samples of the nowcast; the equal-weight ensemble.

    ``horizon_days`` is by default the one in ``parameters.toml``. ``series_break`` where a break leaves no days. As
    :func:`nowcast_of` else.
    """
    return outlook_of(disease, area_code, actor=actor, at=at, through=through, reference=reference).forecast(
        horizon_days
    )


@dataclass(frozen=True)
class Outlook:
    """One reading of the record for an area, and all that is made of it; the nowcast under it is made once.

    ``triangle`` begins after the last break of the series, which is ``broken``.
    """

    disease: str
    area_code: str
    actor: Actor
    at: datetime
    through: date
    triangle: Triangle
    broken: Stretch | None

    def nowcast_days(self) -> NowcastDays:
        """As :func:`nowcast_of`."""
        return self.view(self.triangle, int(parameters("nowcast")["shown_days"]))

    def reproduction(self) -> ReproductionDays | Refusal:
        """As :func:`reproduction_of`."""
        interval = serial_interval_for(self.disease, self.through)
        if isinstance(interval, Refusal):
            return interval
        window = int(parameters("reproduction")["window_days"])
        if len(self.triangle.days) <= window:
            return self.too_short()
        found, days = self.nowcast, self.triangle.days
        if refused := self.too_few(window):
            return refused
        imported = self.imported()
        samples = self.samples()
        pooled = reproduction_from_nowcast(
            # A day without a nowcast counts none, as in the plain estimate; whether a window bears that is asked below.
            np.nan_to_num(samples),
            [],
            interval.interval,
            window,
            imported=imported,
            quantiles=self.levels,
        )
        limit = parameters("reproduction")["missing_weight_limit"]
        observed = np.where(_unreported(self.triangle), np.nan, found.observed)
        plain = estimate_reproduction(
            observed,
            interval.interval,
            window=window,
            imported=np.minimum(imported, np.maximum(observed, 0)),
            quantiles=self.levels,
            missing_weight_limit=limit,
        )
        if np.isnan(found.mean).any():
            expected = estimate_reproduction(
                found.mean, interval.interval, window=window, missing_weight_limit=limit
            )
            pooled = _blanked(pooled, expected)
        return ReproductionDays(
            self.disease, self.area_code, self.known_on, days, pooled, plain, interval, window
        )

    def forecast(self, horizon_days: int | None = None) -> ForecastDays | Refusal:
        """As :func:`forecast_of`."""
        given = parameters("forecast")
        ahead = int(horizon_days or given["horizon_days"])
        if not self.triangle.days:
            return self.too_short()
        interval = serial_interval_for(self.disease, self.through)
        samples: FloatArray | None = self.samples()
        if samples is not None and np.isnan(samples).any():
            samples = None
        observed = self.nowcast.observed
        found = forecast(
            np.where(observed < 0, np.nan, observed),
            horizon=ahead,
            serial_interval=None if isinstance(interval, Refusal) else interval.interval,
            frequency=7,
            quantile_levels=given["levels"],
            samples=samples,
            paths=int(given["paths"]),
            seed=int(parameters("nowcast")["seed"]),
        )
        assert found.paths is not None, "paths were asked for"
        return ForecastDays(
            disease=self.disease,
            area_code=self.area_code,
            made_on=self.known_on,
            days=days_between(self.known_on + timedelta(days=1), self.known_on + timedelta(days=ahead)),
            quantiles=found.quantiles,
            levels=tuple(float(level) for level in found.quantile_levels),
            mean=found.mean,
            reasons=[found.reason_at(step) for step in range(ahead)],
            members=tuple(name for name, used in zip(METHODS, found.members, strict=True) if used),
            from_nowcast=samples is not None,
            paths=found.paths,
        )

    @property
    def known_on(self) -> date:
        return self.triangle.known_on

    @property
    def levels(self) -> tuple[float, ...]:
        return tuple(parameters("nowcast")["levels"])

    @cached_property
    def nowcast(self) -> Nowcast:
        """The nowcast of the whole triangle."""
        return self._nowcast(self.triangle)

    def samples(self) -> FloatArray:
        """Joint samples of the counts, ``[sample, day]``, as many as the estimates are pooled over."""
        drawn = self.nowcast.samples
        return np.asarray(drawn[: int(parameters("nowcast")["pooled_samples"])])

    def too_short(self) -> Refusal:
        """Why there are no days to say anything about."""
        days = len(self.triangle.days)
        if self.broken is not None:
            return Refusal(SERIES_BREAK, {"first_day": self.broken.first, "last_day": self.broken.last})
        return Refusal(
            WINDOW_TOO_SHORT, {"days": days, "window_days": parameters("reproduction")["window_days"]}
        )

    def too_few(self, window: int) -> Refusal | None:
        """Why the last window carries no reproduction number; None where it does."""
        # Of a day that nobody has reported nothing is expected; the estimate itself says what it lacks.
        expected = float(np.nansum(self.nowcast.mean[-window:]))
        fewest, days = parameters("reproduction")["minimum_cases"], self.triangle.days
        if expected >= fewest:
            return None
        span = {"first_day": days[-window], "last_day": days[-1]}
        return Refusal(TOO_FEW_CASES, {"cases": expected, "minimum_cases": fewest} | span)

    def view(self, triangle: Triangle, shown: int) -> NowcastDays:
        """The nowcast of a triangle, its last ``shown`` days."""
        found = self.nowcast if triangle is self.triangle else self._nowcast(triangle)
        first = max(0, len(triangle.days) - shown)
        low, high = found.quantiles[0, first:], found.quantiles[-1, first:]
        observed = np.where(_unreported(triangle), np.nan, found.observed)[first:]
        # Quantiles lie between whole numbers: less than a case is nothing that is still to come.
        open_still = (high >= observed + 1) | (low <= observed - 1) | np.isnan(high) | np.isnan(observed)
        return NowcastDays(
            disease=self.disease,
            area_code=self.area_code,
            made_on=triangle.known_on,
            reference=triangle.reference,
            origin=triangle.origin,
            days=triangle.days[first:],
            observed=observed,
            mean=found.mean[first:],
            quantiles=found.quantiles[:, first:],
            levels=self.levels,
            incomplete=[bool(each) for each in open_still],
            reasons=[found.reason_at(day) for day in range(first, len(triangle.days))],
            undated=triangle.undated,
            beyond=triangle.beyond,
            broken=self.broken,
        )

    def past(self, made_on: date, reach: timedelta, compared: int) -> PastNowcast:
        """The nowcast that was made on a day, beside what is known of its days now."""
        said = self.view(self.triangle.as_of(made_on).since(made_on - reach), compared)
        start = (said.days[0] - self.triangle.first_on).days if said.days else 0
        became = np.where(_unreported(self.triangle), np.nan, self.triangle.total[0])
        became = became[start : start + len(said.days)]
        longest = self.triangle.counts.shape[2] - 1
        held = {
            low: [
                None if np.isnan(bottom) or np.isnan(truth) else bool(bottom <= truth <= top)
                # Quantiles lie between whole numbers; what becomes of a day is whole.
                for bottom, truth, top in zip(
                    np.rint(said.at(low)), became, np.rint(said.at(round(1 - low, 3))), strict=True
                )
            ]
            for low in (0.25, 0.025)
        }
        return PastNowcast(
            said=said,
            became=became,
            settled=[
                (self.known_on - day).days >= longest and not np.isnan(truth)
                for day, truth in zip(said.days, became, strict=True)
            ],
            within_50=held[0.25],
            within_95=held[0.025],
        )

    def imported(self) -> FloatArray:
        """Cases infected elsewhere by day of the triangle; none where nobody said how cases were found."""
        days = self.triangle.days
        table = series_table(
            self.area_code,
            Window(self.actor, self.at, self.known_on, days[0]),
            diseases=[self.disease],
            by=(CHANNEL,),
            day_of=self.triangle.reference if self.triangle.reference in DAY_FIELDS else REPORT,
            whole=True,
        )
        key = SeriesKey(self.disease, self.area_code, "", IMPORTED)
        if key not in table.keys:
            return np.zeros(len(days))
        return np.nan_to_num(table.counts[table.keys.index(key)])

    def _nowcast(self, triangle: Triangle) -> Nowcast:
        given = parameters("nowcast")
        counts = triangle.counts[0]
        # Where a break leaves no day there is nothing to learn from: one row that nobody has reported says so.
        found = nowcast(
            counts if len(counts) else np.full((1, counts.shape[1]), np.nan),
            quantile_levels=given["levels"],
            first_on=triangle.first_on,
            n_samples=int(given["samples"]),
            seed=int(given["seed"]),
        )
        if len(counts):
            return found
        return replace(
            found,
            quantiles=found.quantiles[:, :0],
            mean=found.mean[:0],
            observed=found.observed[:0],
            reason=found.reason[:0],
        )


def _blanked(pooled: Reproduction, expected: Reproduction) -> Reproduction:
    """``pooled`` without the windows that lean on too many days of which nothing is expected."""
    lost = np.isnan(expected.mean)
    return replace(
        pooled,
        mean=np.where(lost, np.nan, pooled.mean),
        sd=np.where(lost, np.nan, pooled.sd),
        quantiles=np.where(lost, np.nan, pooled.quantiles),
        reason=np.where(lost, expected.reason, pooled.reason).astype(pooled.reason.dtype),
    )


def _unreported(triangle: Triangle) -> NDArray[np.bool_]:
    """Which reference days nobody has published: no figure, and not zero."""
    return np.asarray(np.isnan(triangle.counts[0]).all(axis=1))
