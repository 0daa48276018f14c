"""Writes small packs for tests: only what a test is about, the rest filled in soundly."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

FULL_ROW: dict[str, Any] = {
    "unit": "d",
    "scope": {},
    "effective_from": date(2030, 1, 1),
    "authority": "national",
    "document": "doc",
    "legal_basis": "article 1",
    "source": ["https://example.org/notice"],
    "confidence": "verified",
    "transition": "none",
    "note_zh": "一行",
    "note_en": "one line",
}
FULL_COVERAGE: dict[str, Any] = {
    "from": date(2000, 1, 1),
    "areas": ["CN"],
    "complete": False,
    "note_en": "as far as read",
}


def toml(value: Any) -> str:
    """``value`` as a TOML inline value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f'"{key}" = {toml(inner)}' for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _table(header: str, fields: dict[str, Any]) -> str:
    return "\n".join([header, *(f'"{name}" = {toml(value)}' for name, value in fields.items()), ""])


def write_pack(
    folder: Path,
    name: str,
    *,
    disease: str,
    rows: list[dict[str, Any]],
    coverage: list[dict[str, Any]] | None = None,
    jurisdiction: str = "CN",
) -> Path:
    """A pack file in ``folder``; every row and coverage entry states only what differs from a sound one."""
    filled = [{**FULL_ROW, **row} for row in rows]
    if coverage is None:
        areas = sorted({row.get("jurisdiction", jurisdiction) for row in filled})
        coverage = [{"keys": sorted({row["key"] for row in filled}), "areas": areas}]
    head = {"schema": "rule-pack/1", "pack": name, "disease": disease, "jurisdiction": jurisdiction}
    document = {"title": "示例方案", "issued_on": date(2000, 1, 1), "source": ["https://example.org/notice"]}
    parts = [
        _table("", head),
        *(_table("[[coverage]]", {**FULL_COVERAGE, **entry}) for entry in coverage),
        _table("[documents.doc]", document),
        *(_table("[[row]]", row) for row in filled),
    ]
    path = folder / f"{name}.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def write_keys(folder: Path, keys: dict[str, dict[str, Any]]) -> Path:
    """A vocabulary file in ``folder``: key -> kind, units, scopes."""
    path = folder / "keys.toml"
    text = "".join(_table(f'[keys."{key}"]', entry) for key, entry in keys.items())
    path.write_text(text, encoding="utf-8")
    return path
