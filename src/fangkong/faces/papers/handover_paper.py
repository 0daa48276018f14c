"""The night's hand-over on paper: what is open, why, with whom, until when; and the two signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fangkong.command.duty.open_items import OpenItem
from fangkong.command.models import DutyShift, Handover
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.installation import installation

from .open_line import line_words
from .order_notice import TEMPLATE
from .pdf import typeset
from .word_file import filled, template_of

NAME = "handover"

Lines = Sequence[tuple[OpenItem, str]]
#: Who goes and who comes; None for a shift that the reader does not see.
Shifts = tuple[DutyShift | None, DutyShift | None]


@dataclass(frozen=True)
class HandoverNames:
    """What the paper calls areas and people, by code and by key."""

    areas: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)


def handover_pdf(
    handover: Handover, lines: Lines, hidden: int, shifts: Shifts, names: HandoverNames, lang: str
) -> bytes:
    """The hand-over as PDF in ``lang``, dated by its own day; the same facts give the same bytes.

    Raises FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    return typeset(TEMPLATE, handover_view(handover, lines, hidden, shifts, names, lang), handover.on)


def handover_docx(
    handover: Handover, lines: Lines, hidden: int, shifts: Shifts, names: HandoverNames, lang: str
) -> bytes:
    """The hand-over as a Word file in the office's own ``handover.<lang>.docx``, else the shipped one.

    Raises InputError ``papers.template_unreadable``.
    """
    return filled(template_of(NAME, lang), handover_view(handover, lines, hidden, shifts, names, lang))


def handover_view(
    handover: Handover, lines: Lines, hidden: int, shifts: Shifts, names: HandoverNames, lang: str
) -> dict[str, Any]:
    """The page model, of the same form as a notice: ``title``, ``meta``, ``to``, ``sections``, ``sign``, ``foot``."""
    return _Paper(handover, names, catalogue.language(lang)).whole(lines, hidden, shifts)


class _Paper:
    """Builds one paper in one language."""

    def __init__(self, handover: Handover, names: HandoverNames, lang: str) -> None:
        self.of, self.names, self.lang, self.zone = handover, names, lang, installation().zone

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def moment(self, at: datetime | None) -> str:
        return formats.moment(at.astimezone(self.zone), self.lang) if at else ""

    def whole(self, lines: Lines, hidden: int, shifts: Shifts) -> dict[str, Any]:
        of = self.of
        area = self.names.areas.get(of.area_code, of.area_code)
        day = formats.day_full(of.on, self.lang)
        note = [{"title": self.word("handover.note"), "kind": "text", "paragraphs": of.note.splitlines()}]
        parts = [self._shifts(shifts), self._lines(lines), self._hidden(hidden), *(note if of.note else [])]
        return {
            "lang": self.lang,
            "title": self.word("handover.paper"),
            "meta": [area, day, self.word(f"handover.state.{of.state}")],
            "to": [],
            "sections": [part for part in parts if part],
            "sign": [
                {"label": self.word("handover.signed_out"), "value": self._person(of.signed_out_by)},
                {"label": self.word("handover.signed_in"), "value": self._person(of.signed_in_by)},
                {"label": self.word("handover.signed_at"), "value": self.moment(of.signed_in_at)},
            ],
            "served_title": self.word("handover.by_hand"),
            "served": [self.word(f"handover.by_hand.{part}") for part in ("going", "coming", "at")],
            "foot": {
                "text": self.word("handover.foot", area=area, day=day),
                "page": catalogue.text("papers.page", self.lang),
            },
        }

    def _person(self, key: str) -> str:
        return self.names.people.get(key, "")

    def _shifts(self, shifts: Shifts) -> dict[str, Any]:
        said = []
        for side, shift in zip(("going", "coming"), shifts, strict=True):
            if shift is not None:
                people = [self._person(key) for key in (shift.chief_key, shift.deputy_key) if key]
                said.append(
                    self.word(
                        f"handover.line.{side}",
                        since=self.moment(shift.starts_at),
                        until=self.moment(shift.ends_at),
                        people=self.word("frame.and").join(people) or self.word("frame.none"),
                    )
                )
        return {"title": self.word("handover.shifts"), "kind": "text", "paragraphs": said}

    def _lines(self, lines: Lines) -> dict[str, Any]:
        title = self.word("handover.open", n=len(lines))
        if not lines:
            return {"title": title, "kind": "text", "paragraphs": [self.word("closeout.nothing")]}
        head = [self.word(f"handover.column.{name}") for name in ("what", "who", "until", "why")]
        return {"title": title, "kind": "stages", "head": head, "rows": [self._line(*line) for line in lines]}

    def _line(self, item: OpenItem, mark: str) -> list[str]:
        what = line_words(item.code, item.about, self.lang)
        colon = self.word("frame.colon")
        role = f"role.{item.owner_role}"
        who = self._person(item.owner_key) or (self.word(role) if has_word(role) else "")
        area = self.names.areas.get(item.area_code, item.area_code)
        why = self.word(f"handover.mark.{mark}") if mark else item.why
        return [
            f"{what}{colon}{item.title}" if item.title else what,
            self.word("frame.and").join(part for part in (area, who) if part),
            self.moment(item.until_at or item.due_at),
            why,
        ]

    def _hidden(self, hidden: int) -> dict[str, Any]:
        if not hidden:
            return {}
        return {
            "title": self.word("handover.others"),
            "kind": "text",
            "paragraphs": [self.word("handover.hidden", n=hidden)],
        }
