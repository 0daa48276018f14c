"""The nowcast holds what comes, knows weekends, holes and withdrawals, and says when it cannot know."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from fangkong.science import epi
from fangkong.science.epi.backtests.nowcast import HUS_SUMS, nowcast_dengue, nowcast_hospitalisations
from fangkong.science.epi.backtests.vintages import hus
from fangkong.science.epi.nowcast.tests.triangles import as_of, complete


def coverage(cells: np.ndarray, days: range, ages: int, **settings) -> tuple[float, float, float]:
    """Share of 95 % and of 50 % intervals that hold the total, and the error relative to the raw count."""
    totals, held_95, held_50, error, raw = cells.sum(axis=1), [], [], 0.0, 0.0
    for day in days:
        estimate = epi.nowcast(as_of(cells, day), **settings)
        rows = day - np.arange(ages)
        held_95.append(
            (estimate.at(0.025)[rows] <= totals[rows]) & (totals[rows] <= estimate.at(0.975)[rows])
        )
        held_50.append((estimate.at(0.25)[rows] <= totals[rows]) & (totals[rows] <= estimate.at(0.75)[rows]))
        error += np.abs(estimate.at(0.5)[rows] - totals[rows]).sum()
        raw += np.abs(estimate.observed[rows] - totals[rows]).sum()
    return float(np.mean(held_95)), float(np.mean(held_50)), error / raw


def test_intervals_hold_as_often_as_they_claim():
    inside_95, inside_50, relative = coverage(complete(1, 160, 12, 60), range(60, 160, 2), 5)
    assert 0.90 <= inside_95 <= 0.99
    assert 0.40 <= inside_50 <= 0.62
    assert relative < 0.5


def test_weekends_without_reports_are_found_and_used():
    cells = complete(2, 150, 12, 80, week=True)
    _, _, found = coverage(cells, range(80, 150, 3), 4)
    _, _, ignored = coverage(cells, range(80, 150, 3), 4, period=1)
    assert found < 0.97 * ignored
    assert epi.nowcast(as_of(cells, 120)).params["period"] == 7
    assert epi.nowcast(as_of(complete(3, 150, 12, 80), 120)).params["period"] == 1


def test_periods_whose_delays_are_over_have_their_count_at_every_level():
    seen = as_of(complete(4, 40, 6, 30), 39)
    estimate = epi.nowcast(seen)
    assert np.array_equal(estimate.quantiles[:, :34], np.broadcast_to(np.nansum(seen, 1)[:34], (23, 34)))
    assert (np.diff(estimate.quantiles, axis=0) >= 0).all()
    assert (estimate.quantiles >= estimate.observed).all()


def test_a_day_without_a_report_after_busy_days_is_no_end_of_the_outbreak():
    cells = complete(5, 80, 8, 60)
    usual = epi.nowcast(as_of(cells, 79)).at(0.5)[-1]
    for delay in range(8):
        cells[79 - delay, delay] = 0
    estimate = epi.nowcast(as_of(cells, 79))
    assert estimate.reason_at(-1) == "batch_suspected"
    assert 0.7 * usual < estimate.at(0.5)[-1] < 1.4 * usual


def test_a_hole_made_up_for_the_next_day_leaves_the_nowcast_as_it_was():
    cells = complete(6, 80, 8, 60)
    before = epi.nowcast(as_of(cells, 79)).at(0.5)[-6:]
    for delay in range(7):
        row = 74 - delay
        cells[row, delay + 1] += cells[row, delay]
        cells[row, delay] = 0
    after = epi.nowcast(as_of(cells, 79)).at(0.5)[-6:]
    assert np.abs(after / before - 1).max() < 0.12


def test_a_known_holiday_with_half_the_reports_counts_as_a_hole():
    cells, first_on = complete(7, 80, 8, 60), date(2030, 1, 1)
    cells[79, 0] *= 0.2
    for delay in range(1, 8):
        cells[79 - delay, delay] = np.floor(cells[79 - delay, delay] * 0.2)
    closed = epi.nowcast(as_of(cells, 79), first_on=first_on, closed_on=[first_on + timedelta(days=79)])
    unknown = epi.nowcast(as_of(cells, 79))
    assert closed.reason_at(-1) == "batch_suspected"
    assert closed.at(0.5)[-1] > unknown.at(0.5)[-1]


def test_withdrawn_reports_let_the_total_fall_below_what_is_reported():
    rng = np.random.default_rng(8)
    cells = complete(8, 120, 8, 60)
    cells[:, 4] -= rng.poisson(12, 120)
    estimate = epi.nowcast(as_of(cells, 119))
    assert (estimate.at(0.5)[-4:-1] < estimate.observed[-4:-1] + 20).all()
    inside_95, _, _ = coverage(cells, range(60, 120, 3), 6)
    assert inside_95 >= 0.88


def test_a_row_out_of_the_world_does_not_spoil_the_others():
    cells = complete(9, 80, 8, 60)
    plain = epi.nowcast(as_of(cells, 79)).at(0.5)[-5:]
    cells[60] = 1e15
    spoilt = epi.nowcast(as_of(cells, 79)).at(0.5)[-5:]
    assert np.abs(spoilt / plain - 1).max() < 0.1


def test_a_shift_of_the_delays_is_told():
    slow = complete(10, 90, 10, 80)
    slow[70:, 5] += slow[70:, 0]
    slow[70:, 0] = 0
    assert "delay_drifted" in {epi.nowcast(as_of(slow, 84)).reason_at(ref) for ref in range(-4, 0)}
    steady = epi.nowcast(as_of(complete(10, 90, 10, 80), 84))
    assert {steady.reason_at(ref) for ref in range(-4, 0)} == {""}


def test_few_cases_are_told_and_still_get_wide_intervals():
    estimate = epi.nowcast(as_of(complete(11, 3, 10, 6), 2))
    assert estimate.reason_at(-1) == "too_few_cases"
    assert estimate.at(0.975)[-1] > 3 * max(estimate.observed[-1], 1)


def test_small_districts_borrow_delays_from_one_another():
    whole = [complete(seed, 60, 10, 3) for seed in range(20)]
    together = epi.nowcast(np.stack([as_of(cells, 59) for cells in whole]))
    alone = [epi.nowcast(as_of(cells, 59)) for cells in whole]
    came = np.stack([cells.sum(axis=1)[-6:] for cells in whole])
    error = np.abs(together.mean[:, -6:] - came).mean()
    assert together.quantiles.shape == (23, 20, 60)
    assert error <= np.abs(np.stack([one.mean[-6:] for one in alone]) - came).mean() * 1.02


def test_samples_agree_with_the_quantiles_and_repeat():
    seen = as_of(complete(12, 80, 8, 60), 79)
    one, other = epi.nowcast(seen, n_samples=4000), epi.nowcast(seen, n_samples=4000)
    assert np.array_equal(one.samples, other.samples)
    assert np.abs(np.quantile(one.samples[:, -1], 0.5) - one.at(0.5)[-1]) < 2
    low, high = one.total(-3, -1, [0.025, 0.975])
    assert one.at(0.025)[-3:].sum() <= low + 2
    assert high - 2 <= one.at(0.975)[-3:].sum()


def test_only_recent_history_is_read():
    cells = complete(13, 400, 8, 60)
    whole, recent = epi.nowcast(as_of(cells, 399)), epi.nowcast(as_of(cells, 399)[-131:])
    assert np.array_equal(whole.quantiles[:, -20:], recent.quantiles[:, -20:])


def test_a_call_on_a_year_of_days_is_quick(cpu_seconds):
    seen = as_of(complete(14, 300, 41, 60), 299)
    assert cpu_seconds(lambda: epi.nowcast(seen)) < 0.1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"quantile_levels": [0.5, 1.2]}, "between 0 and 1"),
        ({"period": 5}, "period"),
        ({"n_samples": 0}, "n_samples"),
        ({"closed_on": [date(2030, 1, 1)]}, "first_on"),
    ],
)
def test_arguments_without_sense_are_refused_in_words(arguments, says):
    with pytest.raises(ValueError, match=says):
        epi.nowcast(np.ones((5, 3)), **arguments)
    with pytest.raises(ValueError, match="shape"):
        epi.nowcast(np.ones(5))


@pytest.mark.real_data
def test_hus_sums_of_seven_days_lie_inside_the_intervals_of_the_time(real_data):
    known = hus(real_data)
    for on, reported, final in HUS_SUMS:
        day = (on - known.first_on).days
        estimate = epi.nowcast(known.as_of(day))
        assert estimate.observed[-7:].sum() == reported
        assert known.cells[day - 6 : day + 1].sum() == final
        low, high = estimate.total(-7, -1, [0.025, 0.975])
        assert low <= final <= high


@pytest.mark.real_data
@pytest.mark.parametrize(("backtest", "every"), [(nowcast_hospitalisations, 30), (nowcast_dengue, 40)])
def test_real_triangles_meet_the_targets(real_data, backtest, every):
    report = backtest(real_data, every=every)
    assert [target for target in report.targets if not target.met] == []


@pytest.mark.parametrize("method", [epi.nowcast, epi.lawless])
def test_quantiles_stand_in_the_order_asked_for(method):
    seen = as_of(complete(3, 60, 8, 40), 59)
    rising, falling = (method(seen, quantile_levels=levels) for levels in ([0.1, 0.5, 0.9], [0.9, 0.5, 0.1]))
    np.testing.assert_array_equal(rising.quantiles, falling.quantiles[::-1])
    np.testing.assert_array_equal(rising.at(0.9), falling.at(0.9))


def test_a_mask_says_not_reported():
    seen = as_of(complete(3, 60, 8, 40), 59)
    masked = np.ma.masked_array(np.nan_to_num(seen), np.isnan(seen))
    np.testing.assert_array_equal(epi.nowcast(masked).quantiles, epi.nowcast(seen).quantiles)
