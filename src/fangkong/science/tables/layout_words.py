"""What a cell's words say about its row: a total, a note, a ditto mark, a header (the words: ``layout.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import date, time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .parts import Cell
from .stored_values import needs_second_look

# A letter of every word for a sum; most cells have none and need no closer look.
_MAY_NAME_SUM = re.compile("[计總总共和tTsSuU]")
_SPACES = re.compile(r"[\s\u3000]+")
# Figures, dates, numbers with a unit, identity numbers: what stands in data and not in headers.
_DATA_LIKE = re.compile(
    r"[\s\d.,，:：/\-+%—~～]*\d[\s\d.,，:：/\-+%—~～]*(?:人|个|岁|只|件|箱|支|套|例|份)?|\d{15,17}[\dXx]|[<>≥≤]\s*\d.*"
)
#: A longer text is no figure, and the pattern would try it in every way.
_LONGEST_DATA = 200


@cache
def words() -> dict[str, dict[str, list[str]]]:
    """The words by group, as ``layout.toml`` has them."""
    found: dict[str, Any] = tomllib.loads((Path(__file__).parent / "layout.toml").read_text(encoding="utf-8"))
    return found


def bare(text: str) -> str:
    """The text without spaces, in small letters."""
    return _SPACES.sub("", text).lower()


def _choice(group: str, key: str) -> str:
    return "|".join(re.escape(bare(word)) for word in sorted(words()[group][key], key=len, reverse=True))


@cache
def _total() -> re.Pattern[str]:
    # After the word only a figure, a unit in brackets or a colon may follow: "合计" but not "合计划".
    return re.compile(
        rf"(?:{_choice('rows', 'total')})(?:[（(][^）)]*[）)])?[:：]?[\d,.]*(?:人|例|个|户|份|件|人次|万人)?"
    )


@cache
def _subtotal() -> re.Pattern[str]:
    after = r"(?:[（(][^）)]*[）)])?[:：]?[\d,.]*(?:人|例|个|户|份|件|人次|万人)?"
    return re.compile(
        rf"(?:(?:{_choice('rows', 'subtotal')})|.{{1,20}}(?:{_choice('rows', 'subtotal_ends')})){after}"
    )


@cache
def _note() -> re.Pattern[str]:
    begins, marks = _choice("rows", "note"), _choice("rows", "note_bare")
    return re.compile(rf"(?:{marks})|[（(【]?(?:{begins})[\d一二三]?】?[:：].*|[（(【](?:注|note)")


@cache
def _section() -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_choice('rows', 'section_begins')}).*|.*(?:{_choice('rows', 'section_ends')})", re.DOTALL
    )


@lru_cache(maxsize=4096)
def sum_kind(text: str) -> str:
    """ "total" or "subtotal" for a cell that names such a row, else ""."""
    if _MAY_NAME_SUM.search(text) is None:
        return ""
    said = bare(text)
    if not said or len(said) > 40:
        return ""
    if _total().fullmatch(said):
        return "total"
    return "subtotal" if _subtotal().fullmatch(said) else ""


def is_note(text: str) -> bool:
    """Whether a text begins as a note or a signature line does."""
    return not text[:1].isdigit() and _note().match(bare(text)) is not None


def is_section(text: str) -> bool:
    """Whether a text reads as the heading of the rows below it."""
    return _section().fullmatch(bare(text)) is not None


@cache
def ditto_marks() -> frozenset[str]:
    """The cell texts that stand for "as above"."""
    return frozenset(bare(word) for word in words()["ditto"]["alone"])


def is_ditto(text: str) -> bool:
    """Whether the whole cell is a ditto mark."""
    return len(text) < 16 and needs_second_look(text) and bare(text) in ditto_marks()


def names_sheet(name: str, group: str) -> bool:
    """Whether a sheet's name is of a group: "void" or "reference"."""
    return any(re.search(pattern, name.strip(), re.IGNORECASE) for pattern in words()["sheets"][group])


@cache
def _english() -> frozenset[str]:
    return frozenset(words()["header"]["en"])


@lru_cache(maxsize=8192)
def is_header_word(text: str) -> bool:
    """Whether a short text is made of words that name fields, in Chinese or English (camelCase too)."""
    said = bare(text)
    if not said or len(said) > 40 or is_data_like(text):
        return False
    if not said.isascii():
        # A name or an address may hold such a word too; in a header it is most of the cell.
        known = sum(len(word) for word in words()["header"]["zh"] if word in said)
        return known * 2 >= len(re.sub(r"[（(].*?[）)]|[/／、]", "", said))
    parts = re.findall(r"[a-z]+|[A-Z][a-z]*", re.sub(r"([a-z])([A-Z])", r"\1 \2", text))
    return any(part.lower() in _english() for part in parts) and len(parts) <= 8


def is_data_like(text: str) -> bool:
    """Whether a text is a figure, a date, a number with a unit or an identity number."""
    said = text.strip()
    return len(said) <= _LONGEST_DATA and _DATA_LIKE.fullmatch(said) is not None


def is_data_cell(cell: Cell) -> bool:
    """Whether a cell holds what stands in data: a number, a date, or text that reads as one."""
    value = cell.value
    if isinstance(value, bool | int | float | date | time) or cell.error or cell.formula:
        return True
    return bool(cell.text) and is_data_like(cell.text)


def header_share(cells: Iterable[Cell]) -> float:
    """The share of header words among the cells that hold something, 0 for none."""
    held = [cell for cell in cells if cell.text.strip()]
    return sum(1 for cell in held if is_header_word(cell.text)) / len(held) if held else 0.0


def is_category(name: str) -> bool:
    """Whether a column's name is that of a category written once for the rows it covers."""
    said = bare(name)
    group = words()["category"]
    if any(word in said for word in group["never"] if not word.isascii()) or said in group["never"]:
        return False
    return said in group["whole"] or any(
        (word in said) if not word.isascii() else (word in re.findall(r"[a-z]+", said))
        for word in group["header"]
    )
