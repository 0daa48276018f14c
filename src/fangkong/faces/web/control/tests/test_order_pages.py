"""The pages of orders: plain words in both languages, deeds for whoever may, refusals in place, papers to take."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import docx
import pytest
from pypdf import PdfReader

from fangkong.desks.control import actions, queries
from fangkong.faces.web.board.tests.made_city import LAST
from fangkong.record.access import system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Appeal, Consent, Order, Rejudgement

from .made_orders import colleague, made_orders

pytestmark = pytest.mark.django_db

CJK = re.compile(r"[\u4e00-\u9fff]")
HAND = system_actor("reaction")


@pytest.fixture
def keys() -> dict[str, str]:
    return made_orders()


def words_of(response) -> str:
    """What a reader sees: the page without markup, row ids and marked Chinese."""
    page = response.content.decode().partition('<div class="page">')[2].partition("</main>")[0]
    page = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.S)
    page = re.sub(r'<(\w+)[^>]*\bclass="[^"]*\bmono\b[^"]*"[^>]*>.*?</\1>', " ", page, flags=re.S)
    page = re.sub(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def state(key: str) -> str:
    return queries.order_get(key, actor=HAND, at=installation().now()).state


@pytest.mark.parametrize("which", ["proposed", "running", "area", "approved_area"])
def test_a_page_speaks_one_language_and_no_code(keys, which):
    for language in ("zh-hans", "en"):
        client, _ = colleague("health_authority", language, language=language)
        response = client.get(f"/orders/{keys[which]}/")
        assert response.status_code == 200
        text = words_of(response)
        assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", text) == []
        if language == "en":
            assert CJK.findall(text) == []
        else:
            assert set(re.findall(r"[A-Za-z]{2,}", text)) <= {
                "PDF",
                "Word",
                "GL",
                "LJ",
                "PROP",
                "RUN",
                "AREA",
                "STAY",
            }


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "zh-hans",
            [
                "最后一次接触病例 LJ-0000",
                "第八版",
                "2022-04-26 周二",
                "县级",
                "行政复议",
                "上限 10 天",
                "重算的",
                "急危重症",
            ],
        ),
        (
            "en",
            [
                "last exposure to case LJ-0000 on 17 Apr 2022",
                "COVID-19 control plan, 8th edition",
                "26 Apr 2022",
                "county rank",
                "Administrative review",
                "10 of at most 10 days",
                "As the rules of that day give it",
                "a medical emergency goes first",
            ],
        ),
    ],
)
def test_the_page_says_why_on_what_basis_until_when_who_signed_and_how_to_object(keys, language, said):
    client, _ = colleague("health_authority", language=language)
    text = words_of(client.get(f"/orders/{keys['running']}/"))
    assert [each for each in said if each not in text] == []


def test_an_area_s_page_shows_extent_gates_and_what_blocks(keys):
    client, _ = colleague("co_chair", language="en")
    text = words_of(client.get(f"/orders/{keys['area']}/"))
    for said in (
        "340",
        "150 households a day for 120 inside",
        "not met yet",
        "holds an area for 14 days",
        "blocks approval",
    ):
        assert said in text
    answer = client.post(f"/orders/{keys['area']}/decide/", {"decision": "approve", "reason": "typed before"})
    assert answer.status_code == 409
    assert "Evacuation plan" in words_of(answer)
    assert "typed before" in answer.content.decode()
    assert state(keys["area"]) == "proposed"


def test_a_rank_that_may_not_sign_is_told_who_may(keys):
    client, _ = colleague("co_chair", area_code="990101", language="en")
    answer = client.post(f"/orders/{keys['area']}/decide/", {"decision": "approve", "reason": "x"})
    assert answer.status_code == 403
    assert "county rank" in words_of(answer)
    assert "prefecture rank" in words_of(answer)


def test_a_life_of_an_order_from_its_page(keys):
    key = keys["running"]
    client, _ = colleague("health_authority", language="en")
    sooner = (LAST + timedelta(days=5)).isoformat()
    assert client.post(f"/orders/{key}/suspend/", {"reason": "checking"}).status_code == 302
    assert state(key) == "suspended"
    assert client.post(f"/orders/{key}/resume/", {"reason": "checked"}).status_code == 302
    assert (
        client.post(f"/orders/{key}/shorten/", {"reason": "fewer days", "expires_on": sooner}).status_code
        == 302
    )
    text = words_of(client.get(f"/orders/{key}/"))
    for deed in ("suspended", "resumed", "shortened to 22 Apr", "fewer days"):
        assert deed in text
    assert client.post(f"/orders/{key}/withdraw/", {"reason": "negative"}).status_code == 302
    assert state(key) == "withdrawn"


@pytest.mark.parametrize(
    ("deed", "form", "said"),
    [
        ("withdraw", {"reason": " "}, "Give a reason"),
        ("shorten", {"reason": "why", "expires_on": "soon"}, "Write the date"),
        ("shorten", {"reason": "why", "expires_on": "2022-06-01"}, "choose an earlier day"),
        ("resume", {"reason": "why"}, "not in a state"),
        ("renew", {"reason": "why", "expires_on": "2022-05-01"}, "never renewed by hand"),
    ],
)
def test_what_is_refused_is_said_in_place_with_what_was_typed(keys, deed, form, said):
    client, _ = colleague("health_authority", language="en")
    answer = client.post(f"/orders/{keys['running']}/{deed}/", form)
    assert answer.status_code in (400, 409)
    assert said in words_of(answer)
    if deed in ("withdraw", "shorten"):
        assert f'id="do-{deed}" open' in answer.content.decode()
        assert form["reason"] in answer.content.decode()
    assert state(keys["running"]) == "approved"


def test_an_area_order_is_renewed_as_a_proposal_for_somebody_else(keys):
    client, _ = colleague("health_authority", language="en")
    key, last = keys["approved_area"], LAST + timedelta(days=12)
    form = {"reason": "still spreading", "expires_on": last.isoformat()}
    assert client.post(f"/orders/{key}/renew/", form).status_code == 302
    follower = Order.objects.get(follows_key=key)
    assert (follower.state, follower.expires_on) == ("proposed", last)
    assert (
        follower.order_no in words_of(client.get(f"/orders/{key}/"))
        or follower.key in client.get(f"/orders/{key}/").content.decode()
    )
    assert "renewed because: still spreading" in words_of(client.get(f"/orders/{follower.key}/"))


def test_an_appeal_is_filed_listed_and_answered_by_somebody_who_did_not_sign(keys):
    key = keys["running"]
    oversight, _ = colleague("oversight", language="en")
    assert client_sees(oversight, key, "File an appeal")
    assert oversight.post(f"/orders/{key}/appeal/", {"ground": "wrong_date"}).status_code == 302
    listed = words_of(oversight.get("/orders/?show=appeals"))
    assert "wrong date" in listed
    appeal = Appeal.objects.get()
    answerer, _ = colleague("health_authority", language="en")
    form = {"appeal": appeal.key, "verdict": "upheld", "answer": " "}
    refused = answerer.post(f"/orders/{key}/answer/", form)
    assert refused.status_code == 400
    assert "Write the answer" in words_of(refused)
    form["answer"] = "the exposure was a day earlier"
    assert answerer.post(f"/orders/{key}/answer/", form).status_code == 302
    assert state(key) == "suspended"
    assert "the exposure was a day earlier" in words_of(oversight.get(f"/orders/{key}/"))
    assert "No appeals wait" in words_of(oversight.get("/orders/?show=appeals"))


def client_sees(client, key: str, text: str) -> bool:
    return text in words_of(client.get(f"/orders/{key}/"))


def test_nobody_is_offered_what_they_may_not_do(keys):
    reader, _ = colleague("treatment_group", language="en")
    page = reader.get(f"/orders/{keys['running']}/").content.decode()
    assert 'id="do-' not in page
    assert reader.post(f"/orders/{keys['running']}/suspend/", {"reason": "x"}).status_code == 403
    assert reader.post(f"/orders/{keys['running']}/appeal/", {"ground": "hardship"}).status_code == 403
    assert state(keys["running"]) == "approved"


def test_a_child_s_order_waits_for_the_carer_s_consent(keys):
    key = keys["proposed"]
    authority, _ = colleague("health_authority", language="en")
    assert client_sees(authority, key, "1 person would be parted from a carer")
    refused = authority.post(f"/orders/{key}/decide/", {"decision": "approve", "reason": "x"})
    assert refused.status_code == 409
    assert "without a recorded consent" in words_of(refused)
    assert authority.post(f"/orders/{key}/consent/", {"person": "child-1", "carer": "P2"}).status_code == 302
    assert Consent.objects.get().carer_key == "P2"
    assert authority.post(f"/orders/{key}/decide/", {"decision": "approve", "reason": "x"}).status_code == 302
    assert state(key) == "approved"
    back = {"person": "child-1", "decision": "take_back"}
    assert authority.post(f"/orders/{key}/consent/", back).status_code == 302
    assert state(key) == "suspended"
    assert client_sees(authority, key, "the carer took the consent back")


def test_a_shorter_computation_is_accepted_from_the_page(keys):
    key = keys["running"]
    authority, _ = colleague("health_authority", language="en")
    offer = Rejudgement.objects.get()
    form = {"offer": offer.key, "decision": "accept", "reason": "new edition"}
    assert authority.post(f"/orders/{key}/rejudged/", form).status_code == 302
    order = queries.order_get(key, actor=HAND, at=installation().now())
    assert order.expires_on == LAST + timedelta(days=6)
    assert client_sees(authority, key, "accepted")


def test_lists_filter_by_subject_and_say_so_in_the_address(keys):
    client, _ = colleague("health_authority", language="en")
    area = words_of(client.get("/orders/?show=in_force&subject=area"))
    assert "Risk area" in area
    assert "Quarantine order" not in area
    assert client.get("/orders/?show=suspended").status_code == 200
    assert client.get("/orders/?show=nonsense&subject=nonsense").status_code == 200
    assert client.get("/orders/?show=appeals&after=nowhere").status_code == 400


def test_the_notices_are_files_and_only_where_there_is_something_to_serve(keys):
    client, actor = colleague("health_authority", language="en")
    key = keys["running"]
    pdf, word = client.get(f"/orders/{key}/notice.pdf"), client.get(f"/orders/{key}/notice.docx")
    assert pdf.headers["Content-Disposition"] == 'attachment; filename="order-GL-220417-RUN1.pdf"'
    told = "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf.content)).pages)
    assert "GL-220417-RUN1" in told
    assert "LJ-0000" not in told
    assert "GL-220417-RUN1" in "".join(p.text for p in docx.Document(BytesIO(word.content)).paragraphs)
    assert client.get(f"/orders/{keys['proposed']}/notice.pdf").status_code == 409
    assert client.get(f"/orders/{key}/release.pdf").status_code == 409
    actions.order_withdraw(key, reason="negative", actor=actor, at=installation().now())
    released = client.get(f"/orders/{key}/release.docx")
    text = "\n".join(p.text for p in docx.Document(BytesIO(released.content)).paragraphs)
    assert "negative" in text
    assert f"/orders/{key}/release.pdf" in client.get(f"/orders/{key}/").content.decode()


def test_another_district_s_order_is_not_there(keys):
    client, _ = colleague("health_authority", area_code="990102")
    key = keys["approved_area"]
    for end in ("", "notice.pdf", "notice.docx", "release.pdf", "release.docx"):
        assert client.get(f"/orders/{key}/{end}").status_code == 404
    for deed in ("withdraw", "suspend", "appeal", "answer", "consent", "rejudged", "renew", "shorten"):
        form = {
            "reason": "x",
            "ground": "hardship",
            "expires_on": "2022-04-20",
            "decision": "accept",
            "verdict": "upheld",
            "answer": "x",
        }
        assert client.post(f"/orders/{key}/{deed}/", form).status_code == 404, deed
    assert state(key) == "approved"


def test_looking_back_nothing_can_be_done(keys):
    client, _ = colleague("health_authority", language="en")
    session = client.session
    session["look_back_on"] = (LAST - timedelta(days=1)).isoformat()
    session.save()
    page = client.get(f"/orders/{keys['running']}/").content.decode()
    assert 'id="do-' not in page
    assert client.post(f"/orders/{keys['running']}/suspend/", {"reason": "x"}).status_code == 409
    assert state(keys["running"]) == "approved"


def test_the_page_s_queries_are_bounded(keys, django_assert_max_num_queries):
    client, _ = colleague("health_authority")
    with django_assert_max_num_queries(45):
        assert client.get(f"/orders/{keys['running']}/").status_code == 200
