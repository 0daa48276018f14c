"""Two received sources are compared, their breaks stand on record, and no estimate runs through one."""

from __future__ import annotations

import csv
import gzip
import json
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fangkong.desks.assess.queries import assessment
from fangkong.desks.intake.actions import receive_file
from fangkong.faces.cli.main import cli
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation, installation_set
from fangkong.record.load import load
from fangkong.record.models import DailyCount, SeriesBreak
from fangkong.science.epi.estimates import SERIES_BREAK, Refusal

pytestmark = pytest.mark.django_db

OFFICE = system_actor("cli")
PROVINCES = "china_province_daily_2019-12_2020-12.csv"
CITIES = "china_city_daily_to_2020-04-30.csv.gz"
PROVINCE_SERIES, CITY_SERIES = "province-compilation", "city-compilation"
#: The province of the changed definition, with its neighbours: enough for the comparison to find what is common.
AROUND = {"420000", "410000", "430000", "360000", "340000", "610000", "500000"}

LAST = "2020-05-01"


def reconciled(*arguments: str, lang: str = "en") -> Result:
    return CliRunner().invoke(cli, ["--lang", lang, "reconcile", *arguments], standalone_mode=False)


def some_rows(source: Path, target: Path, column: str, kept: set[str]) -> Path:
    opened = gzip.open if source.suffix == ".gz" else open
    with (
        opened(source, "rt", encoding="utf-8-sig", newline="") as lines,
        target.open("w", encoding="utf-8") as out,
    ):
        reader = csv.DictReader(lines)
        writer = csv.DictWriter(out, reader.fieldnames or [])
        writer.writeheader()
        writer.writerows(row for row in reader if row[column] in kept and row["date"] < LAST)
    return target


@pytest.fixture
def received(real_data, tmp_path):
    installation_set(actor="test", area_code="42", disease="covid-19")
    provinces = some_rows(real_data / PROVINCES, tmp_path / "provinces.csv", "provinceCode", {"", *AROUND})
    cities = some_rows(real_data / CITIES, tmp_path / "cities.csv", "provinceCode", AROUND)
    receipts = [receive_file(path, actor=OFFICE) for path in (provinces, cities)]
    assert [receipt.mapping for receipt in receipts] == ["china-province-cumulative", "china-city-cumulative"]
    assert receipts[0].accepted == receipts[0].row_count
    return receipts


def estimates(through: date):
    found = assessment("covid-19", "42", actor=OFFICE, at=installation().now(), through=through)
    return found.reproduction, found.growth


def refused(value) -> str:
    return value.code if isinstance(value, Refusal) else ""


@pytest.mark.real_data
def test_the_changed_definition_is_found_annotated_and_stops_the_estimate(received):
    through = date(2020, 2, 17)
    assert [refused(value) for value in estimates(through)] == ["", ""]

    began = time.process_time()
    result = reconciled(PROVINCE_SERIES, CITY_SERIES, "--annotate", "--json")
    seconds = time.process_time() - began
    report = json.loads(result.output)
    assert seconds < 10, seconds
    assert set(report["annotated"]) == {PROVINCE_SERIES, CITY_SERIES}

    breaks = SeriesBreak.objects.open().filter(disease="covid-19")
    found = set(breaks.values_list("series", "kind", "area_code", "measure", "from_day", "to_day"))
    jump, behind = date(2020, 2, 12), date(2020, 2, 13)
    for measure in ("confirmed_cumulative", "confirmed"):
        assert (PROVINCE_SERIES, "definition_change", "42", measure, jump, jump) in found
        assert (CITY_SERIES, "definition_change", "4201", measure, behind, behind) in found
    revised = date(2020, 4, 16)
    assert (PROVINCE_SERIES, "revision", "42", "deaths", revised, revised) in found
    assert any((series, kind, area) == (CITY_SERIES, "shifted_day", "42") for series, kind, area, *_ in found)
    assert {kind for _, kind, *_ in found} >= {"negative_step", "sum_differs", "shifted_day", "revision"}

    # The growth of the days since the jump is their own; a day after it there is none either.
    assert [refused(value) for value in estimates(through)] == [SERIES_BREAK, ""]
    assert [refused(value) for value in estimates(date(2020, 2, 13))] == [SERIES_BREAK, SERIES_BREAK]
    # Later the window holds none of it.
    assert SERIES_BREAK not in [refused(value) for value in estimates(date(2020, 3, 10))]

    # A receipt names its series, and the same breaks noted again change nothing.
    before = record_digest()
    again = reconciled(f"receipt:{received[0].key}", f"receipt:{received[1].key}", "--annotate", "--json")
    assert record_digest() == before
    assert set(json.loads(again.output)["annotated"]) == {PROVINCE_SERIES, CITY_SERIES}


