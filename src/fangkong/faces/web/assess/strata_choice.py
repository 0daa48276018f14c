"""The reader's choice of age group and channel: what may be chosen, and the curve of what was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from fangkong.desks.assess.age_groups import age_groups
from fangkong.desks.assess.series_queries import stratified_series
from fangkong.desks.assess.strata import AGE_GROUP, CHANNEL
from fangkong.desks.assess.values import AreaCurve
from fangkong.faces.web.control.presenting import coded

from .age_names import age_name
from .reading import CHART_DAYS, AreaReading, known


@dataclass(frozen=True)
class Choice:
    """What the reader chose; "" is all."""

    age: str = ""
    channel: str = ""

    @property
    def any(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.age or self.channel)


def chosen(age: str, channel: str, reading: AreaReading) -> Choice:
    """The choice, without what does not exist."""
    held = {name or "unknown" for name in _channels(reading)}
    return Choice(age if age in age_groups() else "", channel if channel in held else "")


def options(reading: AreaReading, choice: Choice) -> dict[str, list[tuple[str, str, bool]]]:
    """{ages, channels}: (code, words, chosen) of what may be chosen."""
    channels = sorted({name or "unknown" for name in _channels(reading)})
    return {
        "ages": [(code, age_name(code), code == choice.age) for code in age_groups()],
        "channels": [(code, coded("channel", code), code == choice.channel) for code in channels],
    }


def chosen_curve(reading: AreaReading, choice: Choice) -> AreaCurve | None:
    """The curve of the chosen age group by channel, counted from the register; None without a case of it.

    Published figures have no ages: for an age group cases are always counted.
    """
    if not choice.age:
        return reading.situation.curves.area
    viewing = reading.viewing
    since = viewing.through - timedelta(days=CHART_DAYS - 1)
    found = stratified_series(
        reading.area_code,
        **known(viewing),
        since=since,
        diseases=[reading.disease],
        by=(AGE_GROUP, CHANNEL),
        whole=True,
    )
    counts: dict[str, list[int | None]] = {}
    for key, row in zip(found.table.keys, found.table.counts, strict=True):
        if key.age_group == choice.age:
            counts[key.channel] = [None if np.isnan(n) else int(n) for n in row]
    if not counts:
        return None
    last = viewing.through - timedelta(days=reading.found.incomplete_days)
    # Before the first case of the disease nothing is known, and an empty stretch would say that reports are missing.
    begun = min(next((n for n, each in enumerate(row) if each is not None), 0) for row in counts.values())
    days = found.table.days[begun:]
    return AreaCurve(
        reading.area_code,
        days,
        {channel: row[begun:] for channel, row in counts.items()},
        [each > last for each in days],
    )


def _channels(reading: AreaReading) -> list[str]:
    curve: Any = reading.situation.curves.area
    return list(curve.counts) if curve is not None else []
