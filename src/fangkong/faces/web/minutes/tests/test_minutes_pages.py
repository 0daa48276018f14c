"""The pages of minutes: a text dropped, one pass over its clauses, the table and the report, in both languages."""

from __future__ import annotations

import io
import re
import statistics
import time
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from fangkong.command.directives.tests.offices import CITY, DISTRICT, drafter, issuer, known
from fangkong.command.minutes.actions import clause_edit, minutes_receive
from fangkong.command.minutes.capabilities import capabilities
from fangkong.command.minutes.queries import document_clauses
from fangkong.command.minutes.tests.texts import CORRECTED, MINUTES
from fangkong.command.models import Clause, Concern, Directive, StandingDuty
from fangkong.faces.web.frame import RAIL
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.models import AuditRow, Document, User

pytestmark = pytest.mark.django_db

BOTH = pytest.mark.parametrize("language", ["zh-hans", "en"])


def browser(actor: Actor, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(User.objects.get(key=actor.key))
    client.cookies["django_language"] = language
    return client


def received(text: str = MINUTES, **more: object) -> str:
    given = {"area_code": CITY, "actor": drafter(), "at": installation().now() - timedelta(hours=1)}
    return minutes_receive(text, **(given | more))


def saying(key: str, words: str) -> Clause:
    found = document_clauses(key, actor=drafter(), at=installation().now())
    return next(clause for clause in found if words in clause.text)


def due() -> str:
    return (
        (installation().now() + timedelta(days=1)).astimezone(installation().zone).strftime("%Y-%m-%dT%H:%M")
    )


def form(clause: Clause, **more: str) -> dict[str, str]:
    given = {"title": "印发流程", "owner": "own|health_authority", "due_at": due(), "evidence_kind": ""}
    return given | {"seen": clause.known_from.isoformat()} | more


@BOTH
def test_a_text_is_pasted_and_its_page_shows_what_it_asks(language):
    client = browser(drafter(), language)
    assert client.get("/minutes/").status_code == 200
    answer = client.post("/minutes/", {"text": MINUTES.replace("\n", "\r\n"), "source": "superior"})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "临江市疫情防控工作领导小组第六次会议召开" in page
    assert "对每一例新增阳性都要开展流行病学调查" in page
    again = client.post("/minutes/", {"text": MINUTES, "source": "superior"})
    assert again["Location"] == answer["Location"]
    assert Document.objects.filter(kind="instruction").count() == 1
    listed = client.get("/minutes/?show=instruction").content.decode()
    assert answer["Location"] in listed
    assert answer["Location"] not in client.get("/minutes/?show=minutes").content.decode()


@BOTH
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, {"zh-hans": "请粘贴文字", "en": "Paste a text"}),
        ({"text": "首页 登录"}, {"zh-hans": "没有找到会议报道", "en": "No report of a meeting"}),
        (
            {"file": b"\x89PNG\r\n\x1a\n0", "name": "纪要.png"},
            {"zh-hans": "不能读取文件", "en": "cannot be read"},
        ),
    ],
)
def test_what_cannot_be_taken_is_said_in_place_and_nothing_is_kept(language, given, said):
    data = {"source": "own"} | {k: v for k, v in given.items() if k == "text"}
    if "file" in given:
        data["file"] = SimpleUploadedFile(given["name"], given["file"])
    answer = browser(drafter(), language).post("/minutes/", data)
    assert answer.status_code == 400
    assert said[language] in answer.content.decode()
    assert given.get("text", "") in answer.content.decode()
    assert not Document.objects.exists()


def test_a_file_keeps_its_name_and_a_correction_names_what_it_corrects():
    client = browser(drafter())
    upload = SimpleUploadedFile("纪要.txt", MINUTES.encode("gb18030"))
    first = client.post("/minutes/", {"source": "own", "file": upload})["Location"]
    assert "纪要.txt" in client.get(first).content.decode()
    old = first.rstrip("/").rsplit("/", 1)[-1]
    second = client.post("/minutes/", {"source": "own", "text": CORRECTED, "replaces": old})["Location"]
    assert second in client.get(first).content.decode()
    assert first in client.get(second).content.decode()


def test_one_pass_confirms_and_goes_on_to_the_next_that_waits():
    key = received()
    client = browser(drafter())
    clause = saying(key, "名册")
    page = client.get(f"/minutes/{key}/").content.decode()
    assert f'id="c{clause.position}" data-row data-clause' in page
    assert "data-current" in page.split(f'id="c{clause.position}"')[1][:200], "the first that waits is open"
    answer = client.post(f"/minutes/{key}/{clause.key}/confirm/", form(clause))
    following = saying(key, "接诊流程")
    assert answer["Location"].endswith(f"at={following.position}&done=confirm#c{following.position}")
    assert "已起草指令" in client.get(answer["Location"]).content.decode()
    assert client.post(f"/minutes/{key}/{clause.key}/confirm/", form(clause)).status_code == 302
    draft = Directive.objects.open().get()
    assert draft.addressed_to[0]["role"] == "health_authority"
    assert draft.exceptions, "what the safeguards exempt stands in every directive"


