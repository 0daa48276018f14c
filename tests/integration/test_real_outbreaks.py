"""Real outbreaks received as their files came, and everything the office may ask of them, on several days of each.

No question ends in a traceback: there is a figure that can be checked by hand in the file, or the reason why not. The
pages are the same for every disease, in both languages.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client

from fangkong.command.detection import detection_run
from fangkong.desks.assess import queries
from fangkong.desks.assess.detecting import detect
from fangkong.desks.assess.outlook import forecast_of, nowcast_of, past_nowcasts, reproduction_of
from fangkong.desks.assess.series_queries import reporting_triangle, stratified_series
from fangkong.desks.assess.severity import Severity, severity_of
from fangkong.desks.assess.values import Assessment, Value
from fangkong.desks.intake.actions import receive_file
from fangkong.faces.cli.main import cli
from fangkong.record.access import system_actor
from fangkong.record.installation import installation, installation_set
from fangkong.record.models import Case, SeriesBreak, Signal, User
from fangkong.science.epi.estimates import Refusal

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]

OFFICE = system_actor("cli")
#: A figure that is none, as it would stand in a page.
_NO_FIGURE = re.compile(r"(?<![a-z])(?:nan|inf|None)(?![a-z-])")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)


def office_of(area_code: str, disease: str) -> None:
    installation_set(actor="test", area_code=area_code, disease=disease)


def close_of(day: date) -> datetime:
    return installation().close_of(day)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def called(path: Path, name: str, folder: Path) -> Path:
    """The file under a name that says what its rows are, as its sender would be asked to call it."""
    return Path(shutil.copy(path, folder / name))


def asked(area: str, disease: str, day: date, *, at: datetime | None = None) -> tuple[Assessment, Severity]:
    """Every question of the desk for one area and day, as known at its close or at ``at``."""
    known = {"actor": OFFICE, "at": at or close_of(day), "through": day}
    since = day - timedelta(days=27)
    queries.area_series(disease, area, **known)
    queries.district_series(disease, area, **known)
    queries.epidemic_curve(disease, area, **known)
    queries.incidence_by_district(disease, area, **known)
    queries.situation(disease, area, earlier_at=known["at"] - timedelta(days=1), since=since, **known)
    stratified_series(area, since=since, by=("age_group", "channel"), **known)
    stratified_series(area, since=since, unit="week", day_of="onset", **known)
    nowcast_of(disease, area, **known)
    past_nowcasts(disease, area, **known)
    reproduction_of(disease, area, **known)
    forecast_of(disease, area, **known)
    detect(area, **known)
    return queries.assessment(disease, area, **known), severity_of(disease, area, **known)


def pages(days: Iterable[date], area: str) -> None:
    """The overview, the area's page and the signals as of several days, in both languages: each has an answer."""
    for language in ("zh-hans", "en"):
        user = User.objects.create(
            key=f"user-{language}",
            username=language,
            display_name="值班",
            role="duty_officer",
            area_code=installation().area_code,
        )
        client = Client()
        client.force_login(user)
        client.cookies["django_language"] = language
        for day in days:
            session = client.session
            session["look_back_on"] = day.isoformat()
            session.save()
            for address in ("/assess/", f"/assess/{area}/", "/signals/"):
                answer = client.get(address, follow=True)
                assert answer.status_code == 200, (address, day)
                shown = re.sub(r"<script.*?</script>|<[^>]*>", " ", answer.content.decode(), flags=re.S)
                assert not _NO_FIGURE.search(shown), (address, day, _NO_FIGURE.search(shown))


def refused(found: object) -> str:
    return found.code if isinstance(found, Refusal) else ""


def day_in(text: str) -> date:
    return date.fromisoformat(text)


