"""A notice tells whom it binds what, where, why, on what basis, until when, who signed and how to object."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest
from pypdf import PdfReader

from fangkong.core.errors import Conflict
from fangkong.desks.control.queries import OrderEnding, OrderReason
from fangkong.faces.papers import notice_view, order_notice_docx, order_notice_pdf
from fangkong.faces.papers.order_phrases import OrderFacts, OrderNames, sentence
from fangkong.record.models import Case, Contact, Order

# The papers ask the installation for its time zone.
pytestmark = pytest.mark.django_db

LANGUAGES = ("zh", "en")
ON = date(2022, 4, 20)
RULE_ROW = "covid19-cn-control-plan:contact.close.stages:person=close_contact:2021-05-14:CN"
#: Codes and gaps that words should have filled; keys and row ids hold no underscore here.
CODE = re.compile(r"‹|\{|\b[a-z]+_[a-z_]+\b|\b(?:order|notice)\.[a-z]+")


def order(**more: Any) -> Order:
    """A close contact's quarantine, approved: 7 days at a site, 3 at home."""
    fields: dict[str, Any] = {
        "key": "order-1",
        "order_no": "GL-220417-ABCD-EFGH",
        "kind": "quarantine",
        "disease": "covid-19",
        "subject_kind": "person",
        "person_key": "person-7f3a",
        "area_code": "990101",
        "reason_key": "contact-1",
        "state": "approved",
        "proposed_by": "system:reaction",
        "decided_by": "user-signer",
        "issuer_rank": "county",
        "starts_on": date(2022, 4, 17),
        "expires_on": date(2022, 4, 26),
        "stages": [
            {
                "place": "central",
                "first_on": "2022-04-17",
                "last_on": "2022-04-23",
                "test_on": ["2022-04-18", "2022-04-21"],
            },
            {"place": "home_monitoring", "first_on": "2022-04-24", "last_on": "2022-04-26", "test_on": []},
        ],
        "rule_rows": [RULE_ROW],
        "legal_basis": ["《传染病防治法》第三十九条"],
        "confidence": "verified",
        "release_condition": "no_symptoms",
        "exceptions": ["medical_emergency", "carer_of_dependent"],
        "remedy": "review_suit_or_appeal",
        "proportionality": "as_the_rule_row_asks",
    }
    return Order(**(fields | more))


def made(**more: Any) -> OrderFacts:
    """The facts of ``order`` with its contact, case and names."""
    contact = Contact(key="contact-1", tier="close", setting="household", last_exposure_on=date(2022, 4, 16))
    case = Case(key="case-1", case_no="LJ-0042", reported_on=date(2022, 4, 16))
    names = OrderNames(signer="周主任", office="临江市防控办")
    return OrderFacts(order(**more), OrderReason(contact=contact, case=case), names)


def ended(code: str, **more: Any) -> OrderFacts:
    """The facts of an order that ended with ``code``."""
    ending = OrderEnding(code, date(2022, 4, 19), date(2022, 4, 26), **more)
    state = {"lapsed": "lapsed", "basis": "lapsed", "shortened": "approved"}.get(code, code)
    facts = made(state=state)
    return replace(facts, ending=ending, restricted_days=3)


def pdf_text(content: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(BytesIO(content)).pages)


