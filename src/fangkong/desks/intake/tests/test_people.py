"""Registers, laboratories and line lists: the right person, nothing readable left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.tests.conftest import LINE_LIST
from fangkong.record import identities
from fangkong.record.installation import installation_set
from fangkong.record.models import (
    Case,
    Contact,
    Event,
    Identity,
    LabResult,
    Person,
    ReceiptRow,
    Specimen,
    TransmissionLink,
)

ID_1, ID_2 = "990101199001011234", "990101199202022345"
REGISTER = "病例编号,姓名,证件号码,电话,接触类型,接触场所,末次接触日期,区划代码"
RESULTS = "样本编号,证件号码,区划代码,采样时间,结果时间,结果,Ct值,检测机构"


@pytest.fixture
def two_cases(office, cases_mapping, sent):
    """Cases A1 and A2."""
    rows = ("case,reported,area", "A1,2022-04-01,990101", "A2,2022-04-01,990102")
    return receive_file(sent(*rows, name="cases.csv"), actor=office, mapping_file=cases_mapping)


def register(sent, office, *rows: str, name: str = "register.csv"):
    return receive_file(sent(REGISTER, *rows, name=name), actor=office)


def reasons(receipt) -> list[tuple[int, str]]:
    rows = ReceiptRow.objects.filter(receipt_key=receipt.key).order_by("row_number")
    return list(rows.values_list("row_number", "reason"))


class TestRegisterOfContacts:
    def test_a_contact_has_a_case_a_person_and_a_sealed_name(self, two_cases, office, sent):
        receipt = register(sent, office, f"A1,司徒霁月,{ID_1},10012345678,密接,家庭,2022-04-02,990101")
        contact = Contact.objects.get()
        assert (contact.case_key, contact.tier, contact.setting) == (
            Case.objects.get(case_no="A1").key,
            "close",
            "household",
        )
        assert contact.identified
        assert not contact.located
        assert identities.person_search("name", "司徒霁月", actor=office, purpose=identities.PURPOSES[0]) == [
            contact.person_key
        ]
        event = Event.objects.get(kind="contact.registered")
        assert event.params["person_key"] == contact.person_key
        assert event.subject_key == contact.key
        assert receipt.accepted == 1

    def test_nothing_readable_stays_on_the_disk(self, two_cases, office, sent):
        register(sent, office, f"A1,司徒霁月,{ID_1},10012345678,密接,家庭,2022-04-02,990101")
        staged = [p for p in (Path(settings.HOME) / "receipts").rglob("*") if p.is_file()]
        assert any(path.name == "facts.parquet" for path in staged)
        secrets = [text.encode() for text in ("司徒霁月", ID_1, "10012345678")]
        assert not [p for p in staged for secret in secrets if secret in p.read_bytes()]
        assert not [path for path in staged if path.name == "key.sealed"]
        assert all(secret not in bytes(Identity.objects.get().ciphertext) for secret in secrets)

    def test_one_person_of_two_cases_is_one_person(self, two_cases, office, sent):
        register(
            sent,
            office,
            f"A1,司徒霁月,{ID_1},10012345678,密接,家庭,2022-04-02,990101",
            f"A2,司徒霁月,{ID_1.lower()},,次密接,单位,2022-04-03,990101",
        )
        assert Contact.objects.count() == 2
        assert len(set(Contact.objects.values_list("person_key", flat=True))) == 1
        assert Identity.objects.count() == 1

    def test_tomorrows_register_finds_the_same_people(self, two_cases, office, sent):
        row = f"A1,司徒霁月,{ID_1},10012345678,密接,家庭,2022-04-02,990101"
        without_number = "A1,端木云,,10087654321,密接,家庭,2022-04-02,990101"
        register(sent, office, row, without_number)
        people = Person.objects.count()
        again = register(
            sent, office, row, without_number, f"A2,欧阳川,{ID_2},,密接,家庭,2022-04-02,990101", name="b.csv"
        )
        assert Person.objects.count() == people + 1
        assert (again.inserted, again.unchanged) == (1, 2)

    def test_rows_that_need_a_person_or_the_sender(self, two_cases, office, sent):
        receipt = register(
            sent,
            office,
            f"A1,司徒霁月,{ID_1},,密接,家庭,2022-04-02,990101",
            f"Z9,欧阳川,{ID_2},,密接,家庭,2022-04-02,990101",
            "A1,无名,,,密接,家庭,2022-04-02,990101",
            f"A1,欧阳川,{ID_2},,邻居,家庭,2022-04-02,990101",
            f"A1,欧阳川,{ID_2},,密接,家庭,2022-04-02,9901x",
            f"A1,欧阳川,{ID_2},,密接,家庭,2022-04-02,880101",
        )
        assert reasons(receipt) == [
            (3, "unknown_case"),
            (4, "no_person"),
            (5, "unknown_value"),
            (6, "bad_area_code"),
            (7, "unknown_area"),
        ]


class TestLaboratory:
    def test_a_positive_result_is_told_with_its_person(self, office, sent):
        path = sent(
            RESULTS,
            f"B001,{ID_1},990101,2022-04-02 08:00,2022-04-02 14:10,阳性,27.5,市一检测所",
            f"B002,{ID_2},990101,2022-04-02 08:00,2022-04-02 14:10,阴性,,市一检测所",
        )
        receipt = receive_file(path, actor=office)
        assert (receipt.accepted, receipt.mapping) == (2, "lab-results")
        positive = LabResult.objects.get(result="positive")
        event = Event.objects.get(kind="result.positive")
        assert event.subject_key == positive.key
        assert event.params == {
            "person_key": positive.person_key,
            "disease": "made-up-fever",
            "specimen_key": positive.specimen_key,
        }
        assert identities.person_search("id_number", ID_1, actor=office, purpose=identities.PURPOSES[0]) == [
            positive.person_key
        ]
        assert Specimen.objects.get(key=positive.specimen_key).collected_at.hour == 0

    def test_a_contact_tested_later_is_the_same_person(self, two_cases, office, sent):
        register(sent, office, f"A1,司徒霁月,{ID_1},10012345678,密接,家庭,2022-04-02,990101")
        row = f"B001,{ID_1},990101,2022-04-02 08:00,2022-04-02 14:10,阳性,27.5,市一检测所"
        receive_file(sent(RESULTS, row), actor=office)
        assert LabResult.objects.get().person_key == Contact.objects.get().person_key

    def test_a_result_before_its_sample_is_rejected(self, office, sent):
        path = sent(
            RESULTS,
            f"B001,{ID_1},990101,2022-04-02 08:00,2022-04-02 14:10,阴性,,",
            f"B002,{ID_2},990101,2022-04-03 08:00,2022-04-02 14:10,阴性,,",
        )
        assert reasons(receive_file(path, actor=office)) == [(3, "result_before_sample")]


LINKS = """
code = "links"
title_zh = "关系"
title_en = "Links"
target = "transmission_links"
known = "cases"
column = [{ name = "from", field = "from_case_no" }, { name = "to", field = "to_case_no" }]
"""


def test_links_join_cases_that_are_known(two_cases, office, tmp_path, sent):
    mapping = tmp_path / "links.toml"
    mapping.write_text(LINKS)
    path = sent("from,to", "A1,A2", "A1,A7", "A2,A2")
    receipt = receive_file(path, actor=office, mapping_file=mapping)
    assert reasons(receipt) == [(3, "unknown_case"), (4, "link_to_itself")]
    link = TransmissionLink.objects.get()
    assert (link.from_case_key, link.known_from) == (
        Case.objects.get(case_no="A1").key,
        Case.objects.first().known_from,
    )


class TestWithoutABasis:
    def test_the_facts_enter_without_the_name_and_the_receipt_says_so(self, office, tmp_path, sent):
        """Contacts of COVID-19 have not been determined since 2023-01-08: no rule lets an office hold their names."""
        installation_set(actor="test", disease="covid-19")
        mapping = tmp_path / "covid.toml"
        mapping.write_text(LINE_LIST.replace("made-up-fever", "covid-19"), encoding="utf-8")
        cases = ("case,reported,area", "A1,2026-04-01,990101")
        receive_file(sent(*cases, name="cases.csv"), actor=office, mapping_file=mapping)
        receipt = register(sent, office, f"A1,司徒霁月,{ID_1},10012345678,密接,家庭,2026-04-02,990101")
        assert (receipt.state, receipt.accepted) == ("applied", 1)
        assert Contact.objects.get().disease == "covid-19"
        assert not Identity.objects.exists()
        told = ReceiptRow.objects.get(receipt_key=receipt.key)
        assert (told.outcome, told.reason) == ("without_name", "no_basis_for_name")
        assert told.params["rule_key"]