def test_mers_in_a_country_without_districts(real_data):
    office_of("KR", "mers")
    receive_file(real_data / "mers_korea_2015_linelist.csv", actor=OFFICE)
    rows = [
        row
        for row in rows_of(real_data / "mers_korea_2015_linelist.csv")
        if row["reporting_ctry"] == "South Korea"
    ]
    days = [date(2015, 5, 25), date(2015, 6, 5), date(2015, 6, 16)]
    for day in days:
        found, severity = asked("KR", "mers", day)
        told = [row for row in rows if day_in(row["dt_report"]) <= day]
        # Of some of the dead the list has no day: they count since they were reported.
        dead = [
            row
            for row in told
            if row["outcome"] == "Dead" and (not row["dt_death"] or day_in(row["dt_death"]) <= day)
        ]
        assert (severity.cases, severity.deaths) == (len(told), len(dead))
        # Nobody says who recovered: all dead of those resolved would be said of a list of the dead alone.
        assert severity.recovered is None
        assert math.isnan(severity.resolved.estimate)
        assert float(severity.resolved.naive) == pytest.approx(len(dead) / len(told))
        watched = detect("KR", actor=OFFICE, at=close_of(day), through=day)
        assert watched.watched["ears"] == 1
    assert refused(found.reproduction) == ""

    # Whoever brought it from elsewhere infects and was infected by nobody here; three cases carry no number yet.
    last = days[-1]
    known = {"actor": OFFICE, "at": close_of(last), "through": last, "reference": "report"}
    by_day = Counter(day_in(row["dt_report"]) for row in rows)
    brought = Counter(day_in(row["dt_report"]) for row in rows if row["place_infect"] == "Middle East")
    assert sum(brought.values()) == 1
    number = reproduction_of("mers", "KR", **known)
    weights = number.interval.interval.weights(len(number.days))
    for end in (date(2015, 5, 25), date(2015, 6, 5), last):
        window = [end - timedelta(days=back) for back in range(7)]
        local = sum(by_day[day] - brought[day] for day in window)
        pressure = sum(
            by_day[day - timedelta(days=lag)] * weights[lag]
            for day in window
            for lag in range(1, (day - number.days[0]).days + 1)
        )
        mean = number.plain.mean[number.days.index(end)]
        assert mean == pytest.approx((1 + local) / (1 / 5 + pressure), rel=1e-9)
    early = known | {"at": close_of(days[0]), "through": days[0]}
    assert refused(reproduction_of("mers", "KR", **early)) == "too_few_cases"
    pages(days, "KR")


def test_measles_of_1861_in_an_area_of_which_nobody_named_the_districts(real_data, tmp_path):
    office_of("9901", "measles")
    source = real_data / "measles_hagelloch_1861.csv"
    known_at = datetime(1862, 2, 5, 12, tzinfo=UTC)
    receive_file(
        called(source, "measles 1861 confirmed cases.csv", tmp_path), actor=OFFICE, known_at=known_at
    )
    rows = rows_of(source)
    for day in (date(1861, 11, 5), date(1861, 11, 28), date(1861, 12, 20)):
        found, severity = asked("9901", "measles", day, at=close_of(date(1862, 2, 5)))
        begun = sum(day_in(row["date_of_prodrome"]) <= day for row in rows)
        dead = sum(bool(row["date_of_death"]) and day_in(row["date_of_death"]) <= day for row in rows)
        assert (severity.cases, severity.deaths, severity.recovered) == (begun, dead, None)
        if day == date(1861, 11, 28):
            assert isinstance(found.reproduction, Value)
            assert found.reproduction.lower > 1
        else:
            assert refused(found.reproduction) in ("window_too_short", "too_few_cases")
    last = date(1862, 2, 10)
    _, severity = asked("9901", "measles", last)
    assert float(severity.resolved.naive) == pytest.approx(12 / 188)
    assert math.isnan(severity.resolved.estimate)
    assert refused(reproduction_of("measles", "9901", actor=OFFICE, at=close_of(last), through=last)) == (
        "too_few_cases"
    )
    pages([date(1861, 11, 28), last], "9901")


#: What the office says the columns are; nobody told when a case was reported, so it is known since the list is.
H7N9 = """
schema = "mapping/1"
code = "h7n9-list"
title_zh = "人感染H7N9禽流感病例一览"
title_en = "Line list of H7N9"
target = "cases"
disease = "human-avian-influenza"
ignored = ["date_of_hospitalisation", "age", "province"]
[constants]
classification = "confirmed"
area_code = "CN"
reported_on = 2013-08-15
[[column]]
name = "case_id"
field = "case_no"
[[column]]
name = "date_of_onset"
field = "onset_on"
kind = "date"
[[column]]
name = "date_of_outcome"
field = "outcome_on"
kind = "date"
[[column]]
name = "outcome"
field = "outcome"
kind = "code"
values = { Death = "dead", Recover = "recovered" }
[[column]]
name = "gender"
field = "sex"
kind = "code"
values = { m = "M", f = "F" }
"""


