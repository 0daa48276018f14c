"""Anybody tells oversight, nobody learns who, and the office that it is about never reads it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import clock, colleague
from fangkong.public.protected_line import (
    report_close,
    report_file,
    report_read,
    report_take,
    reports_list,
    subjects,
)
from fangkong.record.access.actor import roles
from fangkong.record.actions import areas_load
from fangkong.record.audit import verify
from fangkong.record.installation import installation_set
from fangkong.record.load import load
from fangkong.record.models import AuditRow, Order, ProtectedReport

pytestmark = pytest.mark.django_db
AT = clock("2022-07-11", "09:00")
LATER = AT + timedelta(days=1)
TEXT = "The fire exit of block 7 was welded shut on Saturday."


@pytest.fixture(autouse=True)
def city(db):
    installation_set(actor="test", area_code="9901", disease="covid-19")
    areas = [
        {"key": "9901", "name_zh": "临江市", "name_en": "Linjiang"},
        {"key": "990101", "name_zh": "柳堤区", "name_en": "Liudi"},
    ]
    areas_load(areas, actor="test", known_from=AT, source_key="test")


def file(subject: str = "sealed_exit", text: str = TEXT, **more) -> str:
    return report_file(subject, text, at=AT, **more)


def read(actor, **more) -> list[str]:
    return [row.key for row in reports_list(actor=actor, at=LATER, **more).rows]


def test_it_holds_what_was_said_and_nothing_of_who_said_it():
    key = file(area="柳堤区")
    report = ProtectedReport.objects.get(key=key)
    assert (report.subject, report.text, report.area_code, report.state) == (
        "sealed_exit",
        TEXT,
        "990101",
        "filed",
    )
    assert (report.filed_on, report.source_key) == (date(2022, 7, 11), "")
    assert set(AuditRow.objects.values_list("actor", flat=True)) <= {"anonymous", "test"}
    noted = AuditRow.objects.get(verb="protected.file")
    assert (noted.area_code, noted.purpose, noted.digest) == ("", "", "")
    assert verify().problem == ""


def test_the_model_has_no_field_for_a_sender():
    names = {field.name for field in ProtectedReport.fact_fields()}
    assert not names & {"filed_by", "sender", "address", "phone", "user_key", "actor", "reported_by"}


def test_two_equal_reports_are_two_and_their_keys_say_nothing():
    assert file() != file()


@pytest.mark.parametrize("role", sorted(roles()))
def test_only_oversight_reads_it(role):
    file(area="990101")
    if role == "oversight":
        assert len(read(colleague(role))) == 1
    else:
        with pytest.raises(Forbidden):
            read(colleague(role))


def test_oversight_of_a_district_reads_its_own_and_the_city_reads_also_what_names_no_place():
    here, nowhere, elsewhere = file(area="Liudi"), file(), file(area="990102")
    assert set(read(colleague("oversight", "9901"))) == {here, nowhere, elsewhere}
    assert read(colleague("oversight", "990101")) == [here]
    with pytest.raises(NotFound):
        report_read(nowhere, actor=colleague("oversight", "990101"), at=LATER)
    with pytest.raises(NotFound):
        report_take(elsewhere, actor=colleague("oversight", "990101"), at=LATER)


def test_every_look_is_recorded():
    key, reader = file(), colleague("oversight")
    report_read(key, actor=reader, at=LATER)
    report_read(key, actor=reader, at=LATER)
    looks = AuditRow.objects.filter(verb="protected.read", object_key=key, actor=reader.key)
    assert looks.count() == 2


def test_an_order_s_number_leads_to_its_order_and_a_number_that_is_none_stays_with_the_text():
    order = {
        "key": "order-1",
        "order_no": "GL-1",
        "kind": "quarantine",
        "disease": "covid-19",
        "subject_kind": "person",
        "area_code": "990101",
        "state": "proposed",
        "proposed_by": "system:reaction",
        "proposed_at": AT,
        "starts_on": date(2022, 7, 11),
        "expires_on": date(2022, 7, 18),
        "confidence": "verified",
        "remedy": "review",
        "proportionality": "least",
    }
    load(Order, [order], actor="test", source_key="test", known_from=AT)
    known = ProtectedReport.objects.get(key=file(order_no=" GL-1 "))
    assert (known.order_key, known.area_code, known.text) == ("order-1", "990101", TEXT)
    unknown = ProtectedReport.objects.get(key=file(order_no="GL-999"))
    assert (unknown.order_key, unknown.area_code) == ("", "")
    assert unknown.text == f"{TEXT}\n[GL-999]"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"subject": "gossip"}, "unknown_subject"),
        ({"text": "  "}, "text_needed"),
        ({"text": "x" * 2001}, "too_long"),
        ({"area": "Atlantis"}, "unknown_area"),
    ],
)
def test_what_cannot_be_taken_is_said(more, code):
    with pytest.raises(InputError, match=code):
        file(**more)
    assert not ProtectedReport.objects.exists()


def test_it_is_taken_answered_with_a_reason_and_stays_as_it_was_known():
    key, reader = file(), colleague("oversight")
    report_take(key, actor=reader, at=AT + timedelta(hours=1))
    report_take(key, actor=reader, at=AT + timedelta(hours=2))
    with pytest.raises(InputError, match="answer_needed"):
        report_close(key, answer=" ", actor=reader, at=AT + timedelta(hours=3))
    report_close(
        key, answer="Opened the same evening; the street was told.", actor=reader, at=AT + timedelta(hours=3)
    )
    with pytest.raises(Conflict, match="answered"):
        report_take(key, actor=reader, at=AT + timedelta(hours=4))
    states = list(ProtectedReport.objects.order_by("known_from").values_list("state", flat=True))
    assert states == ["filed", "in_review", "closed"]
    assert read(reader) == []
    assert read(reader, open_only=False) == [key]
    assert {row.area_code for row in AuditRow.objects.filter(verb__startswith="protected.")} == {""}


def test_every_subject_can_be_reported():
    for subject in subjects():
        file(subject)
    assert ProtectedReport.objects.count() == len(subjects())