def word_text(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    return "\n".join([*paragraphs, *cells, document.sections[0].footer.paragraphs[0].text])


def squeezed(text: str) -> str:
    return "".join(text.split())


SAID = {
    "zh": [
        "隔离医学观察通知书",
        "GL-220417-ABCD-EFGH",
        "集中隔离",
        "居家监测",
        "2022-04-17周日",
        "2022-04-26周二",
        "04-18、04-21",
        "最后一次接触感染者",
        "第三十九条",
        "新型冠状病毒肺炎防控方案（第八版）",
        "原文已核",
        "县级",
        "周主任",
        "临江市防控办",
        "行政复议",
        "急危重症",
        "期满无症状",
        "person-7f3a",
        "姓名",
        "收到人签名",
    ],
    "en": [
        "Noticeofquarantine",
        "GL-220417-ABCD-EFGH",
        "atasite",
        "monitoringathome",
        "17Apr2022",
        "26Apr2022",
        "18Apr,21Apr",
        "exposuretoaninfectedperson",
        "第三十九条",
        "COVID-19controlplan,8thedition",
        "sourceread",
        "countyrank",
        "周主任",
        "administrativereview",
        "medicalemergency",
        "nosymptoms",
        "person-7f3a",
        "Name",
        "Receivedby(signature)",
    ],
}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_the_notice_says_what_where_why_basis_until_who_and_how_to_object(lang: str, kind: str) -> None:
    if kind == "pdf":
        text = pdf_text(order_notice_pdf(made(), lang, on=ON))
    else:
        text = squeezed(word_text(order_notice_docx(made(), lang, on=ON)))
    missing = [said for said in SAID[lang] if said.lower() not in text.lower()]
    assert missing == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("release", [False, True])
def test_no_code_is_left_on_a_notice(lang: str, release: bool) -> None:
    facts = ended("withdrawn", reason="复核结果为阴性") if release else made()
    view = notice_view(facts, lang, on=ON, release=release)
    told = [view["title"], *view["meta"], view["foot"]["text"]]
    for section in view["sections"]:
        told += [section["title"], *section.get("paragraphs", []), *section.get("head", [])]
        told += [cell for row in section.get("rows", []) for cell in row]
    told += [part["label"] + part["value"] for part in view["sign"]] + view["served"]
    assert [text for text in told if CODE.search(text)] == []


def test_the_paper_names_neither_the_person_nor_the_case_they_met() -> None:
    for lang in LANGUAGES:
        text = word_text(order_notice_docx(made(), lang, on=ON))
        assert "LJ-0042" not in text
        assert "____" in text
    # The page of the office does name the case, for whoever may see it.
    assert "LJ-0042" in "".join(sentence(made(), "zh"))


def test_the_same_facts_give_the_same_pdf_and_it_fits_two_pages() -> None:
    found = order_notice_pdf(made(), "en", on=ON)
    assert found == order_notice_pdf(made(), "en", on=ON)
    assert len(PdfReader(BytesIO(found)).pages) <= 2


@pytest.mark.parametrize(
    ("code", "more", "zh", "en"),
    [
        ("lapsed", {}, "自动失效", "ended by itself on 19 Apr 2022"),
        ("basis", {}, "现行规则不再要求", "the rules in force ask for nothing"),
        ("withdrawn", {"reason": "检测有误"}, "检测有误", "Taken back on 19 Apr 2022: 检测有误"),
        ("withdrawn", {"reason": "rejudgement-abc"}, "按重新计算的结果", "as judged again"),
        ("superseded", {"follower_key": "order-2"}, "GL-NEXT", "Order GL-NEXT still holds"),
        ("shortened", {"reason": "复核"}, "缩短到 2022-04-19", "Shortened from 26 Apr 2022 to 19 Apr 2022"),
    ],
)
def test_the_release_notice_says_how_it_ended(code: str, more: dict[str, str], zh: str, en: str) -> None:
    facts = ended(code, **more)
    facts = replace(facts, names=replace(facts.names, follower_no="GL-NEXT"))
    for lang, said in (("zh", zh), ("en", en)):
        text = word_text(order_notice_docx(facts, lang, on=ON, release=True))
        assert said in text
        assert ("解除隔离通知书" if lang == "zh" else "Notice of release") in text
        assert ("累计 3 天" if lang == "zh" else "3 days in all") in text
        assert squeezed(said).lower() in pdf_text(order_notice_pdf(facts, lang, on=ON, release=True)).lower()


def test_a_shortened_order_still_binds_on_its_new_last_day() -> None:
    still = word_text(
        order_notice_docx(ended("shortened", reason="x"), "en", on=date(2022, 4, 19), release=True)
    )
    over = word_text(order_notice_docx(ended("shortened", reason="x"), "en", on=ON, release=True))
    assert "Nobody may use this order any longer" not in still
    assert "Nobody may use this order any longer" in over


def test_what_was_never_approved_has_no_notice_and_what_runs_has_no_release() -> None:
    for state in ("proposed", "rejected"):
        with pytest.raises(Conflict, match=r"order\.no_notice"):
            notice_view(made(state=state), "zh", on=ON)
    with pytest.raises(Conflict, match=r"order\.no_release"):
        notice_view(made(), "zh", on=ON, release=True)


def test_an_area_s_notice_names_the_place_and_what_is_provided() -> None:
    facts = made(
        kind="risk_area",
        subject_kind="area",
        person_key="",
        gates={"food": 150, "medicine": 150, "open_exits": "东门常开"},
        proportionality_note="只有这一栋楼有传播",
    )
    facts = replace(facts, reason=OrderReason(), names=replace(facts.names, subject="柳堤区"))
    view = notice_view(facts, "zh", on=ON)
    assert view["title"] == "管控措施通知书"
    assert [part["value"] for part in view["to"]] == ["柳堤区"]
    told = [text for section in view["sections"] for text in section.get("paragraphs", [])]
    assert "食品供应：每日可供 150 户" in told
    assert "出口保持畅通：东门常开" in told
    assert any("只有这一栋楼有传播" in text for text in told)


def test_the_office_may_bring_its_own_letterhead(tmp_path: Path) -> None:
    own = tmp_path / "own.docx"
    document = docx.Document()
    document.add_paragraph("抬头 {{ title }} {{ meta[0] }}")
    document.save(str(own))
    text = word_text(order_notice_docx(made(), "zh", on=ON, template=own))
    assert text.startswith("抬头 隔离医学观察通知书 编号 GL-220417")


def test_a_judged_exposure_is_told_as_a_person_s_judgement() -> None:
    from fangkong.record.models import ExposureJudgement

    judgement = ExposureJudgement(
        last_exposure_on=date(2022, 4, 15), reason="同住一室", signed_at=datetime(2022, 4, 16, tzinfo=UTC)
    )
    facts = replace(made(), reason=OrderReason(judgement=judgement))
    assert "由专家签字判定：同住一室" in "".join(sentence(facts, "zh"))
