"""Papers as Word files, in the office's own template or the one that ships."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from docx.opc.exceptions import OpcError
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from fangkong.core.errors import InputError
from fangkong.faces.words.catalogue import language

from .view import paper_view

FOLDER = Path(__file__).parent / "templates"


#: The shipped template of every paper of the model title, meta, to, sections, sign, served, foot.
PAPER = "paper"


def template_of(name: str, lang: str) -> Path:
    """The office's ``FANGKONG_HOME/templates/<name>.<lang>.docx``, else the shipped template of that name.

    Papers without a shipped template of their own share one (``PAPER``).
    """
    ending = f"{language(lang)}.docx"
    own = Path(settings.HOME) / "templates" / f"{name}.{ending}"
    found = (each for each in (own, FOLDER / f"{name}.{ending}") if each.is_file())
    return next(found, FOLDER / f"{PAPER}.{ending}")


def situation_docx(content: Mapping[str, Any], lang: str, template: Path | None = None) -> bytes:
    """The Word file of a situation report (``command.reports``) in ``lang``.

    ``template`` is a docx with Jinja tags over the page model (``paper_view``); the default is the office's
    own, else the shipped one. Raises InputError ``papers.template_unreadable`` as ``filled`` does.
    """
    return filled(template or template_of("situation_report", lang), paper_view(content, lang))


def filled(template: Path, view: Mapping[str, Any]) -> bytes:
    """The Word file that ``template`` makes of the page model ``view``.

    Raises InputError ``papers.template_unreadable`` for a file that is no docx or whose tags cannot be read.
    """
    try:
        document = DocxTemplate(str(template))
        document.render(dict(view), autoescape=True)
    except (OSError, KeyError, ValueError, OpcError, zipfile.BadZipFile, TemplateError) as error:
        raise InputError("papers.template_unreadable", path=str(template), reason=str(error)) from error
    out = BytesIO()
    document.save(out)
    return out.getvalue()
