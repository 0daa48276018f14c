"""The minutes of a meeting on paper: attendance, reports heard, what was decided, who saw it otherwise, corrections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fangkong.command.meetings.queries import Edition
from fangkong.core.clock import civil_day
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import word
from fangkong.record.installation import installation

from .meeting_phrases import day_text, item_view, number_of
from .pdf import typeset
from .view import SHORT
from .word_file import filled, template_of

NAME = "meeting_minutes"
TEMPLATE = Path(__file__).parent / "templates" / f"{NAME}.typ"

Section = dict[str, Any]


@dataclass(frozen=True)
class MeetingNames:
    """What the paper calls areas."""

    areas: Mapping[str, str] = field(default_factory=dict)


def minutes_pdf(edition: Edition, names: MeetingNames, lang: str) -> bytes:
    """The edition of the minutes as PDF in ``lang``, dated by its own day; the same facts give the same bytes.

    Raises FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    written = datetime.fromisoformat(edition.content["paper"]["written_at"])
    on = civil_day(edition.issued_at or written, installation().zone)
    return typeset(TEMPLATE, minutes_view(edition, names, lang), on)


def minutes_docx(edition: Edition, names: MeetingNames, lang: str) -> bytes:
    """The edition as a Word file in the office's own ``meeting_minutes.<lang>.docx``, else the shipped one.

    Raises InputError ``papers.template_unreadable``.
    """
    return filled(template_of(NAME, lang), minutes_view(edition, names, lang))


def minutes_view(edition: Edition, names: MeetingNames, lang: str) -> dict[str, Any]:
    """The page model: ``title``, ``meta``, ``sections`` ({title, kind: text | table, ...}), ``sign``, ``foot``.

    Minutes that nobody has signed say so in their first line.
    """
    return _Paper(edition, names, catalogue.language(lang)).whole()


class _Paper:
    """Builds one paper in one language."""

    def __init__(self, edition: Edition, names: MeetingNames, lang: str) -> None:
        self.edition, self.names, self.lang, self.zone = edition, names, lang, installation().zone
        self.paper = edition.content["paper"]

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def moment(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        return f"{formats.day_full(local.date(), self.lang)} {formats.time(local)}"

    def whole(self) -> dict[str, Any]:
        paper, edition = self.paper, self.edition
        number = str(edition.content["minutes_no"])
        signed = self.moment(edition.issued_at) if edition.issued_at else self.word("meeting.paper.unsigned")
        sections = [
            self._text("facts", self._facts()),
            self._attendance(),
            *self._reports(),
            self._text("decisions", self._decisions()),
            self._text("dissent", self._dissent()),
            self._text("corrections", self._corrections()),
        ]
        digest = edition.content_hash[:SHORT]
        return {
            "lang": self.lang,
            "title": self.word(
                "meeting.paper.title",
                meeting=number_of(paper["body"], paper["number"], paper["kind"], self.lang),
            ),
            "meta": [
                number,
                self.names.areas.get(paper["area_code"], paper["area_code"]),
                self.word("meeting.edition", n=edition.number),
                signed,
            ],
            "to": [],
            "sections": [part for part in sections if part.get("paragraphs") or part.get("rows")],
            "sign": [
                {"label": self.word("meeting.paper.written_by"), "value": edition.writer_name},
                {"label": self.word("meeting.paper.signed_by"), "value": edition.signer_name},
            ],
            "foot": {
                "text": self.word("meeting.paper.foot", number=number, digest=digest)
                if digest
                else self.word("meeting.paper.foot_unsigned", number=number),
                "page": catalogue.text("papers.page", self.lang),
            },
        }

    def _text(self, head: str, paragraphs: list[str]) -> Section:
        return {"title": self.word(f"meeting.paper.{head}"), "kind": "text", "paragraphs": paragraphs}

    def _facts(self) -> list[str]:
        paper = self.paper
        if paper["starts_at"]:
            when = self.moment(datetime.fromisoformat(paper["starts_at"]))
        else:
            when = day_text(paper["held_on"], self.lang)
        comma = self.word("frame.and")
        chairs = comma.join(f"{each['name']} {each['post']}".strip() for each in paper["chairs"])
        lines = [self.word("meeting.paper.when", when=when)]
        if chairs:
            lines.append(self.word("meeting.paper.chairs", names=chairs))
        if above := paper["follows"]:
            named = self.word(
                "meeting.above_named", body=above["body"], day=day_text(above["held_on"], self.lang)
            )
            lines.append(self.word("meeting.paper.follows", meeting=named))
        return lines

    def _attendance(self) -> Section:
        head = [self.word(f"meeting.venue.{name}") for name in ("name", "expected", "present")]
        rows = [
            [
                venue["name"],
                *(
                    self.word("meeting.not_counted")
                    if venue[name] is None
                    else formats.number(venue[name], self.lang)
                    for name in ("expected", "present")
                ),
            ]
            for venue in self.paper["venues"]
        ]
        title = self.word("meeting.paper.attendance")
        return {"title": title, "kind": "stages", "head": head, "rows": rows}

    def _reports(self) -> list[Section]:
        sections: list[Section] = []
        for n, item in enumerate(self.paper["agenda"], start=1):
            view = item_view(item, self.lang, self.names.areas)
            code = {True: "heard", False: "not_heard"}.get(view["heard"], "heard")
            title = f"{n}. {view['title']}"
            if view["by"]:
                title = self.word("meeting.paper.reported", title=title, by=view["by"])
            lines = [self.word(f"meeting.paper.{code}")]
            lines += [self._figure(row) for row in view["figures"]]
            colon = self.word("frame.colon")
            lines += [f"{names}{colon}{why}" for names, why in view["unreported"]]
            sections.append({"title": title, "kind": "text", "paragraphs": lines})
            sections += [
                {"title": table["title"], "kind": "stages", "head": table["head"], "rows": table["rows"]}
                for table in view["tables"]
            ]
        return sections

    def _figure(self, row: Mapping[str, Any]) -> str:
        line = f"{row['label']}{self.word('frame.colon')}{row['value']}"
        return self.word("meeting.paper.figure", line=line, basis=row["basis"]) if row["basis"] else line

    def _decisions(self) -> list[str]:
        if not self.paper["decisions"]:
            return [self.word("meeting.paper.no_decisions")]
        return [
            self.word(
                "meeting.paper.decision",
                n=each["n"],
                text=each["text"],
                kind=self.word(f"minutes.class.{each['class']}"),
            )
            for each in self.paper["decisions"]
        ]

    def _dissent(self) -> list[str]:
        places = {each["key"]: each["n"] for each in self.paper["decisions"]}
        found = [
            self.word(
                "meeting.paper.dissented", by=each["by"], n=places[each["clause_key"]], words=each["words"]
            )
            for each in self.paper["dissent"]
            if each["clause_key"] in places
        ]
        # A decision that was struck leaves the minutes, and who was against it is content.
        return found or [self.word("meeting.paper.no_dissent")]

    def _corrections(self) -> list[str]:
        return [
            self.word(
                "meeting.paper.corrected",
                n=n,
                words=each["words"],
                at=self.moment(datetime.fromisoformat(each["at"])),
            )
            for n, each in enumerate(self.paper["corrections"], start=1)
        ]
