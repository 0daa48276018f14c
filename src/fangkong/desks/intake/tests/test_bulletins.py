"""What a bulletin says enters the record once, each number under what it counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fangkong.desks.intake.bulletins import decide_bulletin
from fangkong.desks.intake.defects import Defect
from fangkong.record.models import DailyCount
from fangkong.science.bulletins import read_bulletin

TEXT = (
    "2031年5月3日0—24时，新增确诊病例9例，其中本土病例7例、境外输入病例2例（法国2例）。"
    "7例本土病例中，1例由无症状感染者转归，东山区5例，西山区2例。"
)
NAMES = {"东山区": "990101", "西山区": "990102"}


def known(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def decided(text: str, names: dict[str, str]):
    bulletin = read_bulletin(text, area_names=names)
    return list(
        decide_bulletin(bulletin, area_code="9901", disease="covid-19", series="official", known=known)
    )


def counts(text: str, names: dict[str, str]):
    return {
        (fact.values["area_code"], fact.values["measure"], fact.values["channel"]): fact.values["value"]
        for _, row in decided(text, names)
        if not isinstance(row, Defect)
        for fact in row.facts
    }


def test_local_infections_are_the_plain_series_and_the_total_of_both_is_left_out():
    assert counts(TEXT, NAMES) == {
        ("9901", "confirmed", ""): 7,
        ("9901", "imported_confirmed", ""): 2,
        ("9901", "confirmed", "converted"): 1,
        ("9901", "converted", ""): 1,
        ("990101", "confirmed", ""): 5,
        ("990102", "confirmed", ""): 2,
    }


def test_an_area_without_a_code_is_held_and_its_number_does_not_enter():
    reasons = [row.reason for _, row in decided(TEXT, {"东山区": "990101"}) if isinstance(row, Defect)]
    assert reasons == ["unknown_area"]
    assert ("990102", "confirmed", "") not in counts(TEXT, {"东山区": "990101"})


def test_a_figure_without_a_day_is_held():
    rows = decided("全市新增本土确诊病例5例。", NAMES)
    assert [(row.reason, row.column) for _, row in rows if isinstance(row, Defect)] == [
        ("missing_value", "day")
    ]


def test_every_code_fits_the_record_s_columns():
    facts = [fact for _, row in decided(TEXT, NAMES) if not isinstance(row, Defect) for fact in row.facts]
    for name in ("measure", "channel", "area_code"):
        longest = DailyCount._meta.get_field(name).max_length
        assert all(len(fact.values[name]) <= longest for fact in facts)
    assert len({fact.key for fact in facts}) == len(facts)
