"""Digests lie in one index, by digest; entered later or at once they are the same, and a purge takes them along."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fangkong.record import audit, identities, identity_index, identity_purging
from fangkong.record.keyring import keyring
from fangkong.record.load import load
from fangkong.record.models import Identity, IdentityDigest, Person

from .killed_process import run
from .two_people import _database

NOW = datetime(2022, 4, 18, 1, tzinfo=UTC)
PEOPLE = {
    f"person-{n}": {"name": "测试甲", "id_number": f"9901011990010{n:05d}", "phone": f"1000000{n // 2:04d}"}
    for n in range(30)
}


@pytest.fixture
def people(db) -> dict[str, dict[str, str]]:
    load(Person, [{"key": key} for key in PEOPLE], actor="t", source_key="s", known_from=NOW)
    return PEOPLE


def index() -> set[tuple[str, str, str]]:
    return set(IdentityDigest.objects.values_list("person_key", "kind", "digest"))


def enter_now_index_later(people) -> None:
    with audit.writing():
        identities.identities_enter(people.items(), actor="t", new=set(people))


def test_entered_later_the_index_is_the_same(people):
    identities.identity_load(people.items(), actor="t")
    at_once = index()
    with audit.writing():
        identity_purging.identity_keys_destroy(sorted(people))
    assert index() == set()
    enter_now_index_later(people)
    assert index() == set()
    for _ in range(2):
        list(identity_index.identities_index(sorted(people), actor="t"))
        assert index() == at_once
    assert len(at_once) == 4 * len(people)


def test_stopped_between_two_transactions_it_is_begun_anew(people, monkeypatch):
    monkeypatch.setattr(identity_index, "_INDEXED", 7)
    enter_now_index_later(people)
    begun = identity_index.identities_index(sorted(people), actor="t")
    assert [next(begun), next(begun)] == [7, 7]
    begun.close()
    list(identity_index.identities_index(sorted(people), actor="t"))
    assert len(index()) == 4 * len(people)


def test_who_is_purged_meanwhile_is_not_found(people, monkeypatch):
    monkeypatch.setattr(identity_index, "_INDEXED", 7)
    enter_now_index_later(people)
    begun = identity_index.identities_index(sorted(people), actor="t")
    next(begun)
    with audit.writing():
        identity_purging.identity_keys_destroy(["person-3", "person-17"])
    list(begun)
    assert {key for key, _, _ in index()} == set(people) - {"person-3", "person-17"}


def test_a_purge_leaves_the_digests_of_those_who_share_a_name(people):
    identities.identity_load(people.items(), actor="t")
    with audit.writing():
        identity_purging.identity_keys_destroy(["person-0"])
    ring = keyring()
    name = identity_index.index_digest(ring, "name", "测试甲")
    number = identity_index.index_digest(ring, "id_number", PEOPLE["person-0"]["id_number"])
    assert identity_index.holders([name, number]) == {name: set(people) - {"person-0"}}


def test_who_says_more_is_found_by_all_of_it(people):
    identities.identity_load([("person-0", {"name": "测试甲"})], actor="t")
    identities.identity_load([("person-0", {"phone": "10000000001"})], actor="t")
    assert {kind for _, kind, _ in index()} == {"name", "pinyin", "phone"}


def test_people_who_share_something_stand_together_unless_too_many_do(people):
    identities.identity_load(people.items(), actor="t")
    mine = identity_index.digests_of(["person-0", "person-5"])
    phones = identity_index.holders_of("phone", mine["phone"].tolist(), most=2)
    assert sorted(map(sorted, phones.groups)) == [["person-0", "person-1"], ["person-4", "person-5"]]
    names = identity_index.holders_of("name", sorted(set(mine["name"].tolist())), most=29)
    assert (names.groups, len(names.crowded)) == ([], 1)
    assert identity_index.holders_of("id_number", mine["id_number"].tolist(), most=2).groups == []


_BEFORE = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from fangkong.record.keyring import create, keyring
from fangkong.record.identity_index import search_digest
create(settings.KEYFILE)
call_command("migrate", "record", "0010_intake", verbosity=0)
ring = keyring()
with connection.cursor() as cursor:
    for n in range(5):
        cursor.execute(
            "INSERT INTO record_identity (person_key, nonce, ciphertext) VALUES (%s, %s, %s)", [f"p{n}", b"1", b"2"]
        )
        for kind, value in (("id_number", f"99010119900101000{n}"), ("name", "甲")):
            cursor.execute(
                "INSERT INTO record_identitydigest (person_key, kind, digest) VALUES (%s, %s, %s)",
                [f"p{n}", kind, search_digest(ring, kind, value)],
            )
"""
_AFTER = """
import django, json
django.setup()
from django.core.management import call_command
from fangkong.record import audit, identities, identity_index, identity_purging
from fangkong.record.keyring import keyring
from fangkong.record.models import IdentityDigest
call_command("migrate", verbosity=0)
ring = keyring()
number, name = (
    identity_index.index_digest(ring, kind, value)
    for kind, value in (("id_number", "990101199001010003"), ("name", "甲"))
)
found = identity_index.holders([number, name])
with audit.writing():
    identity_purging.identity_keys_destroy(["p3"])
print(json.dumps([sorted(found[number]), sorted(found[name]), IdentityDigest.objects.count()]))
"""


def test_an_installation_of_the_release_before_goes_on(db, tmp_path: Path):
    with _database() as address:
        for script in (_BEFORE, _AFTER):
            done = run(script, tmp_path, database=address)
            assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [["p3"], ["p0", "p1", "p2", "p3", "p4"], 8]


def test_every_identity_holds_what_it_is_found_by(people):
    identities.identity_load(people.items(), actor="t")
    length = identity_index.DIGEST_BYTES * len(identity_index.KINDS)
    assert {len(bytes(row.digests)) for row in Identity.objects.all()} == {length}
