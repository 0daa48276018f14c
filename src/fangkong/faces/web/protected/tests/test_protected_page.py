"""The protected line's page: open to anybody, in both languages, and without a trace of who used it."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from fangkong.faces.web.board.tests.made_city import browser, made_city
from fangkong.faces.web.flood import PROTECTED_LINE
from fangkong.record.models import AuditRow, ProtectedReport, SignInAttempt

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.77"
FORM = {"subject": "care_refused", "text": "诊室以没有核酸为由不收。", "area": "柳堤区", "order_no": ""}


@pytest.fixture(autouse=True)
def quiet(db):
    cache.clear()
    made_city(3)
    yield
    cache.clear()


def visitor(language: str = "zh-hans", **more) -> Client:
    client = Client(REMOTE_ADDR=ADDRESS, **more)
    client.cookies["django_language"] = language
    return client


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "保护举报"), ("en", "Protected line")])
def test_anybody_may_open_it(language, said):
    answer = visitor(language).get("/protected/")
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "sessionid" not in answer.cookies
    assert 'class="rail"' not in answer.content.decode()


def test_a_report_arrives_and_says_so():
    answer = visitor().post("/protected/", FORM, follow=True)
    assert "已送达监督人员" in answer.content.decode()
    report = ProtectedReport.objects.get()
    assert (report.subject, report.area_code, report.text) == ("care_refused", "990101", FORM["text"])


def test_neither_address_nor_account_is_kept_anywhere():
    signed_in = browser("duty_officer")
    signed_in.post("/protected/", FORM, REMOTE_ADDR=ADDRESS)
    visitor().post("/protected/", FORM)
    assert ProtectedReport.objects.count() == 2
    assert not SignInAttempt.objects.exists()
    noted = AuditRow.objects.filter(object_kind__in=("protected_report", "protectedreport"))
    assert set(noted.values_list("actor", flat=True)) == {"anonymous"}
    kept = str(list(ProtectedReport.objects.values())) + str(list(AuditRow.objects.values()))
    assert ADDRESS not in kept
    assert "user-duty_officer" not in str(list(ProtectedReport.objects.values()))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"subject": ""}, "哪一类"), ({"text": " "}, "发生了什么"), ({"area": "无此区"}, "没有找到地区")],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(wrong, said):
    answer = visitor().post("/protected/", FORM | {"order_no": "GL-7"} | wrong)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page
    assert "GL-7" in page
    assert re.search(r'aria-invalid="true"', page)
    assert not ProtectedReport.objects.exists()


def test_a_script_has_to_wait_and_others_do_not():
    client = visitor()
    for _ in range(PROTECTED_LINE.most):
        assert client.post("/protected/", FORM).status_code == 302
    stopped = client.post("/protected/", FORM)
    assert stopped.status_code == 429
    assert FORM["text"] in stopped.content.decode(), "nothing typed is lost"
    assert Client(REMOTE_ADDR="203.0.113.78").post("/protected/", FORM).status_code == 302
    assert ProtectedReport.objects.count() == PROTECTED_LINE.most + 1


def test_another_site_cannot_file_in_somebody_s_name():
    assert visitor(enforce_csrf_checks=True).post("/protected/", FORM).status_code == 403
    assert not ProtectedReport.objects.exists()
