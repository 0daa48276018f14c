"""How these tests put a cell to the readers: one file filled in on 27 March 2022 at 20:00 in Shanghai."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from fangkong.science.tables.columns import ColumnReading, Traits, reading_as
from fangkong.science.tables.context import Context
from fangkong.science.tables.parts import Cell, TableColumn
from fangkong.science.tables.values import Value, read_value

SHANGHAI = ZoneInfo("Asia/Shanghai")
FILLED = date(2022, 3, 27)


def context(**changes):
    facts = {
        "filled_at": datetime(2022, 3, 27, 20, tzinfo=SHANGHAI),
        "today": date(2022, 3, 28),
        "zone": SHANGHAI,
        "default_year": 2022,
        "reference": FILLED,
        "latest": FILLED,
    }
    return Context(**(facts | changes))


def reading(field: str, header: str = "", unit: str = "", **traits) -> ColumnReading:
    made = reading_as(TableColumn(0, (header or field,)), field, unit=unit)
    return ColumnReading(
        made.column,
        made.field,
        made.value_kind,
        made.unit,
        made.confidence,
        made.basis,
        made.part,
        made.vocabulary,
        made.future,
        made.past,
        made.ends,
        Traits(**traits),
    )


def cell(value, **how) -> Cell:
    text = how.pop("text", "" if value is None else str(value))
    return Cell(value, text, **how)


def ask(field: str, value, *, unit: str = "", number_format: str = "", on=None, **traits) -> Value:
    """What a cell holding ``value`` says in a column of ``field``."""
    return read_value(
        cell(value, number_format=number_format), reading(field, unit=unit, **traits), on or context()
    )


def codes(value: Value) -> set[str]:
    return {found.code for found in value.issues}
