"""How many alarms a week to expect from chance alone, before a method is switched on in this city."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.science.epi.detection import AlarmRate, expected_alarms_per_week

from .detecting import PERMISSION
from .detection_rules import DAY, WEEK, Watch, detection_rules, detection_watch
from .parameters import parameters
from .series import Window
from .strata import FloatArray, series_table, weekly

#: Kinds of series that are simulated in equal shares: tenths of what is usual in this city.
_KINDS = np.linspace(0.05, 0.95, 10)
_FREQUENCY = {DAY: 365, WEEK: 52}


@dataclass(frozen=True, slots=True)
class ExpectedAlarms:
    """The alarms that an entry would raise in weeks without any outbreak.

    Attributes:
        watch, method, on: the entry, its method, whether it runs now.
        districts, diseases, series: what it would look at: every disease that it covers in every district.
        per_week: alarms a week over all series; None where no series has a case to learn from.
        at_most: true where fewer are told than the figure counts: one a week of a series, or what the entry's false
            discovery rate leaves.
        power_share: share of simulated units in which the method had power at all.
        usual: usual cases a unit, the tenths of the city's series that were simulated.
        dispersion: variance over mean that was simulated.
        rate: the simulation of one unit, with its standard error and what theory says.
    """

    watch: str
    method: str
    on: bool
    districts: int
    diseases: int
    series: int
    per_week: float | None
    at_most: bool
    power_share: float | None
    usual: tuple[float, ...]
    dispersion: float
    rate: AlarmRate | None


def expected_alarms(area_code: str, *, actor: Actor, at: datetime, watch: str = "") -> list[ExpectedAlarms]:
    """The alarms a week to expect from chance, for each entry of ``detection.toml`` (or one), on or off.

    Simulated on quiet series with the usual level and spread of this city's districts and diseases over the days in
    ``parameters.toml``, as known at ``at``. A fixed number of cases has no quiet weeks to speak of: every such case
    is an alarm, so its figure is the cases' own rate. Raises Forbidden without ``board.read``, InputError
    ``detection.unknown_watch`` and as ``detection_rules`` does.
    """
    actor.require(PERMISSION)
    rules = detection_rules()
    entries = [detection_watch(watch)] if watch else [rules.watches[name] for name in sorted(rules.watches)]
    through = civil_day(at, installation().zone) - timedelta(days=1)
    since = through - timedelta(days=parameters("alarm_rates")["history_days"])
    window = Window(actor, at, through, since)
    found = []
    for by, whole in sorted({(entry.by, entry.whole) for entry in entries}):
        table = series_table(area_code, window, by=by, whole=whole, opened=rules.opened)
        for entry in entries:
            if (entry.by, entry.whole) != (by, whole):
                continue
            rows = table.rows([disease for disease in table.diseases if entry.covers(disease)])
            counts = (table if entry.unit == DAY else weekly(table)).counts[rows]
            keys = [table.keys[row] for row in rows]
            areas, diseases = {key.area_code for key in keys}, {key.disease for key in keys}
            found.append(_expected(entry, counts, len(areas), sorted(diseases)))
    return sorted(found, key=lambda each: each.watch)


def _expected(entry: Watch, counts: FloatArray, districts: int, diseases: list[str]) -> ExpectedAlarms:
    usual, dispersion = _usual(counts)
    rate = _rate(entry, len(counts), usual, dispersion, diseases) if len(counts) and usual.size else None
    units_a_week = 7 if entry.unit == DAY else 1
    return ExpectedAlarms(
        watch=entry.name,
        method=entry.method,
        on=entry.on,
        districts=districts,
        diseases=len(diseases),
        series=len(counts),
        per_week=None if rate is None else rate.per_week * units_a_week,
        at_most=(entry.unit == DAY and entry.period == WEEK) or entry.false_discovery_rate > 0,
        power_share=None if rate is None else rate.power_share,
        usual=tuple(round(float(mean), 4) for mean in usual),
        dispersion=dispersion,
        rate=rate,
    )


def _usual(counts: FloatArray) -> tuple[FloatArray, float]:
    """(the tenths of the series' usual counts a unit, their usual variance over mean, at least 1).

    The median variance over mean of series that have cases: outbreaks of the past are in the tail and do not count.
    """
    known = ~np.isnan(counts)
    number = known.sum(axis=1)
    total = np.nansum(counts, axis=1)
    live = (number > 1) & (total > 0)
    if not live.any():
        return np.zeros(0), 1.0
    mean = total[live] / number[live]
    spread = np.nanvar(counts[live], axis=1, ddof=1) / mean
    # Series without a case are quiet for good: they are looked at and raise nothing, as a very small mean does.
    silent = np.full(int(((number > 1) & (total == 0)).sum()), 1 / (2 * counts.shape[1]))
    means = np.quantile(np.concatenate([mean, silent]), _KINDS)
    return means, float(max(1.0, np.median(spread)))


def _rate(
    entry: Watch, series: int, usual: FloatArray, dispersion: float, diseases: list[str]
) -> AlarmRate | None:
    # Diseases of one entry may have settings of their own: the first one's stand for all but the percentile.
    settings: dict[str, Any] = entry.settings_of(diseases[0])
    if entry.method == "moving_percentile":
        told = [entry.settings_of(disease).get("percentile") for disease in diseases]
        known = [value for value in told if value is not None]
        if not known:
            return None
        settings["percentile"] = float(np.median(known))
    settings.pop("p_values", None)
    call = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
    frequency = _FREQUENCY[entry.unit]
    years = 1 + -(-entry.history // frequency)
    try:
        return expected_alarms_per_week(
            entry.method,
            series,
            mean=usual,
            dispersion=dispersion,
            frequency=frequency,
            years=years,
            method_settings=call,
        )
    except (TypeError, ValueError, KeyError) as error:
        raise InputError("detection.settings_wrong", name=entry.name, detail=str(error)[:200]) from error
