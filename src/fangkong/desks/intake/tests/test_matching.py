"""People who are probably one are asked about, merged by a decision, parted again, and never rewritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.intake import match_pairs
from fangkong.desks.intake.match_pairs import match_candidates_find
from fangkong.desks.intake.matching import match_decide, match_queue, match_undo
from fangkong.desks.intake.people import PeopleFinder
from fangkong.record.access import actor_of
from fangkong.record.actions import user_create
from fangkong.record.digest import record_digest
from fangkong.record.identities import identity_load
from fangkong.record.load import load
from fangkong.record.models import AuditRow, MatchCandidate, Person, PersonArea
from fangkong.record.same_people import keys_of_person, person_of

AT = datetime(2022, 4, 20, 8, tzinfo=UTC)
OLD = AT - timedelta(days=30)


def investigator(area: str):
    key = user_create(
        f"i{area}", "x" * 12, role="investigation_group", area_code=area, display_name="i", actor="test"
    )
    return actor_of(key)


@pytest.fixture
def tracer(office):
    return investigator("9901")


def enter(key, *, receipt, known=AT, area="990101001", born=1984, sex="M", **identity):
    load(
        Person,
        [{"key": key, "sex": sex, "birth_year": born}],
        actor="t",
        source_key=receipt,
        known_from=known,
    )
    tie = {"key": f"tie-{key}", "person_key": key, "kind": "home", "area_code": area}
    load(PersonArea, [tie], actor="t", source_key=receipt, known_from=known)
    identity_load([(key, identity)], actor="t", category="case")


@pytest.fixture
def two_records(office):
    """A person known for a month, and one of yesterday's ledger: the name heard by telephone, the same number."""
    enter("person-a", receipt="r1", known=OLD, name="测试甲", phone="10012345678")
    enter("person-b", receipt="r2", name="册试佳", phone="10012345678")
    enter("person-c", receipt="r2", name="测试甲", phone="10099999999", born=1950, sex="F")
    return office


def find(office):
    return match_candidates_find("r2", actor=office, at=AT)


def test_a_probable_pair_is_asked_about_once(two_records, tracer):
    assert find(two_records) == 1
    before = record_digest()
    assert find(two_records) == 0
    assert record_digest() == before
    (pair,) = match_queue(actor=tracer)
    assert (pair.first_key, pair.second_key) == ("person-a", "person-b")
    assert pair.levels["name"] == "sounds_alike"


def test_the_queue_holds_no_name_and_every_comparison_is_logged(two_records, tracer):
    find(two_records)
    (pair,) = match_queue(actor=tracer)
    assert "测试" not in str(pair.levels)
    assert AuditRow.objects.filter(verb="identity.compare").count() == 1


def test_one_person_is_the_one_known_longer_and_reads_follow_as_of_their_day(two_records, tracer):
    find(two_records)
    (pair,) = match_queue(actor=tracer)
    assert match_decide([pair.key], same=True, actor=tracer, at=AT + timedelta(hours=1)) == 1
    later = AT + timedelta(hours=2)
    assert person_of(["person-a", "person-b", "person-c"], later) == {
        "person-a": "person-a",
        "person-b": "person-a",
        "person-c": "person-c",
    }
    assert person_of(["person-b"], AT) == {"person-b": "person-b"}
    assert keys_of_person("person-b", later) == ["person-a", "person-b"]
    assert not match_queue(actor=tracer).exists()


def test_merges_follow_one_another(two_records, tracer):
    find(two_records)
    enter("person-d", receipt="r3", known=AT + timedelta(minutes=1), name="测试甲", phone="10012345678")
    match_candidates_find("r3", actor=two_records, at=AT + timedelta(minutes=2))
    keys = list(match_queue(actor=tracer).values_list("key", flat=True))
    assert len(keys) == 3  # a-b, a-d, b-d
    match_decide(keys, same=True, actor=tracer, at=AT + timedelta(hours=1))
    later = AT + timedelta(hours=2)
    assert set(person_of(["person-a", "person-b", "person-d"], later).values()) == {"person-a"}


def test_parted_again_they_are_two_and_nobody_asks_anew(two_records, tracer):
    find(two_records)
    (pair,) = match_queue(actor=tracer)
    match_decide([pair.key], same=True, actor=tracer, at=AT + timedelta(hours=1))
    with pytest.raises(InputError):
        match_undo("person-b", reason=" ", actor=tracer, at=AT + timedelta(hours=2))
    match_undo("person-b", reason="同名夫妻共用电话", actor=tracer, at=AT + timedelta(hours=2))
    assert person_of(["person-b"], AT + timedelta(hours=3)) == {"person-b": "person-b"}
    assert person_of(["person-b"], AT + timedelta(minutes=90)) == {"person-b": "person-a"}
    assert find(two_records) == 0
    with pytest.raises(NotFound):
        match_undo("person-b", reason="again", actor=tracer, at=AT + timedelta(hours=4))


def test_the_second_who_decides_otherwise_is_told(two_records, tracer):
    find(two_records)
    (pair,) = match_queue(actor=tracer)
    match_decide([pair.key], same=False, actor=tracer, at=AT)
    assert match_decide([pair.key], same=False, actor=tracer, at=AT + timedelta(minutes=1)) == 0
    with pytest.raises(Conflict) as told:
        match_decide([pair.key], same=True, actor=tracer, at=AT + timedelta(minutes=1))
    assert told.value.params["match_state"] == "different"
    assert person_of(["person-b"], AT + timedelta(hours=1)) == {"person-b": "person-b"}


def test_one_unknown_pair_and_none_is_decided(two_records, tracer):
    find(two_records)
    (pair,) = match_queue(actor=tracer)
    with pytest.raises(NotFound):
        match_decide([pair.key, "match-none"], same=True, actor=tracer, at=AT)
    assert MatchCandidate.objects.open().get(key=pair.key).state == "open"


def test_another_district_sees_and_decides_nothing(two_records):
    find(two_records)
    stranger = investigator("990102")
    key = MatchCandidate.objects.open().get().key
    assert not match_queue(actor=stranger).exists()
    with pytest.raises(NotFound):
        match_decide([key], same=True, actor=stranger, at=AT)


def test_who_may_not_decide_sees_no_queue(two_records, district_officer):
    with pytest.raises(Forbidden):
        match_queue(actor=district_officer)


def test_a_phone_of_a_whole_office_tells_nobody_from_anybody(office, monkeypatch):
    monkeypatch.setattr(match_pairs, "_limits", lambda: {"most_holders": 3})
    for n in range(6):
        enter(f"person-{n}", receipt="r2", name="测试甲", phone="10000000000")
    assert match_candidates_find("r2", actor=office, at=AT) == 0


def test_the_next_file_finds_the_one_person_that_two_records_became(two_records, tracer):
    find(two_records)
    (pair,) = match_queue(actor=tracer)
    match_decide([pair.key], same=True, actor=tracer, at=AT + timedelta(hours=1))
    finder = PeopleFinder("r9")
    token = finder.token({"name": "册试佳", "phone": "10012345678"})
    assert finder.recorded([token]) == {token: ["person-a"]}
