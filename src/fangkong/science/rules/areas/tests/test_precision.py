"""The pair of shares with exact intervals, and restricted person-days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from fangkong.core.errors import InputError
from fangkong.science.rules.areas import (
    NoShare,
    RestrictedSet,
    Share,
    exact_share,
    precision,
    restricted_person_days,
)


def test_a_companion_rule_that_flags_82_000_is_seen_to_be_imprecise() -> None:
    pair = precision(82_000, 12, 30, 21)
    assert isinstance(pair.infected_of_restricted, Share)
    assert pair.infected_of_restricted.high < 0.0003
    assert isinstance(pair.controlled_of_new, Share)
    assert pair.controlled_of_new.low == pytest.approx(0.5060, abs=1e-4)


def test_a_share_of_nothing_is_refused_by_name() -> None:
    pair = precision(0, 0, 0, 0)
    assert pair.infected_of_restricted == NoShare("precision.nobody_restricted")
    assert pair.controlled_of_new == NoShare("precision.no_new_infection")
    with pytest.raises(InputError, match=r"share\.counts_wrong"):
        precision(0, 1, 5, 2)


@given(st.integers(1, 400), st.data(), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_is_that_of_the_exact_binomial_test(
    total: int, data: st.DataObject, level: float
) -> None:
    count = data.draw(st.integers(0, total))
    share = exact_share(count, total, level=level)
    oracle = binomtest(count, total).proportion_ci(level, method="exact")
    assert (share.low, share.high) == pytest.approx((oracle.low, oracle.high), abs=1e-9)
    assert share.low <= share.value <= share.high


def test_person_days_count_both_ends() -> None:
    week = RestrictedSet(10, date(2022, 7, 1), date(2022, 7, 7))
    running = RestrictedSet(5, date(2022, 7, 6), None)
    assert restricted_person_days([week, running], through=date(2022, 7, 8)) == 70 + 15
    assert restricted_person_days([week], through=date(2022, 6, 30)) == 0
    with pytest.raises(InputError, match=r"precision\.still_running"):
        restricted_person_days([running])
    with pytest.raises(InputError, match=r"precision\.set_wrong"):
        restricted_person_days([RestrictedSet(1, date(2022, 7, 2), date(2022, 7, 1))])


@given(st.integers(0, 10_000), st.integers(0, 60), st.integers(0, 60))
def test_person_days_add_up_over_time(persons: int, days: int, cut: int) -> None:
    first = date(2022, 7, 1)
    whole = RestrictedSet(persons, first, first + timedelta(days=days))
    here = min(cut, days)
    before = RestrictedSet(persons, first, first + timedelta(days=here))
    parts = [before]
    if here < days:
        parts.append(RestrictedSet(persons, first + timedelta(days=here + 1), whole.last_on))
    assert restricted_person_days([whole]) == restricted_person_days(parts) == persons * (days + 1)
