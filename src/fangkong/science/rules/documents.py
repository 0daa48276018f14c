"""Which control documents are in force on a day: for the line that says under which rules a page stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from fangkong.core.areas import HOME_COUNTRY
from fangkong.science.rules.answers import lowest_confidence
from fangkong.science.rules.overlay import resolution_data
from fangkong.science.rules.packs import Document, Row, jurisdiction_of
from fangkong.science.rules.resolver import RuleBook, holds
from fangkong.science.rules.validation import matches


@dataclass(frozen=True, slots=True)
class DocumentInForce:
    """A document of which rows are in force, with those rows and their lowest mark."""

    document: Document
    rows: tuple[Row, ...]

    @property
    def confidence(self) -> str:
        """The lowest mark among the rows in force."""
        return lowest_confidence(self.rows)


def documents_in_force(
    book: RuleBook, *, on: date, disease: str, area: str = HOME_COUNTRY, keys: tuple[str, ...] = ()
) -> tuple[DocumentInForce, ...]:
    """The control documents of ``disease`` with rows in force on ``on`` in ``area``, oldest first.

    A document counts by the keys of its rows (``keys``: names or ``prefix.*``; the default is the
    ``control_plan`` list of ``resolution.toml``). Law for every disease, guidance without force and documents
    issued after ``on`` (a later text may tell of an earlier rule) are left out. Several can be in force at
    once: a later one replaces the keys it speaks of and no others.

    >>> from fangkong.science.rules.resolver import rule_book
    >>> found = documents_in_force(rule_book(), on=date(2021, 10, 20), disease="covid-19")
    >>> [each.document.document_id for each in found]
    ['ed8']
    """
    patterns = keys or tuple(resolution_data()["control_plan"]["keys"])
    place = jurisdiction_of(area)
    found: dict[tuple[str, str], list[Row]] = {}
    for pack in book.packs:
        if pack.disease != disease:
            continue
        for row in pack.rows:
            if (
                row.in_force(on)
                and row.authority != "reference"
                and (row.document.issued_on or on) <= on
                and holds(row.jurisdiction, place)
                and any(matches(pattern, row.key) for pattern in patterns)
            ):
                found.setdefault((row.document.document_id, row.document.title_zh), []).append(row)
    listed = [DocumentInForce(rows[0].document, tuple(rows)) for rows in found.values()]
    return tuple(
        sorted(listed, key=lambda each: (each.document.issued_on or date.max, each.document.document_id))
    )
