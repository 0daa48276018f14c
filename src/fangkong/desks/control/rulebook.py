"""The rule book that the office decides by: the shipped packs and its own local ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from fangkong.science.rules import RuleBook, documents_in_force, load_rule_book, rule_book
from fangkong.science.rules.packs import SHIPPED


def rulebook() -> RuleBook:
    """The shipped packs together with ``FANGKONG_HOME/packs/*.toml``, read again when one of those files changes.

    Raises InputError ``rules.packs_invalid`` (with ``problems``) when a local pack is not sound: an office
    that believes its own rows count must hear that they do not.
    """
    local = Path(settings.HOME) / "packs"
    files = sorted(local.glob("*.toml"))
    if not files:
        return rule_book()
    return _with_local(
        local, tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    )


@lru_cache(maxsize=4)
def _with_local(local: Path, _state: tuple[tuple[str, int, int], ...]) -> RuleBook:
    """The book of the local files in this state; an older state is not asked for again."""
    return load_rule_book(SHIPPED, local)


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
