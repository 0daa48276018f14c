"""Writes the shipped Word template of papers: ``python scripts/make_paper_template.py``.

One template a language serves notices, directives, plans, hand-overs, reviews and coverage tables: all are pages of
the same model (``fangkong.faces.papers.order_notice``). An office that wants its own letterhead for one of them saves
its version as ``FANGKONG_HOME/templates/<name>.<lang>.docx``.
"""

from __future__ import annotations

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from make_report_template import (
    FOLDER,
    FONTS,
    _columns,
    _double_rule,
    _shrink,
    _small,
    _table,
    _tag,
    blank_page,
)


def main() -> None:
    """Write one template for each language."""
    for lang in FONTS:
        template(lang).save(str(FOLDER / f"paper.{lang}.docx"))


def template(lang: str) -> WordDocument:
    """The template of ``lang``: title, meta line, addressee, sections, signature, service, foot."""
    document = blank_page(lang)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run("{{ title }}")
    run.bold, run.font.size = True, Pt(20)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONTS[lang][1])
    _double_rule(title)
    _small(document, "{{ meta | join('　') }}")
    _tag(document, "{%p for part in to %}")
    line = document.add_paragraph()
    line.add_run("{{ part.label }}").bold = True
    line.add_run("　{% if part.blank %}____________________　{% endif %}{{ part.value }}{{ part.note }}")
    _tag(document, "{%p endfor %}")
    _tag(document, "{%p for section in sections %}")
    document.add_paragraph().add_run("{{ section.title }}").bold = True
    _tag(document, "{%p if section.kind == 'stages' %}")
    stages = _table(document, rows=4, columns=3)
    _columns(stages, 0, "head", "section.head")
    stages.rows[1].cells[0].text = "{%tr for row in section.rows %}"
    _columns(stages, 2, "cell", "row")
    stages.rows[3].cells[0].text = "{%tr endfor %}"
    _shrink(stages)
    _tag(document, "{%p else %}")
    _tag(document, "{%p for paragraph in section.paragraphs %}")
    document.add_paragraph("{{ paragraph }}")
    _tag(document, "{%p endfor %}")
    _tag(document, "{%p endif %}")
    _tag(document, "{%p endfor %}")
    _across(document, "sign", "{{ part.label }}\n{{ part.value }}")
    document.add_paragraph().add_run("{{ served_title }}").bold = True
    _across(document, "served", "____________________\n{{ part }}")
    document.sections[0].footer.paragraphs[0].add_run("{{ foot.text }}").font.size = Pt(7.5)
    return document


def _across(document: WordDocument, name: str, text: str) -> None:
    """A row with one cell for each part of ``name``."""
    cells = document.add_table(rows=1, cols=3).rows[0].cells
    cells[0].text = f"{{%tc for part in {name} %}}"
    cells[1].text = text
    cells[2].text = "{%tc endfor %}"


if __name__ == "__main__":
    main()
