"""Subset sums in many days at once: found by meeting in the middle, as trying every subset finds them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fangkong.science.reconcile.regrouping import find_grouping
from fangkong.science.reconcile.settings import settings as choices


def every_subset(target, parts):
    """The smallest subset that adds up on most days, by trying all of them."""
    best = (0, 0, ())
    for size in range(1, len(parts) + 1):
        for chosen in combinations(range(len(parts)), size):
            agreeing = int((parts[list(chosen)].sum(axis=0) == target).sum())
            best = max(best, (agreeing, -size, chosen))
    return best


@settings(max_examples=15)
@given(st.integers(0, 5000), st.integers(1, 7), st.integers(0, 4))
def test_the_fast_search_agrees_with_trying_every_subset(seed, size, wrong):
    draw = np.random.default_rng(seed)
    parts = draw.integers(0, 400, (8, 20)).astype(float)
    target = parts[draw.choice(8, size, replace=False)].sum(axis=0)
    target[draw.choice(20, wrong, replace=False)] += 1
    found = find_grouping(target, parts, choices())
    agreeing, _, chosen = every_subset(target, parts)
    assert found is not None
    assert found.parts == chosen
    assert len(found.agreeing) == agreeing == 20 - wrong


def test_thirty_parts_are_searched():
    draw = np.random.default_rng(5)
    parts = draw.integers(0, 900, (30, 25)).astype(float)
    members = (0, 3, 4, 11, 17, 18, 22, 29)
    target = parts[list(members)].sum(axis=0)
    target[7] -= 10
    found = find_grouping(target, parts, choices())
    assert found is not None
    assert found.parts == members


def test_a_sum_that_few_small_figures_make_is_called_chance():
    draw = np.random.default_rng(2)
    parts = draw.integers(0, 2, (20, 8)).astype(float)
    assert find_grouping(parts[:6].sum(axis=0), parts, choices()) is None


def test_random_figures_are_no_sum():
    draw = np.random.default_rng(3)
    assert (
        find_grouping(
            draw.integers(0, 999, 30).astype(float), draw.integers(0, 300, (12, 30)) * 1.0, choices()
        )
        is None
    )


def test_parts_that_are_zero_throughout_stay_undecided():
    draw = np.random.default_rng(4)
    parts = draw.integers(1, 400, (6, 20)).astype(float)
    parts[5] = 0
    found = find_grouping(parts[1] + parts[2], parts, choices())
    assert found is not None
    assert (found.parts, found.undecided) == ((1, 2), (5,))
