"""The limits of receiving, as limits.toml states them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """Bytes of a file, of one of test results, characters of a field and a line, rows and facts at once, the pause."""

    file_bytes: int
    stream_bytes: int
    field_characters: int
    line_characters: int
    batch_rows: int
    chunk_facts: int
    pause_seconds: float


@cache
def limits() -> Limits:
    """The limits in force."""
    return Limits(**tomllib.loads(Path(__file__).with_name("limits.toml").read_text(encoding="utf-8")))
