"""One expert, one person, one signed and reasoned exposure: and whoever signs too many is looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.trace.judgements import exposure_judge, judgements_of_contact, judgements_signed
from fangkong.record.access import system_actor
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import AuditRow, Case, Contact, Event, ExposureJudgement, Order

from .outbreaks import NOW, TODAY, case, in_area, put, put_people

pytestmark = pytest.mark.django_db
EXPERT = in_area("9901", "exposure.judge", "contact.read")


@pytest.fixture(autouse=True)
def outbreak(db):
    put(Case, case("a"))
    put_people("p1", home="990102")
    put_people("p-a", home="990101")


def judge(person_key="p1", **more) -> str:
    asked = {
        "last_exposure_on": TODAY - timedelta(days=1),
        "evidence": "shared a taxi, receipt of the fare",
        "reason": "closed vehicle, half an hour, no masks",
        "actor": EXPERT,
        "at": NOW,
        **more,
    }
    return exposure_judge("a", person_key, **asked)


def test_the_judgement_is_signed_and_the_contact_rests_on_it():
    key = judge()
    judgement = ExposureJudgement.objects.get(key=key)
    contact = Contact.objects.get(key=judgement.contact_key)
    assert (judgement.signed_by, judgement.signed_at) == (EXPERT.key, NOW)
    assert (contact.person_key, contact.last_exposure_on) == ("p1", TODAY - timedelta(days=1))
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["contact.registered", "exposure.judged"]
    assert AuditRow.objects.filter(verb="exposure.judge", object_key=key, actor=EXPERT.key).exists()
    assert verify().problem == ""


def test_it_is_a_fact_and_no_measure_and_no_status():
    judge()
    assert not Order.objects.exists()
    assert Case.objects.count() == 1


def test_the_same_again_changes_nothing_and_other_grounds_are_refused():
    key = judge()
    before = record_digest()
    assert judge(at=NOW + timedelta(hours=1)) == key
    assert record_digest() == before
    with pytest.raises(Conflict, match="stands"):
        judge(reason="somebody said so")


@pytest.mark.parametrize(
    "many", [["p1", "p-a"], ("p1",), {"p1"}, "p1,p-a", "p1 p-a", "p1;p-a", "p1\np-a", "p1、p-a", None]
)
def test_a_list_of_people_is_no_judgement(many):
    with pytest.raises(InputError, match="one_person"):
        judge(many)
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"evidence": "  "}, "evidence_needed"),
        ({"reason": ""}, "reason_needed"),
        ({"evidence": "x" * 401}, "too_long"),
        ({"last_exposure_on": TODAY + timedelta(days=1)}, "future_day"),
    ],
)
def test_without_grounds_or_before_it_happened_nothing_is_written(more, code):
    with pytest.raises(InputError, match=code):
        judge(**more)
    assert not Contact.objects.exists()
    assert not ExposureJudgement.objects.exists()
    assert not Event.objects.exists()


def test_who_may_not_sign():
    with pytest.raises(Forbidden, match="person_signs"):
        judge(actor=system_actor("reaction"))
    with pytest.raises(Forbidden):
        judge(actor=in_area("9901", "contact.write", "case.read"))
    with pytest.raises(Forbidden, match="not_your_area"):
        judge(actor=in_area("990101", "exposure.judge"))
    with pytest.raises(NotFound):
        judge(actor=in_area("9902", "exposure.judge"))
    with pytest.raises(NotFound):
        judge("nobody")
    with pytest.raises(InputError, match="contact_is_case"):
        judge("p-a")
    assert not ExposureJudgement.objects.exists()


def test_what_a_contact_rests_on_and_what_one_person_signed_can_be_read():
    key = judge()
    contact_key = ExposureJudgement.objects.get(key=key).contact_key
    assert [row.key for row in judgements_of_contact(contact_key, actor=EXPERT, at=NOW)] == [key]
    assert judgements_signed(EXPERT.key, actor=EXPERT, at=NOW).total == 1
    elsewhere = in_area("9902", "contact.read")
    assert judgements_of_contact(contact_key, actor=elsewhere, at=NOW) == []
