"""The rule book that the office goes by: the shipped packs and its own local ones."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from fangkong.science.rules import RuleBook, load_rule_book, rule_book
from fangkong.science.rules.packs import SHIPPED


def rulebook() -> RuleBook:
    """The shipped packs together with ``FANGKONG_HOME/packs/*.toml``, read again when one of those files changes.

    Raises InputError ``rules.packs_invalid`` (with ``problems``) when a local pack is not sound: an office
    that believes its own rows count must hear that they do not.
    """
    local = Path(settings.HOME) / "packs"
    files = sorted(local.glob("*.toml"))
    if not files:
        return rule_book()
    return _with_local(
        local, tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    )


@lru_cache(maxsize=4)
def _with_local(local: Path, _state: tuple[tuple[str, int, int], ...]) -> RuleBook:
    """The book of the local files in this state; an older state is not asked for again."""
    return load_rule_book(SHIPPED, local)
