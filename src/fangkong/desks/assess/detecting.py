"""Aberrations in the series of the record: what was seen, what was expected, and where nobody could have told.

Every method that is switched on (``detection.toml``) runs once over all districts and diseases that it watches, on
what was known at one instant. A count above its bound is an alarm; a series without one is quiet only where the
method had power, and every other series is listed with the reason.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from fangkong.core.errors import InputError
from fangkong.record.access import Actor
from fangkong.record.installation import Installation, installation
from fangkong.science.epi.detection import Alarms, benjamini_hochberg
from fangkong.science.epi.detection.alarms import (
    BASELINE_TOO_SHORT,
    MISSING_BASELINE,
    MISSING_COUNT,
    NOT_MONITORED,
)
from fangkong.science.epi.detection.multiplicity import METHODS
from fangkong.science.epi.estimates import SERIES_BREAK

from .breaks import PublishedBreaks
from .counted import counted_scope, incomplete_days_by_disease
from .detection_rules import DAY, WEEK, Watch, detection_rules
from .parameters import parameters
from .series import Window
from .strata import FloatArray, SeriesKey, SeriesTable, series_table, weekly
from .values import COUNTED, PUBLISHED

PERMISSION = "board.read"

#: Why a series could not be watched, besides the refusals of the methods themselves.
NO_RULE, NOT_YET_COMPLETE = "no_rule", "not_yet_complete"
REASONS = (NO_RULE, NOT_YET_COMPLETE, SERIES_BREAK)

#: How an alarm explains itself: its parameters are observed, expected and upper, or cases.
ABOVE_EXPECTED, ABOVE_BOUND, ENOUGH_CASES, SUM_CROSSED = (
    "alarm.above_expected",
    "alarm.above_bound",
    "alarm.enough_cases",
    "alarm.sum_crossed",
)
EXPLANATIONS = (ABOVE_EXPECTED, ABOVE_BOUND, ENOUGH_CASES, SUM_CROSSED)

_CUMULATIVE = ("cusum", "glr_poisson")
_CALENDAR = ("farrington", "farrington_flexible")
_WITHOUT_FREQUENCY = ("ears", "fixed_threshold")
_FREQUENCY = {DAY: 365, WEEK: 52}
#: Figures are kept to so many digits: the same on every machine.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Aberration:
    """One series above its bound in one period.

    Attributes:
        watch, method: the entry of ``detection.toml`` and the code of its method.
        period: "2022-04-18", or "2022-W16" where one alarm a week is enough.
        first_day, last_day: the days that ``observed`` counts.
        expected, p_value: None where the method states none.
        origin: "counted" cases or "published" figures.
        says: code of the explanation (``EXPLANATIONS``); its parameters are the figures here.
    """

    watch: str
    method: str
    key: SeriesKey
    period: str
    first_day: date
    last_day: date
    observed: float
    expected: float | None
    upper: float
    p_value: float | None
    origin: str
    says: str

    @property
    def subject_key(self) -> str:
        """What makes it one alarm: the entry, the series, the period."""
        series = (self.key.area_code, self.key.age_group, self.key.channel)
        return "|".join((self.watch, *series, self.period))

    def params(self) -> dict[str, Any]:
        """What the signal says: codes and figures, nobody's name."""
        return {
            "watch": self.watch,
            "method": self.method,
            "age_group": self.key.age_group,
            "channel": self.key.channel,
            "period": self.period,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "observed": self.observed,
            "expected": self.expected,
            "upper": self.upper,
            "p_value": self.p_value,
            "origin": self.origin,
            "says": self.says,
        }


@dataclass(frozen=True, slots=True)
class Unwatched:
    """One series of which silence means nothing, and why: a refusal of the method or one of ``REASONS``."""

    watch: str
    method: str
    key: SeriesKey
    last_day: date
    reason: str