def test_h7n9_has_both_risks_with_their_intervals(real_data, tmp_path):
    office_of("CN", "human-avian-influenza")
    mapping = tmp_path / "h7n9.toml"
    mapping.write_text(H7N9, encoding="utf-8")
    source, last = real_data / "fluH7N9_china_2013.csv", date(2013, 8, 15)
    receipt = receive_file(source, actor=OFFICE, mapping_file=mapping, known_at=close_of(last))
    assert receipt.accepted == 136
    found, severity = asked("CN", "human-avian-influenza", last)
    # 32 dead, 47 recovered, 57 of whom nobody knows: 32 of 136 and 32 of 79.
    assert (severity.cases, severity.deaths, severity.recovered, severity.open_cases) == (136, 32, 47, 57)
    risk = severity.resolved
    assert (round(100 * float(risk.naive), 1), round(100 * float(risk.estimate), 1)) == (23.5, 40.5)
    # Clopper and Pearson (1934), as binom.test in R gives them.
    assert (float(risk.naive_lower), float(risk.naive_upper)) == pytest.approx((0.1668, 0.3156), abs=1e-4)
    assert (float(risk.lower), float(risk.upper)) == pytest.approx((0.2960, 0.5215), abs=1e-4)
    # Ten nobody dated; thirty of the dead teach the delay to death.
    assert severity.undated == sum(not row["date_of_onset"] for row in rows_of(source)) == 10
    assert (severity.delay.origin, severity.delay.deaths) == ("fitted", 30)
    assert refused(found.reproduction) == "no_serial_interval"
    number = reproduction_of("human-avian-influenza", "CN", actor=OFFICE, at=close_of(last), through=last)
    assert refused(number) == "no_serial_interval"
    pages([last], "CN")


def test_h7n9_as_it_comes_leaves_unknown_ages_unknown(real_data, tmp_path):
    office_of("31", "human-avian-influenza")
    source, last = real_data / "fluH7N9_china_2013.csv", date(2013, 8, 15)
    receive_file(
        called(source, "fluH7N9 confirmed cases.csv", tmp_path), actor=OFFICE, known_at=close_of(last)
    )
    ages = {row["case_id"]: row["age"] for row in rows_of(source)}
    stored = dict(Case.objects.values_list("case_no", "age_years"))
    assert {number for number, age in stored.items() if age is None} == {
        number for number in stored if ages[number] == "?"
    }
    asked("31", "human-avian-influenza", last)


def test_norovirus_in_one_school_raises_its_alarm(real_data, tmp_path):
    office_of("9901", "norovirus")
    # The file counts days from one that its sender knows: the office says which, the last of May.
    began = date(2001, 5, 31)
    days = [int(row["start_illness"]) for row in rows_of(real_data / "norovirus_school_2001.csv")]
    ill = Counter(began + timedelta(days=day) for day in days if day)
    path = tmp_path / "norovirus confirmed cases.csv"
    lines = [f"N{n},{day}" for n, day in enumerate(sorted(ill.elements()))]
    path.write_text("\n".join(["case_id,date_of_onset", *lines]), encoding="utf-8")
    last = max(ill)
    receive_file(path, actor=OFFICE, known_at=close_of(last))
    peak = ill.most_common(1)[0][0]
    found, severity = asked("9901", "norovirus", last)
    assert (severity.cases, severity.deaths) == (75, 0)
    assert refused(found.reproduction) == "no_serial_interval"
    # 23 fell ill on one day; fourteen days that end three before it are what is usual.
    assert (peak, ill[peak]) == (date(2001, 6, 16), 23)
    raised = detect("9901", actor=OFFICE, at=close_of(last), through=peak + timedelta(days=2)).aberrations
    at_monday = [each for each in raised if each.first_day == date(2001, 6, 18)]
    usual = [ill[date(2001, 6, 2) + timedelta(days=n)] for n in range(14)]
    assert [(each.key.area_code, each.observed) for each in at_monday] == [("9901", ill[date(2001, 6, 18)])]
    assert at_monday[0].expected == pytest.approx(sum(usual) / 14, rel=1e-5)
    # The step of the night puts it to whoever verifies, once.
    for _ in range(2):
        told = detection_run("9901", actor=OFFICE, at=close_of(last), through=peak + timedelta(days=2))
        assert (told["alarms"], Signal.objects.open().count()) == (len(raised), len(raised))
    pages([last], "9901")


