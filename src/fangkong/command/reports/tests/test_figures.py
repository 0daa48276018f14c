"""The open figures say what was published, name what was not, and stay as they were known."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fangkong.command.reports import figures_json
from fangkong.core.errors import FangkongError, InputError
from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import Actor
from fangkong.record.installation import installation_set

from .conftest import CITY, CLI

END = date(2022, 4, 10)
SILENT_CITY = ["2022-03-28"]
SILENT_DISTRICTS = ["2022-02-28", *(f"2022-03-0{n}" for n in range(1, 6)), "2022-03-18", "2022-03-28"]


def figures(as_of: date = END, **choices: Any) -> dict[str, Any]:
    return figures_json(as_of, actor=CLI, **{"disease": "covid-19", "area_code": "31", **choices})


def silent(daily: list[dict[str, Any]]) -> list[str]:
    return [day["day"] for day in daily if day["status"] == "not_published"]


def test_the_city_is_what_was_published_on_every_day_that_has_a_bulletin(
    shanghai: Path, published: dict[date, tuple[int, int]]
) -> None:
    found = figures()
    told = {
        date.fromisoformat(day["day"]): (day["confirmed"], day["asymptomatic"])
        for day in found["daily"]
        if day["status"] == "reported"
    }
    assert told == published
    assert len(told) == 41
    assert found["known_through"] == "2022-04-10"
    assert all(day["sources"] for day in found["daily"] if day["status"] == "reported")


def test_districts_add_up_to_the_city_on_every_day_that_both_have(shanghai: Path) -> None:
    found, agreeing = figures(), 0
    for n, city in enumerate(found["daily"]):
        parts = [district["daily"][n] for district in found["districts"].values()]
        assert {part["day"] for part in parts} == {city["day"]}
        if city["status"] != "reported" or all(part["status"] != "reported" for part in parts):
            continue
        for measure in ("confirmed", "asymptomatic"):
            assert sum(part[measure] or 0 for part in parts) == city[measure], city["day"]
        agreeing += 1
    assert agreeing == 34


def test_a_day_without_a_bulletin_is_named_and_never_zero(shanghai: Path) -> None:
    found = figures()
    assert silent(found["daily"]) == SILENT_CITY
    for district in found["districts"].values():
        assert silent(district["daily"])[:7] == SILENT_DISTRICTS[:7]
    for day in found["daily"]:
        if day["status"] == "not_published":
            assert (day["confirmed"], day["asymptomatic"], day["deaths"], day["sources"]) == (
                None,
                None,
                None,
                [],
            )


def test_a_bulletin_that_did_not_come_is_missing_on_its_own_day_already(shanghai: Path) -> None:
    found = figures(date(2022, 3, 28))
    assert found["known_through"] == "2022-03-27"
    assert found["daily"][-1]["day"] == "2022-03-28"
    assert found["daily"][-1]["status"] == "not_published"


def test_two_names_of_pudong_are_one_district(shanghai: Path) -> None:
    names = list(figures()["districts"])
    assert "浦东新区" in names
    assert "浦东" not in names
    assert len(names) == len(set(names))


def test_the_same_record_gives_the_same_bytes(shanghai: Path) -> None:
    assert json.dumps(figures()) == json.dumps(figures())
    assert list(figures())[:6] == ["as_of", "known_through", "disease", "area", "daily", "districts"]


def test_a_later_correction_leaves_the_earlier_report_as_it_was(shanghai: Path, tmp_path: Path) -> None:
    early, late = date(2022, 4, 1), date(2022, 4, 6)
    before = json.dumps(figures(early))
    rows = (shanghai / CITY).read_text(encoding="utf-8").splitlines()
    corrected = [rows[0]]
    for row in rows[1:]:
        cells = row.split(",")
        if cells[0] == "20220320":
            cells[2] = str(int(cells[2]) + 5)
            corrected.append(",".join(cells))
    file = tmp_path / "correction.csv"
    file.write_text("\n".join(corrected) + "\n", encoding="utf-8")
    was = next(day for day in figures(late)["daily"] if day["day"] == "2022-03-20")

    receive_file(file, actor=CLI, known_at=datetime(2022, 4, 5, 2, tzinfo=UTC))

    now = next(day for day in figures(late)["daily"] if day["day"] == "2022-03-20")
    assert now["asymptomatic"] == was["asymptomatic"] + 5
    assert json.dumps(figures(early)) == before


def test_what_was_not_known_yet_is_not_told(shanghai: Path) -> None:
    found = figures(date(2022, 3, 10))
    assert found["daily"][-1]["day"] == "2022-03-10"
    assert figures(date(2022, 2, 27))["daily"] == []
    assert figures(date(2022, 2, 27))["known_through"] is None


def test_channels_add_up_to_the_figures_of_the_day(shanghai: Path) -> None:
    found = figures()
    totals = {day["day"]: (day["confirmed"] or 0) + (day["asymptomatic"] or 0) for day in found["daily"]}
    last = found["channels"][-1]
    assert last["day"] == "2022-04-10"
    assert sum(n for name, n in last.items() if name != "day") == totals["2022-04-10"]


def test_the_largest_sources_of_the_korean_outbreak(korea: Path) -> None:
    found = figures(date(2015, 7, 31), disease="mers", area_code="KR")
    assert found["transmission"]["largest_sources"] == [
        {"case": "SK_14", "links": 38},
        {"case": "SK_1", "links": 26},
        {"case": "SK_16", "links": 21},
    ]
    # 162 cases in the list, one of them reported by China and counted there.
    assert sum(day["confirmed"] for day in found["daily"]) == 161
    assert all(day["sources"] for day in found["daily"] if day["confirmed"])


def test_links_of_one_outbreak_do_not_stand_in_the_figures_of_another(shanghai: Path, korea: Path) -> None:
    assert "transmission" not in figures()


def test_a_code_of_no_level_is_refused(shanghai: Path) -> None:
    with pytest.raises(InputError, match=r"report\.bad_area"):
        figures(area_code="3")


def test_an_officer_of_a_district_reads_the_district_only(
    shanghai: Path, officer: Callable[[str, str], Actor]
) -> None:
    actor = officer("district_officer", "310115")
    with pytest.raises(FangkongError, match=r"access\.not_your_area"):
        figures_json(END, actor=actor, disease="covid-19", area_code="31")
    own = figures_json(END, actor=actor, disease="covid-19", area_code="310115")
    whole = figures()["districts"]["浦东新区"]["daily"]
    own_days = {day["day"]: day["confirmed"] for day in own["daily"]}
    assert own_days == {day["day"]: day["confirmed"] for day in whole if day["day"] in own_days}


def test_every_day_stands_once_and_in_order(shanghai: Path) -> None:
    days = [date.fromisoformat(day["day"]) for day in figures()["daily"]]
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


class TestWhatIsAskedForAlone:
    """The record holds Shanghai's and Korea's outbreak; nobody has to know the code of the other half."""

    @pytest.mark.parametrize("chosen", [{}, {"disease": "covid-19", "area_code": "31"}])
    def test_a_disease_finds_its_area(self, korea: Path, chosen: dict[str, str]) -> None:
        installation_set(actor="test", **chosen)
        found = figures_json(END, actor=CLI, disease="mers")
        assert (found["disease"], found["area"]) == ("mers", "KR")
        # Of the first case alone the list says how it came.
        assert found["channels"] == [{"day": "2015-05-19", "imported": 1}]
        assert [row["links"] for row in found["transmission"]["largest_sources"][:3]] == [38, 26, 21]

    @pytest.mark.parametrize("area", ["KR", "31", "310000"])
    def test_an_area_finds_its_disease(self, korea: Path, area: str) -> None:
        found = figures_json(END, actor=CLI, area_code=area)
        assert found["disease"] == ("mers" if area == "KR" else "covid-19")

    def test_a_disease_that_nobody_has_keeps_the_area(self, shanghai: Path) -> None:
        installation_set(actor="test", disease="covid-19", area_code="31")
        found = figures_json(END, actor=CLI, disease="plague")
        assert (found["area"], found["daily"], found["known_through"]) == ("31", [], None)
