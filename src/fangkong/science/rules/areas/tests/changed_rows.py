"""The shipped book with some rows changed or added, to see the outcome follow the row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from fangkong.science.rules.packs import Row, frozen, row_id
from fangkong.science.rules.resolver import RuleBook


def with_value(book: RuleBook, key: str, change: Callable[[Any], Any]) -> RuleBook:
    """The book in which every row of ``key`` has the value that ``change`` gives."""
    packs = [
        replace(
            pack,
            rows=tuple(
                replace(row, value=frozen(change(row.value))) if row.key == key else row for row in pack.rows
            ),
        )
        for pack in book.packs
    ]
    return RuleBook(packs, book.keys)


def with_local(book: RuleBook, national: Row, value: Any, *, on: date, justified: bool) -> RuleBook:
    """The book with a local row of CN-9901 on ``national``'s key from ``on``, with or without its reasons."""
    given = {"reason": "spread in two markets", "evidence": "round 3", "approved_by": "province"}
    local = replace(
        national,
        row_id=row_id(national.pack, national.key, national.scope, on, "CN-9901"),
        jurisdiction="CN-9901",
        authority="prefecture",
        value=frozen(value),
        effective_from=on,
        effective_to=on + timedelta(days=7),
        stricter=frozen(given) if justified else None,
    )
    packs = [
        replace(pack, rows=(*pack.rows, local)) if pack.name == national.pack else pack for pack in book.packs
    ]
    return RuleBook(packs, book.keys)


def row_on(book: RuleBook, key: str, on: date, **scope: Any) -> Row:
    """The row of ``key`` in force for covid-19 on ``on``."""
    return book.resolve(key, on=on, disease="covid-19", scope=scope).row  # type: ignore[union-attr]
