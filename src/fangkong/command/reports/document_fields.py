"""What every paper carries beside its content: number, issuer and rank, basis, rules, validity, language."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from fangkong.core.areas import level_of
from fangkong.core.keys import stable_key
from fangkong.record.installation import Installation
from fangkong.science.rules import documents_in_force, jurisdiction_of, rule_book
from fangkong.science.rules.resolver import holds

from .entries import refusal
from .settings import paper_setting


def report_key(disease: str, area_code: str, as_of: date) -> str:
    """The stable key of one day's situation report: the same for every version of it."""
    return stable_key("report", "situation_report", disease, area_code, as_of)


def document_fields(here: Installation, disease: str, area_code: str, as_of: date) -> dict[str, Any]:
    """The required fields that do not depend on the version: version, hash and signature come at issue."""
    return {
        "id": report_key(disease, area_code, as_of),
        "issuer": {
            "organisation_zh": here.organisation_zh,
            "organisation_en": here.organisation_en,
            "rank": level_of(area_code),
        },
        "legal_basis": legal_basis(disease, area_code, as_of),
        "rule_edition": rule_edition(disease, area_code, as_of),
        "scope": {"kind": "area", "area_code": area_code},
        "effective_on": as_of.isoformat(),
        "expires_on": (as_of + timedelta(days=paper_setting("valid_days"))).isoformat(),
        "contact": {"role": "duty_officer"},
        "languages": list(paper_setting("languages")),
    }


def legal_basis(disease: str, area_code: str, as_of: date) -> list[dict[str, Any]]:
    """Rows of law in force on ``as_of`` that stand behind publishing figures; else a refusal."""
    book, keys = rule_book(), set(paper_setting("legal_basis_keys"))
    place = jurisdiction_of(area_code)
    rows = [
        row
        for pack in book.packs
        for row in pack.rows
        if row.key in keys
        and row.disease in (disease, "any")
        and row.in_force(as_of)
        and holds(row.jurisdiction, place)
    ]
    found = {row.legal_basis: row for row in sorted(rows, key=lambda each: each.row_id, reverse=True)}
    if not found:
        return [refusal("legal_basis", "no_rule_in_pack")]
    return [
        {"text": text, "rule_row": row.row_id, "confidence": row.confidence}
        for text, row in sorted(found.items(), key=lambda pair: pair[1].row_id)
    ]


def rule_edition(disease: str, area_code: str, as_of: date) -> list[dict[str, Any]]:
    """The control documents in force on ``as_of``, oldest first; a refusal when the packs hold none."""
    found = documents_in_force(rule_book(), on=as_of, disease=disease, area=area_code)
    if not found:
        return [refusal("rule_edition", "no_rule_in_pack")]
    return [
        {
            "document": each.document.document_id,
            "title_zh": each.document.title_zh,
            "title_en": each.document.title_en,
            "confidence": each.confidence,
        }
        for each in found
    ]
