"""An order as the card and the lists show it: every code in words, every date with its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.control.actions import PROPOSE
from fangkong.faces.papers import order_phrases
from fangkong.faces.papers.order_phrases import OrderNames, RuleLine, StageLine
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import word
from fangkong.record.models import Order, User


def said(code: str, **params: object) -> str:
    """The words of ``code`` in the page's language."""
    return word(code, get_language(), **params)


def coded(prefix: str, value: str) -> str:
    """The word of a stored code under ``prefix``; the value itself when a local pack brought it."""
    return order_phrases.coded(prefix, value, get_language())


def span_of(first: date, last: date) -> str:
    """ "04-15 至 04-28" or "15 Apr to 28 Apr"."""
    return order_phrases.span_of(first, last, get_language())


def stages_of(order: Order) -> list[StageLine]:
    """Each stage: place, span and test days in words; tests None when the packs do not hold them."""
    return order_phrases.stage_lines(order.stages, get_language())


def rules_of(order: Order) -> list[RuleLine]:
    """The rule rows that the order rests on: document, what it says, basis, mark."""
    return order_phrases.rule_lines(order.rule_rows, get_language())


def people_names(keys: Iterable[str]) -> dict[str, str]:
    """Key -> who it is: the platform by rule, a colleague's name, or somebody who has left; one query."""
    wanted = {key for key in keys if key}
    found = dict(User.objects.filter(key__in=wanted).values_list("key", "display_name"))
    unknown = said("order.by_unknown")
    return {
        key: said("order.by_rule") if key.startswith("system:") else found.get(key) or unknown
        for key in wanted
    }


def household_href(of: str, viewing: Viewing) -> str:
    """Where an order on the household of the case or person ``of`` is proposed; "" for whoever may not."""
    if viewing.looking_back or not viewing.actor.may(PROPOSE):
        return ""
    return f"{reverse('household_propose')}?{urlencode({'of': of})}"


def card(order: Order, today: date, names: OrderNames | None = None) -> dict[str, Any]:
    """The context of components/order_card.html; who proposed and signed stands there where ``names`` say it."""
    lang, names = get_language(), names or OrderNames()
    term = max((order.expires_on - order.starts_on).days, 1)
    passed = min(max((today - order.starts_on).days, 0), term)
    rules = rules_of(order)
    tests = sum(len(stage.get("test_on") or []) for stage in order.stages)
    return {
        "number": order.order_no,
        "type": order.kind,
        "state": order.state,
        "href": reverse("order", args=[order.key]),
        "scope": names.subject or coded("order.subject", order.subject_kind),
        "measures": order_phrases.places_of(order, lang),
        "measures_note": said("order.test_count", n=tests) if tests else "",
        "effective": span_of(order.starts_on, order.expires_on),
        "expiry": formats.day_full(order.expires_on, lang),
        "expiry_share": round(100 * passed / term),
        "early_release": coded("release", order.release_condition) if order.release_condition else "",
        "exceptions": order_phrases.exceptions_of(order, lang),
        "basis": (rules[0].title or rules[0].row_id) if rules else said("order.basis_by_person"),
        "basis_note": order_phrases.basis_of(order, lang),
        "basis_mark": "read" if order.confidence == "verified" else "unverified",
        "proposer": names.proposer,
        "approver": names.signer,
        "remedy": coded("remedy", order.remedy),
    }
