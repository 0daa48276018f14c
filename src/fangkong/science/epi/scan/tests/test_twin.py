"""The fast scan against its slow, readable twin."""

from __future__ import annotations

import doctest
import math
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.epi import scan
from fangkong.science.epi.scan import Scan, likelihood, poisson_scan, space_time_permutation_scan
from fangkong.science.epi.scan import scan_reference as slow
from fangkong.science.epi.scan.likelihood import LikelihoodRatios, day_windows
from fangkong.science.epi.scan.zones import circular_zones, distances

# Whole coordinates on a small board: equal distances and shared places are common.
places = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=7)


@pytest.mark.parametrize("module", [m.name for m in iter_modules(scan.__path__) if m.name != "tests"])
def test_examples_run(module: str) -> None:
    assert doctest.testmod(import_module(f"{scan.__name__}.{module}")).failed == 0


def as_sets(member: np.ndarray) -> list[frozenset[int]]:
    return [frozenset(np.flatnonzero(row).tolist()) for row in member]


@given(places)
@settings(deadline=None, max_examples=40)
def test_circles(points: list[tuple[int, int]]) -> None:
    apart = distances(np.array(points, dtype=float), geographic=False)
    zones = circular_zones(apart, np.ones(len(points)), 1.0, math.inf)
    sets = as_sets(zones.member)
    assert len(set(sets)) == len(sets)
    assert set(sets) == slow.circles([(float(x), float(y)) for x, y in points])


@given(places, st.integers(2, 6), st.integers(0, 10_000), st.booleans(), st.integers(1, 3))
@settings(deadline=None, max_examples=40)
def test_largest_ratio(
    points: list[tuple[int, int]], days: int, seed: int, prospective: bool, min_cases: int
) -> None:
    rng = np.random.default_rng(seed)
    tables = rng.multinomial(14, rng.dirichlet(np.ones(len(points) * days)), size=4).astype(float)
    tables = tables.reshape(4, len(points), days)
    expected = rng.random((len(points), days))
    expected *= 14 / expected.sum()
    apart = distances(np.array(points, dtype=float), geographic=False)
    zones = circular_zones(apart, expected.sum(axis=1), 0.6, math.inf)
    windows = day_windows(days, 1, max(1, days // 2), prospective)
    if zones.centre.size:
        fast = LikelihoodRatios(zones.member, windows, expected, 14, min_cases)
        runs = list(zip(windows.first.tolist(), windows.last.tolist(), strict=True))
        for table, largest in zip(tables, fast.largest(tables), strict=True):
            twin = slow.largest_ratio(table, expected, as_sets(zones.member), runs, min_cases)
            assert largest == pytest.approx(twin, rel=1e-9, abs=1e-9)
            assert fast.of_table(table)[0].max() == pytest.approx(twin, rel=1e-9, abs=1e-9)


def test_small_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = np.random.default_rng(5).poisson(2.0, (12, 15))
    points = np.random.default_rng(6).random((12, 2))
    whole = space_time_permutation_scan(cases, points, prospective=False, replicates=19)
    monkeypatch.setattr(likelihood, "_CELLS_AT_ONCE", 50)
    split = space_time_permutation_scan(cases, points, prospective=False, replicates=19)
    assert isinstance(whole, Scan)
    assert isinstance(split, Scan)
    assert [repr(cluster) for cluster in whole.clusters] == [repr(cluster) for cluster in split.clusters]
    np.testing.assert_array_equal(whole.simulated, split.simulated)


def test_a_case_reckoned_by_hand() -> None:
    # Four areas of 100 people; 12 of 21 cases in the first, 5.25 expected:
    # 12 ln(12/5.25) + 9 ln(9/15.75) = 9.9201 - 5.0365 = 4.8836.
    found = poisson_scan([12, 3, 2, 4], [(0, 0), (0, 1), (5, 5), (5, 6)], population=[100] * 4)
    assert isinstance(found, Scan)
    best = found.most_likely
    assert best is not None
    assert best.log_likelihood_ratio == pytest.approx(9.92014 - 5.03654, abs=1e-4)
    assert best.relative_risk == pytest.approx((12 / 5.25) / (9 / 15.75))
    # Permutation: 4 of all 10 cases in the first area, 5 on the last day: 4 x 5 / 10 = 2 expected, 4 seen:
    # 4 ln(4/2) + 6 ln(6/8) = 2.7726 - 1.7261 = 1.0465.
    found = space_time_permutation_scan([[0, 4], [5, 1]], [(0, 0), (9, 9)], max_days=1, replicates=9)
    assert isinstance(found, Scan)
    best = found.most_likely
    assert best is not None
    assert (best.areas, best.first_day, best.observed, best.expected) == ((0,), 1, 4, 2.0)
    assert best.log_likelihood_ratio == pytest.approx(1.0465, abs=1e-4)
