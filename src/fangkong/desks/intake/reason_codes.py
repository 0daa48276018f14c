"""The issue code under which a sender's tools find a reason or a refusal of ours."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def _table() -> dict[str, dict[str, str]]:
    path = Path(__file__).with_name("reason_codes.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def code_of_reason(reason: str) -> str:
    """The issue code of a row's ``reason``, "" for one that is no fault of the row (a name nobody may hold).

    >>> code_of_reason("impossible_date")
    'DATE_INVALID'
    """
    return _table()["row"].get(reason, "")


def code_of_refusal(code: str) -> str:
    """The issue code of the refusal ``code`` of a whole file, "" where the file itself is not at fault.

    >>> code_of_refusal("intake.quote_open")
    'CSV_UNCLOSED_QUOTE'
    """
    return _table()["file"].get(code, "")
