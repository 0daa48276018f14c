"""Registering contacts and writing down what was verified."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.core.errors import Forbidden, InputError, NotFound
from fangkong.desks.trace import actions
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import Case, Contact, Event

from .outbreaks import NOW, TODAY, case, in_area, put, put_people

pytestmark = pytest.mark.django_db
ACTOR = in_area("9901")
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def outbreak(db):
    put(Case, case("a"))
    put_people("p1", home="990102")


def register(**more) -> str:
    asked = {"tier": "close", "setting": "meal", "last_exposure_on": TODAY, "actor": ACTOR, "at": NOW, **more}
    return actions.contact_register("a", "p1", **asked)


def test_a_contact_is_registered_where_the_person_lives_and_the_event_tells_of_it():
    key = register()
    contact = Contact.objects.get(key=key)
    assert (contact.area_code, contact.disease, contact.identified) == ("990102", "d", False)
    event = Event.objects.get()
    assert (event.kind, event.subject_key, event.area_code) == ("contact.registered", key, "990102")
    assert event.params == {"case_key": "a", "person_key": "p1", "disease": "d", "tier": "close"}
    assert verify().problem == ""


def test_saying_the_same_again_changes_nothing():
    key = register()
    before = record_digest()
    assert register(at=LATER) == key
    assert record_digest() == before


def test_a_higher_tier_is_a_new_version_and_keeps_what_was_verified():
    key = register(tier="secondary")
    actions.contact_verify(key, identified=True, actor=ACTOR, at=LATER)
    register(at=LATER + timedelta(hours=1))
    contact = Contact.objects.open().get(key=key)
    assert (contact.tier, contact.identified) == ("close", True)
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["contact.registered", "contact.verified", "contact.registered"]


def test_verifying_twice_writes_once():
    key = register()
    actions.contact_verify(key, located=True, actor=ACTOR, at=LATER)
    actions.contact_verify(key, located=True, actor=ACTOR, at=LATER + timedelta(hours=1))
    assert [c.located for c in Contact.objects.filter(key=key).order_by("known_from")] == [False, True]


def test_refusals_write_nothing():
    put_people("p-a")
    with pytest.raises(Forbidden):
        register(actor=in_area("9901", "case.read"))
    with pytest.raises(NotFound, match="case_not_found"):
        register(actor=in_area("9902"))
    with pytest.raises(InputError, match="unknown_tier"):
        register(tier="best friend")
    with pytest.raises(InputError, match="contact_is_case"):
        actions.contact_register("a", "p-a", tier="close", actor=ACTOR, at=NOW)
    with pytest.raises(NotFound, match="person_not_found"):
        actions.contact_register("a", "nobody", tier="close", actor=ACTOR, at=NOW)
    assert not Contact.objects.exists()
    assert not Event.objects.exists()
    key = register()
    with pytest.raises(NotFound, match="contact_not_found"):
        actions.contact_verify(key, located=True, actor=in_area("9902"), at=LATER)
