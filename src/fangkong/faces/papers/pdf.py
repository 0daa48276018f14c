"""Papers as PDF, set by typst from a page model: the situation report, and whatever brings its own template."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from fangkong.core.errors import FangkongError

from .view import paper_view

FOLDER = Path(__file__).parent / "templates"
TEMPLATE = FOLDER / "situation_report.typ"
#: Page, foot, figures, tables and lists, which papers of figures share.
PARTS = FOLDER / "report_parts.typ"

#: Families that hold the Chinese characters of a paper (look.md, section 3); one of them must be installed.
CJK_FAMILIES = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Songti SC",
    "SimSun",
)


def situation_pdf(content: Mapping[str, Any], lang: str) -> bytes:
    """The PDF of a situation report (``command.reports``) in ``lang``: A4, two pages and a table annex.

    The same content gives the same bytes: its date is the report's day, not the machine's. Raises
    FangkongError ``papers.no_cjk_font`` when the page has Chinese characters and no installed font has them.
    """
    return typeset(TEMPLATE, paper_view(content, lang), datetime.fromisoformat(content["as_of"]), parts=PARTS)


def typeset(template: Path, view: Mapping[str, Any], day: date, *, parts: Path | None = None) -> bytes:
    """The PDF that the typst ``template`` makes of the page model ``view``, dated ``day`` and not by the machine.

    ``parts`` is set before the template: definitions that several papers share. Nothing is fetched.
    Raises FangkongError ``papers.no_cjk_font`` as ``situation_pdf`` does.
    """
    text = json.dumps(view, ensure_ascii=False, sort_keys=True)
    if _has_chinese(text) and not has_cjk_font():
        raise FangkongError(
            "papers.no_cjk_font", package="fonts-noto-cjk", command="apt-get install fonts-noto-cjk"
        )
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC)
    source = (parts.read_bytes() if parts else b"") + template.read_bytes()
    found = typst.compile(source, format="pdf", sys_inputs={"view": text}, timestamp=int(instant.timestamp()))
    assert isinstance(found, bytes)
    return found


@cache
def has_cjk_font() -> bool:
    """True when the machine has a font for Chinese papers; looked up once in a process."""
    return not set(CJK_FAMILIES).isdisjoint(typst.Fonts().families())


def _has_chinese(text: str) -> bool:
    return any(unicodedata.name(ch, "").startswith("CJK UNIFIED") for ch in set(text))
