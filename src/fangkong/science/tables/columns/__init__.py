"""Columns understood: from headers in Chinese and English, from their content, from a saved mapping."""

from __future__ import annotations

from .layouts import fingerprint, fingerprint_of, match_saved
from .reading import ColumnReading, FieldOf, Traits, Understanding, fields, reading_as
from .understand import understand

__all__ = [
    "ColumnReading",
    "FieldOf",
    "Traits",
    "Understanding",
    "fields",
    "fingerprint",
    "fingerprint_of",
    "match_saved",
    "reading_as",
    "understand",
]