def test_ebola_of_thousands(real_data, tmp_path):
    office_of("SL", "ebola")
    source, last = real_data / "ebola_sim_dirty_linelist.csv", date(2015, 5, 10)
    receipt = receive_file(
        called(source, "ebola confirmed cases.csv", tmp_path), actor=OFFICE, known_at=close_of(last)
    )
    assert (receipt.accepted, receipt.held) == (5688, 200)
    rows = [
        row
        for row in rows_of(source)
        if not (row["date_of_outcome"] and row["date_of_onset"] > row["date_of_outcome"])
    ]
    outcomes = Counter(
        row["outcome"] for row in rows if not row["date_of_outcome"] or day_in(row["date_of_outcome"]) <= last
    )
    found, severity = asked("SL", "ebola", last)
    counted = (severity.cases, severity.deaths, severity.recovered)
    assert counted == (5688, outcomes["Death"], outcomes["Recover"])
    dead, recovered = outcomes["Death"], outcomes["Recover"]
    assert float(severity.resolved.naive) == pytest.approx(dead / 5688)
    assert float(severity.resolved.estimate) == pytest.approx(dead / (dead + recovered))
    assert severity.resolved.lower < severity.resolved.estimate < severity.resolved.upper
    assert severity.delay.origin == "fitted"
    assert refused(found.reproduction) == "no_serial_interval"
    pages([last], "SL")


SARS = """
schema = "mapping/1"
code = "sars-daily"
title_zh = "非典每日新增"
title_en = "Daily cases of SARS"
target = "daily_counts"
area_root = "CA"
disease = "sars"
known = "day_close"
[constants]
area_code = "CA"
[[column]]
name = "date"
field = "day"
kind = "date"
""" + "".join(
    f'[[measure]]\ncolumn = "cases_{name}"\nmeasure = "confirmed"\nchannel = "{channel}"\n'
    for name, channel in (
        ("travel", "imported"),
        ("household", "household"),
        ("healthcare", "healthcare"),
        ("other", "other"),
    )
)


def test_sars_whose_figures_end_before_the_day_that_is_asked(real_data, tmp_path):
    office_of("CA", "sars")
    mapping = tmp_path / "sars.toml"
    mapping.write_text(SARS, encoding="utf-8")
    receive_file(real_data / "sars_canada_2003.csv", actor=OFFICE, mapping_file=mapping)
    rows = {day_in(row["date"]): row for row in rows_of(real_data / "sars_canada_2003.csv")}
    names = ("cases_travel", "cases_household", "cases_healthcare", "cases_other")
    growing, ended = date(2003, 3, 20), max(rows)
    found, _ = asked("CA", "sars", growing)
    assert found.reproduction.lower > 1
    known = {"actor": OFFICE, "at": close_of(growing), "through": growing}
    seen = nowcast_of("sars", "CA", **known).observed[-7:]
    week = [growing - timedelta(days=back) for back in range(6, -1, -1)]
    assert seen.tolist() == [sum(int(rows[day][name]) for name in names) for day in week]
    # A country without a figure by district is watched itself; one imported case is one too many.
    assert {each.key.area_code for each in detect("CA", **known).aberrations} == {"CA"}

    after = ended + timedelta(days=5)
    found, _ = asked("CA", "sars", after)
    assert refused(found.reproduction) == "missing_days"
    unreported = nowcast_of("sars", "CA", actor=OFFICE, at=close_of(after), through=after)
    # Nobody published these days: that is not "no case".
    assert [math.isnan(n) for n in unreported.observed[-6:]] == [False, *[True] * 5]
    assert set(unreported.reasons[-5:]) == {"missing_reports"}
    pages([growing, after], "CA")


PROVINCES, CITIES = "china_province_daily_2019-12_2020-12.csv", "china_city_daily_to_2020-04-30.csv.gz"
#: The province of the changed definition with its neighbours: enough for the comparison to find what is common.
AROUND = {"420000", "410000", "430000", "360000", "340000", "610000", "500000"}
JUMP, REVISION = date(2020, 2, 12), date(2020, 4, 16)


