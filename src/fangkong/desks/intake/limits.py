"""The limits of receiving, as limits.toml states them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """Bytes of a file, characters of a field and a line, rows of a batch, facts of a transaction."""

    file_bytes: int
    field_characters: int
    line_characters: int
    batch_rows: int
    chunk_facts: int


@cache
def limits() -> Limits:
    """The limits in force."""
    return Limits(**tomllib.loads(Path(__file__).with_name("limits.toml").read_text(encoding="utf-8")))
