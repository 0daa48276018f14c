"""The detection methods that are held against one another, each with the settings that it is published with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fangkong.science.epi.backtests.weekly_baselines import FloatArray
from fangkong.science.epi.detection import (
    Alarms,
    bayes,
    cusum,
    ears,
    farrington,
    farrington_flexible,
    glr_poisson,
    moving_percentile,
    rki,
)

#: Weeks that a cumulative method has watched since it last learned, when the watched weeks begin.
_WEEKS_SINCE_LEARNED = 26


@dataclass(frozen=True)
class Method:
    """A method with its settings.

    Attributes:
        name: code of the row.
        watch: alarms of counts ``[windows, time]`` after ``history`` weeks, ``years`` of them whole.
        expected: the name and the settings under which ``expected_alarms_per_week`` knows it.
    """

    name: str
    watch: Callable[[FloatArray, int, int], Alarms]
    expected: tuple[str, dict[str, Any]]


def _ears(kind: str, name: str, **settings: str) -> Method:
    stated = kind != "C3"
    return Method(
        name,
        lambda counts, history, years: ears(counts, kind, p_values=stated, **settings),  # type: ignore[arg-type]
        ("ears" if kind == "C1" else f"ears_{kind.lower()}", dict(settings)),
    )


def _flexible(threshold: str) -> Method:
    # The settings of Noufaily et al. (2013).
    settings: dict[str, Any] = {
        "alpha": 0.01,
        "no_periods": 10,
        "past_weeks_not_included": 26,
        "threshold_method": threshold,
    }
    return Method(
        f"farrington_flexible_{threshold.lower()}",
        lambda counts, history, years: farrington_flexible(counts, first=history, b=years, **settings),
        ("farrington_flexible", settings),
    )


def _percentile(percentile: float) -> Method:
    return Method(
        f"moving_percentile_{percentile:.0f}",
        lambda counts, history, years: moving_percentile(counts, percentile, years=years),
        ("moving_percentile", {"percentile": percentile}),
    )


def _historical(name: str, variant: int) -> Method:
    method = bayes if name == "bayes" else rki
    return Method(
        f"{name}_{variant}",
        lambda counts, history, years: method(counts, variant),
        (name, {"variant": variant}),
    )


METHODS: tuple[Method, ...] = (
    _ears("C1", "ears_c1"),
    _ears("C2", "ears_c2"),
    _ears("C3", "ears_c3"),
    _ears("C3", "ears_c3_mean", c3_centre="mean"),
    Method(
        "farrington",
        lambda counts, history, years: farrington(counts, first=history, b=years, alpha=0.01),
        ("farrington", {"b": 5}),
    ),
    _flexible("delta"),
    _flexible("nbPlugin"),
    _flexible("muan"),
    Method(
        "cusum_rossi",
        lambda counts, history, years: cusum(counts, history - _WEEKS_SINCE_LEARNED, m="glm", trans="rossi"),
        ("cusum", {"m": "glm", "trans": "rossi"}),
    ),
    Method(
        "glr_poisson",
        lambda counts, history, years: glr_poisson(counts, history - _WEEKS_SINCE_LEARNED),
        ("glr_poisson", {}),
    ),
    _historical("bayes", 1),
    _historical("bayes", 3),
    _historical("rki", 1),
    _historical("rki", 3),
    _percentile(80),
    _percentile(90),
)
