"""The page of held rows: grouped by what is wrong, decided in bulk, nothing of a person on it unless it was opened."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.faces.web.board.tests.made_city import browser, made_city
from fangkong.record.models import AuditRow, Case, Receipt, ReceiptRow

pytestmark = pytest.mark.django_db

HEADER = "序号,姓名,证件号码,联系电话,关联病例,末次接触时间\n"
#: The check digits of the second and third are wrong, the third row's phone is too short as well.
WRONG = ("990101199002030021", "990101199003040036")


@pytest.fixture
def duty():
    made_city(2)
    return browser("duty_officer")


@pytest.fixture
def receipt(duty) -> Receipt:
    case = Case.objects.open().order_by("key").first().case_no
    rows = [
        f"1,测试甲,990101199001020014,10000000001,{case},2022-04-10",
        f"2,测试乙,{WRONG[0]},10000000002,{case},2022-04-10",
        f"3,测试丙,{WRONG[1]},10000000003,{case},2022-04-10",
        f"4,测试丁,/,10000000004,{case},2022-02-30",
    ]
    file = SimpleUploadedFile("密接台账.csv", (HEADER + "\n".join(rows) + "\n").encode())
    assert duty.post("/receive/", {"file": file}).status_code == 302
    return Receipt.objects.get()


def page_of(client, receipt, **asked):
    return client.get(f"/receive/{receipt.key}/held/", asked)


def decide(client, receipt, **given):
    return client.post(f"/receive/{receipt.key}/held/decide/", given)


def test_the_receipt_leads_to_it_and_it_names_what_is_wrong_and_nobody(duty, receipt):
    assert f"/receive/{receipt.key}/held/" in duty.get(f"/receive/{receipt.key}/").content.decode()
    with CaptureQueriesContext(connection) as asked:
        answer = page_of(duty, receipt, why="issue_ID_CHECKSUM")
    html = answer.content.decode()
    assert len(asked) <= 30
    assert "校验位不对" in html
    assert "不入库的列：证件号码" in html
    assert not any(secret in html for secret in (*WRONG, "测试乙", "10000000002"))
    assert answer.context["total"] == 2


def test_chosen_rows_are_taken_and_the_rest_refused_in_one_act_each(duty, receipt):
    taken = decide(duty, receipt, why="issue_ID_CHECKSUM", row="3:", reason="电话核实", verdict="take")
    assert taken.status_code == 302
    assert "已处理 1 行" in duty.get(taken.headers["Location"]).content.decode()
    refused = decide(
        duty, receipt, why="issue_ID_CHECKSUM", all="yes", n="1", reason="查无此人", verdict="refuse"
    )
    assert refused.status_code == 302
    receipt.refresh_from_db()
    assert (receipt.accepted, receipt.rejected, receipt.row_count) == (2, 1, 4)
    row = ReceiptRow.objects.get(row_number=4)
    assert (row.reason, row.params["why"]) == ("refused_by_office", "查无此人")
    assert "查无此人" in duty.get(f"/receive/{receipt.key}/?show=rows").content.decode()


def test_the_second_is_told_how_it_was_decided(duty, receipt):
    decide(duty, receipt, why="issue_ID_CHECKSUM", row="3:", reason="电话核实", verdict="take")
    second = browser("general_group")
    answer = decide(second, receipt, why="issue_ID_CHECKSUM", row="3:", reason="也看过", verdict="refuse")
    assert "值班已收下" in answer.content.decode()
    assert "电话核实" in answer.content.decode()


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"row": "3:", "reason": "", "verdict": "take"}, 400, "理由"),
        ({"row": "3:", "reason": "x", "verdict": "other"}, 400, "收下还是不收"),
        ({"reason": "x", "verdict": "take"}, 400, "没有选中"),
        ({"row": "2:", "reason": "x", "verdict": "take"}, 404, "第 2 行"),
        ({"all": "yes", "n": "7", "reason": "x", "verdict": "take"}, 409, "2 行"),
    ],
)
def test_a_refusal_says_what_to_do(duty, receipt, given, status, said):
    answer = decide(duty, receipt, why="issue_ID_CHECKSUM", **given)
    assert answer.status_code == status
    assert said in answer.content.decode()


def test_cells_are_shown_to_those_who_may_for_a_reason_and_audited(duty, receipt):
    asked = {"row": "3:", "why": "issue_ID_CHECKSUM", "purpose": "verify_identity"}
    place = f"/receive/{receipt.key}/held/cells/"
    assert duty.post(place, {**asked, "opened_for": "核对"}).status_code == 403
    traced = browser("investigation_group")
    assert traced.post(place, asked).status_code == 400
    html = traced.post(place, {**asked, "opened_for": "核对"}).content.decode()
    assert WRONG[0] in html
    assert "测试乙" in html
    assert WRONG[1] not in html
    (row,) = AuditRow.objects.filter(verb="receipt.rows_open")
    assert (row.purpose, row.object_key) == ("verify_identity", receipt.key)
    # A reload shows nothing any more.
    assert WRONG[0] not in page_of(traced, receipt, why="issue_ID_CHECKSUM").content.decode()


def test_a_role_that_does_not_decide_may_look_and_reads_either_language(duty, receipt):
    watcher = browser("health_authority", language="en")
    html = page_of(watcher, receipt).content.decode()
    assert "Take as they stand" not in html
    assert "deciding is for the roles in charge" in html
    assert decide(watcher, receipt, row="3:", reason="x", verdict="take").status_code == 403
