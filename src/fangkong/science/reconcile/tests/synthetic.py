"""An epidemic in fictional districts, told by two sources that agree until a test plants something in one of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from fangkong.science.reconcile import Figure, Series, series_of

FIRST = date(2030, 3, 1)
DAYS = 60
DISTRICTS = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel")

#: (district, measure) -> one figure a day, None where the source is silent.
Told = dict[tuple[str, str], list[float | None]]


def on(day: int) -> date:
    """The day at a position."""
    return FIRST + timedelta(days=day)


def epidemic(seed: int = 1, *, districts: tuple[str, ...] = DISTRICTS) -> Told:
    """Running totals of cases and deaths and daily counts of tests, each district with a wave of its own size."""
    draw = np.random.default_rng(seed)
    told: Told = {}
    for place, district in enumerate(districts):
        wave = 40 + 90 * (1 + place % 3) * np.exp(-(((np.arange(DAYS) - 28 - 2 * place) / 14.0) ** 2))
        cases = draw.poisson(wave)
        deaths = draw.poisson(np.maximum(wave - 40, 0) / 12)
        told[district, "cases"] = [float(n) for n in np.cumsum(cases)]
        told[district, "deaths"] = [float(n) for n in np.cumsum(deaths)]
        told[district, "tests"] = [float(n) for n in draw.poisson(30 * wave)]
    return told


def source(name: str, told: Told, *, rank: str = "unstated", late: int = 0) -> Series:
    """A source that tells ``told``, each figure ``late`` days after its day."""
    return series_of(
        name,
        [
            Figure((district,), (measure,), on(day + late), value)
            for (district, measure), values in told.items()
            for day, value in enumerate(values)
            if value is not None
        ],
        rank=rank,
    )


def changed(
    told: Told, column: tuple[str, str], change: Callable[[list[float | None]], list[float | None]]
) -> Told:
    """``told`` with one column changed."""
    return told | {column: change(list(told[column]))}
