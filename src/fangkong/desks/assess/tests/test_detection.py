"""The night's look at every series: what was seen, what was expected, and where nobody could have told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from fangkong.core.errors import Forbidden, InputError
from fangkong.desks.assess.detecting import ENOUGH_CASES, detect
from fangkong.desks.assess.detection_rules import detection_rules
from fangkong.record.access import Actor, system_actor
from fangkong.record.load import load
from fangkong.record.models import Area, Case, DailyCount, SeriesBreak

pytestmark = pytest.mark.django_db
OFFICE = system_actor("test")
CITY, EAST, WEST = "9901", "990101", "990102"
DAY = date(2022, 4, 10)
EARLY = datetime(2015, 1, 1, tzinfo=UTC)
#: Everything is complete by the morning after the days that are still filling up.
AT = datetime(2022, 4, 12, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    areas = [{"key": code, "level": "district"} for code in (EAST, WEST)]
    load(Area, areas, actor="t", source_key="t", known_from=EARLY)


def own_file(text: str) -> None:
    (Path(settings.HOME) / "detection.toml").write_text(text, encoding="utf-8")


def cases(
    disease: str, counts: dict[date, int], area: str = EAST, known: datetime | None = None, **more
) -> None:
    rows = []
    for day, n in counts.items():
        at = known or datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
        rows += [
            {
                "key": f"{disease}-{area}-{day}-{k}",
                "case_no": "1",
                "person_key": f"p{k}",
                "disease": disease,
                "area_code": area + "001",
                "classification": "confirmed",
                "reported_on": day,
                "known_from": at,
                **more,
            }
            for k in range(n)
        ]
    load(Case, rows, actor="t", source_key="r")


def figures(values: dict[date, int], area: str = EAST, disease: str = "covid-19", known=EARLY) -> None:
    rows = [
        {
            "key": f"f-{disease}-{area}-{day}",
            "disease": disease,
            "area_code": area,
            "day": day,
            "measure": "confirmed",
            "value": n,
        }
        for day, n in values.items()
    ]
    load(DailyCount, rows, actor="t", source_key="r", known_from=known)


def back(days: int, n: int = 2) -> dict[date, int]:
    """A quiet series up to the day before the last, a little uneven."""
    return {DAY - timedelta(days=k): n + k % 2 for k in range(1, days + 1)}


def looked(at: datetime = AT, through: date = DAY, actor: Actor = OFFICE):
    return detect(CITY, actor=actor, at=at, through=through)


def test_a_sudden_rise_is_an_alarm_that_explains_itself():
    cases("norovirus", back(40) | {DAY: 14})
    cases("norovirus", back(40), area=WEST)
    (found,) = looked().aberrations
    assert (found.key.area_code, found.method, found.says) == (EAST, "ears_c2", "alarm.above_expected")
    assert (found.observed, found.first_day, found.last_day, found.period) == (14, DAY, DAY, "2022-W14")
    assert 2 < found.expected < found.upper < 14
    assert found.p_value < 0.001
    assert found.params()["upper"] == found.upper
    assert not [each for each in looked().unwatched if each.key.disease == "norovirus"]


def test_only_what_was_known_then_raises_an_alarm():
    cases("norovirus", back(40))
    cases("norovirus", {DAY: 14}, known=AT)
    assert looked(at=AT - timedelta(hours=1)).aberrations == []
    assert len(looked().aberrations) == 1


def test_a_disease_of_which_one_case_is_too_many():
    cases("cholera", {DAY - timedelta(days=3): 1})
    (found,) = looked().aberrations
    assert (found.watch, found.says, found.upper, found.expected) == ("single_case", ENOUGH_CASES, 0, None)
    assert found.last_day == DAY - timedelta(days=3)


def test_the_moving_percentile_needs_its_years_and_says_so():
    cases("mumps", back(60) | {DAY: 9})
    found = looked()
    assert found.aberrations == []
    assert {(each.watch, each.reason) for each in found.unwatched} == {
        ("moving_percentile", "baseline_too_short")
    }
    assert found.reasons == {"baseline_too_short": 2}


def test_with_its_years_it_holds_the_week_against_its_percentile():
    quiet = {DAY - timedelta(days=k): 1 for k in range(7, 2000, 3)}
    cases("mumps", quiet | {DAY - timedelta(days=k): 3 for k in range(3)})
    found = [each for each in looked().aberrations if each.key.disease == "mumps"]
    assert {(each.watch, each.period) for each in found} == {("moving_percentile", "2022-W14")}
    assert found[0].last_day - found[0].first_day == timedelta(days=6)
    assert found[0].observed > found[0].upper > 0


def test_an_office_that_vouches_for_its_register_turns_unknown_into_zero():
    cases("ebola", {DAY: 3})
    assert [each.reason for each in looked().unwatched] == ["baseline_too_short"] * 2
    own_file('[register.ebola]\nsince = 2020-01-01\nsource = "statutory reporting"\n')
    found = looked()
    assert [(each.key.area_code, each.expected) for each in found.aberrations] == [(EAST, 0)]
    assert found.unwatched == []


def test_no_alarm_stands_on_a_break_and_no_baseline_runs_through_one():
    jump = DAY - timedelta(days=1)
    figures({day: n for day, n in back(40).items() if day != jump} | {jump: 900, DAY: 3})
    assert [each.last_day for each in looked().aberrations] == [jump]
    broken = {
        "key": "b",
        "disease": "covid-19",
        "area_code": "",
        "series": "official",
        "kind": "definition_change",
        "from_day": jump,
        "to_day": jump,
        "noted_by": "t",
    }
    load(SeriesBreak, [broken], actor="t", source_key="t", known_from=EARLY)
    found = looked()
    assert found.aberrations == []
    assert {(each.key.area_code, each.reason) for each in found.unwatched} >= {(EAST, "series_break")}


def test_a_day_that_was_not_published_is_not_quiet():
    figures(back(40))
    figures(back(40) | {DAY: 2}, area=WEST)
    assert {(each.key.area_code, each.reason) for each in looked().unwatched} == {(EAST, "missing_count")}


def test_days_still_filling_up_raise_an_alarm_and_are_no_ground_for_quiet():
    cases("norovirus", back(40) | {DAY: 14})
    found = looked(at=datetime(2022, 4, 10, 6, tzinfo=UTC))
    assert [each.last_day for each in found.aberrations] == [DAY]
    # East is quiet on the last complete day, which is the day before yesterday at noon.
    assert found.watched["ears"] == 2
    assert found.unwatched == []


def test_a_reader_of_one_district_is_told_of_that_one():
    cases("norovirus", back(40) | {DAY: 14})
    cases("norovirus", back(40) | {DAY: 14}, area=WEST)
    west = Actor("u", "district_officer", WEST, frozenset({"board.read"}), "no")
    assert {each.key.area_code for each in looked(actor=west).aberrations} == {WEST}
    with pytest.raises(Forbidden):
        looked(actor=Actor("u", "x", WEST, frozenset(), "no"))


@pytest.mark.parametrize("many", [1, 12])
def test_queries_do_not_grow_with_diseases_or_districts(many, django_assert_max_num_queries):
    for n in range(many):
        cases(f"disease-{n}", {DAY - timedelta(days=3): 1}, area=EAST)
        cases(f"disease-{n}", {DAY - timedelta(days=2): 1}, area=WEST)
    with django_assert_max_num_queries(7):
        assert looked().watched["ears"] == 2 * many


def test_by_age_group_and_channel_where_the_city_wants_it():
    own_file(
        '[watch.ears]\non = false\n[watch.children]\non = true\nmethod = "ears"\ndiseases = ["norovirus"]\n'
        'unit = "day"\nperiod = "day"\nhistory = 20\nlook_back = 1\nby = ["age_group", "channel"]\n'
        'settings = { min_sigma = 0.5 }\nsource = "here"\n'
    )
    cases("norovirus", back(30), age_years=4, channel="sought_care")
    cases("norovirus", {DAY: 11}, age_years=5, channel="sought_care")
    cases("norovirus", back(30), area=WEST, age_years=70)
    (found,) = looked().aberrations
    assert (found.key.age_group, found.key.channel, found.period) == ("3-5", "sought_care", DAY.isoformat())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[watch.ears]\nmethod = 'best'\n", "detection.field_wrong"),
        ("[watch.ears]\nseason = 3\n", "detection.field_wrong"),
        ("[watch.mine]\non = true\n", "detection.field_wrong"),
        ("threshold = 3\n", "detection.field_wrong"),
        ("[watch.ears\n", "detection.file_unreadable"),
        ("[register.ebola]\nsince = 2020-01-01\n", "detection.field_wrong"),
    ],
)
def test_a_file_that_cannot_be_used_says_which_field(text, code):
    own_file(text)
    with pytest.raises(InputError) as refused:
        looked()
    assert refused.value.code == code


def test_settings_that_the_method_refuses_name_the_entry():
    own_file("[watch.ears]\nsettings = { baseline = 1 }\n")
    cases("norovirus", back(3))
    with pytest.raises(InputError) as refused:
        looked()
    assert (refused.value.code, refused.value.params["name"]) == ("detection.settings_wrong", "ears")


def test_every_entry_that_is_shipped_has_a_source_and_only_sound_ones_run():
    rules = detection_rules()
    assert all(watch.source for watch in rules.watches.values())
    assert [watch.name for watch in rules.on] == ["ears", "moving_percentile", "single_case"]