@dataclass(frozen=True)
class Detection:
    """What one night's look at every series found.

    Attributes:
        through, at: the last day looked at, and the instant whose knowledge it was.
        aberrations: by disease, area and method.
        unwatched: the series without power on the last complete day or week, with the reason.
        watched: entry -> series that it looked at; those neither above their bound nor unwatched were quiet.
    """

    through: date
    at: datetime
    aberrations: list[Aberration] = field(default_factory=list)
    unwatched: list[Unwatched] = field(default_factory=list)
    watched: dict[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[str, int]:
        """Reason -> how many series of an entry could not be watched for it."""
        return dict(sorted(Counter(each.reason for each in self.unwatched).items()))


def detect(area_code: str, *, actor: Actor, at: datetime, through: date) -> Detection:
    """The aberrations up to ``through`` in the districts of an area, known at ``at``, and what could not be watched.

    Of cases counted here the last days are still filling up: they may raise an alarm, and are no ground for calling a
    series quiet. No baseline runs through a break of a published series, and no alarm stands on one. Queries: six for
    all counted diseases, a few for each published one. Raises Forbidden without ``board.read``, InputError
    ``detection.*`` for a file of the city that cannot be used.
    """
    actor.require(PERMISSION)
    rules, here = detection_rules(), installation()
    found = Detection(through, at)
    if counted_scope(area_code, actor) is None:
        return found
    tables: dict[tuple[tuple[str, ...], bool], tuple[SeriesTable, PublishedBreaks]] = {}
    for by, whole in sorted({(watch.by, watch.whole) for watch in rules.on}):
        back = max(_days_back(watch) for watch in rules.on if (watch.by, watch.whole) == (by, whole))
        window = Window(actor, at, through, through - timedelta(days=back))
        table = series_table(area_code, window, by=by, whole=whole, opened=rules.opened)
        tables[by, whole] = table, PublishedBreaks(table.publications, at=at, through=through)
    late = incomplete_days_by_disease(
        counted_scope(area_code, actor) or area_code, at=at, through=through, zone=here.zone
    )
    for watch in rules.on:
        _Look(watch, *tables[watch.by, watch.whole], late, found, here).run()
    found.aberrations.sort(key=lambda each: (each.key, each.watch, each.period))
    found.unwatched.sort(key=lambda each: (each.key, each.watch))
    return found


def _days_back(watch: Watch) -> int:
    units = watch.history + watch.look_back
    return units if watch.unit == DAY else 7 * units + 6


class _Look:
    """One entry's look at the series that it watches."""

    def __init__(
        self,
        watch: Watch,
        table: SeriesTable,
        breaks: PublishedBreaks,
        late: Mapping[str, int],
        found: Detection,
        here: Installation,
    ) -> None:
        self.watch, self.late, self.found, self.here = watch, late, found, here
        covered = [disease for disease in table.diseases if watch.covers(disease)]
        rows = table.rows(covered)
        self.keys = [table.keys[row] for row in rows]
        self.origins = [table.origins[row] for row in rows]
        counts = table.counts[rows]
        self.broken = [_last_break(breaks, *each) for each in zip(self.keys, self.origins, strict=True)]
        for row, last in enumerate(self.broken):
            if last is not None:
                counts[row, : max(0, (last - table.days[0]).days + 1)] = np.nan
        daily = SeriesTable(self.keys, table.days, counts, self.origins, table.day_of)
        units = daily if watch.unit == DAY else weekly(daily)
        keep = watch.history + watch.look_back
        self.days, self.counts = units.days[-keep:], units.counts[:, -keep:]
        self.span = int(watch.settings.get("span", 1))

    def run(self) -> None:
        """Add what was found to the detection."""
        self.found.watched[self.watch.name] = len(self.keys)
        groups: dict[str, list[int]] = defaultdict(list)
        told: dict[str, dict[str, Any]] = {}
        for row, key in enumerate(self.keys):
            settings = self.watch.settings_of(key.disease)
            name = json.dumps(settings, sort_keys=True, default=str)
            told[name] = settings
            groups[name].append(row)
        looks: list[tuple[list[int], Alarms]] = []
        for name, rows in groups.items():
            if self.watch.method == "moving_percentile" and "percentile" not in told[name]:
                for row in rows:
                    self._unwatched(row, NO_RULE)
            elif self.days:
                looks.append((rows, self._alarms(told[name], self.counts[rows])))
            else:
                for row in rows:
                    self._unwatched(row, BASELINE_TOO_SHORT)
        kept = self._controlled(looks)
        for (rows, alarms), raised in zip(looks, kept, strict=True):
            for place, row in enumerate(rows):
                self._series(row, alarms, place, raised[place])

    def _alarms(self, settings: dict[str, Any], counts: FloatArray) -> Alarms:
        watch, first = self.watch, max(0, len(self.days) - self.watch.look_back)
        call = {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}
        if watch.method not in _WITHOUT_FREQUENCY:
            call["frequency"] = _FREQUENCY[watch.unit]
        if watch.method in _CALENDAR:
            call |= {"start": self.days[0] - timedelta(days=6 if watch.unit == WEEK else 0), "first": first}
        if watch.method in _CUMULATIVE:
            call["start"] = first
        method: Callable[..., Alarms] = METHODS[watch.method]
        try:
            return method(counts, **call)
        except (TypeError, ValueError, KeyError) as error:
            raise InputError("detection.settings_wrong", name=watch.name, detail=str(error)[:200]) from error

    def _controlled(self, looks: list[tuple[list[int], Alarms]]) -> list[Any]:
        """The alarms of each group, those that the false discovery rate leaves."""
        rate = self.watch.false_discovery_rate
        if not rate or not looks:
            return [alarms.alarm for _, alarms in looks]
        # All series of one unit are one family, whatever settings their diseases have.
        acted = benjamini_hochberg(np.concatenate([alarms.p_value for _, alarms in looks]), rate, axis=0)
        parts = np.split(acted, np.cumsum([len(rows) for rows, _ in looks])[:-1])
        return [
            alarms.alarm & (part | np.isnan(alarms.p_value))
            for (_, alarms), part in zip(looks, parts, strict=True)
        ]

    def _series(self, row: int, alarms: Alarms, place: int, raised: Any) -> None:
        """The first alarm of each period that is looked at, and whether the last complete unit had power."""
        looked = range(max(0, len(self.days) - self.watch.look_back), len(self.days))
        told = set()
        for unit in looked:
            period = _period(self.days[unit], self.watch.period)
            if raised[unit] and period not in told:
                told.add(period)
                self.found.aberrations.append(self._aberration(row, alarms, place, unit, period))
        complete = self._last_complete(row)
        if complete is None:
            self._unwatched(row, NOT_YET_COMPLETE)
        elif not raised[complete] and (reason := alarms.reason_at(place, complete)):
            self._unwatched(row, self._reason(row, reason), complete)

    def _last_complete(self, row: int) -> int | None:
        """The last unit of which the reports are in: published figures are complete when they are published."""
        late = 0
        if self.origins[row] == COUNTED:
            late = self.late.get(self.keys[row].disease, parameters("reporting_delay")["default_days"])
            if self.here.close_of(self.found.through) > self.found.at:
                late += 1
        complete_through = self.found.through - timedelta(days=late)
        return max((n for n, day in enumerate(self.days) if day <= complete_through), default=None)

    def _reason(self, row: int, reason: str) -> str:
        """The method's refusal, said as what is behind it: a break, a register younger than the baseline."""
        if reason == NOT_MONITORED:
            return NOT_YET_COMPLETE
        if reason not in (MISSING_BASELINE, MISSING_COUNT, BASELINE_TOO_SHORT):
            return reason
        broken = self.broken[row]
        if broken is not None and broken >= self.days[0]:
            return SERIES_BREAK
        if reason == MISSING_BASELINE and np.isnan(self.counts[row, 0]):
            return BASELINE_TOO_SHORT
        return reason

    def _unwatched(self, row: int, reason: str, unit: int = -1) -> None:
        last_day = self.days[unit] if self.days else self.found.through
        watch = self.watch
        self.found.unwatched.append(Unwatched(watch.name, watch.method, self.keys[row], last_day, reason))

    def _aberration(self, row: int, alarms: Alarms, place: int, unit: int, period: str) -> Aberration:
        span = self.span
        seen = self.counts[row, max(0, unit - span + 1) : unit + 1].sum()
        expected = _figure(alarms.expected[place, unit])
        last = self.days[unit]
        length = span if self.watch.unit == DAY else 7 * span
        says = ABOVE_EXPECTED if expected is not None else ABOVE_BOUND
        if alarms.method == "fixed_threshold":
            says = ENOUGH_CASES
        elif self.watch.method in _CUMULATIVE:
            says = SUM_CROSSED
        return Aberration(
            watch=self.watch.name,
            method=alarms.method,
            key=self.keys[row],
            period=period,
            first_day=last - timedelta(days=length - 1),
            last_day=last,
            observed=float(seen),
            expected=expected,
            upper=_figure(alarms.upper[place, unit]) or 0.0,
            p_value=_figure(alarms.p_value[place, unit]),
            origin=self.origins[row],
            says=says,
        )


def _last_break(breaks: PublishedBreaks, key: SeriesKey, origin: str) -> date | None:
    """The last day of the latest break of a published series; None without one."""
    found = breaks.of(key.disease, key.area_code) if origin == PUBLISHED else []
    return max((each.last for each in found), default=None)


def _period(day: date, period: str) -> str:
    if period == DAY:
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _figure(value: float) -> float | None:
    """The value to ``_DIGITS`` significant digits; None for NaN."""
    return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None
