"""The paper pack for a day without network: one PDF with contents, lists, tick boxes and blank forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.installation import installation

from .open_line import line_words
from .pdf import FOLDER, PARTS, typeset
from .phrases import area_name, day_of, disease_name
from .view import SHORT, paper_view

TEMPLATE = FOLDER / "day_pack.typ"
Section = dict[str, Any]

#: The checklists of the pack and how many lines each has (words ``print.check.<name>.<n>``).
CHECKLISTS = {"open": 6, "feeds": 7, "positive": 8, "doorstep": 7, "close": 7}
#: The blank forms: columns (words ``print.column.<name>``) and who signs (words ``print.sign.<name>``).
FORMS = {
    "receive": (("at", "from", "what", "pages", "handed_to"), ("received", "checked")),
    "result": (("at", "laboratory", "code", "outcome", "told"), ("took_down",)),
    "order": (("at", "order_no", "kind", "from_to", "basis"), ("proposed", "decided")),
    "message": (("at", "by", "to", "words", "answer"), ("keeper",)),
}


def day_pack_pdf(content: Mapping[str, Any], lang: str) -> bytes:
    """The PDF of a pack (``command.reports.day_pack``) in ``lang``: the same content gives the same bytes.

    Raises FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    return typeset(TEMPLATE, day_pack_view(content, lang), date.fromisoformat(content["as_of"]), parts=PARTS)


