"""Cases and people: filters, scope, the veil, and names that open for a purpose and leave a trace."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.faces.web.board.tests.made_city import NAME, NEAR, NUMBER, browser, made_city
from fangkong.faces.web.board.tests.test_board import CHINESE, text_of
from fangkong.record.access.actor import roles
from fangkong.record.models import AuditRow

pytestmark = pytest.mark.django_db


def numbers(answer) -> list[str]:
    return [row["case"].case_no for row in answer.context["rows"]]


def test_the_list_is_filtered_by_the_address_and_paged():
    made_city(60)
    client = browser("duty_officer")
    first = client.get("/cases/")
    assert len(numbers(first)) == 25
    later = client.get("/cases/" + first.context["pager"]["later_href"])
    assert later.context["pager"]["first"] == 26
    assert not set(numbers(first)) & set(numbers(later))
    found = client.get("/cases/?classification=asymptomatic&channel=controlled")
    assert found.context["rows"]
    assert all(row["case"].classification == "asymptomatic" for row in found.context["rows"])
    assert len(numbers(client.get("/cases/?overdue=1"))) == 1
    assert all(row["case"].area_code == NEAR for row in client.get(f"/cases/?area={NEAR}").context["rows"])


def test_a_district_lists_only_its_own_cases():
    made_city(20)
    answer = browser("district_officer", NEAR).get("/cases/?area=990102")
    assert answer.context["rows"]
    assert {row["case"].area_code for row in answer.context["rows"]} == {NEAR}


def test_only_roles_with_the_permission_see_cases():
    made_city(4)
    for role, entry in roles().items():
        expected = 200 if "case.read" in entry["may"] else 403
        client = browser(role)
        for path in ("/cases/", "/cases/C0/", "/cases/C0/chain/"):
            assert client.get(path).status_code == expected, f"{role} {path}"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_case_stands_with_everything_that_hangs_on_it(language):
    made_city(10)
    answer = browser("investigation_group", language=language).get("/cases/C0/")
    assert answer.status_code == 200
    assert answer.context["quad"] == {"total": 1, "count": 1, "identity": 1, "location": 0, "control": 0}
    contact = answer.context["contacts"][0]
    assert contact["order"].key == "O0"  # the approved one, not the proposal beside it
    assert contact["next_test"] in ("今日", "today")
    assert len(answer.context["links"]) == 3
    assert NAME not in answer.content.decode()
    if language == "en":
        assert not CHINESE.search(text_of(answer).replace("中文", ""))


def test_the_chain_lists_generations_below_one_another():
    made_city(10)
    answer = browser("duty_officer").get("/cases/C0/chain/")
    assert [row["node"].case_key for row in answer.context["rows"]] == ["C0", "C2", "C3", "C4"]
    assert answer.context["generations"] == 1
    assert answer.context["rows"][0]["infected"] == 3


def test_a_case_outside_the_scope_is_not_found():
    made_city(10)
    client = browser("district_officer", NEAR)
    assert client.get("/cases/C0/").status_code == 200
    assert client.get("/cases/C1/").status_code == 404
    assert client.get("/cases/C1/chain/").status_code == 404


def test_the_number_of_queries_of_a_case_is_bounded():
    made_city(10)
    client = browser("duty_officer")
    client.get("/cases/C0/")
    with CaptureQueriesContext(connection) as found:
        client.get("/cases/C0/")
    assert len(found) <= 40


def test_a_name_opens_for_a_purpose_and_leaves_a_trace():
    made_city(10)
    client = browser("investigation_group")
    answer = client.post(
        "/cases/C0/unmask/", {"purpose": "investigation", "reason": "核对密接名单"}, follow=True
    )
    assert answer.status_code == 200
    assert NAME in answer.content.decode()
    assert answer.context["veil"]["open_until"] is not None
    # The browser closes the veil by seconds: on an exercise's clock an instant would lie years away.
    assert 890 <= answer.context["veil"]["seconds_left"] <= 900
    verbs = set(AuditRow.objects.filter(object_key="P0").values_list("verb", flat=True))
    assert {"identity.unmask", "identity.read"} <= verbs
    # A colleague with the same role sees the veil: the grant is one person's.
    assert NAME not in browser("investigation_group", language="en").get("/cases/C0/").content.decode()


def test_without_a_reason_nothing_is_shown_and_nothing_recorded():
    made_city(10)
    client = browser("investigation_group")
    answer = client.post("/cases/C0/unmask/", {"purpose": "investigation", "reason": " "})
    assert answer.status_code == 400
    assert "请写事由" in text_of(answer)
    assert not AuditRow.objects.filter(verb="identity.unmask").exists()


def test_a_role_without_named_data_sees_who_may_and_no_form():
    made_city(10)
    client = browser("duty_officer")
    answer = client.get("/cases/C0/")
    assert "流调组" in answer.context["veil"]["who_may"]
    assert b"unmask" not in answer.content
    assert client.post("/cases/C0/unmask/", {"purpose": "investigation", "reason": "x"}).status_code == 403


def test_no_name_while_looking_back():
    made_city(10)
    client = browser("investigation_group")
    client.post("/cases/C0/unmask/", {"purpose": "investigation", "reason": "核对"})
    client.post("/look-back/", {"day": "2022-04-17", "next": "/"})
    assert NAME not in client.get("/cases/C0/").content.decode()
    assert client.post("/cases/C0/unmask/", {"purpose": "investigation", "reason": "x"}).status_code == 409


def test_a_person_is_found_by_the_whole_number_and_only_by_post():
    made_city(10)
    client = browser("investigation_group")
    asked = {"kind": "id_number", "value": NUMBER, "purpose": "investigation"}
    found = client.post("/people/", asked)
    assert [row["key"] for row in found.context["found"]] == ["P0"]
    assert NUMBER not in found.content.decode()
    assert client.get("/people/", asked).context["found"] is None
    assert client.post("/people/", asked | {"value": NUMBER[:-1]}).context["found"] == []
    assert client.post("/people/", asked | {"value": ""}).status_code == 400
    assert client.post("/people/", asked | {"purpose": "curiosity"}).status_code == 400


def test_a_person_of_another_district_is_not_there():
    made_city(10)
    client = browser("investigation_group", "990102")
    found = client.post("/people/", {"kind": "id_number", "value": NUMBER, "purpose": "investigation"})
    assert found.context["found"] == []
    assert client.get("/people/P0/").status_code == 404


def test_a_persons_page_opens_behind_the_veil():
    made_city(10)
    client = browser("health_authority")
    assert NAME not in client.get("/people/P0/").content.decode()
    opened = client.post("/people/P0/unmask/", {"purpose": "notice", "reason": "送达告知书"}, follow=True)
    assert NAME in opened.content.decode()
    assert browser("duty_officer").get("/people/").status_code == 403
