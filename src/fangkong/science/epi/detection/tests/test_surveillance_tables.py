"""Every bound and alarm against surveillance 1.20.3, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from fangkong.science.epi.detection import (
    Alarms,
    bayes,
    cusum,
    ears,
    farrington,
    farrington_flexible,
    glr_poisson,
    rki,
)
from fangkong.science.epi.detection.tests.surveillance_tables import Output, read_input, read_output

pytestmark = pytest.mark.real_data

WEEKLY = ["hepatitisA", "m1", "s1", "salmonella.agona", "stsNewport"]
EARS = ["measlesDE", "momo", "rotaBB", "salmNewport", *WEEKLY]
YEARS = {"hepatitisA": 3, "m1": 3, "s1": 3, "salmonella.agona": 4, "stsNewport": 5, "salmNewport": 5}


def cells(alarms: Alarms, table: Output) -> tuple[np.ndarray, np.ndarray]:
    return alarms.upper[table.series, table.time], alarms.alarm[table.series, table.time]


def assert_same_alarms(alarm: np.ndarray, table: Output) -> None:
    np.testing.assert_array_equal(alarm, np.nan_to_num(table.columns["alarm"]) > 0)


@pytest.mark.parametrize("name", EARS)
@pytest.mark.parametrize("method", ["C1", "C2", "C3", "C1b14"])
def test_ears(method: str, name: str) -> None:
    longer = {"baseline": 14, "min_sigma": 0.5, "alpha": 0.01} if method == "C1b14" else {}
    table = read_output(f"ears_{method}_{name}.csv")
    upper, alarm = cells(ears(read_input(name).counts, method[:2], **longer), table)
    np.testing.assert_allclose(upper, table.columns["upperbound"], rtol=0, atol=1e-9)
    assert_same_alarms(alarm, table)


@pytest.mark.parametrize("name", YEARS)
def test_farrington(name: str) -> None:
    data, table = read_input(name), read_output(f"farrington_{name}.csv")
    watch = farrington(data.counts, data.start, b=YEARS[name], alpha=0.01, first=int(table.time.min()))
    upper, alarm = cells(watch, table)
    expected = table.columns["upperbound"]
    # The package writes 0 where fewer than 5 cases fell in 4 weeks; here there is no bound and the cell says why.
    np.testing.assert_allclose(upper, np.where(expected == 0, np.nan, expected), rtol=1e-9)
    assert_same_alarms(alarm, table)
    assert all(watch.reason_at(s, t) == "too_few_cases" for s, t in zip(*np.nonzero(np.isnan(watch.upper)), strict=True)
               if t >= table.time.min())  # fmt: skip


@pytest.mark.parametrize("name", WEEKLY)
@pytest.mark.parametrize("threshold_method", ["delta", "nbPlugin", "muan", "simple"])
def test_farrington_flexible(threshold_method: str, name: str) -> None:
    data, table = read_input(name), read_output(f"ffx_{threshold_method}_{name}.csv")
    first, b = int(table.time.min()), YEARS[name]
    if threshold_method == "simple":
        watch = farrington_flexible(data.counts, data.start, first=first, b=b, reweight=False, trend=False)
    else:
        watch = farrington_flexible(
            data.counts,
            data.start,
            first=first,
            b=b,
            alpha=0.01,
            p_threshold_trend=1,
            no_periods=10,
            past_weeks_not_included=26,
            threshold_method=threshold_method,
        )
    upper, alarm = cells(watch, table)
    np.testing.assert_allclose(upper, table.columns["upperbound"], rtol=1e-9)
    assert_same_alarms(alarm, table)
    known = ~np.isnan(table.columns["upperbound"])
    where = (table.series[known], table.time[known])
    np.testing.assert_allclose(watch.expected[where], table.columns["expected"][known], rtol=1e-9)
    np.testing.assert_allclose(watch.p_value[where], table.columns["pvalue"][known], rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", WEEKLY)
@pytest.mark.parametrize("method", ["bayes", "rki"])
def test_historical(method: str, name: str) -> None:
    table = read_output(f"{method}_{name}.csv")
    counts = read_input(name).counts
    watch = (bayes if method == "bayes" else rki)(counts, b=2, w=2, act_y=True)
    upper, alarm = cells(watch, table)
    np.testing.assert_allclose(upper, table.columns["upperbound"], rtol=0, atol=1e-9)
    assert_same_alarms(alarm, table)


@pytest.mark.parametrize("name", WEEKLY)
@pytest.mark.parametrize("kind", ["standard", "rossi", "glm_rossi"])
def test_cusum(kind: str, name: str) -> None:
    table = read_output(f"cusum_{kind}_{name}.csv")
    start, trans = int(table.time.min()), kind.removeprefix("glm_")
    watch = cusum(read_input(name).counts, start, m="glm" if "glm" in kind else None, trans=trans)
    upper, alarm = cells(watch, table)
    np.testing.assert_allclose(upper, table.columns["upperbound"], rtol=0, atol=1e-9)
    assert_same_alarms(alarm, table)


@pytest.mark.parametrize("name", ["s1", "salmonella.agona"])
def test_glr_poisson(name: str) -> None:
    table = read_output(f"glr_poisson_{name}.csv")
    upper, alarm = cells(glr_poisson(read_input(name).counts, int(table.time.min())), table)
    np.testing.assert_array_equal(upper, table.columns["upperbound"])
    assert_same_alarms(alarm, table)
