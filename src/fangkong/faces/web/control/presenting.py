"""An order as the card shows it: every code in words, every date with its end."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.core.errors import NotFound
from fangkong.desks.control.rulebook import rulebook
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.models import Order


def said(code: str, **params: object) -> str:
    """The words of ``code`` in the page's language."""
    return word(code, get_language(), **params)


def coded(prefix: str, value: str) -> str:
    """The word of a stored code under ``prefix``; the value itself when a local pack brought it."""
    code = f"{prefix}.{value}"
    return said(code) if has_word(code) else value


def span_of(first: date, last: date) -> str:
    """ "04-15 至 04-28" or "15 Apr to 28 Apr"."""
    lang = get_language()
    return said("order.span", first=formats.day(first, lang), last=formats.day(last, lang))


def stages_of(order: Order) -> list[dict[str, Any]]:
    """Each stage: place, span and test days in words; tests None when the packs do not hold them."""
    lang, rows = get_language(), []
    for stage in order.stages:
        tests = stage["test_on"] if stage.get("tests_known", True) else None
        first, last = date.fromisoformat(stage["first_on"]), date.fromisoformat(stage["last_on"])
        rows.append(
            {
                "place": coded("order.stage", stage["place"]),
                "span": span_of(first, last),
                "days": (last - first).days + 1,
                "tests": None
                if tests is None
                else [formats.day(date.fromisoformat(day), lang) for day in tests],
            }
        )
    return rows


def rules_of(order: Order) -> list[dict[str, Any]]:
    """The rule rows that the order rests on: document, what it says, basis, mark."""
    book, english = rulebook(), (get_language() or "").startswith("en")
    found = []
    for row_id in order.rule_rows:
        try:
            row = book.row(row_id)
        except NotFound:
            found.append({"id": row_id, "title": "", "note": said("order.rule_gone"), "mark": "unverified"})
            continue
        document = row.document
        found.append(
            {
                "id": row_id,
                "title": (document.title_en or document.title_zh) if english else document.title_zh,
                "title_lang": "zh-CN" if english and not document.title_en else "",
                "note": row.note_en if english else row.note_zh,
                "basis": row.legal_basis,
                "mark": row.confidence,
            }
        )
    return found


def card(order: Order, today: date) -> dict[str, Any]:
    """The context of components/order_card.html."""
    lang = get_language()
    term = max((order.expires_on - order.starts_on).days, 1)
    passed = min(max((today - order.starts_on).days, 0), term)
    first = rules_of(order)[0] if order.rule_rows else {"title": said("order.basis_by_person")}
    tests = sum(len(stage.get("test_on") or []) for stage in order.stages)
    return {
        "number": order.order_no,
        "type": order.kind,
        "state": order.state,
        "href": reverse("order", args=[order.key]),
        "measures": " → ".join(
            said("order.stage_days", place=stage["place"], n=stage["days"]) for stage in stages_of(order)
        ),
        "measures_note": said("order.test_count", n=tests) if tests else "",
        "effective": span_of(order.starts_on, order.expires_on),
        "expiry": formats.day_full(order.expires_on, lang),
        "expiry_share": round(100 * passed / term),
        "early_release": coded("release", order.release_condition) if order.release_condition else "",
        "exceptions": said("frame.and").join(coded("order.exception", code) for code in order.exceptions),
        "basis": first["title"],
        "basis_note": "；".join(order.legal_basis)
        if not (lang or "").startswith("en")
        else "; ".join(order.legal_basis),
        "basis_mark": "read" if order.confidence == "verified" else "unverified",
        "remedy": coded("remedy", order.remedy),
    }
