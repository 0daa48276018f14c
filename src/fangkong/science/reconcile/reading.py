"""A table of daily figures read into a source: its days, areas, codes, categories and measures are found out.

Heads in Chinese or English are understood; what they do not say the content says, so that a table with heads of any
name is read the same way. A day column holds days; an area's code goes with its area one to one or hangs on it;
areas nest, categories do not; what is left and holds numbers are the measures.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path as FilePath

from fangkong.core.errors import InputError

from .series import Figure, Path, Series, plain, series_of

#: A column is what nearly all of its cells are; single cells are mistyped in every file.
_NEARLY_ALL = 0.95
#: Names such as "not stated" stand in many provinces, so the nesting of areas is not perfect; categories do not nest.
_NESTED = 0.6
#: Two names of one area may share its code.
_ONE_TO_ONE = 0.9
_DAY = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))(?:[ T]0?0:00(?::00)?)?"
)
_NUMBER = re.compile(r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?")

Cells = list[str]


def read_source(
    path: FilePath,
    *,
    name: str | None = None,
    rank: str = "unstated",
    cumulative: Mapping[str, bool] | None = None,
) -> Series:
    """The source in a CSV file, plain or gzipped, in UTF-8 or GB18030.

    ``name`` is the source's name in the report, the file's when None; ``rank`` and ``cumulative`` as for
    ``series_of``. Raises ``InputError`` when the file cannot be opened or has no day column, no number column or no
    row.
    """
    return series_from_text(_text(path), name=name or path.name, rank=rank, cumulative=cumulative)


def series_from_text(
    text: str, *, name: str, rank: str = "unstated", cumulative: Mapping[str, bool] | None = None
) -> Series:
    """The source in the text of a CSV table; as ``read_source``."""
    first_line = text.split("\n", 1)[0]
    separator = max(",\t;", key=first_line.count)
    rows = [
        row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(cell.strip() for cell in row)
    ]
    if len(rows) < 2:
        raise InputError("reconcile.no_rows", name=name)
    heads = [head.strip() for head in rows[0]]
    width = len(heads)
    columns = [[row[at].strip() if at < len(row) else "" for row in rows[1:]] for at in range(width)]
    days, day_at = _days(heads, columns, name)
    rest = [at for at in range(width) if at != day_at and any(columns[at])]
    numeric = [at for at in rest if _mostly(columns[at], _is_number)]
    texts = [at for at in rest if at not in numeric]
    coded = [at for at in texts if _says(heads[at], "code") or _looks_coded(columns[at])]
    areas, categories = _split_texts([at for at in texts if at not in coded], heads, columns)
    codes = _codes([*numeric, *coded], areas, heads, columns)
    measures = [at for at in numeric if at not in codes]
    if not measures:
        raise InputError("reconcile.no_numbers", name=name)
    single = len(measures) == 1 and bool(categories)
    figures = []
    for row, day in enumerate(days):
        if day is None:
            continue
        area = tuple(cell for at in areas if (cell := columns[at][row]))
        kinds = tuple(columns[at][row] for at in categories)
        depth = next((at for at in reversed(areas) if columns[at][row]), None)
        code = next((columns[at][row] for at, of in codes.items() if of == depth), "")
        for at in measures:
            cell = columns[at][row]
            if _is_number(cell):
                measure: Path = kinds if single else (heads[at], *kinds)
                figures.append(Figure(area, measure, day, float(cell.replace(",", "")), code))
    if not figures:
        raise InputError("reconcile.no_rows", name=name)
    return series_of(name, figures, rank=rank, cumulative=cumulative, has_codes=bool(codes))


def _text(path: FilePath) -> str:
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (OSError, EOFError) as error:
        raise InputError("reconcile.not_opened", name=path.name) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError("reconcile.not_text", name=path.name)


@cache
def _lexicon() -> dict[str, list[str]]:
    found: dict[str, list[str]] = tomllib.loads(
        FilePath(__file__).with_name("columns.toml").read_text(encoding="utf-8")
    )
    return found


def _says(head: str, what: str) -> bool:
    """Whether the head of a column says that it holds a day, an area, a code or a category."""
    known = plain(head)
    return any(known == each[1:] if each.startswith("=") else each in known for each in _lexicon()[what])


def _days(heads: Sequence[str], columns: Sequence[Cells], name: str) -> tuple[list[date | None], int]:
    """The day of each row and where the day column is: the one whose head says so, else the first."""
    candidates = [
        at for at, cells in enumerate(columns) if _mostly(cells, lambda cell: _day(cell) is not None)
    ]
    if not candidates:
        raise InputError("reconcile.no_day", name=name)
    at = next((at for at in candidates if _says(heads[at], "day")), candidates[0])
    return [_day(cell) for cell in columns[at]], at


def _day(cell: str) -> date | None:
    matched = _DAY.fullmatch(cell)
    if matched is None:
        return None
    year, *parts = (part for part in matched.groups() if part is not None)
    try:
        return date(int(year), int(parts[0]), int(parts[1]))
    except ValueError:
        return None


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _mostly(cells: Cells, test: Callable[[str], bool]) -> bool:
    known = {cell: test(cell) for cell in set(cells) if cell}
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(known[cell] for cell in filled) >= _NEARLY_ALL * len(filled)


def _share_determined(by: Cells, what: Cells) -> float:
    """The share of the names in ``by`` that go with one single entry of ``what``."""
    seen: dict[str, set[str]] = {}
    for name, entry in set(zip(by, what, strict=True)):
        if name and entry:
            seen.setdefault(name, set()).add(entry)
    return sum(len(entries) == 1 for entries in seen.values()) / len(seen) if seen else 0.0


def _split_texts(
    texts: list[int], heads: Sequence[str], columns: Sequence[Cells]
) -> tuple[list[int], list[int]]:
    """(area columns from the wider to the narrower, category columns).

    Heads say it; else the column with most names is the narrowest area and those it nests in are the wider ones.
    """
    names = {at: len(set(columns[at]) - {""}) for at in texts}
    if not texts:
        return [], []
    told = [at for at in texts if _says(heads[at], "area")]
    unsaid = [at for at in texts if at not in told and not _says(heads[at], "category")]
    narrowest = max(told or unsaid or texts, key=lambda at: names[at])
    nested = [
        at
        for at in unsaid
        if at != narrowest and _share_determined(columns[narrowest], columns[at]) >= _NESTED
    ]
    areas = sorted({*told, narrowest, *nested}, key=lambda at: (names[at], at))
    return areas, [at for at in texts if at not in areas]


def _codes(
    candidates: list[int], areas: list[int], heads: Sequence[str], columns: Sequence[Cells]
) -> dict[int, int]:
    """Code column -> the area column that it names: what goes with the area one to one and never with the day."""
    paths = {level: _paths(areas[: place + 1], columns) for place, level in enumerate(areas)}
    codes = {}
    for at in candidates:
        if not (_says(heads[at], "code") or (len(set(columns[at])) > 1 and _looks_coded(columns[at]))):
            continue
        for level in areas:
            path = paths[level]
            enough = 2 * len(set(columns[at]) - {""}) > len(set(path) - {""})
            hangs_on_area = _share_determined(path, columns[at]) >= _NEARLY_ALL
            if enough and hangs_on_area and _share_determined(columns[at], path) >= _ONE_TO_ONE:
                codes[at] = level
                break
    return codes


def _paths(levels: Sequence[int], columns: Sequence[Cells]) -> Cells:
    """The area's path of each row, "" where the narrowest of the levels is empty."""
    rows = zip(*(columns[level] for level in levels), strict=True)
    return ["/".join(row) if row[-1] else "" for row in rows]


def _looks_coded(cells: Cells) -> bool:
    """Whether a column may hold codes: letters and figures of ASCII in one width, with figures in most of them."""
    seen = {cell for cell in cells if cell}
    widths = {len(cell) for cell in seen}
    figures = sum(any(letter.isdigit() for letter in cell) for cell in seen)
    written = all(cell.isascii() and cell.isalnum() for cell in seen)
    return written and len(widths) == 1 and min(widths) > 1 and 2 * figures > len(seen)
