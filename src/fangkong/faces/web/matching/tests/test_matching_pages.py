"""The queue of pairs: evidence side by side, decided many at once, names only for a purpose, every decision undone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.faces.web.board.tests.made_city import FAR, NEAR, browser, made_city, put
from fangkong.record.access.actor import roles
from fangkong.record.identities import identity_load
from fangkong.record.models import AuditRow, MatchCandidate, Person, PersonArea, SamePerson

pytestmark = pytest.mark.django_db

ALIKE = {
    "name": "sounds_alike",
    "id_number": "unknown",
    "phone": "exact",
    "birth_year": "exact",
    "sex": "exact",
    "address": "unknown",
}
NAME, OTHER = "测试子", "册试紫"


def pairs(n: int, area: str = NEAR, *, first: int = 0, levels: dict[str, str] = ALIKE) -> list[str]:
    """Keys of ``n`` open pairs, each of two people with names."""
    keys = []
    for i in range(first, first + n):
        two = (f"Q{area}-{i}-a", f"Q{area}-{i}-b")
        put(Person, *[{"key": key, "sex": "M", "birth_year": 1984} for key in two])
        put(
            PersonArea,
            *[{"key": f"T{key}", "person_key": key, "kind": "home", "area_code": area} for key in two],
        )
        identity_load([(two[0], {"name": NAME}), (two[1], {"name": OTHER})], actor="test", category="case")
        pair = {"first_key": two[0], "second_key": two[1], "probability": 0.9, "levels": levels}
        put(MatchCandidate, {"key": f"M{area}-{i}", **pair, "model_version": "t", "area_code": area})
        keys.append(f"M{area}-{i}")
    return keys


@pytest.fixture
def tracer():
    made_city(2)
    return browser("investigation_group")


def states() -> dict[str, str]:
    return dict(MatchCandidate.objects.open().values_list("key", "state"))


def test_many_pairs_are_decided_in_one_act(tracer):
    keys = pairs(3)
    answer = tracer.post("/matching/decide/", {"key": keys[:2], "verdict": "same", "reason": "电话核实"})
    assert answer.status_code == 302
    assert [states()[key] for key in keys] == ["same", "same", "open"]
    assert SamePerson.objects.open().count() == 2
    tracer.post("/matching/decide/", {"key": keys[2:], "verdict": "different"})
    assert states()[keys[2]] == "different"
    assert tracer.get("/matching/").context["total"] == 0


def test_all_pairs_of_one_pattern_are_decided_together_and_no_other(tracer):
    alike = pairs(25)
    other = pairs(2, first=50, levels=ALIKE | {"phone": "slip"})
    page = tracer.get("/matching/")
    shown = {each["n"]: each["code"] for each in page.context["patterns"]}
    assert set(shown) == {25, 2}
    given = {"pattern": shown[25], "all": "yes", "verdict": "same"}
    assert tracer.get("/matching/", {"pattern": shown[25]}).context["total"] == 25
    assert tracer.post("/matching/decide/", {**given, "n": "24"}).status_code == 409
    assert set(states().values()) == {"open"}
    assert tracer.post("/matching/decide/", {**given, "n": "25"}).status_code == 302
    assert {states()[key] for key in alike} == {"same"}
    assert {states()[key] for key in other} == {"open"}


def test_names_stay_closed_until_a_purpose_and_a_reason_are_given(tracer):
    keys = pairs(2)
    assert NAME not in tracer.get("/matching/").content.decode()
    given = {"key": keys[:1], "purpose": "verify_identity"}
    refused = tracer.post("/matching/names/", given)
    assert refused.status_code == 400
    assert NAME not in refused.content.decode()
    assert tracer.post("/matching/names/", {**given, "why": "核对台账"}).status_code == 302
    page = tracer.get("/matching/")
    html = page.content.decode()
    assert html.count(NAME) == html.count(OTHER) == 1  # of the chosen pair only
    # By the office's clock, which is that of another year than the browser's: else the page would reload for ever.
    assert 0 < page.context["seconds_left"] <= 15 * 60
    assert f'data-veil-seconds="{page.context["seconds_left"]}"' in html
    reads = AuditRow.objects.filter(verb="identity.read", purpose="verify_identity")
    assert set(reads.values_list("object_key", flat=True)) == {f"Q{NEAR}-0-a", f"Q{NEAR}-0-b"}
    before = reads.count()
    tracer.get("/matching/")
    assert reads.count() == before + 2


def test_a_role_without_named_data_decides_without_names():
    """Whoever decides and whoever sees names are asked apart: the form of names is not there for everybody."""
    made_city(2)
    keys = pairs(1)
    for role, entry in roles().items():
        client = browser(role)
        expected = 200 if "match.decide" in entry["may"] else 403
        assert client.get("/matching/").status_code == expected, role
        if expected == 403:
            assert client.post("/matching/decide/", {"key": keys, "verdict": "same"}).status_code == 403
    assert set(states().values()) == {"open"}


def test_a_district_sees_and_decides_its_own_pairs_only():
    made_city(2)
    own, foreign = pairs(1, NEAR), pairs(1, FAR)
    client = browser("investigation_group", NEAR)
    page = client.get("/matching/")
    assert [row["pair"].key for row in page.context["rows"]] == own
    assert client.post("/matching/decide/", {"key": foreign, "verdict": "same"}).status_code == 404
    answer = client.post("/matching/names/", {"key": foreign, "purpose": "notice", "why": "x"})
    assert answer.status_code == 404
    assert states()[foreign[0]] == "open"


def test_what_was_decided_is_listed_and_undone_with_a_reason(tracer):
    keys = pairs(2)
    tracer.post("/matching/decide/", {"key": keys[:1], "verdict": "same"})
    tracer.post("/matching/decide/", {"key": keys[1:], "verdict": "different"})
    listed = tracer.get("/matching/?state=same")
    assert [row["pair"].key for row in listed.context["rows"]] == keys[:1]
    assert tracer.post("/matching/undo/", {"state": "same", "key": keys[:1]}).status_code == 400
    assert SamePerson.objects.open().count() == 1
    tracer.post("/matching/undo/", {"state": "same", "key": keys[:1], "reason": "不是同一人"})
    assert SamePerson.objects.open().count() == 0
    assert states()[keys[0]] == "different"
    tracer.post("/matching/undo/", {"state": "different", "key": keys[1:], "reason": "再看一次"})
    assert states()[keys[1]] == "open"


def test_nothing_chosen_and_nothing_there_say_what_to_do_next(tracer):
    pairs(1)
    refused = tracer.post("/matching/decide/", {"verdict": "same"})
    assert refused.status_code == 400
    assert "勾选" in refused.context["problem"]
    assert tracer.post("/matching/decide/", {"key": "none", "verdict": "perhaps"}).status_code == 400
    MatchCandidate.objects.all().delete()
    empty = tracer.get("/matching/").content.decode()
    assert 'href="/receive/"' in empty


def test_the_page_takes_twenty_queries_at_most_however_many_pairs(tracer):
    def cost() -> int:
        tracer.get("/matching/")
        with CaptureQueriesContext(connection) as queries:
            assert tracer.get("/matching/").status_code == 200
        return len(queries)

    pairs(2)
    few = cost()
    keys = pairs(40, first=10)
    assert cost() <= 20
    assert cost() - few <= 1
    tracer.post("/matching/names/", {"key": keys[:10], "purpose": "notice", "why": "x"})
    assert cost() <= 30  # names in sight: their keys, their seals, and the audit of each read in one act


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_stands_in_both_languages(tracer, language):
    pairs(1)
    tracer.cookies["django_language"] = language
    html = tracer.get("/matching/").content.decode()
    assert ("读音相同" if language == "zh-hans" else "sounds alike") in html
    assert "‹" not in html.replace("‹ ›", "")