@pytest.fixture
def hubei(real_data, tmp_path):
    """Both compilations of the provinces around, received in the office of the province."""
    office_of("42", "covid-19")
    for name, kept in ((PROVINCES, {"", *AROUND}), (CITIES, AROUND)):
        path = tmp_path / name.removesuffix(".gz")
        opened = gzip.open if name.endswith(".gz") else open
        with opened(real_data / name, "rt", encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            with path.open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, reader.fieldnames)
                writer.writeheader()
                writer.writerows(
                    row for row in reader if row["provinceCode"] in kept and row["date"] < "2020-05-01"
                )
        receive_file(path, actor=OFFICE)


def told_of_hubei(day: date) -> dict[str, str]:
    """What every estimate says on a day: its refusal, "" where it stands."""
    known = {"actor": OFFICE, "at": installation().now(), "through": day}
    found = queries.assessment("covid-19", "42", **known)
    return {
        "reproduction": refused(found.reproduction),
        "growth": refused(found.growth),
        "carried": refused(reproduction_of("covid-19", "42", **known)),
        "forecast": refused(forecast_of("covid-19", "42", **known)),
        "delay": refused(severity_of("covid-19", "42", **known).delay),
    }


def alarms_of(area: str, day: date) -> list[str]:
    found = detect(area, actor=OFFICE, at=installation().now(), through=day)
    return [each.key.area_code for each in found.aberrations if each.first_day in (JUMP, REVISION)]


def test_hubei_is_neither_fitted_through_its_breaks_nor_alarmed_on_them(hubei):
    def known(day: date) -> dict:
        return {"actor": OFFICE, "at": installation().now(), "through": day}

    # Running totals are read as their daily steps: the published ones, not the cases that nobody sent.
    before = nowcast_of("covid-19", "42", **known(JUMP))
    assert (before.origin, before.observed[-2:].tolist()) == ("published", [1638.0, 13797.0])
    assert set(told_of_hubei(JUMP).values()) == {""}
    assert alarms_of("CN", JUMP) == ["42"]
    assert set(told_of_hubei(REVISION).values()) - {""} == {"growth_not_identified"}

    names = ("province-compilation", "city-compilation")
    noted = ["--annotate", "--known-at", "2020-02-14T09:00+08:00", "--json"]
    done = CliRunner().invoke(cli, ["reconcile", *names, *noted], standalone_mode=False)
    assert done.return_value == 0, done.output
    on_record = SeriesBreak.objects.open().filter(area_code="42", series=names[0])
    assert on_record.filter(kind="definition_change", measure="confirmed", from_day=JUMP).exists()
    assert on_record.filter(kind="revision", measure="deaths", from_day=REVISION).exists()

    for day in (JUMP, REVISION):
        assert set(told_of_hubei(day).values()) == {"series_break"}
        assert nowcast_of("covid-19", "42", **known(day)).days == []
        assert past_nowcasts("covid-19", "42", **known(day)).made == []
        assert alarms_of("CN", day) == []
        assert "42" not in alarms_of("42", day)
        unwatched = detect("CN", **known(day)).unwatched
        assert ("42", "series_break") in {(each.key.area_code, each.reason) for each in unwatched}
    for later in (1, 3, 7, 14):
        assert "42" not in [
            each.key.area_code
            for each in detect("CN", **known(JUMP + timedelta(days=later))).aberrations
            if each.first_day <= JUMP
        ]
    # The days since are their own, and none of the jump is in them.
    since = nowcast_of("covid-19", "42", **known(date(2020, 2, 25)))
    assert (since.days[0], since.observed.max() < 5000) == (JUMP + timedelta(days=1), True)
    assert reporting_triangle("covid-19", "42", **known(date(2020, 2, 25))).total.max() == 13797

    # 1,290 deaths were added on one day: they count, and no risk says that they happened on it.
    deadly = severity_of("covid-19", "42", **known(REVISION))
    assert (deadly.cases, deadly.deaths) == (68128, 4512)
    assert float(deadly.resolved.naive) == pytest.approx(4512 / 68128)
    assert (deadly.adjusted, deadly.rolling) == (None, None)
    assert (deadly.delay.params["first_day"], deadly.delay.params["last_day"]) == (REVISION, REVISION)
    pages([JUMP, date(2020, 2, 20), REVISION], "42")
