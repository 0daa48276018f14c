"""What the over-reach checks found in an order, in words and with the row that each finding rests on."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from fangkong.faces.papers import order_phrases
from fangkong.faces.words.catalogue import has_word, text
from fangkong.record.models import Order

from .presenting import said


def findings_part(order: Order) -> list[dict[str, Any]]:
    """The over-reach checks that found something, what blocks first, each with the row it rests on."""
    rows = []
    for finding in sorted(order.findings, key=lambda each: not each.get("blocks")):
        lines = (
            order_phrases.rule_lines([finding["rule_row"]], get_language()) if finding.get("rule_row") else []
        )
        rows.append(
            {
                "text": _finding_text(finding, lines[0].note if lines else ""),
                "blocks": bool(finding.get("blocks")),
                "rule": lines[0] if lines else None,
            }
        )
    return rows


def _finding_text(finding: dict[str, Any], note: str) -> str:
    """The words of the check; where a pack brought a check of its own, what its rule row says."""
    code, params = finding.get("code", ""), finding.get("params") or {}
    shown = {
        name: said("frame.and").join(map(str, v)) if isinstance(v, list) else v for name, v in params.items()
    }
    if has_word(asked := f"overreach.key.{shown.get('key', '')}"):
        shown["key"] = said(asked)
    for known in (code, f"overreach.{code}"):
        if has_word(known) and _fits(known, shown):
            return said(known, **shown)
    return note or said("order.finding_plain")


def _fits(code: str, params: dict[str, Any]) -> bool:
    """True when ``params`` fill every gap in the words of ``code``."""
    try:
        text(code, get_language()).format(**params)
    except (KeyError, IndexError, ValueError):
        return False
    return True
