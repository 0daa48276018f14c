"""One cell read as its column says: the common form fast, the odd form carefully.

`read_value` keeps, for each column reading of a context, the function that reads it and the values of texts that
repeat (days, results, places). A column of people's names and numbers keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..codes import issue
from ..context import Context
from ..parts import Cell
from .ages import age_reader, sex_age_reader
from .areas import address_reader, area_code_reader, area_reader
from .cases import case_reader
from .dates import date_reader
from .identity import identity_reader
from .laboratory import barcode_reader, ct_reader, result_reader
from .names import name_reader
from .numbers import number_reader, percent_reader
from .phones import phone_reader
from .text import clean, is_error_value, is_pending, is_placeholder, trimmed
from .units import unit_of
from .value import EMPTY, Value
from .vocabulary import vocabulary_reader, word_reader

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading

Read = Callable[[Cell], Value]
_Made = Callable[["ColumnReading", Context], Read]


#: Fields of remarks, where "待核实" is a remark like any other.
_REMARKS = frozenset(("", "remark", "person_note", "requirement"))


def _text_reader(reading: ColumnReading, context: Context) -> Read:
    remark = reading.field in _REMARKS

    def read(cell: Cell) -> Value:
        text = cell.text
        if text.isalnum():
            plain = text
        else:
            plain = trimmed(text)
            if not plain:
                return EMPTY
        if is_placeholder(plain):
            return Value(None, (), "placeholder")
        if not remark and len(plain) <= 8 and is_pending(plain):
            return Value(None, (issue(None, reading.name, "VALUE_PENDING"),), "pending")
        return Value(plain, (), "read")

    return read


def _reference_reader(reading: ColumnReading, context: Context) -> Read:
    """Numbers of lists and requests, seats, batches: text, without the ".0" that a spreadsheet adds."""

    def read(cell: Cell) -> Value:
        plain = clean(cell.text).text
        if isinstance(cell.value, float):
            plain = plain.removesuffix(".0")
        if not plain:
            return EMPTY
        return Value(plain, (), "read") if not is_placeholder(plain) else Value(None, (), "placeholder")

    return read


def _unit_reader(reading: ColumnReading, context: Context) -> Read:
    def read(cell: Cell) -> Value:
        plain = clean(cell.text).text
        if not plain:
            return EMPTY
        if is_placeholder(plain):
            return Value(None, (), "placeholder")
        if is_pending(plain):
            return Value(None, (issue(None, reading.name, "VALUE_PENDING"),), "pending")
        found = unit_of(plain)
        return Value(plain if found.group else plain.strip("()（）"), (), "read")

    return read


def _dose_reader(reading: ColumnReading, context: Context) -> Read:
    """The number of a dose as an int."""
    words = word_reader(reading, context, "dose", "VOCABULARY_UNKNOWN")
    name = reading.name

    def read(cell: Cell) -> Value:
        value = words(cell)
        if isinstance(value.value, str):
            return Value(int(value.value), value.issues, "read")
        text = clean(cell.text).text.removesuffix(".0").lstrip("-")
        if value.state == "unreadable" and text.isascii() and text.isdigit():
            return Value(None, (issue(None, name, "VALUE_OUT_OF_RANGE"),), "unreadable")
        return value

    return read


def _sex_reader(reading: ColumnReading, context: Context) -> Read:
    return word_reader(reading, context, "sex", "VOCABULARY_UNKNOWN")


def _id_kind_reader(reading: ColumnReading, context: Context) -> Read:
    return word_reader(reading, context, "id_kind", "VOCABULARY_UNKNOWN")


def _yes_no_reader(reading: ColumnReading, context: Context) -> Read:
    return word_reader(reading, context, "yes_no", "VOCABULARY_UNKNOWN")


_READERS: dict[str, _Made] = {
    "text": _text_reader,
    "reference": _reference_reader,
    "name": name_reader,
    "sex": _sex_reader,
    "age": age_reader,
    "sex_age": sex_age_reader,
    "id": identity_reader,
    "id_kind": _id_kind_reader,
    "phone": phone_reader,
    "address": address_reader,
    "area": area_reader,
    "area_code": area_code_reader,
    "case_ref": case_reader,
    "date": date_reader,
    "moment": date_reader,
    "span": date_reader,
    "count": number_reader,
    "quantity": number_reader,
    "coordinate": number_reader,
    "percent": percent_reader,
    "unit": _unit_reader,
    "vocabulary": vocabulary_reader,
    "result": result_reader,
    "ct": ct_reader,
    "barcode": barcode_reader,
    "dose": _dose_reader,
    "yes_no": _yes_no_reader,
}

#: Kinds whose texts repeat within a column, so that a text read once need not be read again.
_REPEATING = frozenset(
    ("date", "moment", "span", "percent", "ct", "dose", "unit", "sex", "sex_age", "vocabulary", "result")
).union(("area", "case_ref", "id_kind", "yes_no"))
_KEPT_TEXTS = 4096
#: In these an apostrophe before the digits is a remnant of typing, worth a word to the sender.
_KEYS = frozenset(("id", "phone", "barcode", "reference"))
#: Free text may be long; a longer text in any other column is none of the values that it can hold.
_FREE = frozenset(("text", "address", "reference"))
_LONGEST = 500
_APOSTROPHES = ("'", "‘", "’", "`")


def reader_of(reading: ColumnReading, context: Context) -> Read:
    """A function from a cell of the column to its `Value` (issues without a row): the fast face of `read_value`.

    >>> from datetime import date, timezone
    >>> from ..columns.reading import reading_as
    >>> from ..parts import TableColumn
    >>> c = Context(None, date(2022, 3, 28), timezone.utc, 2022, date(2022, 3, 28), date(2022, 3, 28))
    >>> read = reader_of(reading_as(TableColumn(0, ("应排摸数",)), "due_count"), c)
    >>> value = read(Cell("98人", "98人"))
    >>> value.value, value.issues[0].code, value.also
    (98, 'NUMBER_WITH_UNIT', (('unit', '人'),))
    """
    plain = _READERS[reading.value_kind](reading, context)
    name = reading.name
    keeps = reading.value_kind in _REPEATING
    keyed = reading.value_kind in _KEYS
    longest = _LONGEST if reading.value_kind not in _FREE else 1 << 62
    seen: dict[str, Value] = {}

    def read(cell: Cell) -> Value:
        stored = cell.value
        if type(stored) is str:
            if keeps and (known := seen.get(stored)) is not None and not cell.error:
                return known
        elif stored is None and not cell.text:
            return EMPTY if not cell.uncalculated else uncalculated
        if cell.error or (cell.text[:1] == "#" and is_error_value(cell.text)):
            return broken
        if len(cell.text) > longest and len(cell.text.strip()) > longest:
            return too_long
        value = plain(cell)
        if keyed and (cell.apostrophe or cell.text[:1] in _APOSTROPHES) and cell.text[1:2].isalnum():
            return Value(
                value.value, (*value.issues, issue(None, name, "LEADING_APOSTROPHE")), value.state, value.also
            )
        if keeps and type(stored) is str and len(seen) < _KEPT_TEXTS:
            seen[stored] = value
        return value

    uncalculated = Value(None, (issue(None, name, "FORMULA_NOT_CALCULATED"),), "unreadable")
    too_long = Value(None, (issue(None, name, "FIELD_TOO_LONG"),), "unreadable")
    broken = Value(None, (issue(None, name, "CELL_ERROR_VALUE"),), "unreadable")
    return read


def read_value(
    cell: Cell, reading: ColumnReading, context: Context, *, row: int | None = None, sheet: str = ""
) -> Value:
    """What ``cell`` says under ``reading``; its issues carry ``row`` and ``sheet``. Never raises.

    A value comes without an issue only where it can be read in one way; a reading that is an error has no value.
    """
    kept = context.memory.get(id(reading))
    if kept is None or kept[0] is not reading:
        # The reading is kept beside its reader, so that its id cannot become another's.
        kept = context.memory[id(reading)] = (reading, reader_of(reading, context))
    value: Value = kept[1](cell)
    if value.issues and (row is not None or sheet):
        placed = tuple(replace(found, row=row, sheet=sheet) for found in value.issues)
        return Value(value.value, placed, value.state, value.also)
    return value
