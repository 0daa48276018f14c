"""Cumulative figures: a daily one is the step from the day before, unless that is missing or negative."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fangkong.desks.assess import queries
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import DailyCount

from .shanghai import read

pytestmark = pytest.mark.django_db
OFFICE = system_actor("test")
AT = datetime(2021, 6, 1, tzinfo=UTC)


def put(area: str, measure: str, by_day: dict[date, int]) -> None:
    rows = [
        {
            "key": f"{area}-{day}-{measure}",
            "disease": "d",
            "area_code": area,
            "day": day,
            "measure": measure,
            "value": value,
        }
        for day, value in by_day.items()
    ]
    load(DailyCount, rows, actor="test", source_key="r", known_from=AT)


def days(area: str = "42", **more):
    found = queries.area_series("d", area, actor=OFFICE, at=AT, through=date(2021, 1, 31), **more)
    return {day.day.day: day for day in found.days}


def test_each_step_says_how_it_came_about():
    put(
        "42",
        "confirmed_cumulative",
        {date(2021, 1, n): v for n, v in [(1, 5), (2, 9), (3, 8), (5, 11), (6, 11)]},
    )
    found = days()
    assert {n: (d.confirmed, d.derived.get("confirmed")) for n, d in found.items()} == {
        1: (None, "first_day"),
        2: (4, "difference"),
        3: (None, "negative_step"),
        4: (None, None),
        5: (None, "missing_day"),
        6: (0, "difference"),
    }
    assert [n for n, d in found.items() if d.status == "not_published"] == [4]
    assert days(since=date(2021, 1, 6))[6].confirmed == 0


def test_a_daily_figure_goes_before_a_difference():
    put("42", "confirmed_cumulative", {date(2021, 1, 1): 5, date(2021, 1, 2): 9})
    put("42", "confirmed", {date(2021, 1, 2): 3})
    assert (days()[2].confirmed, days()[2].derived) == (3, {})


@pytest.mark.real_data
def test_hubei_2020_shows_its_revisions_as_published(real_data):
    confirmed, dead = {}, {}
    for line in read(real_data, "china_province_daily_2019-12_2020-12.csv"):
        if line["provinceCode"] == "420000" and not line["city"] and line["date"] < "2020-05-01":
            day = date.fromisoformat(line["date"])
            confirmed[day], dead[day] = int(line["confirmed"]), int(line["dead"])
    put("42", "confirmed_cumulative", confirmed)
    put("42", "deaths_cumulative", dead)
    found = queries.area_series("d", "42", actor=OFFICE, at=AT, through=date(2020, 4, 30))
    by_day = {day.day: day for day in found.days}
    widened = max(by_day.values(), key=lambda day: day.confirmed or 0)
    assert (widened.day, widened.confirmed) == (date(2020, 2, 12), 13797)
    revised = max(by_day.values(), key=lambda day: day.deaths or 0)
    assert (revised.day, revised.deaths) == (date(2020, 4, 16), 1290)
    known = [day for day in found.days if day.confirmed is not None]
    steps_back = [day for day in found.days if day.derived.get("confirmed") == "negative_step"]
    assert all(day.confirmed is None for day in steps_back)
    assert len(known) > 100
