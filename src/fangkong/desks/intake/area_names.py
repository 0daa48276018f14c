"""Which area a report means: by code, or by a name with or without its suffix (浦东, 浦东新区)."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import canonical_code, contains, level_of, parent_of

from .defects import held, rejected


@cache
def _suffixes() -> tuple[str, ...]:
    stored = tomllib.loads((Path(__file__).parent / "areas" / "naming.toml").read_text(encoding="utf-8"))
    return tuple(sorted((folded(s) for s in stored["suffixes"]), key=len, reverse=True))


def folded(text: str) -> str:
    """``text`` as names are compared: width and case folded, no spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def bare(name: str) -> str:
    """The folded name without its suffix; a name that is nothing but suffix stays.

    >>> bare("浦东新区"), bare("嘉定"), bare("Jiading District")
    ('浦东', '嘉定', 'jiading')
    """
    text = folded(name)
    for suffix in _suffixes():
        if text.endswith(suffix) and len(text) > len(suffix):
            return text[: -len(suffix)]
    return text


class AreaNames:
    """The areas at hand, found by code or by name inside ``root`` ("" for anywhere)."""

    def __init__(self, areas: Iterable[Mapping[str, Any]], root: str) -> None:
        self.codes: set[str] = set()
        self._full: dict[str, set[str]] = {}
        self._bare: dict[str, set[str]] = {}
        for area in areas:
            self.codes.add(area["code"])
            if root and not contains(root, area["code"]):
                continue
            names = [area.get("name_zh", ""), area.get("name_en", ""), *area.get("aliases", [])]
            for name in filter(None, names):
                self._full.setdefault(folded(name), set()).add(area["code"])
                self._bare.setdefault(bare(name), set()).add(area["code"])
        self.by_name = lru_cache(maxsize=4096)(self._by_name)
        self.by_code = lru_cache(maxsize=4096)(self._by_code)

    def _by_name(self, text: str, column: str) -> str:
        found = self._full.get(folded(text)) or self._bare.get(bare(text)) or set()
        if not found:
            raise held("unknown_area", column)
        if len(found) > 1:
            raise held("ambiguous_area", column, areas=sorted(found))
        return next(iter(found))

    def _by_code(self, text: str, column: str) -> str:
        code = canonical_code(folded(text).upper())
        try:
            level_of(code)
        except ValueError:
            raise rejected("bad_area_code", column) from None
        inside = code
        while inside:
            if inside in self.codes:
                return code
            inside = parent_of(inside) if inside.isdigit() and len(inside) > 2 else ""
        raise held("unknown_area", column)