def test_a_standing_duty_with_what_its_words_propose():
    key = received()
    clause = saying(key, "每一例新增阳性")
    client = browser(drafter())
    page = client.get(f"/minutes/{key}/?at={clause.position}").content.decode()
    assert '<option value="positive_result" selected>' in page
    assert '<option value="own|investigation_group" selected>' in page
    assert "建议，请确认" in page
    given = form(clause, owner="own|investigation_group", opens="positive_result", measure="")
    assert client.post(f"/minutes/{key}/{clause.key}/duty/", given).status_code == 302
    duty = StandingDuty.objects.open().get()
    assert (duty.trigger, duty.owner_role) == ("positive_result", "investigation_group")


@BOTH
def test_the_second_of_two_people_is_told_with_what_they_typed(language):
    key = received()
    clause = saying(key, "接诊流程")
    browser(drafter()).post(f"/minutes/{key}/{clause.key}/confirm/", form(clause))
    other = browser(known("duty_officer", CITY), language)
    late = other.post(f"/minutes/{key}/{clause.key}/confirm/", form(clause, title="另一标题"))
    assert late.status_code == 409
    assert {"zh-hans": "已有人处理", "en": "Somebody has decided"}[language] in late.content.decode()
    assert Directive.objects.open().count() == 1
    changed = saying(key, "名册")
    clause_edit(changed.key, text="完成名册复核", actor=drafter(), at=installation().now())
    stale = other.post(f"/minutes/{key}/{changed.key}/confirm/", form(changed, title="我写的标题"))
    assert stale.status_code == 409
    assert "我写的标题" in stale.content.decode()


def test_exhortations_open_nothing_without_a_reason():
    key = received()
    principle = saying(key, "政治站位")
    client = browser(drafter())
    refused = client.post(f"/minutes/{key}/{principle.key}/confirm/", form(principle))
    assert refused.status_code == 400
    assert not Directive.objects.exists()
    given = form(principle, reason="会上明确印发动员通知")
    assert client.post(f"/minutes/{key}/{principle.key}/confirm/", given).status_code == 302


def test_set_aside_merge_edit_link_and_open_again_from_the_page():
    key = received()
    client = browser(drafter())
    a, b, c, d = (saying(key, words) for words in ("名册", "接诊流程", "24小时值班", "物资储备"))
    assert client.post(f"/minutes/{key}/{a.key}/merge/", {"into": "99"}).status_code == 400
    assert client.post(f"/minutes/{key}/{a.key}/merge/", {"into": str(b.position)}).status_code == 302
    aside = {"reason": "属街道", "not_for_us": "1"}
    assert client.post(f"/minutes/{key}/{c.key}/set_aside/", aside).status_code == 302
    edited = {"text": "保持物资储备", "clause_class": "decision", "reason": ""}
    assert client.post(f"/minutes/{key}/{d.key}/edit/", edited).status_code == 302
    assert client.post(f"/minutes/{key}/{d.key}/link/", {"target": "page|nowhere"}).status_code == 400
    assert client.post(f"/minutes/{key}/{d.key}/link/", {"target": "page|directives"}).status_code == 302
    again = client.post(f"/minutes/{key}/{c.key}/reopen/", {"reason": "属本级"})
    assert again.status_code == 302
    states = {
        clause.key: clause.state for clause in document_clauses(key, actor=drafter(), at=installation().now())
    }
    assert [states[each.key] for each in (a, b, c, d)] == ["merged", "read", "read", "confirmed"]
    page = client.get(f"/minutes/{key}/").content.decode()
    assert f"并入第 {b.position} 条" in page
    assert client.post(f"/minutes/{key}/{a.key}/nothing/", {}).status_code == 404


def test_many_at_once_are_confirmed_or_none():
    key = received()
    client = browser(drafter())
    good, bad = saying(key, "接诊流程"), saying(key, "政治站位")
    given = {"owner": "own|community_group", "due_at": due(), "together": "1", "title": "落实会议要求"}
    refused = client.post(f"/minutes/{key}/bulk/", given | {"clause": [good.key, bad.key]})
    assert refused.status_code == 400
    assert not Directive.objects.exists()
    some = [good.key, saying(key, "名册").key]
    assert client.post(f"/minutes/{key}/bulk/", given | {"clause": some}).status_code == 302
    assert len(Directive.objects.open().get().measures) == 2
    assert client.post(f"/minutes/{key}/bulk/", given).status_code == 400


