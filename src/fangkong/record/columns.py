"""Rows in columns on their way into a table: values as the database takes them, then one bulk statement.

Django prepares a value at a time, at some microseconds each. Of a thousand rows most columns hold few distinct
values (days, areas, one instant), so each distinct value is prepared once and the rest looked up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, models

#: Values of one IN list: far below what either database refuses, enough that statements are few.
_LISTED = 1000

#: Parts the texts of an array: no key, digest or cell holds it, and a list in which one does goes the slow way.
_PARTED = "\x1f"

#: What COPY's text format reads as something else than itself.
_SPECIAL = re.compile(r"[\\\t\n\r]").search


def prepared(field: models.Field[Any, Any], values: Sequence[Any]) -> Sequence[Any]:
    """``values`` (as the field's ``to_python`` takes them) in the form in which the database stores them."""
    if isinstance(field, models.JSONField):
        return [None if value is None else json.dumps(value) for value in values]
    distinct = set(values)
    if isinstance(field, models.CharField) and set(map(type, distinct)) <= {str}:
        return values
    known = {
        value: field.get_db_prep_save(None if value is None else field.to_python(value), connection)
        for value in distinct
    }
    return [known[value] for value in values]


def insert(model: type[models.Model], columns: Mapping[str, Sequence[Any]], count: int) -> None:
    """Write ``count`` rows: field name -> its prepared values, one a row.

    ``executemany`` on SQLite, ``COPY`` on PostgreSQL.
    """
    if not count:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(model._meta.get_field(name).column) for name in columns)
    lists = list(columns.values())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                texts = [_copied(each) for each in lists]
                copy.write("\n".join(map("\t".join, zip(*texts, strict=True))) + "\n")
            return
        holders = ", ".join(["%s"] * len(lists))
        cursor.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({holders})",  # noqa: S608 (names come from the model)
            zip(*lists, strict=True),
        )


def insert_missing(
    model: type[models.Model], columns: Mapping[str, Sequence[str]], count: int, beside: str = ""
) -> None:
    """Write those of ``count`` rows, of text columns, that no unique constraint says are there already.

    ``beside`` (``table.column`` of a text column): rows whose first column stands there no more are left out.
    """
    if not count:
        return
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = [quote(model._meta.get_field(name).column) for name in columns]
    into, where = f"{table} ({', '.join(names)})", ""
    if beside:
        other, column = map(quote, beside.split("."))
        where = f" WHERE EXISTS (SELECT 1 FROM {other} o WHERE o.{column} = s.{names[0]})"  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = [array_of(values) for values in columns.values()]
            lists = ", ".join(array for array, _ in arrays)
            cursor.execute(
                f"INSERT INTO {into} SELECT * FROM unnest({lists}) AS s ({', '.join(names)})"  # noqa: S608
                f"{where} ON CONFLICT DO NOTHING",
                [parameter for _, parameter in arrays],
            )
            return
        each = ", ".join(f"%s AS {name}" for name in names)
        cursor.executemany(
            f"INSERT OR IGNORE INTO {into} SELECT * FROM (SELECT {each}) AS s{where}"  # noqa: S608
            if beside
            else f"INSERT OR IGNORE INTO {into} VALUES ({', '.join(['%s'] * len(names))})",  # noqa: S608
            zip(*columns.values(), strict=True),
        )


def array_of(values: Sequence[str], kind: str = "text") -> tuple[str, Any]:
    """(SQL, parameter) of a PostgreSQL array of texts that stand for ``kind``.

    One text, parted by the server: the driver takes microseconds for each element of a list.
    """
    joined = _PARTED.join(values)
    if len(values) > 1 and joined.count(_PARTED) == len(values) - 1:
        return f"string_to_array(%s, chr(31))::{kind}[]", joined
    return f"%s::{kind}[]", list(values)


def among(column: str, values: Sequence[str]) -> tuple[str, list[Any]]:
    """(SQL, parameters) of the condition that the text ``column`` (as SQL) is one of ``values``."""
    if connection.vendor == "postgresql":
        array, parameter = array_of(values)
        return f"{column} = ANY({array})", [parameter]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)


def present(model: type[models.Model], name: str, values: Sequence[str], also: str = "") -> set[str]:
    """Those of ``values`` that stand in the text field ``name`` of some row (for which ``also``, SQL, is true)."""
    found: set[str] = set()
    table = connection.ops.quote_name(model._meta.db_table)
    column = connection.ops.quote_name(model._meta.get_field(name).column)
    with connection.cursor() as cursor:
        for listed in pieces(values):
            found_in, parameters = among(column, listed)
            where = found_in + (f" AND {also}" if also else "")
            cursor.execute(f"SELECT {column} FROM {table} WHERE {where}", parameters)  # noqa: S608
            found.update(value for (value,) in cursor.fetchall())
    return found


def pieces(values: Sequence[str], size: int = _LISTED) -> Iterator[Sequence[str]]:
    """``values`` in pieces that one statement takes."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class _Texts(dict[Any, str]):
    """Value -> its text in COPY's format, made once."""

    def __missing__(self, value: Any) -> str:
        if value is None:
            text = "\\N"
        elif isinstance(value, (bytes, memoryview)):
            return "\\\\x" + bytes(value).hex()
        else:
            text = str(value)
            if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
                text = text.replace("\\", "\\\\").replace("\t", "\\t")
                text = text.replace("\n", "\\n").replace("\r", "\\r")
        self[value] = text
        return text


def _copied(values: Sequence[Any]) -> Iterable[str]:
    """The column in COPY's text format."""
    kinds = set(map(type, values))
    if kinds == {str} and not _SPECIAL("".join(values)):
        return values
    if kinds == {bytes}:
        return ["\\\\x" + value.hex() for value in values]
    texts = _Texts()
    return [texts[value] for value in values]
