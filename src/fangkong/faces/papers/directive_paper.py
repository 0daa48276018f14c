"""A directive on paper: whom it is for, why, what is asked, within which limits, until when, and how to acknowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.installation import installation

from .order_notice import TEMPLATE
from .pdf import typeset
from .word_file import filled, template_of

NAME = "directive"


@dataclass(frozen=True)
class DirectiveNames:
    """What the paper calls areas and people."""

    areas: Mapping[str, str] = field(default_factory=dict)
    issued_by: str = ""
    drafted_by: str = ""


def directive_pdf(
    directive: Directive, recipients: Sequence[DirectiveRecipient], names: DirectiveNames, lang: str
) -> bytes:
    """The directive as PDF in ``lang``, dated by its own day; the same facts give the same bytes.

    Raises FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    on = (directive.issued_at or directive.drafted_at).astimezone(installation().zone).date()
    return typeset(TEMPLATE, directive_view(directive, recipients, names, lang), on)


def directive_docx(
    directive: Directive, recipients: Sequence[DirectiveRecipient], names: DirectiveNames, lang: str
) -> bytes:
    """The directive as a Word file in the office's own ``directive.<lang>.docx``, else the shipped one.

    Raises InputError ``papers.template_unreadable``.
    """
    return filled(template_of(NAME, lang), directive_view(directive, recipients, names, lang))


def directive_view(
    directive: Directive, recipients: Sequence[DirectiveRecipient], names: DirectiveNames, lang: str
) -> dict[str, Any]:
    """The page model, of the same form as a notice: ``title``, ``meta``, ``to``, ``sections``, ``sign``, ``foot``.

    A draft says so in its first line: it binds nobody.
    """
    paper = _Paper(directive, names, catalogue.language(lang))
    return paper.whole(recipients)


class _Paper:
    """Builds one paper in one language."""

    def __init__(self, directive: Directive, names: DirectiveNames, lang: str) -> None:
        self.of, self.names, self.lang, self.zone = directive, names, lang, installation().zone

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{formats.day_full(local.date(), self.lang)} {formats.time(local)}"

    def area(self, code: str) -> str:
        return self.names.areas.get(code, code)

    def whole(self, recipients: Sequence[DirectiveRecipient]) -> dict[str, Any]:
        of = self.of
        state = self.word(f"directive.state.{of.state}")
        sections = [
            self._text("purpose", [of.purpose]),
            self._text("evidence", of.evidence.splitlines()),
            self._text("measures", self._measures()),
            self._text("proportionality", of.proportionality_note.splitlines()),
            self._text("exceptions", [self._exception(each) for each in of.exceptions]),
            self._text("legal_basis", list(of.legal_basis)),
            self._text("until", self._until()),
            self._recipients(recipients),
        ]
        issued = self.moment(of.issued_at) if of.issued_at else self.word("directive.paper.not_issued")
        return {
            "lang": self.lang,
            "title": of.title,
            "meta": [of.directive_no, self.area(of.area_code), state, issued],
            "to": [
                {"label": self.word("directive.paper.to"), "value": self._to(), "blank": False, "note": ""}
            ],
            "sections": [part for part in sections if part.get("paragraphs") or part.get("rows")],
            "sign": [
                {"label": self.word("directive.paper.office"), "value": self.area(of.area_code)},
                {"label": self.word("directive.paper.issued_by"), "value": self.names.issued_by},
                {"label": self.word("directive.paper.drafted_by"), "value": self.names.drafted_by},
            ],
            "served_title": self.word("directive.paper.receipt"),
            "served": [self.word(f"directive.paper.receipt.{part}") for part in ("office", "by", "at")],
            "foot": {
                "text": self.word("directive.paper.foot", number=of.directive_no),
                "page": catalogue.text("papers.page", self.lang),
            },
        }

    def _text(self, head: str, paragraphs: Sequence[str]) -> dict[str, Any]:
        shown = [paragraph for paragraph in paragraphs if paragraph.strip()]
        return {"title": self.word(f"directive.field.{head}"), "kind": "text", "paragraphs": shown}

    def _measures(self) -> list[str]:
        lines = []
        for measure in self.of.measures:
            line = f"{measure['n']}. {measure['text']}"
            kind = measure.get("evidence_kind", "")
            if kind and has_word(f"task.evidence.{kind}"):
                proof = self.word(f"task.evidence.{kind}")
                line += self.word("directive.paper.proof", proof=proof)
            lines.append(line)
        return lines

    def _exception(self, each: str) -> str:
        code = f"order.exception.{each}"
        return self.word(code) if has_word(code) else each

    def _until(self) -> list[str]:
        of = self.of
        lines = [self.word("directive.paper.due", at=self.moment(of.due_at))]
        if of.reply_by:
            lines.append(self.word("directive.paper.reply", at=self.moment(of.reply_by)))
        lines.append(self.word("directive.paper.sunset", day=formats.day_full(of.sunset_on, self.lang)))
        return lines

    def _to(self) -> str:
        comma = self.word("frame.and")
        return comma.join(
            dict.fromkeys(each["unit"] or self.area(each["area_code"]) for each in self.of.addressed_to)
        )

    def _recipients(self, recipients: Sequence[DirectiveRecipient]) -> dict[str, Any]:
        head = [self.word(f"directive.column.{name}") for name in ("office", "role", "state", "by")]
        rows = [
            [
                each.unit or self.area(each.area_code),
                self.word(f"role.{each.role}"),
                self.word(f"recipient.state.{each.state}"),
                self.moment(each.acknowledge_by),
            ]
            for each in recipients
        ]
        return {
            "title": self.word("directive.field.recipients"),
            "kind": "stages",
            "head": head,
            "rows": rows,
        }
