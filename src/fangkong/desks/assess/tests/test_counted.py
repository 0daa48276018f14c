"""Figures counted from cases, where nobody publishes any."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fangkong.core.clock import days_between
from fangkong.core.errors import NotFound
from fangkong.desks.assess import queries
from fangkong.desks.assess.values import COUNTED, NET_INFECTIONS, Subject, Value
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation_set
from fangkong.record.load import load, revise
from fangkong.record.models import Area, Case, DailyCount

pytestmark = pytest.mark.django_db
OFFICE = system_actor("test")
DAY = date(2022, 4, 10)
CITY, EAST, WEST = "9901", "990101", "990102"


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


AT = noon(DAY)


def put_cases(*cases: dict, known: datetime | None = None) -> None:
    rows = []
    for n, case in enumerate(cases):
        row = {
            "key": f"c{Case.objects.count()}-{n}",
            "case_no": str(n),
            "person_key": f"p{n}",
            "disease": "d",
            "area_code": EAST + "001",
            "classification": "confirmed",
            "reported_on": DAY,
            **case,
        }
        rows.append({"known_from": known or noon(row["reported_on"]), **row})
    load(Case, rows, actor="test", source_key="receipt-1")


def in_area(code: str) -> Actor:
    return Actor("u", "district_officer", code, frozenset({"board.read"}), "no")


def series(area: str = CITY, *, actor: Actor = OFFICE, at: datetime = AT, **more):
    return queries.area_series("d", area, actor=actor, at=at, through=DAY, **more)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def test_days_without_a_case_are_zero_from_the_first_report_on():
    put_cases(
        {"reported_on": ago(4), "channel": "screening"},
        {"reported_on": ago(4), "classification": "asymptomatic", "channel": "controlled"},
        {"reported_on": ago(1), "outcome": "dead", "outcome_on": DAY},
        {"reported_on": ago(6), "classification": "suspected"},
        {"reported_on": ago(6), "classification": "excluded"},
    )
    found = series()
    assert found.origin == COUNTED
    assert [day.day for day in found.days] == days_between(ago(4), DAY)
    assert [(day.confirmed, day.asymptomatic, day.deaths) for day in found.days] == [
        (1, 1, 0),
        (0, 0, 0),
        (0, 0, 0),
        (1, 0, 0),
        (0, 0, 1),
    ]
    assert found.days[0].channels == {"screening": 1, "controlled": 1}
    assert {day.status for day in found.days} == {"reported"}
    assert series(since=ago(2)).days == found.days[2:]


def test_a_case_counts_as_it_was_classified_when_known():
    put_cases({"classification": "asymptomatic", "reported_on": ago(2)})
    changed = noon(ago(1))
    revise(Case.objects.open().get(), at=changed, actor="u", verb="case.revise", classification="confirmed")
    before, after = series(at=changed - timedelta(hours=1)).days[0], series().days[0]
    assert (before.confirmed, before.asymptomatic) == (0, 1)
    assert (after.confirmed, after.asymptomatic) == (1, 0)


def test_published_figures_and_cases_are_never_added():
    put_cases({}, {})
    figure = {"key": "k", "disease": "d", "area_code": CITY, "day": DAY, "measure": "confirmed", "value": 7}
    load(DailyCount, [figure], actor="test", source_key="r", known_from=AT)
    assert [day.confirmed for day in series().days] == [7]
    assert [
        s.days[0].confirmed for s in queries.district_series("d", CITY, actor=OFFICE, at=AT, through=DAY)
    ] == [2]


def test_districts_count_where_the_case_is_counted_and_each_reader_sees_the_own():
    areas = [{"key": code, "level": "district", "name_zh": code} for code in (EAST, WEST, "990103")]
    load(Area, areas, actor="test", source_key="s", known_from=AT)
    put_cases({}, {}, {"area_code": WEST})
    everybody = queries.district_series("d", CITY, actor=OFFICE, at=AT, through=DAY)
    assert {s.area_code: s.days[0].confirmed for s in everybody} == {EAST: 2, WEST: 1, "990103": 0}
    (own,) = queries.district_series("d", CITY, actor=in_area(WEST), at=AT, through=DAY)
    assert (own.area_code, own.days[0].confirmed) == (WEST, 1)
    with pytest.raises(NotFound):
        series(actor=in_area(WEST))
    assert queries.district_series("d", CITY, actor=in_area("9902"), at=AT, through=DAY) == []


def test_incidence_needs_the_population():
    areas = [{"key": EAST, "level": "district", "name_zh": "东", "population": 50_000}]
    areas += [{"key": WEST, "level": "district", "name_zh": "西"}]
    load(Area, areas, actor="test", source_key="s", known_from=AT)
    put_cases(
        *({"reported_on": ago(n)} for n in range(10)),
        {"area_code": WEST},
        {"classification": "asymptomatic"},
    )
    east, west = queries.incidence_by_district("d", CITY, actor=OFFICE, at=AT, through=DAY)
    assert (east.cases, east.per_100k, east.refusal) == (8, 16.0, "")
    assert (west.cases, west.per_100k, west.refusal) == (1, None, "population_unknown")
    assert east.basis == NET_INFECTIONS
    (early, _) = queries.incidence_by_district("d", CITY, actor=OFFICE, at=AT, through=ago(6))
    assert (early.cases, early.refusal) == (None, "days_missing")


class TestAssessment:
    """Cases that become known with a delay of two days."""

    @pytest.fixture(autouse=True)
    def growing_outbreak(self, db):
        for back in range(45):
            n = max(1, round(60 * 0.9**back))
            known = noon(ago(back) + timedelta(days=2))
            put_cases(*({"reported_on": ago(back)} for _ in range(n)), known=known)

    def assess(self, disease: str = "covid-19"):
        load(
            Case,
            [
                {**row, "key": f"x-{row['key']}", "disease": disease}
                for row in Case.objects.values(
                    "key", "case_no", "person_key", "area_code", "classification", "reported_on", "known_from"
                )
            ],
            actor="test",
            source_key="receipt-1",
        )
        return queries.assessment(disease, CITY, actor=OFFICE, at=AT, through=DAY)

    def test_days_still_filling_up_are_left_out(self):
        found = self.assess()
        assert (found.incomplete_days, found.origin) == (2, COUNTED)
        assert isinstance(found.reproduction, Value)
        assert found.reproduction.last_day == ago(2)
        assert found.reproduction.as_of == DAY
        assert found.reproduction.sources == ["receipt-1"]
        assert found.reproduction.lower < found.reproduction.mean < found.reproduction.upper
        assert 0.07 < found.growth.mean < 0.14
        curve = queries.epidemic_curve("covid-19", CITY, actor=OFFICE, at=AT, through=DAY).area
        assert [day for day, late in zip(curve.days, curve.incomplete, strict=True) if late] == [ago(1), DAY]

    def test_a_disease_without_a_serial_interval_has_growth_but_no_reproduction_number(self):
        found = self.assess("unknown-pneumonia")
        assert found.reproduction.code == found.below_one.code == "no_serial_interval"
        assert isinstance(found.growth, Value)

    def test_an_unknown_delay_is_the_default_not_zero(self):
        put_cases({"disease": "e"})
        assert queries.assessment("e", CITY, actor=OFFICE, at=AT, through=DAY).incomplete_days == 1


@pytest.mark.parametrize("size", [3, 300])
def test_the_number_of_queries_does_not_grow_with_the_cases(size, django_assert_num_queries):
    put_cases(*({"reported_on": ago(n % 9), "area_code": f"9901{n % 16:02}"} for n in range(size)))
    asked = {"actor": OFFICE, "at": AT, "through": DAY}
    with django_assert_num_queries(4):  # three for the figures, one for the time zone
        queries.epidemic_curve("d", CITY, **asked)
    with django_assert_num_queries(5):
        queries.district_series("d", CITY, **asked)
    with django_assert_num_queries(6):
        queries.area_series("d", CITY, **asked)
    with django_assert_num_queries(4):
        queries.incidence_by_district("d", CITY, **asked)


class TestSubject:
    def subject(self, actor: Actor = OFFICE) -> Subject | None:
        return queries.subject_default(actor=actor, at=AT)

    def test_an_empty_record_has_none(self):
        assert self.subject() is None

    def test_the_choice_of_the_installation_comes_first(self):
        put_cases({})
        installation_set(actor="test", area_code=CITY, disease="e")
        assert self.subject() == Subject("e", CITY)
        assert self.subject(in_area(EAST)) == Subject("e", EAST)

    def test_cases_alone_name_the_city_that_holds_them(self):
        put_cases({}, {"area_code": WEST})
        assert self.subject() == Subject("d", CITY)
        assert self.subject(in_area(WEST)) == Subject("d", WEST)
        assert self.subject(in_area("9902")) is None

    def test_cases_abroad_name_the_country(self):
        put_cases({"disease": "mers", "area_code": "KR"})
        assert self.subject() == Subject("mers", "KR")

    def test_the_disease_with_the_latest_figures_is_taken(self):
        put_cases({"reported_on": ago(3)})
        rows = [
            {
                "key": f"k{n}",
                "disease": "e",
                "area_code": code,
                "day": day,
                "measure": "confirmed",
                "value": 1,
            }
            for n, (code, day) in enumerate(
                [("31", ago(1)), ("310115", ago(1)), ("32", ago(2)), ("CN", ago(9))]
            )
        ]
        load(DailyCount, rows, actor="test", source_key="r", known_from=AT)
        assert self.subject() == Subject("e", "31")
        put_cases({"reported_on": DAY})
        assert self.subject() == Subject("d", CITY)
