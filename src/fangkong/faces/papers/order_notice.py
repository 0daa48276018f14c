"""Notices of an order: the one served on whom it binds, and the release notice once it has ended.

Neither prints a name: the platform knows the person by a key, and whoever serves the notice writes the name in
by hand. Neither names the case that a contact met.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from fangkong.core.errors import Conflict
from fangkong.desks.control.gates import gate_kind, gates_of
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word

from .order_phrases import (
    OrderFacts,
    basis_of,
    coded,
    exceptions_of,
    how_to_object,
    places_of,
    rule_lines,
    sentence,
    signed_by,
    span_of,
    stage_lines,
    why,
)
from .pdf import typeset
from .word_file import filled, template_of

TEMPLATE = Path(__file__).parent / "templates" / "order_notice.typ"
NAME = "order_notice"

#: Subjects whose notice is served on people and has a line for their name.
_PEOPLE = ("person", "household")


def order_notice_pdf(facts: OrderFacts, lang: str, *, on: date, release: bool = False) -> bytes:
    """The notice of the order as PDF in ``lang``, issued on the civil day ``on``; A4, one or two pages.

    ``release`` gives the release notice instead. The same facts give the same bytes. Raises Conflict
    ``order.no_notice`` for an order that nobody approved, ``order.no_release`` for one that runs its full
    term, FangkongError ``papers.no_cjk_font`` without a font for Chinese.
    """
    return typeset(TEMPLATE, notice_view(facts, lang, on=on, release=release), on)


def order_notice_docx(
    facts: OrderFacts, lang: str, *, on: date, release: bool = False, template: Path | None = None
) -> bytes:
    """The notice as a Word file, in ``template``, the office's own ``order_notice.<lang>.docx`` or the shipped one.

    Raises as ``order_notice_pdf``, and InputError ``papers.template_unreadable``.
    """
    return filled(template or template_of(NAME, lang), notice_view(facts, lang, on=on, release=release))


def notice_view(facts: OrderFacts, lang: str, *, on: date, release: bool = False) -> dict[str, Any]:
    """The page model of a notice: ``title``, ``meta``, ``to``, ``lead``, ``sections``, ``sign``, ``served``, ``foot``.

    A section is {title, kind, ...}: ``text`` has paragraphs, ``stages`` has head and rows. Raises as
    ``order_notice_pdf``.
    """
    # The paper leaves the office: whom the person met is nobody's business but theirs.
    told = replace(facts, reason=replace(facts.reason, case=None))
    notice = _Notice(told, catalogue.language(lang), on)
    return notice.release() if release else notice.order()


class _Notice:
    """Builds one notice in one language."""

    def __init__(self, facts: OrderFacts, lang: str, on: date) -> None:
        self.facts, self.of, self.lang, self.on = facts, facts.order, lang, on

    def word(self, code: str, **params: object) -> str:
        return word(code, self.lang, **params)

    def day(self, day: date) -> str:
        return formats.day_full(day, self.lang)

    def order(self) -> dict[str, Any]:
        """The notice of the order itself."""
        order = self.of
        if not order.decided_by or order.state in ("proposed", "rejected"):
            raise Conflict("order.no_notice", order_no=order.order_no)
        title = f"notice.title.{order.kind}"
        until = [self.word("notice.until", day=self.day(order.expires_on))]
        if order.state == "suspended":
            until.append(self.word("notice.suspended"))
        elif order.state != "approved":
            until.append(self.word("notice.ended_note"))
        release = [coded("release", order.release_condition, self.lang)] if order.release_condition else []
        sections = [
            self._text("what", sentence(self.facts, self.lang)[:1]),
            self._stages(),
            self._text("why", [self._why()]),
            self._basis(),
            self._text("until", until),
            self._text("release", release),
            self._text("exceptions", [exceptions_of(order, self.lang)]),
            self._text("gates", self._gates()),
            self._text("signed", [signed_by(self.facts, self.lang)]),
            self._object(),
        ]
        foot = self.word("notice.foot", number=order.order_no, until=self.day(order.expires_on))
        return self._paper(title if has_word(title) else "notice.title.order", sections, foot)

    def release(self) -> dict[str, Any]:
        """The notice that the person is free of the order."""
        order, ending = self.of, self.facts.ending
        if ending is None:
            raise Conflict("order.no_release", order_no=order.order_no)
        was = self.word("order.sentence." + order.subject_kind, **self._named())
        days = self.facts.restricted_days
        sections = [
            self._text("free", self._free()),
            self._text("ended", [self._ended()]),
            self._text("was", [f"{order.order_no}{self.word('frame.colon')}{was}"]),
            self._text("days", [self.word("notice.days", n=days)] if days is not None else []),
            self._basis(),
            self._text("signed", [signed_by(self.facts, self.lang)]),
            self._object(),
        ]
        if order.subject_kind not in _PEOPLE:
            title = "notice.title.release"
        elif order.kind in ("quarantine", "isolation"):
            title = "notice.title.release_person"
        else:
            title = (
                "notice.title.release_monitoring" if order.kind == "monitoring" else "notice.title.release"
            )
        return self._paper(title, sections, self.word("notice.foot_release", number=order.order_no))

    def _paper(self, title: str, sections: list[dict[str, Any]], foot: str) -> dict[str, Any]:
        return {
            "lang": self.lang,
            "title": self.word(title),
            "meta": [
                self.word("notice.meta.number", number=self.of.order_no),
                self._office(),
                self.word("notice.meta.day", day=self.day(self.on)),
            ],
            "to": self._addressee(),
            "sections": [section for section in sections if section.get("paragraphs") or section.get("rows")],
            "sign": [
                {"label": self.word("notice.sign.office"), "value": self._office()},
                {"label": self.word("notice.sign.signer"), "value": signed_by(self._unofficed(), self.lang)},
                {"label": self.word("notice.sign.day"), "value": self.day(self.on)},
            ],
            "served_title": self.word("notice.head.served"),
            "served": [self.word(f"notice.served.{part}") for part in ("received", "on", "by")],
            "foot": {"text": foot, "page": catalogue.text("papers.page", self.lang)},
        }

    def _addressee(self) -> list[dict[str, Any]]:
        order, names = self.of, self.facts.names
        if order.subject_kind not in _PEOPLE:
            return [
                {"label": self.word("notice.to_place"), "value": names.subject, "blank": False, "note": ""}
            ]
        blank = {
            "label": self.word("notice.name"),
            "value": "",
            "blank": True,
            "note": self.word("notice.name_blank"),
        }
        key = order.person_key or order.subject_key
        return [blank, {"label": self.word("notice.pseudonym"), "value": key, "blank": False, "note": ""}]

    def _why(self) -> str:
        text = why(self.facts, self.lang)
        return text[:1].upper() + text[1:]

    def _named(self) -> dict[str, str]:
        order, ending = self.of, self.facts.ending
        last = ending.before_on if ending is not None else order.expires_on
        return {
            "kind": coded("order.type", order.kind, self.lang),
            "name": self.facts.names.subject,
            "places": places_of(order, self.lang),
            "span": span_of(order.starts_on, last, self.lang),
        }

    def _text(self, head: str, paragraphs: list[str]) -> dict[str, Any]:
        shown = [paragraph for paragraph in paragraphs if paragraph]
        return {"title": self.word(f"notice.head.{head}"), "kind": "text", "paragraphs": shown}

    def _stages(self) -> dict[str, Any]:
        rows = []
        for stage in stage_lines(self.of.stages, self.lang):
            if stage.tests is None:
                tests = self.word("order.tests_not_in_pack")
            else:
                tests = self.word("frame.and").join(stage.tests) or self.word("order.tests_none")
            rows.append([stage.place, stage.first, stage.last, tests])
        head = [self.word(f"notice.column.{name}") for name in ("where", "from", "to", "tests")]
        return {"title": self.word("notice.head.where"), "kind": "stages", "head": head, "rows": rows}

    def _basis(self) -> dict[str, Any]:
        lines = [
            self.word("notice.article", document=rule.title or rule.row_id, mark=self._mark(rule.mark))
            for rule in rule_lines(self.of.rule_rows, self.lang)
        ]
        law = basis_of(self.of, self.lang)
        if law:
            lines.append(self.word("notice.law", basis=law))
        if not lines:
            lines.append(self.word("order.basis_by_person"))
        return self._text("basis", list(dict.fromkeys(lines)))

    def _mark(self, mark: str) -> str:
        return self.word(f"rule.mark.{mark}")

    def _gates(self) -> list[str]:
        lines = []
        for gate in gates_of(self.of.kind):
            value = self.of.gates.get(gate)
            if not value:
                continue
            met = self.word("order.gate_households", n=value) if gate_kind(gate) != "text" else str(value)
            lines.append(f"{self.word(f'order.gate.{gate}')}{self.word('frame.colon')}{met}")
        return lines

    def _object(self) -> dict[str, Any]:
        return self._text("object", [how_to_object(self.of, self.lang, "notice.object")])

    def _ended(self) -> str:
        ending, names = self.facts.ending, self.facts.names
        assert ending is not None
        text = self.word(
            f"notice.ended.{ending.code}",
            day=self.day(ending.on),
            before=self.day(ending.before_on),
            reason=_reason(ending.reason, self.lang),
            number=names.follower_no,
        )
        return text[:1].upper() + text[1:]

    def _free(self) -> list[str]:
        ending = self.facts.ending
        assert ending is not None
        whole_day = ending.code in ("lapsed", "shortened")
        lines = [self.word(f"notice.free.{'after' if whole_day else 'now'}", day=self.day(ending.on))]
        if ending.code == "superseded" and self.facts.names.follower_no:
            lines.append(self.word("notice.free.follower", number=self.facts.names.follower_no))
        # A shortened order still binds until its new last day is over.
        over = ending.on < self.on if whole_day else True
        return [*lines, self.word("notice.no_more")] if over else lines

    def _office(self) -> str:
        return self.facts.names.office or self.word("notice.office_unnamed")

    def _unofficed(self) -> OrderFacts:
        return replace(self.facts, names=replace(self.facts.names, office=""))


def _reason(reason: str, lang: str) -> str:
    """Why it was changed: a code of the platform in words, else what the person wrote."""
    if has_word(f"order.change.{reason}"):
        return word(f"order.change.{reason}", lang)
    if reason.startswith("rejudgement"):
        return word("order.change.judged_again", lang)
    return reason
