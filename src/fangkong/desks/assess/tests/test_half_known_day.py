"""A day on which one of two measures is missing is not yet known: its infections are no sum of the other alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fangkong.desks.assess import queries
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import DailyCount

OFFICE = system_actor("test")
AT = datetime(2022, 5, 1, tzinfo=UTC)


def put(measure: str, by_day: dict[int, int]) -> None:
    rows = [
        {
            "key": f"{measure}-{day}",
            "disease": "d",
            "area_code": "990104",
            "day": date(2022, 4, day),
            "measure": measure,
            "value": value,
        }
        for day, value in by_day.items()
    ]
    load(DailyCount, rows, actor="test", source_key="t", known_from=datetime(2022, 4, 30, tzinfo=UTC))


@pytest.mark.django_db
def test_half_a_day_is_missing_and_not_zero():
    put("confirmed", {1: 2, 2: 3, 3: 0})
    put("asymptomatic", {1: 4, 2: 5})
    asked = {"actor": OFFICE, "at": AT, "through": date(2022, 4, 3)}
    curve = queries.epidemic_curve("d", "990104", **asked).area
    assert curve is not None
    assert list(curve.by_day().values()) == [6, 8, None]
    # The figure that was published stays what it is.
    assert queries.area_series("d", "990104", **asked).days[-1].confirmed == 0


@pytest.mark.django_db
def test_an_area_that_never_publishes_asymptomatic_infections_is_known_by_its_confirmed():
    put("confirmed", {1: 2, 2: 3})
    curve = queries.epidemic_curve("d", "990104", actor=OFFICE, at=AT, through=date(2022, 4, 2)).area
    assert curve is not None
    assert list(curve.by_day().values()) == [2, 3]