def test_comments_below_the_page_go_to_listening_once():
    page = MINUTES + "\n网友评论\n发表于 2022-4-12\n通勤证什么时候能办下来\n回复 支持 3\n"
    key = received(page)
    client = browser(drafter())
    assert "通勤证什么时候能办下来" in client.get(f"/minutes/{key}/").content.decode()
    for _ in range(2):
        assert client.post(f"/minutes/{key}/voices/").status_code == 302
    concern = Concern.objects.open().get()
    assert (concern.votes, concern.channel) == (3, "comments")


def test_the_coverage_table_leads_only_to_pages_that_its_reader_may_open():
    key = received(source="superior")
    clause = saying(key, "接诊流程")
    browser(drafter(), "en").post(f"/minutes/{key}/{clause.key}/confirm/", form(clause))
    for reader in (drafter(), issuer()):
        client = browser(reader, "en")
        page = client.get(f"/minutes/{key}/coverage/").content.decode()
        main = page[page.index("<main") :]
        for href in set(re.findall(r'href="(/[^"#?]*)"', main)):
            assert client.get(href).status_code in (200, 302), href


@BOTH
def test_the_coverage_table_and_the_report_upward(language):
    key = received(source="superior")
    clause = saying(key, "接诊流程")
    client = browser(drafter(), language)
    client.post(f"/minutes/{key}/{clause.key}/confirm/", form(clause))
    page = client.get(f"/minutes/{key}/coverage/").content.decode()
    assert {"zh-hans": "C7 物资保障", "en": "C7 Supply"}[language] in page
    assert {"zh-hans": "已起草", "en": "drafted"}[language] in page
    answer = client.post(f"/minutes/{key}/coverage/", {"edition": "first", "remark": "已部署"})
    report = answer["Location"]
    own = client.post(f"{report}send/")
    assert own.status_code == 403
    sender = browser(issuer(), language)
    assert sender.get(report).status_code == 200
    assert sender.post(f"{report}send/").status_code == 302
    assert sender.post(f"{report}send/").status_code == 409
    for address in (f"/minutes/{key}/coverage.pdf", f"{report}report.pdf"):
        paper = client.get(address)
        assert paper["Content-Type"] == "application/pdf"
        text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(paper.content)).pages)
        assert "接诊流程" in text.replace("\n", "")
    for address in (f"/minutes/{key}/coverage.docx", f"{report}report.docx"):
        paper = client.get(address)
        with zipfile.ZipFile(io.BytesIO(paper.content)) as archive:
            assert "接诊流程" in archive.read("word/document.xml").decode()


def test_who_only_reads_sees_no_form_and_others_see_nothing():
    key = received()
    page = browser(issuer()).get(f"/minutes/{key}/").content.decode()
    assert "data-deed" not in page
    assert "名册" in page
    stranger = browser(known("district_officer", DISTRICT))
    clause = saying(key, "名册")
    for address in (f"/minutes/{key}/", f"/minutes/{key}/coverage/", f"/minutes/{key}/coverage.pdf"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/minutes/{key}/{clause.key}/confirm/", form(clause)).status_code == 404
    assert browser(known("grid_worker", f"{DISTRICT}001")).get("/minutes/").status_code == 403


def test_every_desk_that_carries_a_capability_is_on_the_rail():
    rail = {key for group in RAIL for key, *_ in group}
    assert {each.desk for each in capabilities().values()} - {""} <= rail


def test_no_word_of_a_clause_gets_into_the_audit_chain():
    key = received()
    clause = saying(key, "接诊流程")
    browser(drafter()).post(f"/minutes/{key}/{clause.key}/confirm/", form(clause))
    assert "接诊流程" not in str(list(AuditRow.objects.values()))


def test_a_page_of_sixty_clauses_costs_at_most_twenty_queries_and_a_fifth_of_a_second():
    sentences = [f"要印发第{n}号工作方案。" for n in range(1, 61)]
    key = received("会议强调，" + "".join(sentences))
    client = browser(drafter())
    clauses = document_clauses(key, actor=drafter(), at=installation().now())
    assert len(clauses) == 60
    for clause in clauses[:5]:
        client.post(f"/minutes/{key}/{clause.key}/confirm/", form(clause))
    for address in (f"/minutes/{key}/", f"/minutes/{key}/coverage/", "/minutes/"):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 20, (address, [each["sql"][:80] for each in queries])
    # The processor's own time: what other programs do beside this is no matter of the page.
    took = []
    for _ in range(5):
        begun = time.process_time()
        client.get(f"/minutes/{key}/")
        took.append(time.process_time() - begun)
    assert statistics.median(took) < 0.2, took
