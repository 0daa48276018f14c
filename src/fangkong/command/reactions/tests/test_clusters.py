"""A cluster by the row in force raises one signal, which grows, and the limits start from it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from fangkong.command.cycle import run_cycle
from fangkong.command.reactions.running import react
from fangkong.command.worker import tick
from fangkong.desks.control.tests.people import case, clock
from fangkong.desks.monitor.actions import signal_close, signal_verify
from fangkong.desks.monitor.cluster_rows import definitions_in_force, unit_kinds
from fangkong.desks.monitor.clusters import clusters_of_case, clusters_watch
from fangkong.record import audit, events
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation_set
from fangkong.record.load import load
from fangkong.record.models import (
    Case,
    Event,
    Household,
    HouseholdMember,
    Organisation,
    Place,
    Signal,
    Task,
    Timer,
)
from fangkong.science.rules import SHIPPED, load_rule_book, rule_book

pytestmark = pytest.mark.django_db
WORKER = system_actor("worker")
HAND = system_actor("reaction")
START = clock("2012-01-01")


def places() -> None:
    """A nursery with two rooms, a farm, a home for two, all known from the start."""
    written = {"actor": "test", "source_key": "t", "known_from": START}
    nursery = {"key": "nursery", "kind": "school", "name_zh": "幼儿园", "area_code": "990101001001"}
    load(Organisation, [nursery], **written)
    rooms = [
        {"key": f"room-{n}", "kind": "classroom", "name_zh": f"{n}班", "area_code": "990101001001"}
        | {"organisation_key": "nursery"}
        for n in (1, 2)
    ]
    load(Place, rooms, **written)
    load(Household, [{"key": "home", "area_code": "990101001001"}], **written)
    members = [{"key": f"m{n}", "household_key": "home", "person_key": f"home-{n}"} for n in (1, 2, 3)]
    load(HouseholdMember, members, **written)


def reported(key: str, day: str, *, person_key: str = "", **facts: object) -> None:
    """A case that became known at ten past two of the day, with its event."""
    known = clock(day)
    disease = str(facts.get("disease", "covid-19"))
    person_key = person_key or f"p-{key}"
    with audit.writing():
        case(key, known=known, person_key=person_key, **facts)
        params = {"person_key": person_key, "disease": disease}
        events.emit("case.reported", key, str(facts.get("area_code", "990101")), at=known, params=params)
    react(actor=WORKER)


def signals() -> list[tuple[str, str, int]]:
    """(unit, its key, cases) of every open cluster signal."""
    found = Signal.objects.open().filter(kind="cluster").order_by("subject_key")
    return [(each.params["unit"], each.subject_key.partition("|")[0], each.params["cases"]) for each in found]


@pytest.fixture
def own_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    (tmp_path / "packs").mkdir()
    return tmp_path / "packs"


def pack(disease: str, key: str, value: str) -> str:
    """A lawyer's own file with one row."""
    return f"""
schema = "rule-pack/1"
pack = "own-{disease}"
disease = "{disease}"
jurisdiction = "CN"
title_zh = "本市规则"
title_en = "The city's own rule"
[[coverage]]
from = 2020-01-01
areas = ["CN"]
keys = ["{key}"]
complete = false
missing = ["the rest"]
note_en = "One row."
[documents.own]
title = "本市规则"
issued_by = "市指挥部"
level = "national"
issued_on = 2020-01-01
confidence = "verified"
source = ["the city's gazette"]
[[row]]
key = "{key}"
value = {value}
unit = "cases"
scope = {{}}
effective_from = 2020-01-01
authority = "national"
document = "own"
legal_basis = "本市规则"
source = ["the city's gazette"]
confidence = "verified"
transition = "judged by the row in force on the event date"
note_zh = "聚集"
note_en = "A cluster."
"""


