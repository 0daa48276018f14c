"""Files that another system wrote out, matched by that system's own ids, in whatever order they come."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

import pytest

from fangkong.desks.intake.actions import in_receiving_order, receive_file
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.record.digest import record_digest
from fangkong.record.models import (
    Case,
    Contact,
    FollowUp,
    LabResult,
    Person,
    Place,
    Receipt,
    ReceiptRow,
    TransmissionLink,
)

from .conftest import KNOWN

CASES = (
    "uuid,case_id,location_id,firstName,lastName,gender,age,classification,was_contact,date_of_reporting,"
    "date_of_onset,date_of_outcome,outcome_id,date_become_case",
    "u-1,CASE-1,SN001,Ann,Alder,FEMALE,40,CONFIRMED,FALSE,2022-03-05,2022-03-03,,,",
    # Two cases of one number, and one without any; an outcome before the onset.
    "u-2,CASE-1,SN001,Ben,Birch,MALE,30,PROBABLE,FALSE,2022-03-07,2022-03-06,2022-03-01,RECOVERED,",
    "u-3,,SN001,,,MALE,20,SUSPECT,FALSE,2022-03-09,2022-03-08,,,",
)
CONTACTS = (
    "uuid,contact_id,contact_status,firstName,lastName,gender,age,date_of_reporting,date_of_last_contact,"
    "date_of_followup_start,date_of_followup_end",
    "k-1,CONTACT-1,UNDER_FOLLOW_UP,Cat,Cedar,FEMALE,33,2022-03-08,2022-03-04,2022-03-05,2022-03-18",
    "k-2,CONTACT-2,UNDER_FOLLOW_UP,Dan,Dogwood,MALE,50,2022-03-08,2022-03-05,2022-03-06,2022-03-19",
    # Somebody of whom no file says whose contact they are.
    "k-3,CONTACT-3,UNDER_FOLLOW_UP,Eve,Elder,FEMALE,9,2022-03-08,2022-03-05,2022-03-06,2022-03-19",
)
RELATIONS = (
    "uuid,source_uuid,source_visualid,source_gender,date_of_last_contact,source_age,target_uuid,target_visualid,"
    "target_gender,target_age,exposure_type",
    "r-1,u-1,CASE-1,Female,2022-03-04,40,u-2,CASE-1,Male,30,Household",
    "r-2,u-1,CASE-1,Female,2022-03-04,40,k-1,CONTACT-1,Female,33,Direct physical contact",
    "r-3,u-2,CASE-1,Male,2022-03-06,30,k-1,CONTACT-1,Female,33,Dining",
    "r-4,u-2,CASE-1,Male,2022-03-05,30,k-2,CONTACT-2,Male,50,",
    # The source has no number, no sex and no age: an event, at which the case was infected.
    "r-5,e-1,,,2022-03-04,,u-3,,Male,20,",
)
FOLLOW_UPS = (
    "uuid,contact_id,contact_uuid,followup_status,followup_number,date_of_followup",
    "f-1,CONTACT-1,k-1,SEEN_OK,1,2022-03-06",
    "f-2,CONTACT-1,k-1,SEEN_NOT_OK,2,2022-03-07",
    "f-3,CONTACT-2,k-2,NOT_PERFORMED,1,2022-03-06",
)
EVENTS = (
    "uuid,event_name,description,date_of_event,date_of_reporting,location_id",
    "e-1,Spring fair,,2022-03-04,2022-03-05,SN001",
)
RESULTS = (
    "personId,sampleIdentifier,dateSampleTaken,dateOfResult,result,labName,person.id",
    "u-1,LAB-1,2022-03-04T08:00:00.000Z,2022-03-05T08:00:00.000Z,POSITIVE,Lab,u-1",
    # One number on the samples of two people.
    "u-2,LAB-1,2022-03-06T08:00:00.000Z,2022-03-07T08:00:00.000Z,POSITIVE,Lab,u-2",
)
FILES = {
    "cases": CASES,
    "contacts": CONTACTS,
    "relations": RELATIONS,
    "follow_ups": FOLLOW_UPS,
    "events": EVENTS,
}


@pytest.fixture
def send(office, sent):
    """A function that receives one of the system's files."""

    def run(name: str, *rows: str, known_at: datetime | None = None) -> Receipt:
        return receive_file(sent(*(rows or FILES[name]), name=f"{name}.csv"), actor=office, known_at=known_at)

    return run


def reasons(receipt: Receipt) -> list[tuple[int, str]]:
    rows = ReceiptRow.objects.filter(receipt_key=receipt.key).exclude(outcome="without_name")
    return list(rows.order_by("row_number").values_list("row_number", "reason"))


