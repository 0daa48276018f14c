"""The text of files as people send them, and a clear refusal for those that cannot be read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pypdf
import pytest
from docx import Document

from fangkong.core.errors import InputError
from fangkong.science.minutes.files import bytes_text
from fangkong.science.minutes.minutes import read_bytes, read_file
from fangkong.science.minutes.tests.pages import OPENING, PORTAL, REPORT

ENTITIES = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


def word_file(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return stream.getvalue()


def pdf_file(pages: int = 1, password: str | None = None) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if password:
        writer.encrypt(password)
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_the_encodings_of_offices(encoding: str) -> None:
    text = bytes_text(REPORT.encode(encoding), "会议.txt").text
    assert text.removeprefix("\ufeff") == REPORT


def test_big5_text_is_read() -> None:
    assert (
        bytes_text("會議強調，各區要完成排查。".encode("big5"), "a.txt").text == "會議強調，各區要完成排查。"
    )


def test_spans_of_a_text_file_are_those_of_its_utf8_text(tmp_path: Path) -> None:
    path = tmp_path / "会议.txt"
    path.write_bytes(b"\xef\xbb\xbf" + PORTAL.replace("{report}", REPORT).replace("\n", "\r\n").encode())
    minutes = read_file(path)
    whole = path.read_bytes().decode("utf-8")
    assert whole[slice(*minutes.report.span)].startswith(OPENING)
    assert all(whole[slice(*clause.span)] == clause.quote for clause in minutes.clauses)


def test_word_and_html_give_the_same_clauses_as_the_text() -> None:
    plain = [clause.text for clause in read_bytes(REPORT.encode(), "会议.txt").clauses]
    from_word = read_bytes(word_file("关于会议的报道", *REPORT.split("\n")), "会议.docx")
    page = "".join(f"<p>&emsp;{line}</p>" for line in REPORT.split("\n"))
    html = (
        f"<!DOCTYPE html><html><head><meta charset='gbk'><style>p{{}}</style></head><body><nav>首页</nav>{page}"
        "<div style='display: none'>会议强调，要点击。</div><script>var a='会议强调，要弹窗。'</script></body></html>"
    )
    from_html = read_bytes(html.encode("gbk"), "会议.html")
    assert [clause.text for clause in from_word.clauses] == plain
    assert [clause.text for clause in from_html.clauses] == plain
    assert from_html.file is not None
    assert (from_html.file.form, from_html.file.encoding) == ("html", "gbk")


def test_a_text_box_is_read_once_and_deleted_words_never() -> None:
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    run = "<w:r><w:t>会议强调，要完善预案。</w:t></w:r>"
    document = (
        f'<w:document xmlns:w="{w}" xmlns:mc="{mc}"><w:p><mc:AlternateContent><mc:Choice>{run}</mc:Choice>'
        f"<mc:Fallback>{run}</mc:Fallback></mc:AlternateContent><w:del><w:r><w:delText>作废</w:delText></w:r></w:del>"
        "</w:p></w:document>"
    )
    assert (
        bytes_text(archive(word__document_xml=document.encode()), "a.docx").text == "会议强调，要完善预案。"
    )


def test_a_pdf_with_text_is_read_with_its_lines_joined() -> None:
    import typst

    source = (
        '#set page(width: 12cm)\n#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC"), size: 10pt)\n'
    )
    content = typst.compile((source + REPORT.replace("\n", "\n\n")).encode(), format="pdf")
    minutes = read_bytes(content, "会议.pdf")
    assert minutes.meetings[0].number == 7
    assert [clause.text for clause in minutes.clauses if "排查" in clause.text]


def test_a_few_broken_bytes_are_marked_and_the_rest_is_read() -> None:
    content = REPORT.encode()
    at = content.index("预案".encode())
    minutes = read_bytes(content[:at] + b"\xe9" + content[at + 3 :], "会议.txt")
    assert {each.code for each in minutes.report.breaks} == {"garbled_bytes"}


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.txt", "minutes.file_empty"),
        (b" \n\n", "a.txt", "minutes.no_text"),
        (pdf_file(), "a.pdf", "minutes.scan"),
        (pdf_file(password="x"), "a.pdf", "minutes.encrypted"),
        (b"%PDF-1.7\nnothing", "a.pdf", "minutes.file_damaged"),
        (archive(xl__workbook_xml=b"<a/>"), "a.xlsx", "minutes.file_kind"),
        (archive(a=b"x"), "a.zip", "minutes.file_kind"),
        (b"PK\x03\x04broken", "a.docx", "minutes.file_damaged"),
        (archive(word__document_xml=b"<w:document"), "a.docx", "minutes.file_damaged"),
        (archive(word__document_xml=ENTITIES.encode()), "a.docx", "minutes.entities"),
        (archive(word__document_xml=ENTITIES.encode("utf-16")), "a.docx", "minutes.entities"),
        (archive(word__document_xml=b" " * 40_000_000), "a.docx", "minutes.expands_too_much"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "a.doc", "minutes.file_kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.docx", "minutes.encrypted"),
        (b"\x89PNG\r\n", "a.png", "minutes.file_kind"),
        (bytes(range(1, 256)) * 4, "a.txt", "minutes.encoding"),
        (("会议" * 1_100_000).encode(), "a.txt", "minutes.text_too_long"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(content: bytes, name: str, code: str) -> None:
    with pytest.raises(InputError) as refusal:
        bytes_text(content, name)
    assert refusal.value.code == code
    assert refusal.value.params["file"] == name


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "会议.txt", tmp_path):
        with pytest.raises(InputError) as refusal:
            read_file(path)
        assert refusal.value.code == "minutes.file_missing"


def test_the_rows_of_a_table_stand_in_one_line_each() -> None:
    cells = [["序号", "任务", "责任单位", "完成时限"], ["1", "道口排查", "市公安局", "3月12日"]]
    document = Document()
    document.add_paragraph("会议明确以下任务：")
    table = document.add_table(rows=2, cols=4)
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    html = "<html><body><p>会议明确以下任务：</p><table>" + "".join(
        "<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in cells
    )
    for content, name in ((stream.getvalue(), "a.docx"), (html.encode(), "a.html")):
        minutes = read_bytes(content, name)
        (task,) = [clause for clause in minutes.clauses if clause.is_task]
        assert task.quote == "1\t道口排查\t市公安局\t3月12日"
        assert task.owner is not None
        assert task.owner.name == "市公安局"


def test_a_table_that_lays_out_a_page_keeps_its_paragraphs() -> None:
    page = "<table><tr><td>首页</td><td><p>第一段。</p><p>第二段。</p></td><td>新闻</td></tr></table>"
    assert bytes_text(page.encode(), "a.html").text.split("\n") == [
        "首页",
        "",
        "第一段。",
        "",
        "第二段。",
        "",
        "新闻",
    ]
