"""Writes the shipped Word templates of the situation report: ``python scripts/make_report_template.py``.

The templates hold layout and Jinja tags over the page model of ``fangkong.faces.papers``; an office that
wants its own letterhead opens one in Word, changes what it likes around the tags, and saves it under
``FANGKONG_HOME/templates``.
"""

from __future__ import annotations

from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table

FOLDER = Path(__file__).resolve().parents[1] / "src" / "fangkong" / "faces" / "papers" / "templates"
FONTS = {"zh": ("Noto Sans CJK SC", "SimSun"), "en": ("Arial", "SimSun")}


def main() -> None:
    """Write one template for each language."""
    for lang in FONTS:
        template(lang).save(str(FOLDER / f"situation_report.{lang}.docx"))


def template(lang: str) -> WordDocument:
    """The template of ``lang``: title, meta line, lead, sections, signature, annex, foot."""
    document, song = blank_page(lang), FONTS[lang][1]
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run("{{ title }}")
    run.bold, run.font.size = True, Pt(20)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), song)
    _double_rule(title)
    _small(document, "{{ meta | join('　') }}")
    _tag(document, "{%p for sentence in lead %}")
    document.add_paragraph("{{ sentence }}")
    _tag(document, "{%p endfor %}")
    _sections(document, "sections")
    signature = document.add_table(rows=1, cols=3)
    row = signature.rows[0].cells
    row[0].text = "{%tc for part in sign %}"
    row[1].text = "{{ part.label }}\n{{ part.value }}"
    row[2].text = "{%tc endfor %}"
    document.add_page_break()
    heading = document.add_paragraph()
    heading.add_run("{{ annex_title }}").bold = True
    _sections(document, "annex")
    foot = document.sections[0].footer.paragraphs[0]
    foot.add_run("{{ foot.text }}").font.size = Pt(7.5)
    return document


def blank_page(lang: str) -> WordDocument:
    """An empty A4 document with the margins and fonts of a paper in ``lang``."""
    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(18)
    page.top_margin = page.bottom_margin = Mm(20)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONTS[lang][0], Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "Noto Sans CJK SC")
    style.paragraph_format.space_after = Pt(3)
    return document


def _sections(document: WordDocument, name: str) -> None:
    _tag(document, f"{{%p for section in {name} %}}")
    _tag(document, "{%p if section.title %}")
    document.add_paragraph().add_run("{{ section.title }}").bold = True
    _tag(document, "{%p endif %}")
    _tag(document, "{%p if section.kind == 'figures' %}")
    _rows(document, "section.rows", ("{{ row.label }}", "{{ row.value }}", "{{ row.basis }}"))
    _tag(document, "{%p elif section.kind == 'table' %}")
    _grid(document)
    _tag(document, "{%p elif section.kind == 'list' %}")
    _tag(document, "{%p for item in section['items'] %}")
    document.add_paragraph("{{ item }}", style="List Bullet")
    _tag(document, "{%p endfor %}")
    _tag(document, "{%p endif %}")
    _tag(document, "{%p endfor %}")


def _rows(document: WordDocument, name: str, cells: tuple[str, ...]) -> None:
    table = _table(document, rows=3, columns=len(cells))
    table.rows[0].cells[0].text = f"{{%tr for row in {name} %}}"
    for cell, text in zip(table.rows[1].cells, cells, strict=True):
        cell.text = text
    table.rows[2].cells[0].text = "{%tr endfor %}"
    _shrink(table)


def _grid(document: WordDocument) -> None:
    table = _table(document, rows=4, columns=3)
    _columns(table, 0, "head", "section.head")
    table.rows[1].cells[0].text = "{%tr for row in section.rows %}"
    _columns(table, 2, "cell", "row")
    table.rows[3].cells[0].text = "{%tr endfor %}"
    _shrink(table)


def _columns(table: Table, row: int, name: str, source: str) -> None:
    first, middle, last = table.rows[row].cells
    first.text = f"{{%tc for {name} in {source} %}}"
    middle.text = f"{{{{ {name} }}}}"
    last.text = "{%tc endfor %}"


def _table(document: WordDocument, *, rows: int, columns: int) -> Table:
    table = document.add_table(rows=rows, cols=columns)
    table.style = "Table Grid"
    return table


def _shrink(table: Table) -> None:
    for row in table.rows:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(0)
                for run in paragraph.runs:
                    run.font.size = Pt(8.5)


def _tag(document: WordDocument, tag: str) -> None:
    document.add_paragraph(tag)


def _small(document: WordDocument, text: str) -> None:
    document.add_paragraph().add_run(text).font.size = Pt(8.5)


def _double_rule(paragraph: object) -> None:
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "thinThickSmallGap"), ("sz", "12"), ("space", "4"), ("color", "17211D")):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