def joined() -> dict[str, object]:
    """What the record holds of the files, told by what nobody's key has to be known for."""
    number = {case.key: case.reported_on.day for case in Case.objects.open()}
    age = dict(Person.objects.open().values_list("key", "birth_year"))
    return {
        "cases": sorted(number.values()),
        "links": sorted(
            (number[link.from_case_key], number[link.to_case_key]) for link in TransmissionLink.objects.open()
        ),
        "contacts": sorted(
            (2022 - age[contact.person_key], number.get(contact.case_key, 0))
            for contact in Contact.objects.open()
        ),
        "follow_ups": sorted(
            (2022 - age[each.person_key], each.day.day, each.status) for each in FollowUp.objects.open()
        ),
        "events": list(Place.objects.open().values_list("kind", "name_zh")),
        "at_event": [number[case.key] for case in Case.objects.open().exclude(place_key="")],
    }


WHOLE = {
    "cases": [5, 7, 9],
    "links": [(5, 7)],
    # Aged 33 with two cases: one person, two contacts. Aged 9 with none that anybody knows.
    "contacts": [(9, 0), (33, 5), (33, 7), (50, 7)],
    "follow_ups": [(33, 6, "seen_well"), (33, 7, "seen_ill"), (50, 6, "not_seen")],
    "events": [("event", "Spring fair")],
    "at_event": [9],
}


class TestAnyOrder:
    @pytest.mark.parametrize("order", list(itertools.permutations(FILES))[::29])
    def test_the_same_people_end_linked(self, send, order):
        receipts = [send(name) for name in order]
        for receipt in receipts:
            receipt.refresh_from_db()
            assert (receipt.accepted, receipt.held, receipt.rejected) == (receipt.row_count, 0, 0)
        assert joined() == WHOLE

    @pytest.mark.parametrize("order", [tuple(FILES), tuple(reversed(FILES))])
    def test_also_when_all_were_known_at_one_instant(self, send, order):
        receipts = [send(name, known_at=KNOWN) for name in order]
        for receipt in receipts:
            receipt.refresh_from_db()
            assert (receipt.accepted, receipt.held, receipt.rejected) == (receipt.row_count, 0, 0)
        assert joined() == WHOLE

    def test_what_waits_is_held_and_says_for_whom(self, send):
        early = send("follow_ups")
        assert reasons(early) == [(2, "unknown_person"), (3, "unknown_person"), (4, "unknown_person")]
        assert FollowUp.objects.count() == 0
        send("contacts")
        early.refresh_from_db()
        assert (early.accepted, early.held) == (3, 0)

    def test_every_follow_up_has_its_contact(self, send):
        for name in ("cases", "contacts", "relations", "follow_ups"):
            send(name)
        contacts = {contact.key: contact for contact in Contact.objects.open()}
        for each in FollowUp.objects.open():
            assert contacts[each.contact_key].person_key == each.person_key

    def test_files_that_come_together_are_received_cases_first(self, sent):
        paths = [sent(*rows, name=f"{name}.csv") for name, rows in reversed(FILES.items())]
        names = [path.stem for path in in_receiving_order(paths)]
        assert names == ["cases", "events", "contacts", "relations", "follow_ups"]

    def test_nothing_readable_of_a_waiting_file_stays_behind(self, send, settings):
        for name in ("follow_ups", "contacts"):
            send(name)
        left = [path for path in Path(settings.HOME, "receipts").rglob("*") if path.suffix == ".csv"]
        assert left == []


class TestSentAgain:
    def test_the_same_files_change_nothing(self, send):
        for name in FILES:
            send(name)
        before = record_digest()
        for name in reversed(FILES):
            send(name)
        assert record_digest() == before

    def test_a_corrected_file_updates_and_keeps_the_case(self, send):
        for name in ("cases", "contacts", "relations"):
            send(name)
        people = set(Person.objects.open().values_list("key", flat=True))
        send("contacts", *(row.replace("2022-03-05,2022-03-06", "2022-03-02,2022-03-06") for row in CONTACTS))
        send("cases", *(row.replace("PROBABLE", "CONFIRMED") for row in CASES))
        assert joined()["contacts"] == WHOLE["contacts"]
        days = {str(contact.last_exposure_on) for contact in Contact.objects.open()}
        assert "2022-03-02" in days
        assert set(Person.objects.open().values_list("key", flat=True)) == people
        assert sorted(Case.objects.open().values_list("classification", flat=True)) == [
            "confirmed",
            "confirmed",
            "suspected",
        ]
        assert joined()["cases"] == [5, 7, 9]


