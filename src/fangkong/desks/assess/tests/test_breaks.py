"""A jump of the definition is no growth: what lies before it is put aside, and too few days are no estimate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fangkong.desks.assess import queries
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import Area, DailyCount, SeriesBreak
from fangkong.science.epi.estimates import SERIES_BREAK, Refusal

pytestmark = pytest.mark.django_db
OFFICE, CITY, DISEASE = system_actor("test"), "9901", "covid-19"
DAY = date(2022, 4, 10)
AT = datetime(2022, 4, 11, 1, tzinfo=UTC)
EARLY = datetime(2022, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_series_that_jumps():
    """A hundred cases a day, and from the tenth day before the last on, by another definition, a thousand."""
    load(Area, [{"key": CITY, "level": "city"}], actor="t", source_key="t", known_from=EARLY)
    rows = [
        {
            "key": f"count-{back}",
            "disease": DISEASE,
            "area_code": CITY,
            "day": DAY - timedelta(days=back),
            "measure": "confirmed",
            "series": "official",
            "value": 100 if back > 10 else 1000,
        }
        for back in range(60)
    ]
    load(DailyCount, rows, actor="t", source_key="t", known_from=EARLY)


def note(
    back: int, *, series: str = "official", area: str = "", kind: str = "definition_change", known=EARLY
):
    row = {
        "key": f"break-{back}",
        "disease": DISEASE,
        "area_code": area,
        "series": series,
        "kind": kind,
        "from_day": DAY - timedelta(days=back),
        "to_day": DAY - timedelta(days=back),
        "noted_by": "t",
    }
    load(SeriesBreak, [row], actor="t", source_key="t", known_from=known)


def assess(through: date = DAY, at: datetime = AT):
    return queries.assessment(DISEASE, CITY, actor=OFFICE, at=at, through=through)


def refused(value) -> str:
    return value.code if isinstance(value, Refusal) else ""


def test_without_a_note_the_jump_looks_like_an_explosion():
    found = assess(DAY - timedelta(days=7))
    assert found.reproduction.mean > 2
    assert found.growth.lower > 0


def test_a_jump_inside_the_window_is_not_read_as_growth():
    note(10)
    found = assess(DAY - timedelta(days=7))
    assert {refused(v) for v in (found.reproduction, found.below_one, found.growth)} == {SERIES_BREAK}
    assert found.reproduction.params["first_day"] == DAY - timedelta(days=10)


def test_days_after_the_jump_carry_a_growth_of_their_own():
    note(10)
    growth = assess().growth
    assert growth.lower <= 0 <= growth.upper


def test_a_break_is_seen_from_the_day_on_which_it_was_noted():
    note(10, known=AT)
    before = assess(DAY - timedelta(days=7), at=AT - timedelta(hours=1))
    assert refused(before.growth) == ""
    assert refused(assess(DAY - timedelta(days=7)).growth) == SERIES_BREAK


@pytest.mark.parametrize("where", [{"series": "paper"}, {"area": "9902"}, {"kind": "sum_differs"}])
def test_a_break_of_another_series_area_or_kind_refuses_nothing(where):
    note(10, **where)
    assert refused(assess(DAY - timedelta(days=7)).growth) == ""
