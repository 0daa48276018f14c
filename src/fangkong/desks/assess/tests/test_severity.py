"""Three risks beside one another: of all cases, of the resolved, and adjusted for the delay to death."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fangkong.core.errors import NotFound
from fangkong.desks.assess.severity import FITTED, FROM_PAPER, severity_of
from fangkong.record.access import Actor
from fangkong.record.load import load
from fangkong.record.models import Case, DailyCount
from fangkong.science.epi.estimates import Refusal

from .test_detection import CITY, EARLY, EAST, OFFICE, WEST

pytestmark = pytest.mark.django_db
LAST = date(2022, 4, 30)
AT = datetime(2022, 5, 1, tzinfo=UTC)


def day(back: int) -> date:
    return LAST - timedelta(days=back)


def people(number: int, onset: int | None, outcome: str = "", after: int | None = None, **more) -> None:
    """``number`` cases with onset so many days back, and an outcome so many days later."""
    held = Case.objects.count()
    onset_on = None if onset is None else day(onset)
    rows = [
        {
            "key": f"c{held + n}",
            "case_no": "1",
            "person_key": f"p{held + n}",
            "disease": "d",
            "area_code": EAST + "001",
            "classification": "confirmed",
            "onset_on": onset_on,
            "reported_on": onset_on or LAST,
            "outcome": outcome,
            "outcome_on": None if after is None or onset is None else day(onset - after),
            **more,
        }
        for n in range(number)
    ]
    load(Case, rows, actor="t", source_key="r", known_from=EARLY)


def severity(disease: str = "d", **more):
    return severity_of(disease, CITY, **({"actor": OFFICE, "at": AT, "through": LAST} | more))


def test_naive_and_resolved_stand_together():
    people(32, 60, "dead", 10)
    people(47, 60, "recovered", 20)
    people(57, 10)
    found = severity()
    assert (found.cases, found.deaths, found.recovered, found.open_cases) == (136, 32, 47, 57)
    assert float(found.resolved.naive) == pytest.approx(32 / 136)
    assert float(found.resolved.estimate) == pytest.approx(32 / 79)


def test_while_it_grows_the_adjusted_risk_is_above_the_naive_one():
    for back in range(40, 0, -1):
        n = round(2 * 1.12 ** (40 - back))
        people(n, back)
        for after in (6, 10, 14, 18):
            if after <= back:
                people(max(1, n // 8), back, "dead", after)
    found = severity()
    assert (found.delay.origin, found.origin) == (FITTED, "counted")
    assert 8 < found.delay.delay.mean < 20
    assert float(found.adjusted.estimate) > 1.2 * float(found.adjusted.naive)
    assert found.adjusted.lower < found.adjusted.estimate < found.adjusted.upper
    assert found.rolling.estimate.shape == (len(found.days),)


def test_only_what_was_known_then():
    people(10, 30)
    people(5, 20, "dead", 15)
    assert severity().deaths == 5
    assert severity(through=day(6)).deaths == 0
    assert severity(at=EARLY - timedelta(days=1)).cases == 0


def test_a_published_delay_stands_in_and_without_one_there_is_a_refusal():
    people(10, 30, disease="ebola")
    people(3, 30, "dead", 8, disease="ebola")
    found = severity("ebola")
    assert (found.delay.origin, found.delay.confidence, found.delay.deaths) == (FROM_PAPER, "secondary", 3)
    people(3, 30, "dead", 8)
    none = severity()
    assert isinstance(none.delay, Refusal)
    assert (none.delay.code, none.adjusted) == ("too_few_delays", None)


def test_cases_without_onset_count_and_are_not_dated():
    people(4, None)
    people(4, 10)
    found = severity()
    assert (found.cases, found.undated) == (8, 4)


def test_published_figures_know_no_recoveries():
    rows = [
        {
            "key": f"{measure}-{back}",
            "disease": "covid-19",
            "area_code": CITY,
            "day": day(back),
            "measure": measure,
            "value": n,
        }
        for back in range(30)
        for measure, n in (("confirmed", 100), ("deaths", 2))
    ]
    load(DailyCount, rows, actor="t", source_key="r", known_from=EARLY)
    found = severity("covid-19")
    assert (found.origin, found.cases, found.deaths, found.recovered) == ("published", 3000, 60, None)
    assert float(found.resolved.naive) == pytest.approx(0.02)
    assert found.resolved.reason_at() == "missing_days"
    assert float(found.adjusted.estimate) > 0.02


def test_an_empty_record_and_a_foreign_area_are_refused():
    found = severity()
    assert (found.cases, found.days, found.adjusted) == (0, [], None)
    assert isinstance(found.delay, Refusal)
    west = Actor("u", "district_officer", WEST, frozenset({"board.read"}), "no")
    with pytest.raises(NotFound):
        severity(actor=west)


def test_one_query_for_cases(django_assert_max_num_queries):
    people(30, 20)
    with django_assert_max_num_queries(1):
        severity()
