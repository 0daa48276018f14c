"""Offers to shorten: both computations in view, many accepted for one reason, those that end now first."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fangkong.desks.control import queries
from fangkong.faces.web.board.tests.made_city import FAR, LAST, NEAR, NOW, made_city, put
from fangkong.record.access import system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Order, Rejudgement

from .made_orders import RULE_ROW, colleague, order_row

pytestmark = pytest.mark.django_db
HAND = system_actor("test")
REASON = "第九版自今日起施行"


def offer(n: int, *, outcome: str = "shorter", area: str = NEAR) -> tuple[dict, dict]:
    """An order in force, and the offer to end it three days sooner or now."""
    order = order_row(
        f"order-{area[-1]}{n:03}",
        order_no=f"GL-220417-{area[-1]}{n:03}",
        state="approved",
        decided_by="user-signer",
        issuer_rank="county",
        person_key=f"P{n}",
        area_code=area,
        reason_key=f"reason-{area}-{n}",
    )
    sooner = (LAST + timedelta(days=6)).isoformat()
    after = {"stages": order["stages"][:1], "rule_rows": [RULE_ROW], "expires_on": sooner}
    gone = {"stages": [], "rule_rows": [], "why": "case_excluded"}
    row = {
        "key": f"rejudgement-{area}-{n:03}",
        "order_key": order["key"],
        "person_key": order["person_key"],
        "area_code": area,
        "cause": "rules",
        "judged_on": LAST,
        "outcome": outcome,
        "before": {
            "stages": order["stages"],
            "expires_on": order["expires_on"].isoformat(),
            "situation": order["situation"],
            "judged_on": LAST.isoformat(),
        },
        "after": (after if outcome == "shorter" else gone) | {"situation": order["situation"]},
        "state": "offered",
    }
    return order, row


@pytest.fixture(autouse=True)
def offers(db):
    made_city(3)
    made = [offer(n) for n in range(3)] + [offer(3, area=FAR), offer(4, outcome="ends_now")]
    put(Order, *[order for order, _ in made])
    put(Rejudgement, *[row for _, row in made])


def words_of(response) -> str:
    page = response.content.decode().partition('<div class="page">')[2].partition("</main>")[0]
    page = re.sub(r'<(\w+)[^>]*\bclass="[^"]*\bmono\b[^"]*"[^>]*>.*?</\1>', " ", page, flags=re.S)
    page = re.sub(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def accepted() -> int:
    return Rejudgement.objects.open().filter(state="accepted").count()


def test_those_that_end_now_stand_first():
    client, _ = colleague("health_authority")
    page = client.get("/orders/?show=offers").content.decode()
    assert page.count("<tr data-row>") == 1
    assert f"rejudgement-{NEAR}-004" in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ("2022-04-26 周二", "2022-04-23 周六", "采用柳堤区全部 3 条", "规则变了")),
        ("en", ("26 Apr 2022", "23 Apr 2022", "Accept all 3 of Liudi", "the rules changed")),
    ],
)
def test_both_computations_of_a_district_are_in_view(language, said):
    client, _ = colleague("health_authority", language=language)
    page = words_of(client.get(f"/orders/?show=offers&outcome=shorter&area={NEAR}"))
    assert [each for each in said if each not in page] == []
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", page) == []


def test_all_of_a_district_are_accepted_in_one_action():
    client, actor = colleague("health_authority")
    form = {"decision": "accept_all", "outcome": "shorter", "area": NEAR, "count": "3", "reason": REASON}
    answer = client.post("/orders/offers/", form, follow=True)
    assert "已采用 3 条" in words_of(answer)
    decided = Rejudgement.objects.open().filter(state="accepted")
    assert set(decided.values_list("decided_by", "decision_reason", "area_code")) == {
        (actor.key, REASON, NEAR)
    }
    order = queries.order_get("order-1000", actor=HAND, at=installation().now())
    assert order.expires_on == LAST + timedelta(days=6)


def test_what_was_not_in_view_is_not_accepted():
    client, _ = colleague("health_authority")
    form = {"decision": "accept_all", "outcome": "shorter", "area": NEAR, "count": "2", "reason": REASON}
    answer = client.post("/orders/offers/", form)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "当时 2 条，现在 3 条" in page
    assert REASON in page
    assert accepted() == 0


def test_only_those_chosen_and_what_was_chosen_stands_when_refused():
    client, _ = colleague("health_authority")
    form = {"outcome": "shorter", "area": NEAR, "offer": [f"rejudgement-{NEAR}-001"], "reason": ""}
    answer = client.post("/orders/offers/", form | {"decision": "accept"})
    assert answer.status_code == 400
    assert re.search(r'value="rejudgement-990101-001"[^>]* checked', answer.content.decode())
    client.post("/orders/offers/", form | {"decision": "accept", "reason": REASON})
    assert accepted() == 1
    client.post(
        "/orders/offers/",
        form | {"decision": "decline", "reason": "读错了", "offer": [f"rejudgement-{NEAR}-002"]},
    )
    assert Rejudgement.objects.open().get(key=f"rejudgement-{NEAR}-002").state == "declined"
    nothing = {"decision": "accept", "outcome": "shorter", "reason": REASON}
    assert client.post("/orders/offers/", nothing).status_code == 400


def test_who_does_not_decide_sees_them_and_has_no_form():
    client, _ = colleague("duty_officer")
    page = client.get("/orders/?show=offers&outcome=shorter").content.decode()
    assert 'name="decision"' not in page
    assert 'name="offer"' not in page
    form = {"decision": "accept", "offer": [f"rejudgement-{NEAR}-001"], "reason": REASON}
    assert client.post("/orders/offers/", form).status_code == 403
    assert accepted() == 0


def test_the_page_s_queries_do_not_grow_with_its_rows(django_assert_max_num_queries):
    made = [offer(n) for n in range(10, 60)]
    put(Order, *[order for order, _ in made])
    put(Rejudgement, *[row for _, row in made])
    client, _ = colleague("health_authority")
    address = f"/orders/?show=offers&outcome=shorter&area={NEAR}"
    client.get(address)
    with django_assert_max_num_queries(35):
        assert client.get(address).content.decode().count("<tr data-row>") == 53


def test_an_order_that_is_over_is_offered_no_more():
    later = NOW + timedelta(days=30)
    assert queries.offers_count(actor=HAND, at=later) == []
