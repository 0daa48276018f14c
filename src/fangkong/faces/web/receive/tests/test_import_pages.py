"""The import page and a receipt: files in, what became of each row, what was found, and what goes back."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.faces.web.board.tests.made_city import NEAR, browser, made_city
from fangkong.faces.web.receive.progress import progress_of, progress_told
from fangkong.record.models import AuditRow, Case, Receipt, SavedMapping

pytestmark = pytest.mark.django_db

SUPPLIES = [
    ["物资日报"],
    ["物资名称", "计量单位", "昨日结存", "入库", "出库", "今日结存"],
    ["医用口罩", "只", 100, 50, 30, 120],
    ["防护服", "套", 40, 10, 20, 35],
]
#: A table whose headers nobody knows but for one.
RIDDLE = "编甲,到院之日,备注\nX-1,2022-04-10,三楼\nX-2,2022-04-11,四楼\n"


def workbook(rows=SUPPLIES, name="物资日报.xlsx") -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def csv_file(text: str, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.fixture
def duty():
    made_city(2)
    return browser("duty_officer")


@pytest.fixture
def receipt(duty) -> Receipt:
    assert duty.post("/receive/", {"file": workbook()}).status_code == 302
    return Receipt.objects.get(file_name="物资日报.xlsx")


def test_one_file_leads_to_its_receipt(duty):
    answer = duty.post("/receive/", {"file": workbook()})
    receipt = Receipt.objects.get()
    assert answer.headers["Location"] == f"/receive/{receipt.key}/"
    assert receipt.mapping == "table:supplies"


def test_several_files_at_once_each_say_what_became_of_them(duty):
    paper = SimpleUploadedFile("通知.pdf", b"%PDF-1.7\n")
    answer = duty.post("/receive/", {"file": [workbook(), paper, csv_file("", "empty.csv")]})
    assert answer.status_code == 400
    results = {result.name: result for result in answer.context["results"]}
    assert set(results) == {"物资日报.xlsx", "通知.pdf", "empty.csv"}
    assert results["物资日报.xlsx"].receipt is not None
    assert results["物资日报.xlsx"].errors >= 1
    assert results["通知.pdf"].receipt is None
    assert "通知.pdf" in results["通知.pdf"].problem
    assert Receipt.objects.count() == 1


def test_the_script_of_the_page_gets_the_result_of_its_one_file(duty):
    part = duty.post(
        "/receive/", {"file": workbook(), "token": "0" * 32}, headers={"X-Fangkong-Part": "results"}
    )
    html = part.content.decode()
    assert part.status_code == 200
    assert "<html" not in html
    assert f"/receive/{Receipt.objects.get().key}/" in html
    assert duty.get(f"/receive/progress/{'0' * 32}/").json() == {"done": 0, "total": 0}


def test_progress_is_told_under_the_pages_own_token_only():
    token = "ab" * 16
    with progress_told(token) as told:
        told(30, 100)
        assert progress_of(token) == {"done": 30, "total": 100}
    assert progress_of(token) == {"done": 0, "total": 0}
    with progress_told("../../evil") as nothing:
        assert nothing is None
    assert progress_of("../../evil") == {"done": 0, "total": 0}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_receipt_says_how_the_file_was_read_and_what_was_found(duty, receipt, language):
    duty.cookies["django_language"] = language
    answer = duty.get(f"/receive/{receipt.key}/")
    (table,) = answer.context["tables"]
    assert table["read"] == 6
    assert answer.context["receipt"]["total"] == 2
    codes = {entry["issue"].code for entry in answer.context["findings"]}
    assert "BALANCE_ERROR" in codes
    html = answer.content.decode()
    assert ("物资日报" if language == "zh-hans" else "report of supplies") in html
    assert not re.findall("‹[a-z_.]+›", html)


def test_findings_are_filtered_by_severity_code_and_row_and_paged(duty):
    lines = "".join(f"物品{n},只,10,0,0,{11 if n % 2 else 10}\n" for n in range(240))
    duty.post(
        "/receive/", {"file": csv_file("物资名称,计量单位,昨日结存,入库,出库,今日结存\n" + lines, "库存.csv")}
    )
    place = f"/receive/{Receipt.objects.get().key}/"
    whole = duty.get(place)
    assert len(whole.context["findings"]) == 50
    later = duty.get(place + whole.context["pager"]["later_href"])
    assert later.context["pager"]["first"] == 51
    errors = duty.get(place + "?show=found&severity=error")
    assert {entry["issue"].severity for entry in errors.context["findings"]} == {"error"}
    one = duty.get(place + "?show=found&code=BALANCE_ERROR&row=3")
    assert [(entry["issue"].row, entry["issue"].code) for entry in one.context["findings"]] == [
        (3, "BALANCE_ERROR")
    ]
    assert not duty.get(place + "?show=found&code=NO_SUCH").context["findings"]


def test_the_receipts_queries_do_not_grow_with_its_rows(duty):
    def cost(n: int) -> int:
        lines = "".join(f"物品{i},只,10,0,0,{11 if i % 2 else 10}\n" for i in range(n))
        text = "物资名称,计量单位,昨日结存,入库,出库,今日结存\n" + lines
        duty.post("/receive/", {"file": csv_file(text, f"n{n}.csv")})
        with CaptureQueriesContext(connection) as queries:
            duty.get(f"/receive/{Receipt.objects.get(file_name=f'n{n}.csv').key}/")
        return len(queries)

    assert cost(4) == cost(90) <= 20


def test_the_sender_gets_their_file_back_marked_in_their_language_and_that_is_audited(duty, receipt):
    for lang, title in (("zh", "问题清单"), ("en", "Findings")):
        answer = duty.post(f"/receive/{receipt.key}/send-back/", {"lang": lang})
        assert answer.status_code == 200
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert book.sheetnames[0] == title
        assert book.worksheets[1]["A1"].value == "物资日报"
    assert AuditRow.objects.filter(verb="receipt.open", object_key=receipt.key).count() == 2


def test_only_who_receives_files_may_open_one(receipt):
    for role in ("oversight", "health_authority"):
        client = browser(role)
        assert client.get(f"/receive/{receipt.key}/").status_code == 200
        assert client.post(f"/receive/{receipt.key}/send-back/", {"lang": "zh"}).status_code == 403
    assert browser("district_officer", NEAR).post(f"/receive/{receipt.key}/send-back/").status_code in (
        403,
        404,
    )


def test_a_table_nobody_knows_is_explained_once_and_then_read(duty):
    duty.post("/receive/", {"file": csv_file(RIDDLE, "riddle.csv")})
    receipt = Receipt.objects.get()
    assert receipt.mapping == "table:unknown"
    place = f"/receive/{receipt.key}/"
    page = duty.get(place)
    assert page.context["tables"][0]["doubtful"]
    form = duty.get(place + "columns/?table=0")
    assert [column["name"] for column in form.context["columns"]] == ["编甲", "到院之日", "备注"]
    empty = duty.post(place + "columns/?table=0", {"kind": "line_list", "title": "x"})
    assert empty.status_code == 400
    said = {
        "kind": "line_list",
        "title": "某院名单",
        "field-0": "case_no",
        "field-1": "reported_on",
        "field-2": "",
    }
    answer = duty.post(place + "columns/?table=0", said)
    assert answer.status_code == 302
    assert SavedMapping.objects.open().get().columns == {
        "编甲": "case_no",
        "到院之日": "reported_on",
        "备注": "",
    }
    again = Receipt.objects.get()
    assert (again.key, again.mapping, again.row_count) == (receipt.key, "table:line_list", 2)
    read = duty.get(place).context["tables"][0]
    assert (read["doubtful"], read["read"]) == (False, 2)
    # The next file of those columns, in another order, needs nobody.
    moved = "备注,到院之日,编甲\n五楼,2022-04-12,X-3\n"
    duty.post("/receive/", {"file": csv_file(moved, "next.csv")})
    assert Receipt.objects.get(file_name="next.csv").mapping == "table:line_list"


def test_a_file_on_which_the_record_rests_is_not_read_in_another_way(duty):
    text = "病例编号,报告日期,区划代码,病例分类\nLJ-9,2022-04-10,990101,确诊\n"
    duty.post("/receive/", {"file": csv_file(text, "list.csv")})
    receipt = Receipt.objects.get()
    assert receipt.inserted
    assert Case.objects.filter(case_no="LJ-9").exists()
    answer = duty.post(f"/receive/{receipt.key}/read-again/")
    assert answer.status_code == 409
    assert "撤回" in answer.context["problem"]


def test_a_file_is_withdrawn_with_a_reason(duty):
    text = "病例编号,报告日期,区划代码,病例分类\nLJ-9,2022-04-10,990101,确诊\n"
    duty.post("/receive/", {"file": csv_file(text, "list.csv")})
    place = f"/receive/{Receipt.objects.get().key}/"
    assert duty.post(place + "withdraw/", {"reason": " "}).status_code == 400
    assert duty.post(place + "withdraw/", {"reason": "发错了"}).status_code == 302
    assert not Case.objects.open().filter(case_no="LJ-9").exists()
    page = duty.get(place)
    assert "已撤回" in page.content.decode()
    assert not page.context["may_withdraw"]
    assert not page.context["may_send_back"]