class TestRows:
    @pytest.mark.parametrize(
        ("disease", "on", "asked"),
        [
            (
                "covid-19",
                date(2022, 7, 1),
                {("report.cluster", "compound", 2, 7), ("report.cluster", "institution", 2, 7)},
            ),
            (
                "covid-19",
                date(2021, 7, 1),
                {("report.cluster", "compound", 5, 14), ("report.cluster", "institution", 5, 14)},
            ),
            (
                "hfmd",
                date(2022, 7, 1),
                {
                    ("report.cluster", "household", 2, 7),
                    ("report.cluster", "class", 2, 7),
                    ("report.cluster", "institution", 5, 7),
                    ("report.cluster", "village", 3, 7),
                    ("outbreak.definition", "institution", 10, 7),
                    ("outbreak.definition", "village", 5, 7),
                },
            ),
            (
                "measles",
                date(2022, 7, 1),
                {("outbreak.definition", "unit", 2, 10), ("outbreak.definition", "township", 5, 10)},
            ),
        ],
    )
    def test_each_diseases_row_says_where_how_many_and_how_long(self, disease, on, asked):
        found = definitions_in_force(rule_book(), disease=disease, on=on, area_code="990101").found
        assert {(each.key, each.choice[0].word, each.total, each.days) for each in found} == asked

    def test_a_row_without_a_window_of_days_is_left_to_a_person(self):
        found = definitions_in_force(rule_book(), disease="covid-19", on=date(2020, 5, 1), area_code="990101")
        assert (found.found, len(found.unread)) == ((), 1)

    def test_one_confirmed_and_one_suspected_is_a_suspected_cluster_only(self):
        found = definitions_in_force(
            rule_book(), disease="human-avian-influenza", on=date(2015, 1, 1), area_code="990101"
        ).found
        needs = {each.signal: each.needs for each in found}
        assert needs["suspected_cluster"] == ((("confirmed",), 1), (("suspected",), 1))
        assert needs["cluster"] == ((("confirmed",), 2),)

    def test_no_row_in_force_no_definition(self):
        for disease, on in (("covid-19", date(2024, 1, 1)), ("unheard-of", date(2022, 7, 1))):
            assert definitions_in_force(rule_book(), disease=disease, on=on, area_code="990101").found == ()

    def test_units_are_listed_from_the_narrowest(self):
        widths = {word: kind.width for word, kind in unit_kinds().items()}
        assert (
            widths["household"]
            < widths["class"]
            < widths["institution"]
            < widths["village"]
            < widths["township"]
        )


