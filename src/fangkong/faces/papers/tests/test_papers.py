"""The paper says in words what the report holds in codes: page, PDF and Word, in both languages."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import pytest

from fangkong.core.errors import FangkongError, InputError
from fangkong.faces.papers import paper_view, pdf, situation_docx, situation_pdf
from fangkong.faces.papers.phrases import days_of, ranges_of, reason_of
from fangkong.faces.papers.word_file import template_of
from fangkong.faces.words.catalogue import has_word
from fangkong.science.epi.estimates import REFUSAL_CODES

from .made_report import SHA, made_report

LANGUAGES = ("zh", "en")
CODE = re.compile(r"‹|\b[a-z]+_[a-z_]+\b|\breport\.[a-z]+")


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            text for name, inner in value.items() if name not in ("kind", "align") for text in texts(inner)
        ]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def word_text(content: bytes) -> str:
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(
        [*(p.text for p in document.paragraphs), *cells, document.sections[0].footer.paragraphs[0].text]
    )


def page_count(content: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", content))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_code_is_left_on_the_page(lang: str) -> None:
    found = [text for text in texts(paper_view(made_report(), lang)) if CODE.search(text)]
    assert found == []


def test_the_page_keeps_the_order_of_the_paper() -> None:
    titles = [section["title"] for section in paper_view(made_report(), "en")["sections"] if section["title"]]
    assert titles == [
        "New and cumulative",
        "Spread",
        "Areas",
        "Chains and contacts",
        "Tests",
        "Time limits kept",
        "Care and beds",
        "Vaccination and supply",
        "Measures in force and person-days",
        "What people meet with",
        "Complaints and incidents",
        "Command",
        "Not known",
        "Next 24 hours",
    ]


def test_lead_sentences_read_aloud() -> None:
    assert paper_view(made_report(), "zh")["lead"] == [
        "04-17 新增感染 1,217 例，管控中发现 83%，1,011 / 1,217。",
        "升降不明：至 04-17 的 Rt 为 0.91（0.76–1.08），95% 区间跨过 1。",
    ]
    assert paper_view(made_report(), "en")["lead"] == [
        "17 Apr: 1,217 new infections; found in control 83%, 1,011 of 1,217.",
        "Neither rise nor fall is shown: Rt to 17 Apr is 0.91 (0.76–1.08), the 95% interval on both sides of 1.",
    ]


def test_a_refused_figure_is_said_and_never_a_dash() -> None:
    sections = paper_view(made_report(), "en")["sections"]
    care = next(section for section in sections if section["title"] == "Care and beds")
    assert care["rows"][-1]["value"].startswith("Beds; intensive care in use")
    assert care["rows"][-1]["value"].endswith("nursing homes: not reported, no desk carries it yet")
    assert care["rows"][-1]["refused"]
    limits = next(section for section in sections if section["title"] == "Time limits kept")
    assert limits["rows"][1]["value"] == "No figure: no limit fell due from 11 Apr to 17 Apr"
    areas = next(section for section in sections if section["title"] == "Areas")
    assert ["Liudi 3", *["not published"] * 4, "0 / 7"] in areas["rows"]


def test_an_interval_with_a_negative_end_meets_no_dash() -> None:
    spread = paper_view(made_report(), "zh")["sections"][1]["rows"]
    assert [row["value"] for row in spread][2] == "−2.1%（−5.8 到 +1.8）"


def test_a_draft_and_an_issued_report_say_what_they_are() -> None:
    draft = paper_view(made_report(), "en")
    assert "draft, not issued" in draft["meta"]
    assert draft["sign"][1]["value"] == "not signed"
    issue = {
        "version": 2,
        "content_hash": SHA,
        "supersedes": "ab" * 32,
        "signed_by": "user-x",
        "signer": "王值班",
        "audit_head": "cd" * 32,
    }
    issued = paper_view({**made_report(), "issue": issue}, "en")
    assert "version 2" in issued["meta"]
    assert issued["sign"][1]["value"] == "王值班"
    assert SHA[:12] in issued["foot"]["text"]


def test_every_refusal_of_the_estimates_has_words() -> None:
    places = ("report.why", "assess.refusal")
    lacking = [code for code in REFUSAL_CODES if not any(has_word(f"{place}.{code}") for place in places)]
    assert lacking == []
    assert reason_of("too_few_delays", {"records": 3, "minimum_records": 10}, "zh").startswith(
        "可用的间隔只有 3 个"
    )


def test_a_report_issued_when_it_had_fewer_blocks_still_opens() -> None:
    old = made_report()
    for name in ("surveillance", "timeliness", "risk_areas", "people", "command"):
        del old[name]
    for name in ("beds", "vaccination", "supply", "complaints", "incidents"):
        old[name] = {"code": name, "refusal": "no_source_connected", "params": {}}
    sections = paper_view(old, "en")["sections"]
    care = next(section for section in sections if section["title"] == "Care and beds")
    assert care["rows"][-1]["value"] == "No figure: no source is connected"
    assert "Command" not in [section["title"] for section in sections]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pdf_is_two_pages_and_an_annex_and_the_same_twice(lang: str) -> None:
    found = situation_pdf(made_report(), lang)
    assert found.startswith(b"%PDF")
    assert page_count(found) == 3
    assert situation_pdf(made_report(), lang) == found


def test_without_a_chinese_font_the_reader_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_cjk_font", lambda: False)
    with pytest.raises(FangkongError, match="fonts-noto-cjk") as told:
        situation_pdf(made_report(), "zh")
    assert has_word(told.value.code)


@pytest.mark.parametrize(
    ("lang", "unknown"),
    [("zh", "床位、物资可用天数：未报送，还没有业务组承接"), ("en", "no desk carries it yet")],
)
def test_word_holds_the_figures_and_the_unknowns(lang: str, unknown: str) -> None:
    text = word_text(situation_docx(made_report(), lang))
    for figure in ("1,217", "0.91", "51,234", "LJ_14", "3,120"):
        assert figure in text
    assert unknown in text
    assert "{{" not in text
    assert "{%" not in text
    assert not CODE.search(text.replace("shanghai-city-daily", ""))
    assert ("柳堤1区" if lang == "zh" else "Liudi 1") in text


def test_the_office_may_bring_its_own_template(tmp_path: Path) -> None:
    own = tmp_path / "own.docx"
    document = docx.Document()
    document.add_paragraph("抬头 {{ title }}")
    document.save(str(own))
    assert word_text(situation_docx(made_report(), "zh", own)).startswith("抬头 临江市")


def test_the_office_s_own_template_prints_every_section(tmp_path: Path) -> None:
    own = tmp_path / "own.docx"
    document = docx.Document()
    for line in (
        "{%p for section in sections %}",
        "{{ section.title }}",
        "{%p if section.kind == 'figures' %}",
        "{%p for row in section.rows %}",
        "{{ row.label }} = {{ row.value }}",
        "{%p endfor %}",
        "{%p endif %}",
        "{%p endfor %}",
    ):
        document.add_paragraph(line)
    document.save(str(own))
    text = word_text(situation_docx(made_report(), "zh", own))
    for line in ("时效", "按时网报 = 96%，44 / 46", "指挥运转", "在行指令 = 3 件", "对群众的影响"):
        assert line in text.splitlines()


def test_a_template_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.docx"
    broken.write_bytes(b"not a word file")
    with pytest.raises(InputError, match=r"papers\.template_unreadable") as told:
        situation_docx(made_report(), "zh", broken)
    assert told.value.params["path"] == str(broken)


def test_neighbouring_days_and_sources_are_joined() -> None:
    from datetime import date

    march = [date(2022, 3, n) for n in (1, 2, 3, 18)]
    assert days_of(march, "zh") == "03-01 至 03-03、03-18"
    assert days_of(march, "en") == "1 Mar to 3 Mar, 18 Mar"
    assert days_of([date(2021, 12, 31), date(2022, 1, 1)], "zh") == "2021-12-31 至 2022-01-01"
    assert ranges_of([3, 1, 2, 7]) == "1–3, 7"


def test_papers_without_a_template_of_their_own_share_one_and_an_office_may_give_each_its_own(
    tmp_path, settings
):
    settings.HOME = tmp_path
    names = ("order_notice", "directive", "plan", "handover", "review", "coverage")
    for lang in ("zh", "en"):
        (shared,) = {template_of(name, lang) for name in names}
        assert shared.is_file()
        assert template_of("situation_report", lang) != shared
    own = tmp_path / "templates" / "plan.zh.docx"
    own.parent.mkdir()
    own.write_bytes(b"")
    assert template_of("plan", "zh") == own
    assert template_of("plan", "en") == template_of("review", "en")
