"""Names are sealed, found by exact match only, seen for a purpose, and gone after a purge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag

from fangkong.core.errors import FangkongError, Forbidden, NotFound
from fangkong.record import identities, identity_purging
from fangkong.record.access import Actor, actor_of
from fangkong.record.actions import user_create
from fangkong.record.keyring import keyring
from fangkong.record.load import load
from fangkong.record.models import AuditRow, Identity, IdentityKey, Person, PersonArea

NOW = datetime(2022, 4, 18, 1, tzinfo=UTC)
SOMEBODY = {
    "name": "司徒霁月",
    "id_number": "990101199001011234",
    "phone": "10012345678",
    "address": "柳堤区甲楼",
}


def actor(role: str = "investigation_group", area: str = "9901") -> Actor:
    user = user_create(f"{role}-{area}", "x" * 12, role=role, area_code=area, display_name="x", actor="test")
    return actor_of(user)


@pytest.fixture
def somebody(db) -> str:
    load(Person, [{"key": "p1"}], actor="test", source_key="s", known_from=NOW)
    tie = {"key": "t1", "person_key": "p1", "kind": "home", "area_code": "990103001"}
    load(PersonArea, [tie], actor="test", source_key="s", known_from=NOW)
    identities.identity_load([("p1", SOMEBODY)], actor="test")
    return "p1"


def test_nothing_readable_is_stored(somebody):
    sealed = bytes(Identity.objects.get().ciphertext)
    assert all(value.encode() not in sealed for value in SOMEBODY.values())


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("name", "司徒霁月"),
        ("name", " 司徒 霁月 "),
        ("pinyin", "Situ Jiyue"),
        ("id_number", "990101199001011234"),
        ("phone", "100-1234-5678"),
        ("phone", "+86 10012345678"),
    ],
)
def test_an_exact_search_finds_the_person(somebody, kind, value):
    assert identities.person_search(kind, value, actor=actor(), purpose="investigation") == ["p1"]


@pytest.mark.parametrize(("kind", "value"), [("name", "司徒"), ("phone", "1001234567"), ("pinyin", "situ")])
def test_a_part_of_a_name_or_number_finds_nobody(somebody, kind, value):
    assert identities.person_search(kind, value, actor=actor(), purpose="investigation") == []


def test_a_search_from_elsewhere_finds_nobody(somebody):
    assert (
        identities.person_search("name", "司徒霁月", actor=actor(area="990104"), purpose="investigation")
        == []
    )


def test_a_search_is_logged_without_what_was_searched(somebody):
    identities.person_search("phone", "10012345678", actor=actor(), purpose="investigation")
    row = AuditRow.objects.filter(verb="identity.search").get()
    assert row.purpose == "investigation"
    assert "10012345678" not in repr(row.__dict__)


def test_searching_is_rate_limited(somebody, monkeypatch):
    monkeypatch.setattr(identities, "SEARCHES_PER_HOUR", 2)
    who = actor()
    for _ in range(2):
        identities.person_search("name", "x", actor=who, purpose="investigation")
    with pytest.raises(Forbidden):
        identities.person_search("name", "x", actor=who, purpose="investigation")


class TestUnmask:
    def test_a_view_needs_a_grant_and_closes_by_itself(self, somebody):
        who = actor()
        assert identities.identity_read("p1", actor=who, now=NOW) is None
        identities.unmask_request("p1", actor=who, purpose="investigation", now=NOW)
        shown = identities.identity_read("p1", actor=who, now=NOW)
        assert shown is not None
        assert shown[0] == SOMEBODY
        later = NOW + timedelta(minutes=identities.UNMASK_MINUTES, seconds=1)
        assert identities.identity_read("p1", actor=who, now=later) is None

    def test_every_read_is_logged_and_can_be_shown_to_the_person(self, somebody):
        who = actor()
        identities.unmask_request("p1", actor=who, purpose="contact_transfer", now=NOW)
        identities.identity_read("p1", actor=who, now=NOW)
        identities.identity_read("p1", actor=who, now=NOW)
        assert [row.verb for row in identities.reads_of("p1")] == ["identity.read"] * 2 + ["identity.unmask"]

    @pytest.mark.parametrize("role", ["co_chair", "duty_officer", "district_officer", "oversight"])
    def test_roles_without_named_data_are_refused(self, somebody, role):
        with pytest.raises(Forbidden):
            identities.unmask_request("p1", actor=actor(role), purpose="investigation", now=NOW)

    def test_outside_the_scope_looks_like_nobody(self, somebody):
        with pytest.raises(NotFound):
            identities.unmask_request("p1", actor=actor(area="990104"), purpose="investigation", now=NOW)

    def test_a_purpose_must_be_one_of_the_list(self, somebody):
        with pytest.raises(FangkongError, match="unknown_purpose"):
            identities.unmask_request("p1", actor=actor(), purpose="curiosity", now=NOW)


class TestKeys:
    def test_rotation_keeps_everybody_readable_and_shuts_the_old_master(self, somebody):
        before = keyring()
        assert identity_purging.keys_rotate(actor="test") == 1
        after = keyring()
        assert set(after.masters).isdisjoint(before.masters)
        who = actor()
        identities.unmask_request("p1", actor=who, purpose="investigation", now=NOW)
        shown = identities.identity_read("p1", actor=who, now=NOW)
        assert shown is not None
        assert shown[0]["name"] == "司徒霁月"

    def test_an_interrupted_rotation_is_finished_by_the_next(self, somebody):
        from fangkong.record import keyring as keys

        keys.add_master(keyring())
        assert identity_purging.keys_rotate(actor="test") == 1
        assert len(keyring().masters) == 1
        assert identity_purging.keys_rotate(actor="test") == 1


class TestAfterARestoreWithoutKeys:
    """Backups leave the wrapped keys out: sealed rows may stand that nothing opens."""

    def test_a_person_received_again_is_sealed_anew(self, somebody):
        IdentityKey.objects.all().delete()
        assert identities.identity_load([("p1", SOMEBODY)], actor="test") == 1
        found = identities.person_search("name", "司徒霁月", actor=actor(), purpose="investigation")
        assert found == ["p1"]

    def test_a_purge_goes_through_beside_keys_that_nothing_opens(self, somebody):
        IdentityKey.objects.create(person_key="p2", master="m0", wrapped=b"x" * 60)
        assert identity_purging.person_purge(["p1"], actor="test", reason="legal end") == 1
        assert list(IdentityKey.objects.values_list("person_key", flat=True)) == ["p2"]


def test_after_a_purge_neither_the_record_nor_a_backup_opens(somebody):
    """A backup is an older copy of the rows, read with the keys of today."""
    copy = IdentityKey.objects.get()
    identity_purging.person_purge(["p1"], actor="test", reason="legal end")
    assert not Identity.objects.exists()
    assert identities.person_search("name", "司徒霁月", actor=actor(), purpose="investigation") == []
    with pytest.raises((FangkongError, InvalidTag)):
        keyring().unwrap(copy.master, bytes(copy.wrapped), "p1")
    assert Person.objects.open().filter(key="p1").exists()