class TestFinding:
    def test_two_at_home_within_the_week_are_one_cluster_and_a_third_joins_it(self):
        places()
        reported("a", "2022-07-11", person_key="home-1", onset_on=date(2022, 7, 9))
        assert signals() == []
        reported("b", "2022-07-12", person_key="home-2", onset_on=date(2022, 7, 12))
        assert signals() == [("household", "home", 2)]
        reported("c", "2022-07-18", person_key="home-3", onset_on=date(2022, 7, 18))
        assert signals() == [("household", "home", 3)]
        assert Event.objects.filter(kind="signal.raised").count() == 1
        signal = Signal.objects.open().get(kind="cluster")
        assert (signal.params["emerged_on"], signal.params["last_on"]) == ("2022-07-09", "2022-07-18")
        assert Signal.objects.known_at(clock("2022-07-13")).get(kind="cluster").params["cases"] == 2

    def test_eight_days_apart_is_no_cluster_of_seven_days(self):
        places()
        reported("a", "2022-07-11", person_key="home-1")
        reported("b", "2022-07-18", person_key="home-2")
        assert signals() == []

    def test_under_the_edition_before_five_were_needed(self):
        places()
        for n, key in enumerate("abcd"):
            reported(key, f"2022-06-{10 + n}", place_key="room-1")
        assert signals() == []
        reported("e", "2022-06-14", place_key="room-2")
        assert signals() == [("institution", "nursery", 5)]

    def test_a_class_then_the_nursery_each_by_its_own_number(self):
        places()
        for n in range(4):
            reported(f"k{n}", "2022-07-11", disease="hfmd", place_key=f"room-{1 + n % 2}")
        assert signals() == [("class", "room-1", 2), ("class", "room-2", 2)]
        reported("k4", "2022-07-12", disease="hfmd", place_key="room-1")
        assert signals() == [("institution", "nursery", 5), ("class", "room-1", 3), ("class", "room-2", 2)]
        for n in range(5, 10):
            reported(f"k{n}", "2022-07-13", disease="hfmd", place_key="room-2")
        nursery = Signal.objects.open().get(subject_kind="organisation")
        assert nursery.params["rule_keys"] == ["report.cluster", "outbreak.definition"]

    def test_measles_counts_the_institution_and_the_township(self):
        places()
        reported("m0", "2022-07-01", disease="measles", place_key="room-1", area_code="990102001001")
        reported("m1", "2022-07-10", disease="measles", place_key="room-2", area_code="990102002001")
        assert signals() == [("unit", "nursery", 2)]
        for n in range(5):
            reported(f"t{n}", "2022-07-12", disease="measles", area_code="990101002001")
        assert signals()[0] == ("township", "990101002", 5)

    def test_a_wider_unit_with_the_same_cases_says_nothing_new(self):
        places()
        reported("a", "2022-07-11", disease="hfmd", person_key="home-1", place_key="room-1")
        reported("b", "2022-07-12", disease="hfmd", person_key="home-2", place_key="room-1")
        assert signals() == [("household", "home", 2)]

    def test_excluded_and_suspected_cases_do_not_count(self):
        places()
        reported("a", "2022-07-11", person_key="home-1")
        reported("b", "2022-07-12", person_key="home-2", classification="suspected")
        reported("c", "2022-07-12", person_key="home-3", classification="excluded")
        assert signals() == []

    def test_a_case_that_turns_out_to_be_none_leaves_the_signal_and_lowers_its_figure(self):
        places()
        for n in (1, 2, 3):
            reported(f"c{n}", "2022-07-11", person_key=f"home-{n}")
        reported(
            "c3", "2022-07-12", person_key="home-3", classification="excluded", reported_on=date(2022, 7, 11)
        )
        assert signals() == [("household", "home", 2)]

    def test_after_the_signal_is_closed_new_cases_have_to_meet_the_row_anew(self):
        places()
        for n in (1, 2):
            reported(f"c{n}", "2022-07-11", person_key=f"home-{n}")
        key = Signal.objects.open().get(kind="cluster").key
        signal_close(key, outcome="event", actor=HAND, at=clock("2022-07-12"))
        reported("c3", "2022-07-13", person_key="home-3")
        assert len(signals()) == 1
        reported("c4", "2022-07-14", person_key="home-1")
        assert Signal.objects.open().exclude(key=key).get(kind="cluster").params["cases"] == 2

    def test_the_same_again_and_the_days_cycle_write_nothing_more(self):
        places()
        for n in (1, 2):
            reported(f"c{n}", "2022-07-11", person_key=f"home-{n}")
        before = record_digest()
        again = clusters_of_case("c1", actor=HAND, at=clock("2022-07-11"))
        watched = clusters_watch(actor=HAND, at=clock("2022-07-12"))
        assert (again.raised, again.grown, watched.raised, watched.grown) == (0, 0, 0, 0)
        assert record_digest() == before

    def test_the_days_cycle_finds_what_no_event_told(self):
        installation_set(actor="test", area_code="9901", disease="covid-19")
        places()
        for n in (1, 2):
            case(f"c{n}", known=clock("2022-07-11"), person_key=f"home-{n}")
        assert signals() == []
        run_cycle(date(2022, 7, 11), actor=system_actor("cli"))
        assert signals() == [("household", "home", 2)]
        assert Timer.objects.filter(clock="report.cluster_hours").exists()

    def test_only_what_was_known_then_counts(self):
        places()
        case("a", known=clock("2022-07-11"), person_key="home-1")
        case("b", known=clock("2022-07-13"), person_key="home-2", reported_on=date(2022, 7, 11))
        assert clusters_of_case("a", actor=HAND, at=clock("2022-07-12")).raised == 0
        assert clusters_of_case("a", actor=HAND, at=clock("2022-07-13")).raised == 1


