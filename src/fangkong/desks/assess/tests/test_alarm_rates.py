"""Before a method is switched on the office is told how many alarms a week chance alone would raise here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from fangkong.core.errors import Forbidden, InputError
from fangkong.desks.assess.alarm_rates import expected_alarms
from fangkong.record.access import Actor
from fangkong.record.load import load
from fangkong.record.models import Area

from .test_detection import AT, CITY, DAY, EARLY, OFFICE, WEST, cases, own_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)


def city(districts: int) -> None:
    codes = [f"9901{n:02d}" for n in range(1, districts + 1)]
    load(
        Area,
        [{"key": code, "level": "district"} for code in codes],
        actor="t",
        source_key="t",
        known_from=EARLY,
    )
    usual: dict[date, int] = {DAY - timedelta(days=k): 1 + (k * k) % 3 for k in range(60)}
    for code in codes:
        cases("norovirus", usual, area=code)


def rate(watch: str, at: datetime = AT):
    (found,) = expected_alarms(CITY, actor=OFFICE, at=at, watch=watch)
    return found


def test_more_districts_mean_more_alarms_from_chance():
    city(2)
    few = rate("ears")
    assert (few.districts, few.diseases, few.series, few.on, few.at_most) == (2, 1, 2, True, True)
    assert 0 < few.per_week < 2
    city(8)
    assert rate("ears").per_week == pytest.approx(4 * few.per_week, rel=0.2)


def test_a_laxer_method_raises_more():
    city(2)
    own_file('[watch.ears]\nsettings = { method = "C2", baseline = 14, min_sigma = 0.5, alpha = 0.05 }\n')
    lax = rate("ears").per_week
    own_file("")
    assert lax > 2 * rate("ears").per_week


def test_an_entry_that_is_off_is_told_before_it_is_switched_on():
    city(2)
    found = rate("farrington_flexible")
    assert not found.on
    assert found.rate.standard_error > 0
    # Seldom more than its own level would have it, in two series.
    assert found.per_week < 0.2


def test_without_a_case_there_is_nothing_to_learn_from():
    assert rate("ears").per_week is None
    assert {found.watch for found in expected_alarms(CITY, actor=OFFICE, at=AT)} == {
        "ears",
        "farrington_flexible",
        "moving_percentile",
        "single_case",
    }


def test_refusals():
    with pytest.raises(InputError, match="unknown_watch"):
        rate("crystal_ball")
    with pytest.raises(Forbidden):
        expected_alarms(CITY, actor=Actor("u", "x", WEST, frozenset(), "no"), at=AT)
