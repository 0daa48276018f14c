"""Files of other systems and of the literature, received as they are: counted, joined, and nothing made up."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fangkong.desks.intake.actions import in_receiving_order, receive_file
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.record.access import Actor, system_actor
from fangkong.record.actions import areas_load
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation_set
from fangkong.record.models import (
    Case,
    Contact,
    FollowUp,
    LabResult,
    MatchCandidate,
    Person,
    Place,
    Receipt,
    ReceiptRow,
    TransmissionLink,
)
from fangkong.science.tables.parts import Issue

pytestmark = pytest.mark.real_data

GODATA = ("cases", "contacts", "relationships", "followups", "lab_results", "events")
#: Cases last; everything that waits first; and one file in the middle.
ORDERS = (
    ("cases", "contacts", "relationships", "followups", "lab_results"),
    ("followups", "relationships", "lab_results", "contacts", "cases"),
    ("relationships", "events", "contacts", "lab_results", "cases", "followups"),
)


@pytest.fixture
def office(db) -> Actor:
    """A fresh office of one city."""
    areas_load(
        [{"key": "9901", "name_zh": "临江市"}],
        actor="test",
        known_from=datetime(2020, 1, 1, tzinfo=UTC),
        source_key="test",
    )
    installation_set(actor="test", area_code="9901", disease="covid-19")
    return system_actor("cli")


@pytest.fixture
def receive(office, real_data) -> Callable[[str], Receipt]:
    """A function that receives one of the real files."""
    return lambda name: receive_file(real_data / name, actor=office)


def godata(name: str) -> str:
    return f"interchange/godata/{name}_clean.csv"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def reasons(receipt: Receipt) -> list[tuple[int, str]]:
    rows = ReceiptRow.objects.filter(receipt_key=receipt.key).exclude(outcome="without_name")
    return list(rows.order_by("row_number").values_list("row_number", "reason"))


def found_at(receipt: Receipt, actor: Actor) -> set[tuple[int | None, str, str]]:
    """(row, column, code) of what was found, notes on the layout left out."""
    issues: list[Issue] = receipt_issues(receipt, actor=actor)
    return {
        (each.row, each.column.rpartition("/")[2], each.code) for each in issues if each.severity != "info"
    }


def ends_of(files: dict[str, list[dict[str, str]]]) -> dict[str, set[tuple[str, str]]]:
    """Who is joined to whom in the files themselves, by case or contact, in the words of the test alone."""
    cases = {row["uuid"] for row in files["cases"]}
    contacts = {row["uuid"] for row in files["contacts"]}
    found: dict[str, set[tuple[str, str]]] = {"link": set(), "contact": set(), "event": set()}
    for row in files["relationships"]:
        source, target = row["source_uuid"], row["target_uuid"]
        if source in cases and target in cases:
            found["link"].add((source, target))
        if source in cases and target in contacts:
            found["contact"].add((source, target))
        if (source in cases) != (target in cases) and not {source, target} & contacts:
            found["event"].add((source, target))
    return found


class TestGoData:
    @pytest.mark.parametrize("order", ORDERS)
    def test_all_are_there_and_linked_in_any_order(self, receive, real_data, order):
        receipts = {name: receive(godata(name)) for name in order}
        for receipt in receipts.values():
            receipt.refresh_from_db()
        counts = {name: (one.row_count, one.accepted) for name, one in receipts.items()}
        assert counts["cases"] == (56, 56)
        assert counts["contacts"] == (66, 66)
        assert counts["relationships"] == (100, 100)
        assert counts["followups"] == (437, 437)

        files = {name: rows_of(real_data / godata(name)) for name in GODATA}
        said = ends_of(files)
        assert len(said["link"] | said["contact"] | said["event"]) == 100
        assert Case.objects.open().count() == 56
        assert TransmissionLink.objects.open().count() == len(said["link"])
        cases = set(Case.objects.open().values_list("key", flat=True))
        for link in TransmissionLink.objects.open():
            assert {link.from_case_key, link.to_case_key} <= cases

        contacts = list(Contact.objects.open())
        assert len({each.person_key for each in contacts}) == 66
        with_case = [each for each in contacts if each.case_key]
        assert {each.case_key for each in with_case} <= cases
        assert len(with_case) == len(said["contact"])
        assert len({each.person_key for each in with_case}) == len({target for _, target in said["contact"]})

        # Whoever was at an event is a case of its place.
        places = set(Place.objects.open().filter(kind="event").values_list("key", flat=True))
        at_event = Case.objects.open().exclude(place_key="")
        assert at_event.count() == len(said["event"])
        assert set(at_event.values_list("place_key", flat=True)) <= places

        people = {each.key: each.person_key for each in contacts}
        follow_ups = list(FollowUp.objects.open())
        assert len(follow_ups) == 437
        assert all(people[each.contact_key] == each.person_key for each in follow_ups)
        assert len({each.person_key for each in follow_ups}) == len(
            {row["contact_uuid"] for row in files["followups"]}
        )

    def test_of_40_results_those_are_taken_that_say_one(self, receive, real_data):
        receive(godata("cases"))
        receipt = receive(godata("lab_results"))
        rows = rows_of(real_data / godata("lab_results"))
        numbers = {row["sampleIdentifier"] for row in rows if row["sampleIdentifier"] and row["result"]}
        assert (receipt.row_count, receipt.rejected) == (40, 0)
        assert receipt.accepted + receipt.held == 40
        assert LabResult.objects.count() == receipt.accepted <= len(numbers)
        told = {number - 2 for number, _ in reasons(receipt)}
        # What is held has no number, no result, a year that cannot be, or the number of another's sample.
        for index in set(range(40)) - told:
            assert rows[index]["sampleIdentifier"]
            assert rows[index]["result"]
        assert LabResult.objects.filter(person_key__in=Case.objects.values("person_key")).count() == (
            LabResult.objects.count()
        )

    def test_again_they_change_nothing(self, receive):
        for name in GODATA:
            receive(godata(name))
        before = record_digest()
        for name in reversed(GODATA):
            receive(godata(name))
        assert record_digest() == before

    def test_given_together_they_are_put_in_order(self, real_data):
        paths = [
            real_data / godata(name) for name in ("lab_results", "followups", "relationships", "contacts")
        ]
        ordered = in_receiving_order([*paths, real_data / godata("cases")])
        assert [path.name.removesuffix("_clean.csv") for path in ordered] == [
            "cases",
            "contacts",
            "relationships",
            "followups",
            "lab_results",
        ]


def sormas(name: str) -> str:
    return f"interchange/sormas/sormas_{name}.csv"


class TestSormas:
    def test_both_header_rows_are_header(self, receive, office):
        for name, rows in (("import_test_success", 5), ("case_contact_import_test_success", 5)):
            receipt = receive(sormas(name))
            assert receipt.row_count == receipt.accepted == rows
            assert found_at(receipt, office) == set()

    def test_the_planted_errors_stand_at_their_rows(self, receive, office):
        errors = receive(sormas("import_test_errors"))
        assert {(row, column, code) for row, column, code in found_at(errors, office) if row != 7} == {
            (3, "person.firstName", "VALUE_MISSING"),
            (4, "disease", "VALUE_MISSING"),
            (5, "person.sex", "VOCABULARY_UNKNOWN"),
            (6, "district", "VALUE_MISSING"),
        }
        assert reasons(errors) == [(4, "missing_value")]
        failure = receive(sormas("import_test_failure"))
        assert (6, "outcome", "VOCABULARY_UNKNOWN") in found_at(failure, office)
        assert failure.row_count == 5

    def test_similar_persons_are_put_to_the_queue(self, receive):
        first = receive(sormas("case_contact_import_test_success"))
        second = receive(sormas("case_contact_import_test_similarities"))
        born = dict(Person.objects.open().values_list("key", "birth_year"))
        pairs = [
            (pair.first_key, pair.second_key) for pair in MatchCandidate.objects.open().filter(state="open")
        ]
        sources = dict(Person.objects.open().values_list("key", "source_key"))
        across = [pair for pair in pairs if {sources[key] for key in pair} == {first.key, second.key}]
        assert len(across) == 1
        assert {born[key] for key in across[0]} == {1982}

    def test_a_contact_waits_for_the_case_of_the_other_system(self, receive, office):
        receive(sormas("import_test_success"))
        receipt = receive(sormas("contact_import_test"))
        assert reasons(receipt) == [(3, "unknown_case"), (4, "unknown_case")]
        assert (5, "caseIdExternalSystem", "CASE_UNRESOLVED") in found_at(receipt, office)

    def test_no_fixture_is_too_much(self, receive, real_data):
        for path in sorted((real_data / "interchange" / "sormas").glob("*.csv")):
            receipt = receive(f"interchange/sormas/{path.name}")
            assert receipt.accepted + receipt.held + receipt.rejected == receipt.row_count > 0


class TestLineLists:
    def test_ebola_reports_exactly_the_200_outcomes_before_onset(self, receive, real_data, office):
        rows = rows_of(real_data / "ebola_sim_dirty_linelist.csv")
        reversed_rows = {
            number
            for number, row in enumerate(rows, 2)
            if row["date_of_outcome"]
            and row["date_of_onset"]
            and row["date_of_outcome"] < row["date_of_onset"]
        }
        receipt = receive("ebola_sim_dirty_linelist.csv")
        assert len(reversed_rows) == 200
        assert found_at(receipt, office) == {
            (number, "date_of_outcome", "INTERVAL_REVERSED") for number in reversed_rows
        }
        assert (receipt.row_count, receipt.accepted, receipt.held) == (5888, 5688, 200)
        assert set(Case.objects.values_list("disease", flat=True)) == {"ebola"}

        # Who infected whom: every row whose two cases are there, and no other.
        there = {row["case_id"] for number, row in enumerate(rows, 2) if number not in reversed_rows}
        contacts = rows_of(real_data / "ebola_sim_contacts.csv")
        both = {
            (row["infector"], row["case_id"])
            for row in contacts
            if {row["infector"], row["case_id"]} <= there
        }
        links = receive("ebola_sim_contacts.csv")
        assert (links.row_count, links.accepted, links.held) == (3800, len(both), 3800 - len(both))
        number = dict(Case.objects.values_list("key", "case_no"))
        assert {
            (number[link.from_case_key], number[link.to_case_key]) for link in TransmissionLink.objects.open()
        } == both

    def test_the_days_of_1861_survive_the_round_trip(self, receive, real_data):
        rows = rows_of(real_data / "measles_hagelloch_1861.csv")
        receipt = receive("measles_hagelloch_1861.csv")
        assert receipt.row_count == receipt.accepted == 188
        stored = {
            case.case_no: (str(case.onset_on or ""), str(case.outcome_on or ""), case.outcome)
            for case in Case.objects.open()
        }
        assert stored == {
            row["case_ID"]: (
                row["date_of_prodrome"],
                row["date_of_death"],
                "dead" if row["date_of_death"] else "",
            )
            for row in rows
        }
        assert sum(outcome == "dead" for _, _, outcome in stored.values()) == 12
        assert set(Case.objects.values_list("disease", flat=True)) == {"measles"}

    def test_unknown_outcomes_and_ages_stay_unknown(self, receive, real_data, office):
        rows = rows_of(real_data / "fluH7N9_china_2013.csv")
        receipt = receive("fluH7N9_china_2013.csv")
        ages = {
            (number, "age", "VOCABULARY_UNKNOWN") for number, row in enumerate(rows, 2) if row["age"] == "?"
        }
        assert len(ages) == 2
        days = ("date_of_onset", "date_of_hospitalisation", "date_of_outcome")
        without_day = {number for number, row in enumerate(rows, 2) if not any(row[day] for day in days)}
        assert {number for number, _ in reasons(receipt)} == without_day
        assert found_at(receipt, office) == ages | {
            (number, "date_of_onset", "VALUE_MISSING") for number in without_day
        }
        stored = dict(Case.objects.open().values_list("case_no", "outcome"))
        assert sum(not outcome for outcome in stored.values()) == sum(
            not row["outcome"] for number, row in enumerate(rows, 2) if number not in without_day
        )
        assert sum(not row["outcome"] for row in rows) == 57

    def test_counts_and_days_of_a_calendar_of_their_own_are_received_without_a_fault(self, receive, office):
        sars = receive("sars_canada_2003.csv")
        assert (sars.mapping, sars.row_count, sars.accepted) == ("table:daily_counts", 110, 110)
        assert found_at(sars, office) == set()
        # A day counted from one that only the sender knows is no date, and no fault either: what the columns hold
        # is for a person to say.
        school = receive("norovirus_school_2001.csv")
        assert (school.row_count, school.held) == (492, 492)
        assert {code for _, _, code in found_at(school, office)} <= {"VOCABULARY_UNKNOWN"}
        assert {row for row, _, _ in found_at(school, office)} == {None}
