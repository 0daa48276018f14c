"""The page of one judgement: a signed fact about one person, said to be no status and no measure."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from fangkong.faces.web.board.tests.made_city import CITY, FAR, LAST, browser, made_city
from fangkong.record.models import Case, Contact, ExposureJudgement, Order

pytestmark = pytest.mark.django_db
ADDRESS = "/people/P3/judge/"
FORM = {
    "case_no": "LJ-0000",
    "last_exposure_on": LAST.isoformat(),
    "tier": "close",
    "setting": "meal",
    "evidence": "监控显示同桌用餐",
    "reason": "室内，未戴口罩，四十分钟",
}


@pytest.fixture(autouse=True)
def city(db):
    made_city(4)


def words_of(response) -> str:
    page = response.content.decode().partition('<div class="page">')[2].partition("</main>")[0]
    page = re.sub(r'<(\w+)[^>]*\blang="zh-CN"[^>]*>.*?</\1>', " ", page, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", ("这是一个事实", "不是状态", "批准的是另一个人", "监督人员会收到警报", "签署人：")),
        ("en", ("A fact:", "No status:", "another person decides", "alarm to oversight", "Signed by")),
    ],
)
def test_the_page_says_what_it_is_and_who_signs(language, said):
    page = words_of(browser("investigation_group", language=language).get(f"{ADDRESS}?case=C0"))
    assert [each for each in said if each not in page] == []
    assert re.findall(r"\b[a-z]+_[a-z_]+\b|‹", page) == []


def test_a_signed_judgement_registers_the_contact_and_changes_no_status_and_orders_nothing():
    client = browser("investigation_group")
    orders, cases = Order.objects.count(), list(Case.objects.values_list("key", "classification"))
    answer = client.post(ADDRESS, FORM, follow=True)
    judgement = ExposureJudgement.objects.get()
    assert (judgement.person_key, judgement.case_key, judgement.last_exposure_on) == ("P3", "C0", LAST)
    contact = Contact.objects.open().get(key=judgement.contact_key)
    assert (contact.tier, contact.setting) == ("close", "meal")
    assert Order.objects.count() == orders
    assert list(Case.objects.values_list("key", "classification")) == cases
    page = words_of(answer)
    assert FORM["evidence"] in page
    assert FORM["reason"] in page


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"evidence": " "}, "请写明证据"),
        ({"reason": ""}, "请写明理由"),
        ({"case_no": "LJ-9999"}, "LJ-9999"),
        ({"last_exposure_on": "yesterday"}, "日期"),
        ({"last_exposure_on": (LAST + timedelta(days=30)).isoformat()}, "还没有到"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stands(missing, said):
    answer = browser("investigation_group").post(ADDRESS, FORM | missing)
    assert answer.status_code == 400
    assert said in words_of(answer)
    typed = FORM | missing
    assert (typed["evidence"].strip() or typed["reason"]) in answer.content.decode()
    assert not ExposureJudgement.objects.exists()


def test_other_grounds_of_the_same_signer_are_refused_in_place():
    client = browser("investigation_group")
    client.post(ADDRESS, FORM)
    answer = client.post(ADDRESS, FORM | {"reason": "有人这样说"})
    assert answer.status_code == 409
    assert ExposureJudgement.objects.count() == 1


def test_who_may_and_where():
    duty = browser("duty_officer")
    assert duty.get(ADDRESS).status_code == 403
    assert duty.post(ADDRESS, FORM).status_code == 403
    # P0 lives in the other district.
    assert browser("health_authority", area_code=FAR).get("/people/P0/judge/").status_code == 404
    assert browser("health_authority", area_code=CITY).get("/people/nobody/judge/").status_code == 404
    assert not ExposureJudgement.objects.exists()


def test_case_and_person_lead_to_it_for_whoever_may():
    client = browser("investigation_group")
    assert "/people/P4/judge/?case=C0" in client.get("/cases/C0/").content.decode()
    assert "/people/P3/judge/" in client.get("/people/P3/").content.decode()
    assert "/judge/" not in browser("duty_officer").get("/cases/C0/").content.decode()
