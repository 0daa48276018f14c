"""A triangle holds what was known on each day, what was taken back included, and nothing of what came after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from fangkong.core.errors import InputError, NotFound
from fangkong.desks.assess.series_queries import reporting_triangle, stratified_series
from fangkong.record.access import Actor
from fangkong.record.load import load, revise, withdraw
from fangkong.record.models import Area, Case, DailyCount

from .test_detection import CITY, EARLY, EAST, OFFICE, WEST, figures

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2022, 4, 1), date(2022, 4, 6)
#: The evening of the last day, when all of it is known.
AT = datetime(2022, 4, 6, 16, tzinfo=UTC)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def case(key: str, onset: int | None, reported: int, area: str = EAST, **more) -> None:
    row = {
        "key": key,
        "case_no": key,
        "person_key": f"p-{key}",
        "disease": "d",
        "area_code": area + "001",
        "classification": "confirmed",
        "onset_on": None if onset is None else day(onset),
        "reported_on": day(reported),
        **more,
    }
    load(Case, [row], actor="t", source_key="r", known_from=noon(day(reported)))


def triangle(area: str = CITY, *, at: datetime = AT, through: date = LAST, disease: str = "d", **more):
    return reporting_triangle(disease, area, actor=OFFICE, at=at, through=through, since=FIRST, **more)


def cells(found, *, delays: int = 4) -> list[list[float | None]]:
    return [[None if np.isnan(n) else n for n in row[:delays]] for row in found.counts[0]]


def test_cases_stand_by_onset_and_by_the_days_until_they_were_known():
    case("a", 0, 0)
    case("b", 0, 2)
    case("c", 4, 5)
    case("d", None, 5)
    found = triangle()
    assert (found.days[0], found.known_on, found.undated, found.origin) == (FIRST, LAST, 1, "counted")
    assert (
        cells(found)
        == [
            [1, 0, 1, 0],
            [0, 0, 0, 0],
            [0, 0, 0, 0],
            [0, 0, 0, None],
            [0, 1, None, None],
            [0, None, None, None],
        ][: len(found.days)]
    )
    assert found.total[0].tolist() == [2, 0, 0, 0, 1, 0]


def test_what_is_excluded_or_moved_later_is_taken_back_on_that_day():
    case("a", 0, 0)
    case("b", 0, 0)
    excluded = Case.objects.open().get(key="a")
    revise(excluded, at=noon(day(2)), actor="t", verb="case.revise", classification="excluded")
    moved = Case.objects.open().get(key="b")
    revise(moved, at=noon(day(3)), actor="t", verb="case.revise", onset_on=day(1))
    assert cells(triangle())[:2] == [[2, 0, -1, -1], [0, 0, 1, 0]]


def test_a_version_that_changes_nothing_counted_changes_nothing():
    case("a", 0, 1)
    case("w", 0, 1)
    held = Case.objects.open().get(key="a")
    revise(held, at=noon(day(4)), actor="t", verb="case.revise", severity="severe")
    withdraw(Case, ["w"], at=noon(day(2)), actor="t", reason="wrong")
    assert cells(triangle(), delays=5)[0] == [0, 2, -1, 0, 0]


def test_as_of_an_earlier_day_it_is_what_the_record_said_then():
    for n in range(5):
        case(f"a{n}", n // 2, n)
    revise(Case.objects.open().get(key="a0"), at=noon(day(3)), actor="t", verb="case.revise", onset_on=day(1))
    now = triangle()
    for n in range(1, 6):
        then = triangle(at=datetime(2022, 4, 1 + n, 16, tzinfo=UTC), through=day(n))
        assert then.known_on == day(n)
        np.testing.assert_array_equal(now.as_of(day(n)).counts, then.counts)


def test_a_day_that_still_runs_is_not_reported_yet():
    case("a", 5, 5)
    assert triangle(at=noon(LAST)).known_on == day(4)
    assert triangle(at=noon(LAST)).total.sum() == 0
    assert triangle().total.sum() == 1


def test_a_file_of_the_past_is_no_late_report():
    case("a", 0, 1)
    case("old", -60, 1)
    found = reporting_triangle("d", CITY, actor=OFFICE, at=AT, through=LAST, since=day(-70))
    assert (found.total.sum(), found.beyond) == (1, 1)


def test_published_figures_stand_by_when_each_was_given_and_revised():
    figures({day(0): 5}, area=CITY, disease="d", known=noon(day(1)))
    figures({day(1): 3}, area=CITY, disease="d", known=noon(day(1)))
    revise(DailyCount.objects.open().get(day=day(0)), at=noon(day(3)), actor="t", verb="x", value=4)
    found = triangle()
    assert (found.origin, found.reference) == ("published", "published")
    assert cells(found)[:2] == [[0, 5, 0, -1], [3, 0, 0, 0]]


def test_scope_and_refusals():
    case("a", 0, 0)
    west = Actor("u", "district_officer", WEST, frozenset({"board.read"}), "no")
    with pytest.raises(NotFound):
        reporting_triangle("d", CITY, actor=west, at=AT, through=LAST)
    assert reporting_triangle("d", WEST, actor=west, at=AT, through=LAST).total.sum() == 0
    with pytest.raises(InputError):
        triangle(reference="birthday")


@pytest.mark.parametrize("many", [1, 20])
def test_two_queries_however_many_cases(many, django_assert_max_num_queries):
    for n in range(many):
        case(f"a{n}", n % 5, 5)
    with django_assert_max_num_queries(5):
        assert triangle().total.sum() == many


def test_series_by_district_age_group_and_channel_add_up_to_the_series():
    load(
        Area,
        [{"key": code, "level": "district"} for code in (EAST, WEST)],
        actor="t",
        source_key="t",
        known_from=EARLY,
    )
    case("a", 0, 1, age_years=3, channel="screening")
    case("b", 0, 1, age_years=90)
    case("c", 1, 4, area=WEST, age_years=3, channel="screening")

    def table(**more):
        asked = {"actor": OFFICE, "at": AT, "through": LAST, "since": day(-9), **more}
        return stratified_series(CITY, **asked).table

    split = table(by=("age_group", "channel"))
    seen = {
        (k.area_code, k.age_group, k.channel): np.nansum(c)
        for k, c in zip(split.keys, split.counts, strict=True)
    }
    assert {key: n for key, n in seen.items() if n} == {
        (EAST, "3-5", "screening"): 1,
        (EAST, "80+", "unknown"): 1,
        (WEST, "3-5", "screening"): 1,
    }
    plain = table()
    np.testing.assert_array_equal(plain.counts.sum(axis=0), split.counts.sum(axis=0))
    # Before the first case the register is not known to have been open.
    assert np.isnan(plain.counts[0]).tolist() == [True] * 10 + [False] * 5
    assert np.nansum(table(day_of="onset").counts[:, 9]) == 2
    assert np.isnan(table(unit="week").counts).all(axis=0).tolist() == [True]
    with pytest.raises(InputError):
        table(by=("shoe_size",))
