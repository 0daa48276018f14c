"""Minutes come in once, whole or not at all, with the meetings and clauses that the reader found."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path

import docx
import pytest

from fangkong.command.minutes.actions import clause_set_aside, clauses_merge
from fangkong.command.minutes.limits import limit
from fangkong.command.minutes.queries import (
    document_get,
    document_meetings,
    document_voices,
    folded,
    replaced_by,
)
from fangkong.command.models import Clause, Meeting
from fangkong.core.errors import Forbidden, InputError, NotFound
from fangkong.record.audit import verify
from fangkong.record.models import AuditRow, Document, Event
from fangkong.science.minutes import read

from ...directives.tests.offices import CITY, DISTRICT, after, drafter, issuer, known
from .texts import CORRECTED, MINUTES, clauses, confirmed, received, saying

pytestmark = pytest.mark.django_db


def nothing_written() -> bool:
    return not (Clause.objects.exists() or Meeting.objects.exists() or Document.objects.exists())


def test_every_quote_is_exactly_the_text_that_is_kept():
    key = received()
    document = document_get(key, actor=drafter(), at=after(1))
    found = clauses(key)
    assert len(found) == len(read(MINUTES).clauses)
    assert all(document.content["text"][c.span_start : c.span_end] == c.quote for c in found)
    assert (document.kind, document.as_of) == ("minutes", date(2022, 4, 11))
    (meeting,) = document_meetings(key, actor=drafter(), at=after(1))
    assert (meeting.number, meeting.held_on, meeting.state) == (6, date(2022, 4, 11), "held")
    assert {clause.meeting_key for clause in found} == {meeting.key}
    assert Event.objects.get(kind="minutes.received").subject_key == key


def test_the_same_text_again_is_the_same_document_in_whatever_form_it_comes():
    key = received()
    before = Clause.objects.count()
    assert received(at=after(2)) == key
    assert received(MINUTES.replace("\n", "\r\n"), at=after(2)) == key
    assert received(MINUTES.encode(), file_name="会议.txt", at=after(3)) == key
    assert Clause.objects.count() == before
    assert Event.objects.filter(kind="minutes.received").count() == 1


def test_each_office_reads_the_same_text_for_itself():
    city = received(source="superior")
    district = received(source="superior", area_code=DISTRICT, actor=known("district_officer", DISTRICT))
    assert city != district
    assert {c.area_code for c in clauses(district)} == {DISTRICT}
    with pytest.raises(NotFound):
        document_get(city, actor=known("district_officer", DISTRICT), at=after(1))


def test_a_word_file_and_a_path_are_read_too(tmp_path: Path):
    paper = docx.Document()
    for line in MINUTES.splitlines():
        paper.add_paragraph(line)
    out = io.BytesIO()
    paper.save(out)
    key = received(out.getvalue(), file_name="纪要.docx")
    assert document_get(key, actor=drafter(), at=after(1)).content["form"] == "word"
    file = tmp_path / "上传"
    file.write_bytes(out.getvalue())
    assert received(file, file_name="纪要.docx") == key


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("  \n", "minutes.text_empty"),
        ("首页 登录 注册", "minutes.no_report"),
        (b"", "minutes.file_empty"),
        (b"\x89PNG\r\n\x1a\n123", "minutes.file_kind"),
        (Path("/nowhere/minutes.txt"), "minutes.file_missing"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_written(given, code):
    with pytest.raises(InputError) as refused:
        received(given, file_name="文件")
    assert refused.value.code == code
    assert nothing_written()


def test_a_text_of_too_many_clauses_is_no_minutes():
    body = "".join(f"要印发第{n}号工作方案。" for n in range(limit("most_clauses") + 1))
    with pytest.raises(InputError, match="too_many_clauses"):
        received("会议强调，" + body)
    assert nothing_written()


def test_characters_that_no_database_holds_keep_their_place():
    key = received(MINUTES.replace("名册复核", "名册\x00复\ud800核"))
    document = document_get(key, actor=drafter(), at=after(1))
    assert "名册\ufffd复\ufffd核" in document.content["text"]
    assert all(document.content["text"][c.span_start : c.span_end] == c.quote for c in clauses(key))


def test_only_who_confirms_minutes_takes_them_in():
    with pytest.raises(Forbidden):
        received(actor=issuer())
    with pytest.raises(Forbidden):
        received(actor=known("district_officer", DISTRICT))
    assert nothing_written()


def test_a_correction_takes_over_what_was_decided_and_asks_again_only_about_what_changed():
    old = received()
    led = confirmed(saying(old, "接诊流程"))
    clause_set_aside(saying(old, "24小时值班").key, "已有制度", actor=drafter(), at=after(2))
    clauses_merge(
        [saying(old, "物资储备").key], saying(old, "每一例新增阳性").key, actor=drafter(), at=after(2)
    )
    new = received(CORRECTED, replaces=old, at=after(3))
    assert replaced_by(old, actor=drafter(), at=after(4)) == new
    assert replaced_by(old, actor=drafter(), at=after(2)) == ""
    assert saying(new, "接诊流程").leads_to_key == led
    assert saying(new, "24小时值班").state == "set_aside"
    assert saying(new, "名册").state == "read"
    assert saying(old, "名册").leads_to_key == new
    assert not [c for c in clauses(old) if c.state == "read"]
    with pytest.raises(NotFound):
        received(MINUTES + "\n又", replaces="document-none", at=after(4))


def test_no_word_of_the_text_gets_into_audit_or_events():
    received()
    rows = json.dumps([*AuditRow.objects.values(), *Event.objects.values()], default=str, ensure_ascii=False)
    assert "独居老人" not in rows
    assert AuditRow.objects.filter(verb="minutes.receive", area_code=CITY).count() == 1
    assert verify().problem == ""


def test_repetitions_fold_under_what_they_repeat():
    text = MINUTES.replace("会议要求，", "市卫生健康委要印发发热门诊接诊流程。会议要求，")
    key = received(text)
    shown = folded(clauses(key))
    (head,) = [each for each in shown if "接诊流程" in each.clause.text]
    assert ["接诊流程" in each.text for each in head.folded] == [True]


def test_comments_below_a_page_are_offered_and_are_no_clauses():
    page = MINUTES + "\n网友评论\n发表于 2022-4-12\n通勤证什么时候能办下来\n回复 支持 3\n"
    key = received(page)
    (voice,) = document_voices(document_get(key, actor=drafter(), at=after(1)))
    assert (voice.words, voice.votes, voice.voiced_on) == ("通勤证什么时候能办下来", 3, date(2022, 4, 12))
    assert not [c for c in clauses(key) if "通勤证" in c.text]
