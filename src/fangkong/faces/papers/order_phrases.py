"""What an order says, in words of one language: its reason, stages, rules, signer, end, and how to object.

The page of an order and the paper that is served speak with the same words: both are made of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from fangkong.core.clock import civil_day
from fangkong.core.errors import NotFound
from fangkong.desks.control.queries import OrderEnding, OrderReason
from fangkong.desks.control.rulebook import rulebook
from fangkong.desks.control.safeguards import safeguards
from fangkong.faces.words import catalogue, formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.installation import installation
from fangkong.record.models import Order

#: Facts of a situation that date it, in the order in which a reader wants them.
_DATED_BY = ("last_exposure_on", "arrived_on", "left_on", "left_loop_on")


@dataclass(frozen=True)
class OrderNames:
    """What the office calls those whom an order names by key; "" where a name is not known or not shown."""

    #: The area, place or route that the order is on.
    subject: str = ""
    proposer: str = ""
    signer: str = ""
    #: Who took it back, suspended or shortened it.
    changer: str = ""
    office: str = ""
    #: The number of the order that took its place.
    follower_no: str = ""


@dataclass(frozen=True)
class OrderFacts:
    """One order with everything that its page and its papers say about it."""

    order: Order
    reason: OrderReason = field(default_factory=OrderReason)
    names: OrderNames = field(default_factory=OrderNames)
    ending: OrderEnding | None = None
    #: The person's days under restriction, where the order is on a person and they were counted.
    restricted_days: int | None = None


@dataclass(frozen=True)
class RuleLine:
    """One rule row as a reader sees it; ``title_lang`` is "zh-CN" for a Chinese title on an English page."""

    row_id: str
    title: str
    note: str
    basis: str
    mark: str
    title_lang: str = ""


@dataclass(frozen=True)
class StageLine:
    """One stage in words; ``tests`` is None when the packs do not hold the test days."""

    place: str
    first: str
    last: str
    span: str
    days: int
    tests: list[str] | None


def coded(prefix: str, value: str, lang: str | None) -> str:
    """The word of a stored code under ``prefix``; the value itself when a local pack brought it."""
    code = f"{prefix}.{value}"
    return word(code, lang) if has_word(code) else value


def span_of(first: date, last: date, lang: str | None) -> str:
    """ "04-15 至 04-28" or "15 Apr to 28 Apr"."""
    return word("order.span", lang, first=formats.day(first, lang), last=formats.day(last, lang))


def stage_lines(stages: Sequence[dict[str, Any]], lang: str | None) -> list[StageLine]:
    """The stages of an order, or of a computation made of it, in words."""
    lines = []
    for stage in stages:
        first, last = date.fromisoformat(stage["first_on"]), date.fromisoformat(stage["last_on"])
        tests = stage.get("test_on", ()) if stage.get("tests_known", True) else None
        lines.append(
            StageLine(
                place=coded("order.stage", stage["place"], lang),
                first=formats.day_full(first, lang),
                last=formats.day_full(last, lang),
                span=span_of(first, last, lang),
                days=(last - first).days + 1,
                tests=None
                if tests is None
                else [formats.day(date.fromisoformat(day), lang) for day in tests],
            )
        )
    return lines


def rule_lines(rule_rows: Sequence[str], lang: str | None) -> list[RuleLine]:
    """The rule rows with these ids: document, what it says, basis, mark. A row gone from the packs says so."""
    book, english = rulebook(), catalogue.language(lang) == "en"
    lines = []
    for row_id in rule_rows:
        try:
            row = book.row(row_id)
        except NotFound:
            lines.append(RuleLine(row_id, "", word("order.rule_gone", lang), "", "unverified"))
            continue
        document = row.document
        lines.append(
            RuleLine(
                row_id=row_id,
                title=(document.title_en or document.title_zh) if english else document.title_zh,
                note=row.note_en if english else row.note_zh,
                basis=row.legal_basis,
                mark=row.confidence,
                title_lang="zh-CN" if english and not document.title_en else "",
            )
        )
    return lines


def places_of(order: Order, lang: str | None) -> str:
    """Where, stage by stage: ``集中 14 天 → 居家监测 7 天``."""
    return " → ".join(
        word("order.stage_days", lang, place=stage.place, n=stage.days)
        for stage in stage_lines(order.stages, lang)
    )


def why(facts: OrderFacts, lang: str | None) -> str:
    """The reason as a clause: the exposure, the positive result, or the proposer's own words.

    A case is named by its number, and only where the reader may see it (``order_reason``); papers that leave
    the office are made without.
    """
    order, reason = facts.order, facts.reason
    note = (order.details or {}).get("evidence") or order.proportionality_note
    if reason.judgement is not None:
        day = formats.day_full(reason.judgement.last_exposure_on, lang)
        return word("order.why.judged", lang, day=day, reason=reason.judgement.reason)
    if reason.contact is not None:
        return _why_contact(facts, lang)
    if reason.result is not None:
        found_on = civil_day(reason.result.resulted_at, installation().zone)
        return word("order.why.result", lang, day=formats.day_full(found_on, lang))
    if order.follows_key and order.proportionality_note:
        return word("order.why.renewal", lang, note=order.proportionality_note)
    if reason.case is not None and not note:
        return word("order.why.case", lang, day=formats.day_full(reason.case.reported_on, lang))
    role = (order.situation or {}).get("role", "")
    if has_word(f"order.why.role.{role}"):
        dated = next((order.situation[name] for name in _DATED_BY if order.situation.get(name)), "")
        day = (
            formats.day_full(date.fromisoformat(dated), lang)
            if dated
            else word("order.why.day_unknown", lang)
        )
        return word(f"order.why.role.{role}", lang, day=day)
    return word("order.why.words", lang, note=note) if note else word("order.why.none", lang)


def _why_contact(facts: OrderFacts, lang: str | None) -> str:
    contact, case = facts.reason.contact, facts.reason.case
    assert contact is not None
    tier = coded("contact.tier", contact.tier, lang)
    if contact.last_exposure_on is None:
        text = word("order.why.contact_no_day", lang, tier=tier)
    else:
        day = formats.day_full(contact.last_exposure_on, lang)
        code = "order.why.contact_case" if case is not None else "order.why.contact"
        number = {"case_no": case.case_no} if case is not None else {}
        text = word(code, lang, day=day, tier=tier, **number)
    if contact.setting and has_word(f"setting.{contact.setting}"):
        return word("order.why.setting", lang, why=text, setting=word(f"setting.{contact.setting}", lang))
    return text


def signed_by(facts: OrderFacts, lang: str | None) -> str:
    """Who signed, of which office and rank; words for "nobody yet" before the decision."""
    order, names = facts.order, facts.names
    if not order.decided_by:
        return word("order.not_signed", lang)
    rank = word(f"order.rank.{order.issuer_rank}" if order.issuer_rank else "order.rank_unknown", lang)
    if names.office:
        return word("order.signer_office", lang, office=names.office, who=names.signer, rank=rank)
    return word("order.signer", lang, who=names.signer, rank=rank)


def how_to_object(order: Order, lang: str | None, code: str = "order.object_text") -> str:
    """The remedies of the law and the appeal to the office, with the hours within which it is answered."""
    remedy = coded("remedy", order.remedy, lang)
    return word(code, lang, remedy=_capital(remedy), hours=safeguards().appeal_answer_hours)


def exceptions_of(order: Order, lang: str | None) -> str:
    """The exceptions, joined."""
    return word("frame.and", lang).join(coded("order.exception", code, lang) for code in order.exceptions)


def basis_of(order: Order, lang: str | None) -> str:
    """The articles that the order rests on, joined; they stand in the law's own language."""
    return ("; " if catalogue.language(lang) == "en" else "；").join(order.legal_basis)


def sentence(facts: OrderFacts, lang: str | None) -> list[str]:
    """The order in one sentence after another: what, why, whether it binds until when and who signed, objection."""
    order, names = facts.order, facts.names
    days = span_of(order.starts_on, order.expires_on, lang)
    kind = coded("order.type", order.kind, lang)
    places = places_of(order, lang)
    parts = [
        word(
            f"order.sentence.{order.subject_kind}",
            lang,
            kind=kind,
            name=names.subject,
            places=places,
            span=days,
        ),
        word("order.sentence_why", lang, why=why(facts, lang).rstrip("。.")),
        _capital(
            word(
                f"order.binding.{order.state}",
                lang,
                signed=signed_by(facts, lang),
                day=formats.day_full(order.expires_on, lang),
            )
        ),
    ]
    if order.state in ("approved", "suspended"):
        parts.append(word("order.sentence_object", lang, hours=safeguards().appeal_answer_hours))
    return parts


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