FIRST, DAYS = date(2030, 3, 1), 40
AREAS = ("990101", "990102")


def total(place: int, day: int) -> int:
    """Growing and never the same twice, so that a shift can be told."""
    return (place + 2) * day * day + day * (place + 5)


def counts(series: str, *, disease: str = "made-up-fever", late: int = 0, revised: int = 0) -> None:
    rows = [
        {
            "key": f"{disease}-{series}-{code}-{day}",
            "disease": disease,
            "area_code": code,
            "day": FIRST + timedelta(days=day + late),
            "measure": "confirmed_cumulative",
            "series": series,
            "value": total(place, day) + (revised if day >= DAYS // 2 else 0),
        }
        for day in range(DAYS)
        for place, code in enumerate(AREAS)
    ]
    load(DailyCount, rows, actor="t", source_key=series, known_from=datetime(2030, 5, 1, tzinfo=UTC))


@pytest.fixture
def office():
    installation_set(actor="test", area_code="9901", disease="made-up-fever")


def on_record(**where) -> set[tuple[str, ...]]:
    rows = SeriesBreak.objects.open().filter(**where)
    return set(rows.values_list("series", "kind", "area_code", "measure"))


def test_the_series_that_runs_behind_is_the_one_annotated(office):
    counts("official")
    counts("paper", late=2)
    said = reconciled("official", "paper", "--annotate")
    assert said.return_value == 0
    shifted = {row for row in on_record() if row[1] == "shifted_day"}
    assert shifted == {
        ("paper", "shifted_day", code, measure)
        for code in AREAS
        for measure in ("confirmed", "confirmed_cumulative")
    }
    assert "breaks of the series paper are on record" in said.output
    assert not on_record(disease__in=["other"])


def test_a_file_is_compared_but_only_the_record_is_annotated(office, tmp_path):
    counts("paper", revised=500)
    file = tmp_path / "sheet.csv"
    lines = [
        f"{FIRST + timedelta(days=day)},{name},{total(place, day)}"
        for day in range(DAYS)
        for place, name in enumerate(("柳堤区", "望海区"))
    ]
    file.write_text("\n".join(["date,district,confirmed_cumulative", *lines]), encoding="utf-8")
    for order in ([str(file), "paper"], ["paper", str(file)]):
        SeriesBreak.objects.all().delete()
        assert reconciled(*order, "--annotate").return_value == 0
        assert {(series, area) for series, _, area, measure in on_record(kind="revision")} == {
            ("paper", code) for code in AREAS
        }


def test_two_files_leave_nothing_to_annotate_and_several_diseases_must_be_told_apart(office, tmp_path):
    file = tmp_path / "sheet.csv"
    file.write_text("date,district,n\n2030-03-01,a,1\n2030-03-02,a,2\n", encoding="utf-8")
    refusal = reconciled(str(file), str(file), "--annotate")
    assert (refusal.return_value, SeriesBreak.objects.count()) == (1, 0)
    assert "Both sources are files" in refusal.output
    for disease in ("fever-a", "fever-b"):
        counts("paper", disease=disease)
    refusal = reconciled(str(file), "paper")
    assert (refusal.return_value, "fever-a" in refusal.output) == (1, True)
    assert reconciled(str(file), "paper", "--disease", "fever-b").return_value == 0


def test_the_office_may_say_since_when_it_knew(office):
    counts("official")
    counts("paper", late=2)
    reconciled("official", "paper", "--annotate", "--known-at", "2030-04-20T09:00+08:00")
    known = set(SeriesBreak.objects.open().values_list("known_from", flat=True))
    assert known == {datetime(2030, 4, 20, 1, tzinfo=UTC)}


def test_a_year_of_a_province_is_compared_in_seconds(office, cpu_seconds):
    areas = [f"9901{number:02d}" for number in range(1, 17)] + ["9901"]
    rows = [
        {
            "key": f"{series}-{code}-{day}",
            "disease": "made-up-fever",
            "area_code": code,
            "day": FIRST + timedelta(days=day),
            "measure": "confirmed_cumulative",
            "series": series,
            "value": total(place, day) + (day >= 200) * (place == 3) * 70,
        }
        for series in ("official", "paper")
        for day in range(365)
        for place, code in enumerate(areas)
    ]
    load(DailyCount, rows, actor="t", source_key="t", known_from=datetime(2031, 5, 1, tzinfo=UTC))
    assert cpu_seconds(lambda: reconciled("official", "paper", "--json")) < 5
