"""Cells read: dates, identity numbers, phones, names, numbers and units, codes and words."""

from __future__ import annotations

from .cells import read_value, reader_of
from .value import EMPTY, Age, Ct, Identity, Span, Value

__all__ = ["EMPTY", "Age", "Ct", "Identity", "Span", "Value", "read_value", "reader_of"]