class TestDoubts:
    def test_a_case_enters_without_the_day_that_cannot_be(self, send, office):
        receipt = send("cases")
        case = Case.objects.open().get(reported_on="2022-03-07")
        assert (case.outcome_on, case.outcome, str(case.onset_on)) == (None, "recovered", "2022-03-06")
        found = {(each.row, each.code) for each in receipt_issues(receipt, actor=office)}
        assert (3, "INTERVAL_REVERSED") in found

    def test_one_sample_number_of_two_people_is_held(self, send):
        send("cases")
        receipt = send("results", *RESULTS)
        assert LabResult.objects.count() == 1
        assert (receipt.accepted, receipt.held) == (1, 1)
        assert reasons(receipt) == [(3, "duplicate_conflict")]

    def test_a_person_of_both_files_is_one(self, send):
        send("contacts")
        send(
            "cases",
            CASES[0],
            "k-1,CASE-9,SN001,,,FEMALE,33,CONFIRMED,TRUE,2022-03-12,2022-03-11,,,2022-03-12",
        )
        assert Case.objects.open().get().person_key in set(
            Contact.objects.open().values_list("person_key", flat=True)
        )
        assert Person.objects.open().count() == 3


SORMAS = (
    "Contact,Contact,Contact,Contact,Contact,Contact,Contact,Contact",
    "caseIdExternalSystem,disease,reportDateTime,lastContactDate,person.firstName,person.lastName,person.sex,"
    "person.birthdateYYYY",
)
SORMAS_CASES = (
    "CaseData,CaseData,CaseData,CaseData,CaseData,CaseData,CaseData",
    "disease,epidNumber,caseClassification,person.firstName,person.lastName,person.sex,reportDate",
    "EVD,REG-DIS-22-1,CONFIRMED,Fay,Fir,FEMALE,03/14/2022",
    "EVD,REG-DIS-22-2,NOT_CLASSIFIED,Gus,Gum,MALE,03/15/2022",
)


class TestTwoHeaderRows:
    def test_a_contact_waits_for_the_case_that_it_names(self, send):
        early = send(
            "sormas_contacts",
            *SORMAS,
            "REG-DIS-22-1,EVD,03/16/2022,03/13/2022,Hal,Hazel,MALE,1982",
            "REG-DIS-22-1,EVD,03/16/2022,03/13/2022,Ivy,Ilex,FEMALE,1990",
        )
        assert reasons(early) == [(3, "unknown_case"), (4, "unknown_case")]
        send("sormas_cases", *SORMAS_CASES)
        early.refresh_from_db()
        assert (early.accepted, early.held) == (2, 0)
        case = Case.objects.open().get(case_no="REG-DIS-22-1")
        assert {contact.case_key for contact in Contact.objects.open()} == {case.key}

    def test_a_contact_that_has_its_case_keeps_it_while_others_of_the_file_wait(self, send):
        """One row enters without a case, gets it from elsewhere, and its file is read again for another row's sake."""
        early = send(
            "sormas_contacts",
            *SORMAS,
            ",EVD,03/16/2022,03/13/2022,Hal,Hazel,MALE,1982",
            "REG-DIS-22-1,EVD,03/16/2022,03/13/2022,Ivy,Ilex,FEMALE,1990",
            known_at=KNOWN,
        )
        assert reasons(early) == [(4, "unknown_case")]
        send("sormas_cases", *SORMAS_CASES, known_at=KNOWN)
        early.refresh_from_db()
        assert (early.accepted, early.held) == (2, 0)
        case = Case.objects.open().get(case_no="REG-DIS-22-1")
        assert sorted(Contact.objects.open().values_list("case_key", flat=True)) == ["", case.key]

    def test_the_disease_is_the_one_that_the_row_names(self, send):
        send("sormas_cases", *SORMAS_CASES)
        assert set(Case.objects.open().values_list("disease", "classification")) == {
            ("ebola", "confirmed"),
            ("ebola", "suspected"),
        }

    def test_a_disease_left_blank_or_unknown_is_not_guessed(self, send):
        rows = (
            "EVD,REG-3,CONFIRMED,Jay,Juniper,MALE,03/16/2022",
            ",REG-4,CONFIRMED,Kit,Kapok,MALE,03/17/2022",
            "THE_VAPOURS,REG-5,CONFIRMED,Lou,Larch,FEMALE,03/18/2022",
        )
        receipt = send("sormas_cases", *SORMAS_CASES, *rows)
        assert reasons(receipt) == [(6, "missing_value"), (7, "unknown_value")]
        assert (receipt.row_count, receipt.accepted, receipt.held) == (5, 3, 2)
