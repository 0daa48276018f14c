"""Nowcast, reproduction and forecast from the record: as known then, and what became of what was said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from fangkong.core.errors import NotFound
from fangkong.desks.assess.outlook import forecast_of, nowcast_of, past_nowcasts, reproduction_of
from fangkong.record.access import Actor
from fangkong.record.load import load
from fangkong.record.models import Case, DailyCount, SeriesBreak
from fangkong.science.epi.estimates import Refusal
from fangkong.science.epi.reproduction import estimate_reproduction

from .test_detection import CITY, EARLY, EAST, OFFICE, WEST

pytestmark = pytest.mark.django_db
LAST = date(2022, 4, 30)
#: The close of the last day in Shanghai.
AT = datetime(2022, 4, 30, 16, tzinfo=UTC)
#: Share of the cases of a day that are known 0, 1, 2 ... days later.
SHARES = np.array([0.2, 0.3, 0.2, 0.15, 0.1, 0.05])
DAYS = 90


def day(back: int) -> date:
    return LAST - timedelta(days=back)


def outbreak(growth: float = 0.04, disease: str = "covid-19", **more) -> np.ndarray:
    """The true cases by onset of ninety days, each put into the record on the day on which it became known."""
    rng = np.random.default_rng(5)
    true = rng.poisson(6 * np.exp(growth * np.arange(DAYS)))
    rows = []
    for n, cases in enumerate(true):
        for k, delay in enumerate(rng.choice(len(SHARES), cases, p=SHARES)):
            onset = day(DAYS - 1 - n)
            known = onset + timedelta(days=int(delay))
            rows.append(
                {
                    "key": f"c{n}-{k}",
                    "case_no": "1",
                    "person_key": f"p{n}-{k}",
                    "disease": disease,
                    "area_code": EAST + "001",
                    "classification": "confirmed",
                    "onset_on": onset,
                    "reported_on": known,
                    "known_from": datetime(known.year, known.month, known.day, 4, tzinfo=UTC),
                    **more,
                }
            )
    load(Case, rows, actor="t", source_key="r")
    return true


def asked(**more):
    return {"actor": OFFICE, "at": AT, "through": LAST} | more


def test_the_last_days_are_lifted_to_what_they_will_come_to():
    true = outbreak()
    found = nowcast_of("covid-19", CITY, **asked())
    assert (found.made_on, found.reference, found.origin, found.days[-1]) == (LAST, "onset", "counted", LAST)
    last = true[-6:]
    assert found.observed[-1] < 0.5 * last[-1]
    assert (found.at(0.025)[-6:] <= last).all()
    assert (last <= found.at(0.975)[-6:]).all()
    assert (np.diff(found.quantiles, axis=0) >= 0).all()
    assert found.incomplete[-1]
    assert not found.incomplete[0]
    np.testing.assert_array_equal(found.observed[:10], true[-28:-18])


def test_what_was_said_then_is_made_again_from_what_was_known_then():
    outbreak()
    past = past_nowcasts("covid-19", CITY, **asked())
    assert [each.said.made_on for each in past.made] == [day(28), day(21), day(14), day(7)]
    then = nowcast_of("covid-19", CITY, actor=OFFICE, at=AT - timedelta(days=14), through=day(14))
    said = past.made[2].said
    np.testing.assert_array_equal(said.quantiles, then.quantiles[:, -len(said.days) :])
    # A week ago is not settled; four weeks ago is, and the middle was nearer to it than the raw count.
    assert not any(past.made[3].settled)
    assert past.days > 0
    assert past.error < past.raw_error
    assert past.within_95 >= 0.8 * past.days >= past.within_50


def test_the_reproduction_number_of_a_growing_outbreak_is_not_pulled_down_by_late_reports():
    true = outbreak()
    found = reproduction_of("covid-19", CITY, **asked())
    in_the_end = estimate_reproduction(true[-70:], found.interval.interval).mean[-1]
    assert found.pooled.quantile(0.025)[-1] < in_the_end < found.pooled.quantile(0.975)[-1]
    assert found.plain.quantile(0.975)[-1] < 1 < found.pooled.quantile(0.025)[-1]
    assert (found.interval.disease, found.window_days) == ("covid-19", 7)


def test_imported_cases_are_not_infected_here():
    outbreak(channel="imported")
    here = reproduction_of("covid-19", CITY, **asked())
    assert here.pooled.mean[-10] < 0.2


def test_a_disease_without_a_serial_interval_is_refused():
    outbreak(disease="novel")
    found = reproduction_of("novel", CITY, **asked())
    assert isinstance(found, Refusal)
    assert found.code == "no_serial_interval"


def test_the_forecast_carries_on_from_the_nowcast():
    true = outbreak()
    found = forecast_of("covid-19", CITY, **asked())
    assert (found.days[0], len(found.days), found.from_nowcast) == (LAST + timedelta(days=1), 14, True)
    assert set(found.reasons) == {""}
    assert found.members
    assert (np.diff(found.quantiles, axis=0) >= 0).all()
    middle = found.quantiles[found.levels.index(0.5)]
    assert 0.6 * true[-7:].mean() < middle[0] < 2 * true[-7:].mean()
    width = found.quantiles[-1] - found.quantiles[0]
    assert width[-1] > width[0]
    # Of one day the total is the day's own; of seven it is narrower than their ends added up.
    low, median, high = found.total(7, (0.05, 0.5, 0.95))
    ends = found.quantiles[[found.levels.index(level) for level in (0.05, 0.95)], :7].sum(axis=1)
    assert ends[0] < low < median < high < ends[1]
    assert found.total(1, (0.5,))[0] == pytest.approx(middle[0], rel=0.1)


def test_nothing_is_said_through_a_break():
    rows = [
        {
            "key": f"f{back}",
            "disease": "covid-19",
            "area_code": CITY,
            "day": day(back),
            "measure": "confirmed",
            "value": 900 if back > 5 else 40,
            "known_from": datetime(2022, 4, 30, 4, tzinfo=UTC) - timedelta(days=back),
        }
        for back in range(60)
    ]
    load(DailyCount, rows, actor="t", source_key="r")
    whole = nowcast_of("covid-19", CITY, **asked())
    assert (whole.origin, whole.broken, len(whole.days)) == ("published", None, 28)

    def broken(to: int) -> None:
        row = {
            "key": f"b{to}",
            "disease": "covid-19",
            "series": "official",
            "kind": "definition_change",
            "from_day": day(to),
            "to_day": day(to),
            "noted_by": "t",
        }
        load(SeriesBreak, [row], actor="t", source_key="t", known_from=EARLY)

    broken(6)
    cut = nowcast_of("covid-19", CITY, **asked())
    assert (cut.days[0], cut.broken.last, cut.observed.max()) == (day(5), day(6), 40)
    assert reproduction_of("covid-19", CITY, **asked()).code == "series_break"
    broken(0)
    assert nowcast_of("covid-19", CITY, **asked()).days == []
    assert forecast_of("covid-19", CITY, **asked()).code == "series_break"
    assert past_nowcasts("covid-19", CITY, **asked()).made == []


def test_an_empty_record_has_refusals_and_no_traceback():
    found = nowcast_of("covid-19", CITY, **asked())
    assert not found.observed.any()
    assert past_nowcasts("covid-19", CITY, **asked()).days == 0
    assert set(forecast_of("covid-19", CITY, **asked()).reasons) == {"too_few_cases"}
    # A number of no cases would be the prior's.
    assert reproduction_of("covid-19", CITY, **asked()).code == "too_few_cases"


def test_scope_and_effort(django_assert_max_num_queries):
    outbreak()
    west = Actor("u", "district_officer", WEST, frozenset({"board.read"}), "no")
    for query in (nowcast_of, past_nowcasts, reproduction_of, forecast_of):
        with pytest.raises(NotFound):
            query("covid-19", CITY, actor=west, at=AT, through=LAST)
    with django_assert_max_num_queries(5):
        past_nowcasts("covid-19", CITY, **asked())
    with django_assert_max_num_queries(10):
        reproduction_of("covid-19", CITY, **asked())
