"""Writes on reviews and gaps."""

from .gaps import gap_assign, gap_close, gap_prove, gap_raise, gap_return
from .opening import review_key_of, review_open, review_open_case
from .working import review_cause, review_close, review_hold, review_remark

__all__ = [
    "gap_assign",
    "gap_close",
    "gap_prove",
    "gap_raise",
    "gap_return",
    "review_cause",
    "review_close",
    "review_hold",
    "review_key_of",
    "review_open",
    "review_open_case",
    "review_remark",
]
