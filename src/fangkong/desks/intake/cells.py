"""From the text of a cell to a value of its kind, or the reason why not."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from .area_names import AreaNames
from .defects import held, rejected
from .mapping import Column

#: What the record's integer columns hold.
LARGEST = 2**31 - 1

YES = frozenset({"是", "y", "yes", "1", "true", "有", "已"})
NO = frozenset({"否", "n", "no", "0", "false", "无", "未"})

Reader = Callable[[str], Any]


@dataclass(frozen=True)
class ReadColumn:
    """A column of a file: where it stands, what the mapping says of it, its reader, its longest text."""

    position: int
    column: Column
    reader: Reader
    longest: int


def clean(text: str) -> str:
    """``text`` with its width folded and outer spaces and Excel's leading apostrophe dropped."""
    if text.isascii():
        return text.strip().removeprefix("'")
    return unicodedata.normalize("NFKC", text).strip().removeprefix("'")


def cell_reader(column: Column, areas: AreaNames, zone: ZoneInfo, today: date) -> Reader:
    """A function from a cleaned, filled cell of ``column`` to its value; it raises Defect.

    Equal cells are read once: a file of a million rows has few distinct dates, codes and areas.
    """
    values = {clean(str(cell)): value for cell, value in column.values.items()}

    def read(text: str) -> Any:
        if text in values:
            return values[text]
        match column.kind:
            case "code":
                raise held("unknown_value", column.name)
            case "date":
                return _date(text, column, today)
            case "datetime":
                return _datetime(text, column, zone, today)
            case "integer":
                return _integer(text, column)
            case "number":
                return _number(text, column)
            case "yes_no":
                return _yes_no(text, column)
            case "area_code":
                return areas.by_code(text, column.name)
            case "area_name":
                return areas.by_name(text, column.name)
        return text

    return read if column.kind == "text" else lru_cache(maxsize=4096)(read)


def _moments(text: str, column: Column) -> set[datetime]:
    found = set()
    for form in column.formats:
        try:
            moment = datetime.strptime(text, form)  # noqa: DTZ007 (the zone is the installation's, set by the caller)
        except ValueError:
            continue
        # Without separators strptime guesses where a month ends (2022111); a date has all its eight digits.
        if "%Y%m%d" not in form or len(text.split()[0]) == 8:
            found.add(moment)
    return found


def _moment(text: str, column: Column) -> datetime:
    found = _moments(text, column)
    if not found:
        raise rejected("impossible_date", column.name)
    if len(found) > 1:
        raise held("ambiguous_date", column.name)
    return found.pop()


def _date(text: str, column: Column, today: date) -> date:
    day = _moment(text, column).date()
    if day > today:
        raise held("future_date", column.name)
    return day


def _datetime(text: str, column: Column, zone: ZoneInfo, today: date) -> datetime:
    moment = _moment(text, column)
    if moment.date() > today:
        raise held("future_date", column.name)
    try:
        return moment.replace(tzinfo=moment.tzinfo or zone).astimezone(UTC)
    except OverflowError:
        raise rejected("impossible_date", column.name) from None


def _integer(text: str, column: Column) -> int:
    plain = text.replace(",", "").removesuffix(".0")
    digits = plain.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise rejected("not_a_number", column.name)
    if len(digits) > 12 or int(digits) > LARGEST:
        raise rejected("number_too_large", column.name)
    value = int(plain)
    if column.minimum is not None and value < column.minimum:
        raise held("negative_count", column.name)
    return value


def _number(text: str, column: Column) -> float:
    try:
        value = float(text)
    except ValueError:
        raise rejected("not_a_number", column.name) from None
    if not math.isfinite(value):
        raise rejected("not_a_number", column.name)
    if column.minimum is not None and value < column.minimum:
        raise held("negative_count", column.name)
    return value


def _yes_no(text: str, column: Column) -> bool:
    if text.casefold() in YES:
        return True
    if text.casefold() in NO:
        return False
    raise held("unknown_value", column.name)
