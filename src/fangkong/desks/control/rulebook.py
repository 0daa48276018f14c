"""The rule book that the office decides by: the shipped packs and its own local ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from fangkong.science.rules import RuleBook, documents_in_force, rule_book


def rulebook() -> RuleBook:
    """The shipped packs together with ``FANGKONG_HOME/packs/*.toml``, read once per process.

    Raises InputError ``rules.packs_invalid`` (with ``problems``) when a local pack is not sound: an office
    that believes its own rows count must hear that they do not.
    """
    local = Path(settings.HOME) / "packs"
    return rule_book(local if any(local.glob("*.toml")) else None)


@dataclass(frozen=True)
class DocumentLine:
    """One document of the "rules in force" line; ``title_en`` is "" where no English title is known."""

    document_id: str
    title_zh: str
    title_en: str
    issued_on: date | None
    confidence: str
    row_count: int


def rules_in_force(on: date, disease: str, area_code: str) -> list[DocumentLine]:
    """The control documents of ``disease`` with rows in force on the civil day ``on`` in ``area_code``.

    Oldest first; empty when no document is known, which is an answer: nothing may be ordered by rule then.
    """
    found = documents_in_force(rulebook(), on=on, disease=disease, area=area_code)
    return [
        DocumentLine(
            document_id=each.document.document_id,
            title_zh=each.document.title_zh,
            title_en=each.document.title_en,
            issued_on=each.document.issued_on,
            confidence=each.confidence,
            row_count=len(each.rows),
        )
        for each in found
    ]