def day_pack_view(content: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """The page model of a pack in ``lang``: ``title``, ``meta``, ``preface``, ``hash``, ``parts``, ``foot``.

    A part is {title, sections}; sections are those of ``paper_view``, and ``checklist`` (items with tick boxes) and
    ``form`` (head and blank rows), each with an optional ``note`` and ``sign``.
    """
    return _Pack(content, catalogue.language(lang)).whole()


class _Pack:
    """Builds one pack in one language."""

    def __init__(self, content: Mapping[str, Any], lang: str) -> None:
        self.content, self.lang, self.zone = content, lang, installation().zone

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def whole(self) -> dict[str, Any]:
        content = self.content
        as_of = formats.day_full(date.fromisoformat(content["as_of"]), self.lang)
        title = self.word("print.title", area=area_name(content["area"], self.lang))
        digest = content["content_hash"]
        return {
            "lang": self.lang,
            "title": title,
            "meta": [self.word("papers.meta.as_of", day=as_of), disease_name(content["disease"], self.lang)],
            "preface": [self.word("print.preface"), self.word("print.no_names")],
            "contents_title": self.word("print.contents"),
            "hash": self.word("print.hash", digest=digest),
            "parts": self.parts(),
            "foot": {
                "text": self.word("print.foot", day=content["as_of"], digest=digest[:SHORT]),
                "page": catalogue.text("papers.page", self.lang),
            },
        }

    def parts(self) -> list[dict[str, Any]]:
        report = paper_view(self.content["report"], self.lang)
        return [
            {
                "title": report["title"],
                "lead": report["lead"],
                "sections": [*report["sections"], *report["annex"]],
            },
            self.part("orders_to_decide", self.orders("orders_to_decide")),
            self.part("orders_in_force", self.orders("orders_in_force")),
            self.part("tasks", self.tasks()),
            self.part("directives", self.directives()),
            self.part("duty", self.duty()),
            self.part("handover", self.handover()),
            self.part("rules", self.rules()),
            self.part("checklists", [self.checklist(name, lines) for name, lines in CHECKLISTS.items()]),
            *(self.part(f"form_{name}", [self.form(name)]) for name in FORMS),
        ]

    def part(self, name: str, sections: Sequence[Section]) -> dict[str, Any]:
        return {"title": self.word(f"print.part.{name}"), "sections": list(sections)}

    def listed(
        self, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = ""
    ) -> Section:
        return {
            "title": title,
            "kind": "table",
            "head": [self.word(f"print.column.{column}") for column in columns],
            "align": ["left"] * len(columns),
            "rows": [list(row) for row in rows],
        }

    def without(self, name: str) -> Section | None:
        """The sentence that stands for a list which the reader's role does not see, or which is empty."""
        held = self.content[name]
        if held is not None and held["rows"]:
            return None
        code = "print.not_for_role" if held is None else "print.empty"
        return {"title": "", "kind": "text", "paragraphs": [self.word(code)]}

    def count(self, name: str) -> Section:
        """How many there are, and how many of them are not printed."""
        held = self.content[name]
        shown, total = len(held["rows"]), held["total"]
        code = "print.count" if shown == total else "print.count_more"
        said = self.word(code, n=total, shown=shown) if shown < total else self.word(code, n=total)
        return {"title": "", "kind": "text", "paragraphs": [said]}

    def orders(self, name: str) -> list[Section]:
        if silent := self.without(name):
            return [silent]
        rows = [
            [
                day_of(row["expires_on"], self.lang),
                row["order_no"],
                self.named("order.type", row["kind"]),
                self.area(row["area_code"]),
                day_of(row["starts_on"], self.lang),
            ]
            for row in self.content[name]["rows"]
        ]
        return [self.count(name), self.listed(name, ("ends", "order_no", "kind", "area", "starts"), rows)]

    def tasks(self) -> list[Section]:
        if silent := self.without("tasks"):
            return [silent]
        sections = [self.count("tasks")]
        for role, rows in groupby(self.content["tasks"]["rows"], key=lambda row: row["owner_role"]):
            listed = [
                [
                    "☐",
                    self.moment(row["due_at"]),
                    row["title"] or line_words(f"task.kind.{row['kind']}", row.get("about", ""), self.lang),
                    self.area(row["area_code"]),
                    self.named("task.state", row["state"]),
                ]
                for row in rows
            ]
            columns = ("tick", "due", "task", "area", "state")
            sections.append(self.listed("tasks", columns, listed, title=self.named("role", role)))
        return sections

    def directives(self) -> list[Section]:
        if silent := self.without("directives"):
            return [silent]
        rows = [
            [
                "☐",
                self.moment(row["acknowledge_by"]),
                f"{row['directive_no']} {row['title']}".strip(),
                row["unit"] or self.area(row["area_code"]),
                self.named("role", row["role"]),
            ]
            for row in self.content["directives"]["rows"]
        ]
        columns = ("tick", "acknowledge_by", "directive", "office", "role")
        return [self.count("directives"), self.listed("directives", columns, rows)]

    def duty(self) -> list[Section]:
        if silent := self.without("duty"):
            return [silent, self.form_of(("from_to", "chief", "deputy", "experts", "phone"), ("keeper",))]
        rows = [
            [
                self.area(row["area_code"]),
                f"{self.moment(row['starts_at'])} {formats.DASH} {self.moment(row['ends_at'])}",
                row["chief"],
                row["deputy"],
                self.word("frame.and").join(filter(None, row["experts"])),
            ]
            for row in self.content["duty"]["rows"]
        ]
        return [self.listed("duty", ("office", "from_to", "chief", "deputy", "experts"), rows)]

    def handover(self) -> list[Section]:
        signed = ("goes", "comes", "moment")
        head = ("what", "area", "owner", "until", "why")
        if silent := self.without("handover"):
            return [silent, self.form_of(head, signed)]
        rows = [
            [
                row["title"] or line_words(row["code"], row.get("about", ""), self.lang),
                self.area(row["area_code"]),
                self.named("role", row["owner_role"]),
                self.until(row["until_at"] or row["due_at"]),
                row["why"],
            ]
            for row in self.content["handover"]["rows"]
        ]
        section = self.listed("handover", head, rows)
        return [self.count("handover"), section | {"sign": self.signs(signed)}]

    def rules(self) -> list[Section]:
        if silent := self.without("rules"):
            return [silent]
        rows = [
            [
                (row["title_en"] or row["title_zh"]) if self.lang == "en" else row["title_zh"],
                row["issued_on"] or self.word("print.undated"),
                self.word(f"report.confidence.{row['confidence']}"),
                formats.number(row["row_count"], self.lang),
            ]
            for row in self.content["rules"]["rows"]
        ]
        return [self.listed("rules", ("document", "issued", "confidence", "rows"), rows)]

    def checklist(self, name: str, lines: int) -> Section:
        return {
            "title": self.word(f"print.check.{name}"),
            "kind": "checklist",
            "items": [self.word(f"print.check.{name}.{n}") for n in range(1, lines + 1)],
        }

    def form(self, name: str) -> Section:
        head, signed = FORMS[name]
        return self.form_of(head, signed) | {"note": self.word(f"print.note.{name}")}

    def form_of(self, head: Sequence[str], signed: Sequence[str]) -> Section:
        return {
            "title": "",
            "kind": "form",
            "head": [self.word(f"print.column.{column}") for column in head],
            "blank": self.content["blank_rows"],
            "sign": self.signs(signed),
        }

    def signs(self, names: Sequence[str]) -> list[str]:
        return [self.word(f"print.sign.{name}") for name in names]

    def area(self, code: str) -> str:
        return area_name({"code": code, **self.content["areas"].get(code, {})}, self.lang)

    def moment(self, iso: str) -> str:
        return formats.moment(datetime.fromisoformat(iso).astimezone(self.zone), self.lang)

    def until(self, iso: str) -> str:
        return self.moment(iso) if iso else ""

    def named(self, prefix: str, code: str) -> str:
        return self.word(f"{prefix}.{code}") if has_word(f"{prefix}.{code}") else code
