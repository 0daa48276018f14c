"""The issue codes: each with the severity it has as a rule."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, cast

from .parts import Issue, Severity


@cache
def severities() -> dict[str, Severity]:
    """code → severity, as ``codes.toml`` has them."""
    found: dict[str, dict[str, str]] = tomllib.loads(
        (Path(__file__).parent / "codes.toml").read_text(encoding="utf-8")
    )
    return {code: cast(Severity, severity) for group in found.values() for code, severity in group.items()}


def issue(row: int | None, column: str, code: str, *, sheet: str = "", **params: Any) -> Issue:
    """The issue ``code`` at ``row`` and ``column`` with its usual severity. Raises KeyError for an unknown code."""
    return Issue(row, column, code, severities()[code], params, sheet)
