"""The situation report as a page model: every code in words once, for PDF, Word and web."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word

from .phrases import (
    UNREPORTED,
    area_name,
    basis_of,
    day_of,
    disease_name,
    label_of,
    lead_of,
    reason_of,
    register_name,
    unreported_lines,
    value_of,
)

Content = Mapping[str, Any]
Section = dict[str, Any]

#: Digits of a digest that a page shows: enough to compare two papers by eye.
SHORT = 12


def paper_view(content: Content, lang: str) -> dict[str, Any]:
    """The page model of a situation report (``command.reports``) in ``lang``, any language tag.

    Holds ``lang``, ``title``, ``meta`` (list of text), ``lead`` (two sentences), ``sections`` and ``annex``,
    ``foot`` and ``sign``. A section is {title, kind, ...}: ``figures`` has rows of {label, value, basis,
    refused}, ``table`` has head, align and rows of text, ``list`` has items. A report that was not issued yet
    is a draft and says so. Raises ``WordMissing`` in tests when a code has no words.
    """
    lang = catalogue.language(lang)
    page = _Page(content, lang)
    return {
        "lang": lang,
        "title": word(
            "report.title_of",
            lang,
            area=area_name(content["area"], lang),
            disease=disease_name(content["disease"], lang),
        ),
        "meta": page.meta(),
        "lead": [lead_of(sentence, lang) for sentence in content["lead"]],
        "sections": [section for section in page.sections() if not _is_empty(section)],
        "annex_title": word("papers.annex", lang),
        "annex": [section for section in page.annex() if not _is_empty(section)],
        "foot": page.foot(),
        "sign": page.sign(),
    }


def _is_empty(section: Section) -> bool:
    return not section.get("rows") and not section.get("items")


def in_present_form(content: Content) -> Content:
    """A report as it is written today: one issued before had fewer blocks, and some as a single entry.

    What was issued is never changed in the record; only its page is made from this.
    """
    held = dict(content)
    for name in ("surveillance", "timeliness", "risk_areas", "people"):
        held.setdefault(name, [])
    held.setdefault("command", {"entries": [], "rows": []})
    for name in ("beds", "vaccination", "supply", "incidents"):
        if not isinstance(held[name], list):
            held[name] = [held[name]]
    if "entries" not in held["complaints"]:
        held["complaints"] = {"entries": [held["complaints"]], "rows": []}
    return held


class _Page:
    """Builds the sections of one report in one language."""

    def __init__(self, content: Content, lang: str) -> None:
        self.content = in_present_form(content)
        self.lang = lang
        self.numbers = {source["key"]: n for n, source in enumerate(content["sources"], start=1)}
        self.issue: Mapping[str, Any] = content.get("issue", {})

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def meta(self) -> list[str]:
        as_of = formats.day_full(date.fromisoformat(self.content["as_of"]), self.lang)
        through = self.content["known_through"]
        return [
            self.word("papers.meta.as_of", day=as_of),
            self.word("papers.meta.known_through", day=day_of(through, self.lang))
            if through
            else self.word("papers.meta.known_through_none"),
            self.word("papers.meta.known_at", day=day_of(self.content["as_of"], self.lang)),
            self._version(),
        ]

    def sections(self) -> list[Section]:
        c = self.content
        return [
            self._figures("new", [*c["new"], *c["origin"], c["found_in_control"], *c["cumulative"]]),
            self._figures("spread", [*c["spread"], *c["surveillance"]]),
            self._areas(),
            self._figures("chains", [*c["chains"]["entries"], *c["verifications"]]),
            self._table(
                "",
                ("case", "links"),
                [[row["case"], self._count(row["links"])] for row in c["chains"]["rows"]],
            ),
            self._figures("tests", c["tests"]),
            self._figures("timeliness", c["timeliness"]),
            self._figures("care", [*c["care"], *c["beds"]]),
            self._figures("supply", [*c["vaccination"], *c["supply"]]),
            self._figures("measures", [*c["measures"]["entries"], *c["risk_areas"]]),
            self._table(
                "",
                ("kind", "in_force"),
                [
                    [self._named("order.type", row["kind"]), self._count(row["in_force"])]
                    for row in c["measures"]["rows"]
                ],
            ),
            *self._precision(),
            self._figures("people", c["people"]),
            self._figures("voices", [*c["complaints"]["entries"], *c["incidents"]]),
            self._table(
                "",
                ("theme", "n"),
                [[self._theme(row["theme"]), self._count(row["n"])] for row in c["complaints"]["rows"]],
            ),
            self._figures("command", c["command"]["entries"]),
            self._levels(),
            {"title": self.word("report.head.unknowns"), "kind": "list", "items": self._unknowns()},
            self._figures("next", c["next_day"]["entries"]),
            self._table(
                "",
                ("role", "due", "overdue"),
                [
                    [self._named("role", row["role"]), self._count(row["due"]), self._count(row["overdue"])]
                    for row in c["next_day"]["rows"]
                ],
            ),
        ]

    def _unknowns(self) -> list[str]:
        """What is not known, line by line; what nobody reports stands together under its reason."""
        unknowns, colon = self.content["unknowns"], self.word("frame.colon")
        shown = [
            label_of(item["code"], self.lang) + colon + reason_of(item["why"], item["params"], self.lang)
            for item in unknowns
            if item["why"] not in UNREPORTED
        ]
        named = [{"code": item["code"], "refusal": item["why"]} for item in unknowns]
        return shown + [names + colon + why for names, why in unreported_lines(named, self.lang)]

    def _levels(self) -> Section:
        rows = [
            [
                self._named("response.hazard", row["hazard"]),
                self.word(f"report.level.{row['level']}"),
                row["area_code"],
                day_of(row["starts_on"], self.lang),
                day_of(row["review_on"], self.lang),
            ]
            for row in self.content["command"]["rows"]
        ]
        section = self._table("", ("hazard", "level", "area_code", "since", "review"), rows)
        return section | {"align": ["left"] * 5}

    def _theme(self, theme: str) -> str:
        return self._named("concern.theme", theme) if theme else self.word("report.theme.none")

    def _precision(self) -> list[Section]:
        """The pair and the smallest lawful set; none in a report issued before there were any."""
        block = self.content.get("precision")
        if block is None:
            return []
        rows = [
            [
                row["order"],
                self._named("order.precision_why", row["why"]),
                self._count(row["person_days"]),
            ]
            for row in block["rows"]
        ]
        sections = [self._figures("precision", block["entries"])]
        if rows:
            sections.append(self._table("", ("order", "why", "beyond_person_days"), rows))
        return sections

    def annex(self) -> list[Section]:
        measures = ("infections", "confirmed", "asymptomatic", "converted", "deaths")
        days = [
            [day_of(row["day"], self.lang), *(self._cell(row[name]) for name in measures)]
            for row in self.content["days"]
        ]
        return [
            self._table("days", ("day", *measures), days),
            self._document(),
            self._sources(),
        ]

    def foot(self) -> dict[str, str]:
        fields = self.content["document"]
        return {
            "text": self.word(
                "papers.foot",
                id=fields["id"],
                snapshot=self.issue.get("content_hash", "")[:SHORT] or self.word("report.version.draft"),
                expires=fields["expires_on"],
            ),
            # Filled by the typesetter, who alone knows the page.
            "page": catalogue.text("papers.page", self.lang),
        }

    def sign(self) -> list[dict[str, str]]:
        signed = self.issue.get("signed_by") and (self.issue.get("signer") or self.issue["signed_by"])
        return [
            {"label": self.word("papers.sign.issuer"), "value": self._issuer()},
            {"label": self.word("papers.sign.signer"), "value": signed or self.word("report.signature.none")},
            {"label": self.word("papers.sign.day"), "value": self.content["as_of"]},
        ]

    def _figures(self, head: str, entries: Sequence[Mapping[str, Any]]) -> Section:
        rows = [
            {
                "label": label_of(entry["code"], self.lang),
                "value": value_of(entry, self.lang),
                "basis": basis_of(entry, self.numbers, self.lang),
                "refused": "value" not in entry,
            }
            for entry in entries
            if entry.get("refusal") not in UNREPORTED
        ]
        # What nobody reports stands by name in one line: a wall of refusals would hide the figures.
        rows += [
            {
                "label": self.word("report.not_reported"),
                "value": f"{names}{colon}{why}",
                "basis": "",
                "refused": True,
            }
            for colon in (self.word("frame.colon"),)
            for names, why in unreported_lines(entries, self.lang)
        ]
        return {"title": self.word(f"report.head.{head}"), "kind": "figures", "rows": rows}

    def _table(self, head: str, columns: Sequence[str], rows: list[list[str]], **params: object) -> Section:
        return {
            "title": self.word(f"report.head.{head}") if head else "",
            "kind": "table",
            "head": [self.word(f"report.column.{name}", **params) for name in columns],
            "align": ["left", *["right"] * (len(columns) - 1)],
            "rows": rows,
        }

    def _areas(self) -> Section:
        columns = ("area", "confirmed", "asymptomatic", "deaths", "sum", "days_published")
        areas = self.content["areas"]
        rows = [
            [
                area_name(area, self.lang),
                self._cell(area["confirmed"]),
                self._cell(area["asymptomatic"]),
                self._cell(area["deaths"]),
                self._cell(area["sum"]),
                f"{area['days_published']} / {area['days']}",
            ]
            for area in areas
        ]
        return self._table("areas", columns, rows, days=areas[0]["days"] if areas else 0)

    def _document(self) -> Section:
        fields, issue = self.content["document"], self.issue
        days = {name: formats.day_full(date.fromisoformat(fields[name]), self.lang) for name in _DAYS}
        values = {
            "id": fields["id"],
            "version": self._version(),
            "issuer": self._issuer(),
            "rank": self.word(f"report.rank.{fields['issuer']['rank']}"),
            "legal_basis": self._listed(fields["legal_basis"], "text"),
            "rule_edition": self._listed(fields["rule_edition"], f"title_{self.lang}"),
            "scope": area_name(self.content["area"], self.lang),
            "effective": days["effective_on"],
            "expires": days["expires_on"],
            "contact": self.word(f"role.{fields['contact']['role']}"),
            "language": self.word("report.languages"),
            "hash": issue.get("content_hash") or self.word("report.version.draft"),
            "supersedes": issue.get("supersedes", "")[:SHORT] or self.word("report.supersedes.none"),
            "signature": self.sign()[1]["value"],
            "audit_head": issue.get("audit_head") or self.word("report.signature.none"),
        }
        rows = [
            {"label": self.word(f"report.field.{name}"), "value": value, "basis": "", "refused": False}
            for name, value in values.items()
        ]
        return {"title": self.word("report.head.document"), "kind": "figures", "rows": rows}

    def _sources(self) -> Section:
        rows = []
        for source in self.content["sources"]:
            number = str(self.numbers[source["key"]])
            if source["kind"] == "record":
                rows.append([number, register_name(source["key"], self.lang), "", ""])
                continue
            known = self.word(f"report.known.{source['known_basis']}")
            rows.append([number, source["mapping"], source["sha256"][:SHORT], known])
        section = self._table("sources", ("number", "source", "digest", "known"), rows)
        return section | {"align": ["left"] * 4}

    def _listed(self, entries: Sequence[Mapping[str, Any]], name: str) -> str:
        shown = []
        for entry in entries:
            if "refusal" in entry:
                shown.append(value_of(entry, self.lang))
                continue
            text = entry[name] or entry["title_zh"]
            mark = self.word(f"report.confidence.{entry['confidence']}")
            shown.append(f"{text}（{mark}）" if self.lang == "zh" else f"{text} ({mark})")
        return "；".join(shown) if self.lang == "zh" else "; ".join(shown)

    def _issuer(self) -> str:
        issuer = self.content["document"]["issuer"]
        return (
            issuer[f"organisation_{self.lang}"]
            or issuer["organisation_zh"]
            or self.word("report.issuer.unnamed")
        )

    def _version(self) -> str:
        version = self.issue.get("version")
        return self.word("report.version.issued", n=version) if version else self.word("report.version.draft")

    def _named(self, prefix: str, code: str) -> str:
        return self.word(f"{prefix}.{code}") if has_word(f"{prefix}.{code}") else code

    def _cell(self, value: int | None) -> str:
        return self.word("report.cell.unknown") if value is None else self._count(value)

    def _count(self, value: int) -> str:
        return formats.number(value, self.lang)


_DAYS = ("effective_on", "expires_on")
