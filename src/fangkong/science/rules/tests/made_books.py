"""Books of a few made rows, for the disease ``fever`` and a vocabulary of one key per kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from fangkong.science.rules.packs import KeyRule, load_packs
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.tests.pack_writer import write_pack

DAY = date(2030, 5, 1)

KEYS = {
    rule.key: rule
    for rule in (
        KeyRule("x.days", "restriction", ("d",), ("person", "area")),
        KeyRule("x.hours", "duty", ("h",), ("person",)),
        KeyRule("x.who", "power", ("authority",), ()),
        KeyRule("x.name", "definition", ("rule",), ()),
        KeyRule("x.forbid", "safeguard", ("list",), ()),
        KeyRule("x.rooms", "service", ("rooms",), ()),
        KeyRule("x.goal", "target", ("d",), ()),
        KeyRule("contact.lookback_days", "restriction", ("d",), ("person",)),
        KeyRule("contact.close.stages", "restriction", ("d",), ("person",)),
        KeyRule("contact.close.test_days", "restriction", ("day",), ("person",)),
    )
}


def book_of(
    tmp_path: Any, rows: list[dict[str, Any]], more: Sequence[dict[str, Any]] = (), **kwargs: Any
) -> RuleBook:
    """A book of a pack for the disease ``fever`` and, with ``more``, a pack for any disease."""
    write_pack(tmp_path, "fever", disease="fever", rows=rows, **kwargs)
    if more:
        write_pack(tmp_path, "everything", disease="any", rows=list(more))
    return RuleBook(load_packs(tmp_path, KEYS), KEYS)


def ask(book: RuleBook, key: str, on: date = DAY, area: str = "CN", **scope: Any) -> Any:
    return book.resolve(key, on=on, disease="fever", area=area, scope=scope)
