"""What a scan finds, how often it cries wolf, and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fangkong.science.epi import Scan, poisson_scan, space_time_permutation_scan
from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.scan.clusters import Cluster

GRID = np.array([(x, y) for y in range(4) for x in range(4)], dtype=float)
NEAR = (5, 6, 9, 10)


def found(scan: Scan | Refusal) -> Scan:
    assert isinstance(scan, Scan)
    return scan


def best(scan: Scan | Refusal) -> Cluster:
    cluster = found(scan).most_likely
    assert cluster is not None
    return cluster


def quiet(seed: int, mean: float = 1.0, days: int = 20) -> np.ndarray:
    """Districts of different size and days of different custom, but no cluster."""
    rng = np.random.default_rng(seed)
    usual = np.outer(np.linspace(0.4, 1.6, 16), np.where(np.arange(days) % 7 == 6, 0.3, 1.0))
    return rng.poisson(mean * usual)


def test_an_outbreak_is_found_where_and_when_it_is() -> None:
    cases = quiet(1)
    cases[np.ix_(NEAR, (17, 18, 19))] += 7
    cluster = best(space_time_permutation_scan(cases, GRID, max_days=7, seed=2, gumbel=True))
    assert set(cluster.areas) & set(NEAR)
    assert (cluster.first_day, cluster.last_day) == (17, 19)
    assert cluster.p_value == 0.001
    assert cluster.recurrence_days == pytest.approx(1000)
    # A rank among 999 cannot say less than 0.001; the fitted law can.
    assert cluster.gumbel_p_value < 1e-4


def test_large_districts_and_quiet_sundays_are_no_cluster() -> None:
    scans = [found(space_time_permutation_scan(quiet(seed), GRID, replicates=99)) for seed in range(5)]
    assert all(scan.clusters[0].p_value > 0.01 for scan in scans)


def test_false_alarms_come_as_often_as_the_level_says() -> None:
    runs = 120
    by_time = sum(
        best(space_time_permutation_scan(quiet(seed), GRID, max_days=5, replicates=39, seed=seed)).p_value
        <= 0.05
        for seed in range(runs)
    )
    rng = np.random.default_rng(4)
    people = rng.integers(500, 5000, 16)
    in_space = sum(
        best(poisson_scan(rng.poisson(people / 200), GRID, population=people, replicates=39)).p_value <= 0.05
        for _ in range(runs)
    )
    # 6 of 120 on average; more than 15 or none would each come in less than one run of a thousand.
    assert 0 < by_time <= 15
    assert 0 < in_space <= 15


def test_power_grows_with_the_outbreak() -> None:
    def share(extra: int) -> float:
        alarms = 0
        for seed in range(30):
            cases = quiet(seed)
            cases[np.ix_(NEAR, (18, 19))] += extra
            scan = space_time_permutation_scan(cases, GRID, max_days=5, replicates=99, seed=seed)
            alarms += best(scan).p_value <= 0.05
        return alarms / 30

    faint, clear = share(1), share(6)
    assert faint < clear
    assert clear > 0.9


def test_a_look_back_finds_what_ended_before_today() -> None:
    cases = quiet(8)
    cases[np.ix_((0, 1, 4), (6, 7))] += 6
    assert best(space_time_permutation_scan(cases, GRID, max_days=4, replicates=99)).p_value > 0.01
    past = best(space_time_permutation_scan(cases, GRID, max_days=4, replicates=99, prospective=False))
    assert (past.first_day, past.last_day, past.p_value) == (6, 7, 0.01)
    assert math.isnan(past.recurrence_days)


def test_two_outbreaks_are_two_clusters_that_share_no_area() -> None:
    cases = quiet(3)
    cases[0, -4:] += 5
    cases[15, -1] += 20
    clusters = found(space_time_permutation_scan(cases, GRID, max_days=5, replicates=199)).clusters
    assert [0 in clusters[0].areas, 15 in clusters[1].areas] in ([True, True], [False, False])
    assert clusters[1].p_value <= 0.02
    taken = [area for cluster in clusters for area in cluster.areas]
    assert len(taken) == len(set(taken))
    ratios = [cluster.log_likelihood_ratio for cluster in clusters]
    assert ratios == sorted(ratios, reverse=True)
    assert len(found(space_time_permutation_scan(cases, GRID, replicates=9, max_clusters=1)).clusters) == 1


def test_the_population_is_allowed_for() -> None:
    people = np.full(16, 1000)
    people[3] = 9000
    cases = people // 100
    assert found(poisson_scan(cases, GRID, population=people, replicates=19)).clusters == ()
    cases[12] += 30
    cluster = best(poisson_scan(cases, GRID, population=people, replicates=99))
    assert (cluster.areas, cluster.p_value) == ((12,), 0.01)
    again = best(poisson_scan(cases, GRID, expected=people * 7.3e-5, replicates=99))
    assert again.log_likelihood_ratio == pytest.approx(cluster.log_likelihood_ratio)


def test_a_forecast_by_day_makes_a_holiday_no_cluster() -> None:
    expected = np.full((16, 14), 3.0)
    expected[:, -1] = 30.0
    cases = np.random.default_rng(2).poisson(expected)
    flat = best(poisson_scan(cases, GRID, population=np.ones(16), replicates=99, max_zone_share=1.0))
    told = best(poisson_scan(cases, GRID, expected=expected, replicates=99, max_zone_share=1.0))
    assert flat.p_value == 0.01
    assert told.p_value > 0.05


def test_order_and_scale_of_the_areas_change_nothing() -> None:
    cases = quiet(12)
    cases[np.ix_(NEAR, (18, 19))] += 3
    order = np.random.default_rng(0).permutation(16)
    one = best(space_time_permutation_scan(cases, GRID, replicates=0))
    other = best(space_time_permutation_scan(cases[order], GRID[order] * 1e200 + 1, replicates=0))
    assert set(one.areas) == {int(order[area]) for area in other.areas}
    assert one.log_likelihood_ratio == pytest.approx(other.log_likelihood_ratio)
    assert math.isnan(one.p_value)


def test_neighbour_lists_in_place_of_circles() -> None:
    cases = quiet(2)[:4]
    cases[[0, 3], -1] += 9  # far apart on the map, one metro line
    lists = [[0, 3], [1], [2], [3, 0]]
    cluster = best(space_time_permutation_scan(cases, neighbours=lists, replicates=99, max_zone_share=0.9))
    assert cluster.areas == (0, 3)
    assert math.isnan(cluster.radius)


def test_the_settings_hold_every_cluster_small() -> None:
    cases = quiet(30, 3.0)
    cases[:, -3:] += np.arange(16)[:, None] % 3
    scan = found(space_time_permutation_scan(
        cases, GRID, max_zone_share=0.2, max_radius=1.0, min_days=2, max_days=3, min_cases=8, replicates=9
    ))  # fmt: skip
    for cluster in scan.clusters:
        assert cases[list(cluster.areas)].sum() <= 0.2 * cases.sum()
        assert cluster.radius <= 1.0
        assert 2 <= cluster.last_day - cluster.first_day + 1 <= 3
        assert cluster.observed >= 8


def test_one_seed_one_answer() -> None:
    one, two, other = (
        found(space_time_permutation_scan(quiet(5), GRID, replicates=49, seed=seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one.simulated, two.simulated)
    assert (one.simulated != other.simulated).any()


@pytest.mark.parametrize(
    ("code", "scan"),
    [
        ("no_cases", lambda: space_time_permutation_scan(np.zeros((3, 4)), GRID[:3])),
        ("no_cases", lambda: space_time_permutation_scan(np.zeros((0, 0)), np.zeros((0, 2)))),
        ("one_area", lambda: space_time_permutation_scan([[1, 2, 3]], [(0, 0)])),
        ("one_day", lambda: space_time_permutation_scan([5, 3], GRID[:2])),
        ("too_few_cases", lambda: space_time_permutation_scan([[1, 0], [0, 0]], GRID[:2])),
        ("too_few_cases", lambda: poisson_scan([3, 4], GRID[:2], population=[1, 1], min_cases=8)),
        ("too_many_cases", lambda: space_time_permutation_scan(np.full((2, 2), 1e300), GRID[:2])),
        ("missing_counts", lambda: space_time_permutation_scan([[1, np.nan], [2, 2]], GRID[:2])),
        ("invalid_counts", lambda: space_time_permutation_scan([[1, -1], [2, 2]], GRID[:2])),
        ("invalid_counts", lambda: space_time_permutation_scan([[1, np.inf], [2, 2]], GRID[:2])),
        ("invalid_counts", lambda: poisson_scan([1.5, 2], GRID[:2], population=[1, 1])),
        ("coordinates_missing", lambda: space_time_permutation_scan([[1, 5], [2, 2]])),
        ("coordinates_missing", lambda: space_time_permutation_scan([[1, 5], [2, 2]], [(0, 0), (0, np.nan)])),
        ("no_zone", lambda: poisson_scan([4, 4], GRID[:2], population=[1, 1], max_zone_share=0.3)),
        ("invalid_population", lambda: poisson_scan([4, 4], GRID[:2], population=[1, -1])),
        ("invalid_population", lambda: poisson_scan([4, 4], GRID[:2], population=[0, 0])),
        ("cases_without_population", lambda: poisson_scan([4, 4], GRID[:2], population=[0, 9])),
    ],
)
def test_what_cannot_be_scanned_says_why(code: str, scan: Callable[[], Scan | Refusal]) -> None:
    refusal = scan()
    assert isinstance(refusal, Refusal)
    assert refusal.code == code


@pytest.mark.parametrize(
    "call",
    [
        lambda: space_time_permutation_scan(np.ones((2, 2, 2)), GRID[:2]),
        lambda: space_time_permutation_scan(quiet(1), GRID[:3]),
        lambda: space_time_permutation_scan(quiet(1), GRID, max_zone_share=0),
        lambda: space_time_permutation_scan(quiet(1), GRID, max_radius=-1),
        lambda: space_time_permutation_scan(quiet(1), GRID, min_days=4, max_days=3),
        lambda: space_time_permutation_scan(quiet(1), GRID, replicates=-1),
        lambda: space_time_permutation_scan(quiet(1), GRID + 100, geographic=True),
        lambda: space_time_permutation_scan(quiet(1), neighbours=[[0, 99]]),
        lambda: space_time_permutation_scan(quiet(1), neighbours=[[0, 0]]),
        lambda: poisson_scan([3, 4], GRID[:2]),
        lambda: poisson_scan([3, 4], GRID[:2], population=[1, 1], expected=[1, 1]),
        lambda: poisson_scan([3, 4], GRID[:2], population=[1, 1, 1]),
    ],
)
def test_calls_that_make_no_sense_are_refused(call: Callable[[], Scan | Refusal]) -> None:
    with pytest.raises(ValueError):
        call()


anything = st.one_of(
    st.integers(0, 3).map(float),
    st.sampled_from([0.0, 1.5, 1e6, 1e15, 1e300, -1.0, float("nan"), float("inf"), float("-inf")]),
)
shape = st.tuples(st.integers(0, 4), st.integers(0, 4))


@pytest.mark.filterwarnings("error")
@given(st.data())
@settings(deadline=None, max_examples=50)
def test_any_input_gives_clusters_or_a_reason(data: st.DataObject) -> None:
    size = data.draw(shape)
    odd = data.draw(st.booleans())
    cases = data.draw(arrays(np.float64, size, elements=anything if odd else st.integers(0, 9).map(float)))
    points = data.draw(
        arrays(np.float64, (size[0], 2), elements=anything if odd else st.integers(0, 2).map(float))
    )
    people = data.draw(arrays(np.float64, data.draw(st.sampled_from([size, size[:1]])), elements=anything))
    told = {"replicates": 5, "gumbel": True, "prospective": data.draw(st.booleans())}
    for scan in (
        space_time_permutation_scan(cases, points, **told),
        poisson_scan(cases, points, population=people, **told),
        poisson_scan(cases[:, 0] if size[1] else cases, points, expected=np.ones(size[0]), **told),
    ):
        if isinstance(scan, Scan):
            for cluster in scan.clusters:
                assert cluster.observed > cluster.expected > 0
                assert 0 < cluster.p_value <= 1
                assert cluster.log_likelihood_ratio > 0


@pytest.mark.real_data
def test_fever_in_new_york(real_data: Path) -> None:
    folder = real_data.parent / "reference" / "satscan"
    lines = [line.split() for line in (folder / "NYCfever.geo").read_text().splitlines()]
    place = {code: number for number, (code, _, _) in enumerate(lines)}
    cases = np.zeros((len(lines), 24))
    for code, count, day in map(str.split, (folder / "NYCfever.cas").read_text().splitlines()):
        cases[place[code], int(day.split("/")[2]) - 1] += int(count)
    points = np.array([(float(longitude), float(latitude)) for _, latitude, longitude in lines])
    assert (cases.shape, cases.sum()) == ((192, 24), 194)
    scan = found(space_time_permutation_scan(
        cases, points, geographic=True, max_radius=3, max_days=7, replicates=199, gumbel=True
    ))  # fmt: skip
    # The public run of SaTScan with these settings (README of the R package rsatscan) reports three clusters,
    # none below 0.05. A fourth hangs on whether any simulated data set has a best cluster as faint.
    assert scan.clusters[0].p_value > 0.05
    assert sum(cluster.p_value < 0.99 for cluster in scan.clusters) == 3
    assert scan.clusters[0].gumbel_p_value == pytest.approx(scan.clusters[0].p_value, abs=0.08)
    back = best(space_time_permutation_scan(
        cases, points, geographic=True, max_radius=3, max_days=7, replicates=59, prospective=False
    ))  # fmt: skip
    assert back.p_value < 0.05
