"""The real bulletins of Shanghai, 2022-02-28 to 04-10: what they state, what they leave out, what follows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.clock import days_between
from fangkong.core.errors import Forbidden, NotFound
from fangkong.desks.assess import queries
from fangkong.desks.assess.values import NET_INFECTIONS, Subject, Value
from fangkong.record.access import Actor, system_actor
from fangkong.science.epi.estimates import MISSING_DAYS, Refusal

from .shanghai import CITY, DISEASE, close_of, put_shanghai

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]

OFFICE = system_actor("test")
FIRST, MISSING, LAST = date(2022, 2, 28), date(2022, 3, 28), date(2022, 4, 10)
WITHOUT_DISTRICTS = {*days_between(FIRST, date(2022, 3, 5)), date(2022, 3, 18), MISSING}


@pytest.fixture(autouse=True)
def bulletins(db, real_data):
    put_shanghai(real_data)


def of_district(code: str, *permissions: str) -> Actor:
    return Actor("u", "district_officer", code, frozenset(permissions or ("board.read",)), "no")


def city(through: date = LAST, **more):
    return queries.area_series(DISEASE, CITY, actor=OFFICE, at=close_of(LAST), through=through, **more)


def districts(actor: Actor = OFFICE, **more):
    return queries.district_series(DISEASE, CITY, actor=actor, at=close_of(LAST), through=LAST, **more)


def test_every_day_is_there_and_the_day_without_a_bulletin_says_so():
    days = city().days
    assert [day.day for day in days] == days_between(FIRST, LAST)
    (unknown,) = [day for day in days if day.status == "not_published"]
    assert unknown.day == MISSING
    assert (unknown.confirmed, unknown.asymptomatic, unknown.deaths, unknown.channels) == (
        None,
        None,
        None,
        {},
    )
    assert [(d.confirmed, d.asymptomatic, d.converted) for d in days if d.day == date(2022, 4, 7)] == [
        (824, 20398, 323)
    ]


def test_the_city_figure_is_never_added_to_its_channels():
    for day in city().days:
        if day.status == "reported":
            assert sum(day.channels.values()) == day.confirmed + day.asymptomatic
            assert day.sources == ["receipt-city"]


def test_districts_add_up_to_the_city_on_the_34_days_of_district_bulletins():
    whole, parts = city().days, districts()
    assert len(parts) == 17  # sixteen districts and "district not stated"
    agreeing = 0
    for index, day in enumerate(whole):
        of_day = [part.days[index] for part in parts]
        assert {part.day for part in of_day} == {day.day}
        if day.day in WITHOUT_DISTRICTS:
            assert {part.status for part in of_day} == {"not_published"}
            assert {part.confirmed for part in of_day} == {None}
            continue
        assert sum(part.confirmed for part in of_day) == day.confirmed
        assert sum(part.asymptomatic for part in of_day) == day.asymptomatic
        agreeing += 1
    assert agreeing == 34


def test_a_district_left_out_of_an_incomplete_bulletin_is_unknown_not_zero():
    from fangkong.record.load import withdraw
    from fangkong.record.models import DailyCount

    chongming = "310151"
    before = {d.day: d for s in districts() if s.area_code == chongming for d in s.days}[date(2022, 3, 6)]
    assert (before.confirmed, before.asymptomatic) == (0, 0)
    lost = DailyCount.objects.filter(area_code="310114", day=date(2022, 3, 6), measure="asymptomatic")
    withdraw(DailyCount, [lost.get().key], at=close_of(LAST), actor="test", reason="lost")
    after = {d.day: d for s in districts() if s.area_code == chongming for d in s.days}[date(2022, 3, 6)]
    assert (after.confirmed, after.asymptomatic) == (0, None)


@pytest.mark.parametrize("code", ["310115", "310151"])
def test_a_district_reads_the_same_whoever_asks_and_however(code):
    (as_office,) = [series for series in districts() if series.area_code == code]
    (as_district,) = districts(of_district(code))
    alone = queries.area_series(DISEASE, code, actor=of_district(code), at=close_of(LAST), through=LAST)
    assert as_office.days == as_district.days == alone.days


def test_the_city_figure_is_not_there_for_a_district():
    with pytest.raises(NotFound):
        queries.area_series(DISEASE, CITY, actor=of_district("310115"), at=close_of(LAST), through=LAST)
    with pytest.raises(Forbidden):
        districts(of_district("310115", "task.read"))
    curve = queries.epidemic_curve(
        DISEASE, CITY, actor=of_district("310115"), at=close_of(LAST), through=LAST
    )
    assert curve.area is None
    assert [district.area_code for district in curve.districts] == ["310115"]


def test_looking_back_shows_what_was_known_then():
    on = date(2022, 3, 20)
    then = queries.area_series(DISEASE, CITY, actor=OFFICE, at=close_of(on), through=LAST)
    assert then.days == city(through=on).days
    assert then.days[-1].day == on


def test_a_window_reads_like_the_end_of_the_whole():
    since = date(2022, 3, 25)
    assert city(since=since).days == [day for day in city().days if day.day >= since]
    whole = {series.area_code: series.days for series in districts()}
    for series in districts(since=since):
        assert series.days == [day for day in whole[series.area_code] if day.day >= since]


def test_the_default_subject_is_the_city_with_its_districts():
    assert queries.subject_default(actor=OFFICE, at=close_of(LAST)) == Subject(DISEASE, CITY)
    own = queries.subject_default(actor=of_district("310115"), at=close_of(LAST))
    assert own == Subject(DISEASE, "310115")
    assert queries.subject_default(actor=OFFICE, at=close_of(FIRST) - timedelta(days=1)) is None


def test_the_outbreak_grows_with_a_doubling_time_of_days():
    found = queries.assessment(DISEASE, CITY, actor=OFFICE, at=close_of(LAST), through=date(2022, 3, 27))
    assert found.basis == NET_INFECTIONS
    assert isinstance(found.reproduction, Value)
    assert 1 < found.reproduction.lower < found.reproduction.mean < found.reproduction.upper < 4
    assert found.below_one.mean < 0.001
    assert (found.reproduction.last_day, found.reproduction.as_of) == (date(2022, 3, 27),) * 2
    assert found.reproduction.sources == ["receipt-city"]
    assert found.change_time.kind == "doubling"
    assert 2 < found.change_time.lower_days < found.change_time.days < found.change_time.upper_days < 8
    assert found.growth.lower > 0


def test_a_week_that_holds_the_missing_day_has_no_reproduction_number():
    found = queries.assessment(DISEASE, CITY, actor=OFFICE, at=close_of(LAST), through=date(2022, 3, 31))
    assert isinstance(found.reproduction, Refusal)
    assert (found.reproduction.code, found.reproduction.params["missing_days"]) == (MISSING_DAYS, 1)
    assert found.reproduction.params["first_day"] == date(2022, 3, 25)
    assert found.incomplete_days == 0


def test_an_old_series_is_not_read_as_today():
    found = queries.assessment(DISEASE, CITY, actor=OFFICE, at=close_of(LAST), through=date(2022, 4, 14))
    assert {found.reproduction.code, found.growth.code} == {MISSING_DAYS}


def test_curves_of_city_and_districts_agree_with_the_series():
    curves = queries.epidemic_curve(DISEASE, CITY, actor=OFFICE, at=close_of(LAST), through=LAST)
    assert len(curves.districts) == 17
    assert set(curves.area.counts) == {"controlled", "screening", "sought_care", "converted"}
    totals = [None if None in ns else sum(ns) for ns in zip(*curves.area.counts.values(), strict=True)]
    assert totals == [None if d.confirmed is None else d.confirmed + d.asymptomatic for d in city().days]
    assert not any(curves.area.incomplete)
    assert {tuple(district.days) for district in curves.districts} == {tuple(curves.area.days)}
