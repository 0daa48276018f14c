"""One reading of the record says what four separate ones say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fangkong.core.errors import NotFound
from fangkong.desks.assess import queries
from fangkong.desks.assess.values import COUNTED, PUBLISHED, Situation
from fangkong.record.access import Actor, system_actor
from fangkong.record.load import load, revise
from fangkong.record.models import Area, Case, DailyCount

pytestmark = pytest.mark.django_db
OFFICE = system_actor("test")
DISEASE, CITY, EAST, WEST = "covid-19", "9901", "990101", "990102"
DAY = date(2022, 4, 10)
SINCE = DAY - timedelta(days=20)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


AT = noon(DAY)
EARLIER = AT - timedelta(days=1)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def put(model, *rows: dict) -> None:
    load(model, rows, actor="test", source_key="receipt-1", known_from=noon(ago(90)))


@pytest.fixture(autouse=True)
def city():
    put(
        Area,
        {"key": CITY, "level": "city", "name_zh": "城", "population": 200_000},
        {"key": EAST, "level": "district", "name_zh": "东", "population": 50_000},
        {"key": WEST, "level": "district", "name_zh": "西"},
    )


def put_cases() -> None:
    """Eighty days of cases in two districts and one outside, known a day late, some dead, some excluded."""
    rows = []
    for n in range(400):
        back = n * 7 % 80
        rows.append(
            {
                "key": f"c{n}",
                "case_no": str(n),
                "person_key": f"p{n}",
                "disease": DISEASE,
                "area_code": (EAST + "001", WEST + "002", EAST, "990201")[n % 4],
                "classification": ("confirmed", "asymptomatic", "excluded", "confirmed", "confirmed")[n % 5],
                "channel": ("controlled", "screening", "")[n % 3],
                "reported_on": ago(back),
                "outcome": "dead" if n % 11 == 0 else "",
                "outcome_on": ago(back // 2) if n % 11 == 0 else None,
                "known_from": noon(ago(back)) + timedelta(hours=n % 50),
            }
        )
    load(Case, rows, actor="test", source_key="receipt-2")
    for n in (0, 40, 80):
        case = Case.objects.open().get(key=f"c{n}")
        revise(case, at=AT - timedelta(hours=1), actor="u", verb="case.revise", classification="excluded")


def put_figures(*areas: str, days: range) -> None:
    """Figures of some areas on some days ago, in two publications, with channels on every other day."""
    rows = []
    for code in areas:
        for back in days:
            channels = ("controlled", "screening") if back % 2 else ("",)
            for measure, channel, series in (
                *(("confirmed", channel, "official") for channel in channels),
                ("asymptomatic", "", "official"),
                ("deaths_cumulative", "", "official"),
                ("confirmed", "", "reprint"),
            ):
                value = (500 - back if "cumulative" in measure else 30 + back) * (2 if code == CITY else 1)
                key = f"{code}-{back}-{measure}-{channel}-{series}"
                rows.append(
                    {
                        "key": key,
                        "disease": DISEASE,
                        "area_code": code,
                        "day": ago(back),
                        "measure": measure,
                        "channel": channel,
                        "series": series,
                        "value": value,
                    }
                )
    put(DailyCount, *rows)


def at_once(area: str = CITY, actor: Actor = OFFICE) -> Situation:
    return queries.situation(DISEASE, area, actor=actor, at=AT, earlier_at=EARLIER, through=DAY, since=SINCE)


def one_by_one(area: str = CITY, actor: Actor = OFFICE) -> Situation:
    """The slow twin: each part reads the record for itself."""
    known = {"actor": actor, "at": AT, "through": DAY}
    curves = queries.epidemic_curve(DISEASE, area, **known, since=SINCE)
    then = queries.epidemic_curve(DISEASE, area, actor=actor, at=EARLIER, through=ago(1), since=SINCE).area
    last = max(
        (
            day
            for curve in curves.districts
            for n, day in enumerate(curve.days)
            if any(counts[n] is not None for counts in curve.counts.values())
        ),
        default=DAY,
    )
    return Situation(
        series=queries.area_series(DISEASE, area, **known, since=SINCE),
        curves=curves,
        earlier=then.by_day() if then else {},
        assessment=queries.assessment(DISEASE, area, **known),
        week=queries.incidence_by_district(DISEASE, area, actor=actor, at=AT, through=last),
    )


def district_officer(code: str) -> Actor:
    return Actor("u", "district_officer", code, frozenset({"board.read"}), "no")


def test_counted_cases():
    put_cases()
    found = at_once()
    assert found == one_by_one()
    assert found.series.origin == COUNTED
    assert len(found.curves.districts) == 2
    assert found.earlier != found.curves.area.by_day()


@pytest.mark.parametrize("area", [EAST, WEST, EAST + "001"])
def test_counted_cases_of_a_part_as_its_own_officer_sees_them(area):
    put_cases()
    found = at_once(area, district_officer(area))
    assert found == one_by_one(area, district_officer(area))
    assert found.series.days


@pytest.mark.parametrize("area", [CITY, EAST, WEST])
def test_published_figures_of_city_and_districts(area):
    put_figures(CITY, EAST, WEST, days=range(2, 70))
    found = at_once(area)
    assert found == one_by_one(area)
    assert found.series.origin == PUBLISHED


def test_figures_of_one_district_only():
    put_cases()
    put_figures(EAST, days=range(0, 30))
    assert at_once() == one_by_one()
    assert at_once(EAST) == one_by_one(EAST)


def test_a_city_whose_figures_ended_before_the_days_shown():
    put_figures(CITY, days=range(70, 80))
    put_figures(EAST, days=range(3, 80))
    assert at_once() == one_by_one()


def test_districts_whose_last_days_have_deaths_only():
    put_figures(CITY, EAST, WEST, days=range(4, 40))
    deaths = {"disease": DISEASE, "area_code": EAST, "measure": "deaths", "series": "official", "value": 1}
    put(DailyCount, *({"key": f"d{back}", "day": ago(back), **deaths} for back in range(4)))
    found = at_once()
    assert found == one_by_one()
    assert found.week[0].last_day == ago(4)


def test_an_empty_record():
    assert at_once() == one_by_one()


def test_an_area_outside_the_scope_is_not_found():
    with pytest.raises(NotFound):
        at_once(CITY, district_officer(EAST))


def test_one_reading_needs_fewer_queries_than_the_parts(django_assert_num_queries):
    put_cases()
    with django_assert_num_queries(13):
        at_once()
