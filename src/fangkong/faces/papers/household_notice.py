"""The notice of an act on a household: one paper for everybody, each member by code with their own days.

It is put together from the members' own notices: what is the same for all is said once, what differs is said
for each. No name is printed; whoever serves it writes the names in by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fangkong.core.errors import Conflict
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word, language, word

from .order_notice import NAME, TEMPLATE, notice_view
from .order_phrases import OrderFacts, coded
from .pdf import typeset
from .word_file import filled, template_of


def household_notice_pdf(members: Sequence[OrderFacts], number: str, lang: str, *, on: date) -> bytes:
    """The household's notice as PDF in ``lang``, issued on ``on``; ``members`` are the facts of each order.

    Raises Conflict ``order.no_notice`` when none of the orders was approved, FangkongError
    ``papers.no_cjk_font`` without a font for Chinese.
    """
    return typeset(TEMPLATE, household_view(members, number, lang, on=on), on)


def household_notice_docx(members: Sequence[OrderFacts], number: str, lang: str, *, on: date) -> bytes:
    """The household's notice as a Word file, in the template of every notice. Raises as the PDF does."""
    return filled(template_of(NAME, lang), household_view(members, number, lang, on=on))


def household_view(members: Sequence[OrderFacts], number: str, lang: str, *, on: date) -> dict[str, Any]:
    """The page model of the household's notice, of the form of ``notice_view``. Raises Conflict as the PDF does."""
    lang = language(lang)
    bound = [
        facts
        for facts in members
        if facts.order.decided_by and facts.order.state not in ("proposed", "rejected")
    ]
    if not bound:
        raise Conflict("order.no_notice", order_no=number)
    views = [(facts.order.person_key, notice_view(facts, lang, on=on)) for facts in bound]
    first = views[0][1]
    until = formats.day_full(max(facts.order.expires_on for facts in bound), lang)
    kinds = list(dict.fromkeys(facts.order.kind for facts in bound))
    title = f"notice.title.{kinds[0]}" if len(kinds) == 1 else ""
    what = word(
        "household.notice.what",
        lang,
        kind=word("frame.and", lang).join(coded("order.type", kind, lang) for kind in kinds),
        n=len(bound),
        day=until,
    )
    whats = {"title": word("notice.head.what", lang), "kind": "text", "paragraphs": [what]}
    return first | {
        "title": word(title if has_word(title) else "notice.title.order", lang),
        "meta": [word("notice.meta.number", lang, number=number), *first["meta"][1:]],
        "to": _addressees(views, lang),
        "sections": [whats, *_merged(views, lang)],
        "foot": first["foot"] | {"text": word("notice.foot", lang, number=number, until=until)},
    }


def _addressees(views: Sequence[tuple[str, dict[str, Any]]], lang: str) -> list[dict[str, Any]]:
    """A line for the name of every member, with the code and the number of their own order."""
    return [
        {
            "label": word("notice.name", lang),
            "value": "",
            "blank": True,
            "note": word("household.notice.member", lang, code=code, number=_number_of(view)),
        }
        for code, view in views
    ]


def _number_of(view: dict[str, Any]) -> str:
    return str(view["meta"][0])


def _merged(views: Sequence[tuple[str, dict[str, Any]]], lang: str) -> list[dict[str, Any]]:
    """The members' sections as one: said once where all are told the same, for each by code where not."""
    titles = list(dict.fromkeys(section["title"] for _, view in views for section in view["sections"]))
    merged = []
    for title in titles:
        if title == word("notice.head.what", lang):
            continue
        told = [
            (code, section)
            for code, view in views
            for section in view["sections"]
            if section["title"] == title
        ]
        if told[0][1]["kind"] == "stages":
            merged.append(_stages(title, told, lang))
            continue
        merged.append({"title": title, "kind": "text", "paragraphs": _told(told, len(views), lang)})
    own = {"title": word("household.notice.own", lang), "kind": "text"}
    return [*merged, own | {"paragraphs": [word("household.notice.own_text", lang)]}]


def _told(told: Sequence[tuple[str, dict[str, Any]]], members: int, lang: str) -> list[str]:
    """Each thing told once: plain where it is told to all, else after the codes of those whom it concerns."""
    codes: dict[str, list[str]] = {}
    for code, section in told:
        for text in section["paragraphs"]:
            codes.setdefault(text, []).append(code)
    listed, colon = word("frame.and", lang), word("frame.colon", lang)
    return [
        text if len(whose) == members else f"{listed.join(whose)}{colon}{text}"
        for text, whose in codes.items()
    ]


def _stages(title: str, told: Sequence[tuple[str, dict[str, Any]]], lang: str) -> dict[str, Any]:
    rows = [
        [code, where, word("household.notice.span", lang, first=first, last=last), tests]
        for code, section in told
        for where, first, last, tests in section["rows"]
    ]
    head = [
        word("notice.pseudonym", lang),
        word("notice.column.where", lang),
        word("order.column.days", lang),
        word("notice.column.tests", lang),
    ]
    return {"title": title, "kind": "stages", "head": head, "rows": rows}