class TestPacks:
    @pytest.mark.parametrize("disease", ["norovirus", "mumps"])
    def test_another_disease_is_another_file(self, own_packs, disease):
        places()
        (own_packs / "own.toml").write_text(pack(disease, "report.cluster", "{ school = [3, 19], days = 3 }"))
        for n in range(2):
            reported(f"n{n}", "2022-07-11", disease=disease, place_key=f"room-{n + 1}")
        assert signals() == []
        reported("n2", "2022-07-13", disease=disease, place_key="room-1")
        assert signals() == [("school", "nursery", 3)]

    @pytest.mark.parametrize(
        ("n", "days", "found"), [(3, 2, False), (3, 3, True), (4, 9, False), (2, 2, True)]
    )
    def test_other_figures_in_the_pack_other_clusters(self, own_packs, n, days, found):
        places()
        (own_packs / "own.toml").write_text(
            pack("norovirus", "report.cluster", f"{{ institution = {n}, days = {days} }}")
        )
        for day in (11, 12, 13):
            reported(f"n{day}", f"2022-07-{day}", disease="norovirus", place_key="room-1")
        assert bool(signals()) is found

    def test_every_shipped_row_that_defines_a_cluster_can_be_read_or_says_why_not(self):
        book = load_rule_book(SHIPPED)
        rows = [
            row for p in book.packs for row in p.rows if row.key in ("report.cluster", "outbreak.definition")
        ]
        unread = []
        for row in rows:
            asked = definitions_in_force(book, disease=row.disease, on=row.effective_from, area_code="990101")
            unread += asked.unread
        assert len(rows) > 5
        assert all("covid" in row for row in unread)


class TestLimits:
    def test_the_report_and_seven_one_seven_run_from_the_signal_and_are_met(self):
        places()
        reported("a", "2022-07-11", person_key="home-1", onset_on=date(2022, 7, 9))
        reported("b", "2022-07-12", person_key="home-2", onset_on=date(2022, 7, 12))
        signal = Signal.objects.open().get(kind="cluster")
        timers = {each.clock: each for each in Timer.objects.open().filter(subject_key=signal.key)}
        raised = clock("2022-07-12")
        assert timers["report.cluster_hours"].due_at == raised + timedelta(hours=2)
        assert timers["report.cluster_hours"].escalated_to == "health_authority"
        assert timers["target.notify_days"].due_at == raised + timedelta(days=1)
        assert timers["target.detect_days"].state == "met"
        signal_verify(signal.key, actor=HAND, at=raised + timedelta(hours=1))
        react(actor=WORKER)
        respond = Timer.objects.open().get(subject_key=signal.key, clock="target.respond_days")
        assert respond.due_at == raised + timedelta(hours=1, days=7)

    def test_a_cluster_that_nobody_reports_is_told_to_the_health_authority(self):
        places()
        for n in (1, 2):
            reported(f"c{n}", "2022-07-11", person_key=f"home-{n}")
        tick(clock("2022-07-11", "16:11"), WORKER)
        told = Task.objects.open().get(kind="follow_up_limit", params__clock="report.cluster_hours")
        assert told.owner_role == "health_authority"

    def test_a_third_case_starts_no_second_clock(self):
        places()
        for n in (1, 2, 3):
            reported(f"c{n}", "2022-07-11", person_key=f"home-{n}")
        assert Timer.objects.open().filter(clock="report.cluster_hours").count() == 1
        assert Task.objects.open().filter(kind="report_cluster").count() == 1


@pytest.fixture
def many():
    """5,000 cases of two weeks, each at home and in one of a hundred workshops."""
    places()
    known = clock("2022-07-14")
    first = date(2022, 7, 1)
    rows = [
        {
            "key": f"case-{n:06d}",
            "case_no": f"{n}",
            "person_key": f"person-{n}",
            "disease": "covid-19",
            "area_code": f"9901{1 + n % 9:02d}001001",
            "classification": "confirmed",
            "place_key": "room-1" if n % 500 == 0 else "",
            "reported_on": first + timedelta(days=n % 14),
        }
        for n in range(5_000)
    ]
    load(Case, rows, actor="test", source_key="t", known_from=known)


def test_a_case_among_thousands_costs_milliseconds(many, cpu_seconds):
    clusters_of_case("case-000500", actor=HAND, at=clock("2022-07-14"))

    def twenty():
        for n in range(20):
            clusters_of_case(f"case-{n * 250:06d}", actor=HAND, at=clock("2022-07-14"))

    assert cpu_seconds(twenty) / 20 < 0.05
