"""The coverage table and the report upward on paper: what was asked, who carries it, how far it is, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from fangkong.command.minutes.capabilities import capabilities
from fangkong.command.minutes.coverage import NOT_COVERED, Coverage, CoverageRow
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import word
from fangkong.record.installation import installation
from fangkong.record.models import Document

from .order_notice import TEMPLATE
from .pdf import typeset
from .word_file import filled, template_of

NAME = "coverage"

#: A page model, its day, its language.
Paper = tuple[Mapping[str, Any], date, str]


@dataclass(frozen=True)
class CoverageNames:
    """What the paper calls areas and people."""

    areas: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


def coverage_pdf(view: Mapping[str, Any], day: date, lang: str) -> bytes:
    """The paper as PDF dated ``day``; the same facts give the same bytes.

    Raises FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    return typeset(TEMPLATE, view, day)


def coverage_docx(view: Mapping[str, Any], day: date, lang: str) -> bytes:
    """The paper as a Word file in the office's own ``coverage.<lang>.docx``, else the shipped one.

    Raises InputError ``papers.template_unreadable``.
    """
    return filled(template_of(NAME, lang), view)


def table_of(table: Coverage, names: CoverageNames, lang: str) -> Paper:
    """The page model of a coverage table as known at its moment."""
    paper = _Paper(names, catalogue.language(lang))
    at = table.at.astimezone(installation().zone)
    meta = [paper.area(table.area_code), paper.word("minutes.as_known", at=paper.moment(table.at))]
    sign = [{"label": paper.word("directive.paper.office"), "value": paper.area(table.area_code)}]
    view = paper.whole(paper.word("minutes.coverage"), table.title, meta, table.rows, table.counts, "", sign)
    return view, at.date(), paper.lang


def report_of(report: Document, rows: Sequence[CoverageRow], names: CoverageNames, lang: str) -> Paper:
    """The page model of a report upward, with its table as of its day."""
    paper = _Paper(names, catalogue.language(lang))
    content = report.content
    day = report.as_of or report.known_from.date()
    edition = paper.word(f"minutes.edition.{content['edition']}")
    meta = [
        paper.area(report.area_code),
        formats.day_full(day, paper.lang),
        paper.word(f"minutes.report_state.{content['state']}"),
    ]
    sign = [
        {"label": paper.word("minutes.drafted_by"), "value": names.people.get(content["drafted_by"], "")},
        {"label": paper.word("minutes.sent_by"), "value": names.people.get(report.signed_by, "")},
    ]
    title = f"{paper.word('minutes.upward')} · {edition}"
    view = paper.whole(title, report.title, meta, rows, content["counts"], content["remark"], sign)
    return view, day, paper.lang


class _Paper:
    """Builds one paper in one language."""

    def __init__(self, names: CoverageNames, lang: str) -> None:
        self.names, self.lang, self.zone = names, lang, installation().zone

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{formats.day_full(local.date(), self.lang)} {formats.time(local)}"

    def area(self, code: str) -> str:
        return self.names.areas.get(code, code)

    def whole(
        self,
        title: str,
        about: str,
        meta: list[str],
        rows: Sequence[CoverageRow],
        counts: Mapping[str, int],
        remark: str,
        sign: list[dict[str, str]],
    ) -> dict[str, Any]:
        summary = self.word("frame.and").join(
            f"{self.word(f'minutes.standing.{code}')} {n}" for code, n in counts.items()
        )
        missing = [row for row in rows if row.standing == NOT_COVERED]
        deskless = [row for row in rows if (row.lacks or not row.desk) and row.standing != NOT_COVERED]
        sections = [
            self._text(self.word("minutes.field.remark"), remark.splitlines()),
            self._text(self.word("minutes.column.standing"), [summary]),
            self._table(rows),
            self._text(
                self.word("minutes.not_covered", n=len(missing)), [self._line(row) for row in missing]
            ),
            self._text(
                self.word("minutes.no_desk", n=len(deskless)),
                [self._line(row) + self._lacks(row) for row in deskless],
            ),
        ]
        return {
            "lang": self.lang,
            "title": title,
            "meta": meta,
            "to": [{"label": self.word("minutes.about"), "value": about, "blank": False, "note": ""}],
            "sections": [part for part in sections if part.get("paragraphs") or part.get("rows")],
            "sign": sign,
            "served_title": self.word("minutes.receipt"),
            "served": [self.word(f"directive.paper.receipt.{part}") for part in ("office", "by", "at")],
            "foot": {
                "text": self.word("minutes.paper_foot"),
                "page": catalogue.text("papers.page", self.lang),
            },
        }

    def _text(self, title: str, paragraphs: Sequence[str]) -> dict[str, Any]:
        return {"title": title, "kind": "text", "paragraphs": [text for text in paragraphs if text.strip()]}

    def _table(self, rows: Sequence[CoverageRow]) -> dict[str, Any]:
        head = [
            self.word(f"minutes.column.{name}") for name in ("requirement", "carrier", "owners", "standing")
        ]
        return {
            "title": self.word("minutes.coverage"),
            "kind": "stages",
            "head": head,
            "rows": [
                [
                    f"{row.position} {row.text}",
                    self._carrier(row),
                    self._owners(row),
                    self.word(f"minutes.standing.{row.standing}"),
                ]
                for row in rows
            ],
        }

    def _carrier(self, row: CoverageRow) -> str:
        if not row.kind:
            return row.reason
        kind = self.word(f"minutes.led.{row.kind}")
        if row.kind == "page":
            return kind + self.word("frame.colon") + self.word(f"frame.desk.{row.key}")
        return " ".join(part for part in (kind, row.number, row.title) if part)

    def _owners(self, row: CoverageRow) -> str:
        texts = [
            self.word(
                "minutes.owner_at",
                who=self.names.people.get(owner["person_key"]) or self.word(f"role.{owner['role']}"),
                where=self.area(owner["area_code"]),
            )
            for owner in row.owners
        ]
        return self.word("frame.and").join(dict.fromkeys(texts))

    def _lacks(self, row: CoverageRow) -> str:
        if not row.lacks:
            return ""
        named = self.word("frame.and").join(self.word(f"minutes.lacks.{code}") for code in row.lacks)
        return self.word("frame.and") + self.word("minutes.lacks", what=named)

    def _line(self, row: CoverageRow) -> str:
        capability = capabilities().get(row.capability)
        name = (
            ""
            if capability is None
            else f"{row.capability} {capability.zh if self.lang == 'zh' else capability.en}"
        )
        return self.word("minutes.line", n=row.position, text=row.text, capability=name or "—")
