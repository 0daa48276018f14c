"""JSON files: a list of objects, an object that holds such a list, or one object a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .hostile import limits, refused
from .parts import Cell, Sheet, SheetRow, Workbook
from .stored_values import EMPTY, bool_cell, is_plain, number_cell, text_cell
from .text_encoding import text_encoding


def looks_like_json(start: str) -> bool:
    """Whether a text begins as JSON does: an object with a quoted key, or a list of objects or lists."""
    return re.match(r'\{\s*"[^"\n]*"\s*:|\[\s*[\[{]', start) is not None


def open_json(path: Path, name: str) -> Workbook:
    """The workbook of a JSON file: a sheet for each list of objects in it.

    The first row of a sheet has number 0 and holds the keys ("person.name" for nested ones); the objects follow,
    numbered from 1 in a document and by physical line where each line is an object (then the file streams).

    Raises:
        FileRefused: FILE_TRUNCATED for text that breaks off, FILE_TYPE_MISMATCH where there are no objects,
            TOO_MANY_COLUMNS, ARCHIVE_EXPANDS_TOO_MUCH for a document past the size held in memory or too deep.
    """
    encoding = text_encoding(path)
    if encoding.binary:
        raise refused("FILE_TYPE_MISMATCH", found="binary")
    if _has_object_lines(path, encoding.name):
        return _object_lines(path, name, encoding.name)
    size = path.stat().st_size
    if size > limits()["json"]["bytes"]:
        raise refused("ARCHIVE_EXPANDS_TOO_MUCH", packed=size, limit=limits()["json"]["bytes"])
    text = path.read_bytes().decode(encoding.name, "replace")
    if not text.strip("\ufeff \t\r\n"):
        raise refused("FILE_EMPTY")
    if _depth(text) > limits()["json"]["depth"]:
        raise refused("ARCHIVE_EXPANDS_TOO_MUCH", limit=limits()["json"]["depth"])
    try:
        document = _loads(text)
    except json.JSONDecodeError as problem:
        broken_off = problem.pos >= len(text.rstrip()) - 1 or "Unterminated" in problem.msg
        raise refused("FILE_TRUNCATED" if broken_off else "FILE_TYPE_MISMATCH", found="json") from problem
    lists = _object_lists(document, "")
    if not lists:
        raise refused("FILE_TYPE_MISMATCH", found="json")
    return Workbook(
        name=name,
        form="json",
        sheets=[
            _sheet(title, [(i, _flat(each)) for i, each in enumerate(found, 1)]) for title, found in lists
        ],
        encoding=encoding.name,
    )


class _Number(str):
    """A number's own digits, so that none is lost."""

    __slots__ = ()


def _loads(text: str) -> Any:
    return json.loads(text.lstrip("\ufeff"), parse_int=_Number, parse_float=_Number, parse_constant=_Number)


def _depth(text: str) -> int:
    """How deep brackets nest, strings left out; the parser itself would exhaust the stack."""
    deepest = depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        mark = match.group()
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _object_lists(document: Any, title: str) -> list[tuple[str, list[Mapping[str, Any]]]]:
    if isinstance(document, list):
        objects: list[Mapping[str, Any]] = [each for each in document if isinstance(each, dict)]
        return [(title, objects)] if objects and len(objects) == len(document) else []
    if not isinstance(document, dict):
        return []
    found = [
        each
        for key, value in document.items()
        if isinstance(value, list | dict)
        for each in _object_lists(value, key)
    ]
    if found or title:
        return found
    return [(title, [document])] if document else []


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, each in value.items():
        if isinstance(each, dict):
            flat.update(_flat(each, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = each
    return flat


def _cell(value: Any) -> Cell:
    if value is None or value == "":
        return EMPTY
    longest = limits()["sheet"]["field_characters"]
    if isinstance(value, bool):
        return bool_cell(str(int(value)))
    if isinstance(value, _Number):
        return number_cell(str(value))
    if isinstance(value, str):
        return text_cell(value[:longest])
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        shown = value[: limits()["json"]["list_items_as_text"]]
        return text_cell("、".join("" if each is None else str(each) for each in shown)[:longest])
    return text_cell(json.dumps(value, ensure_ascii=False)[:longest])


def _row(number: int, places: Mapping[str, int], flat: Mapping[str, Any]) -> SheetRow:
    """The row of an object; its own keys only are gone through, however many others there are."""
    cells = [EMPTY] * len(places)
    for key, value in flat.items():
        cells[places[key]] = _cell(value)
    longest = limits()["sheet"]["field_characters"]
    long = any(isinstance(value, str) and len(value) > longest for value in flat.values())
    findings = ("FIELD_TOO_LONG",) if long else ()
    return SheetRow(number, cells, findings=findings, plain=not long and all(map(is_plain, cells)))


def _places(keys: list[str]) -> dict[str, int]:
    return {key: place for place, key in enumerate(keys)}


def _keys(rows: Iterator[Mapping[str, Any]]) -> list[str]:
    keys: dict[str, None] = {}
    for flat in rows:
        keys.update(dict.fromkeys(flat))
        if len(keys) > limits()["sheet"]["columns"]:
            raise refused("TOO_MANY_COLUMNS", columns=len(keys), limit=limits()["sheet"]["columns"])
    return list(keys)


def _sheet(title: str, objects: list[tuple[int, dict[str, Any]]]) -> Sheet:
    keys = _keys(flat for _, flat in objects)
    places = _places(keys)

    def rows() -> Iterator[SheetRow]:
        yield SheetRow(0, [text_cell(key) for key in keys])
        for number, flat in objects:
            yield _row(number, places, flat)

    return Sheet(name=title, rows=rows)


def _has_object_lines(path: Path, encoding: str) -> bool:
    """Whether the first two lines that hold anything are objects of their own."""
    whole = 0
    with path.open(encoding=encoding, errors="replace") as stream:
        while line := stream.readline(limits()["text"]["line_characters"]):
            if not line.strip("\ufeff \t\r\n"):
                continue
            try:
                if not isinstance(_loads(line), dict):
                    return False
            except (json.JSONDecodeError, RecursionError):
                return False
            whole += 1
            if whole == 2:
                return True
    return False


def _object_lines(path: Path, name: str, encoding: str) -> Workbook:
    def objects() -> Iterator[tuple[int, dict[str, Any], str]]:
        with path.open(encoding=encoding, errors="replace") as stream:
            number = 0
            while line := stream.readline(limits()["text"]["line_characters"]):
                number += 1
                if not line.strip("\ufeff \t\r\n"):
                    continue
                try:
                    value = _loads(line)
                except (json.JSONDecodeError, RecursionError):
                    broken = "COLUMN_COUNT" if line.endswith("\n") else "FILE_TRUNCATED"
                    yield number, {"": line.strip()}, broken
                    continue
                yield number, _flat(value) if isinstance(value, dict) else {"": value}, ""

    keys = _keys(flat for _, flat, finding in objects() if not finding)
    places = _places(keys)

    def rows() -> Iterator[SheetRow]:
        yield SheetRow(0, [text_cell(key) for key in keys])
        for number, flat, finding in objects():
            if finding:
                # What cannot be read is shown as it stands, in the first column.
                yield SheetRow(number, [_cell(flat[""])], findings=(finding,))
            else:
                yield _row(number, places, flat)

    return Workbook(name=name, form="json", sheets=[Sheet(name="", rows=rows)], encoding=encoding)
