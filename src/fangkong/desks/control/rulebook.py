"""The documents in force, for the line that says under which rules a page stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fangkong.record.rulebook import rulebook
from fangkong.science.rules import documents_in_force

__all__ = ["DocumentLine", "rulebook", "rules_in_force"]


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
