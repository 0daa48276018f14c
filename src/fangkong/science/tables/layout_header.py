"""Where a table's header is: its rows, its levels, the columns they name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .hostile import limits
from .layout_words import bare, is_data_cell, is_header_word
from .parts import Cell, Merge, SheetRow, TableColumn


@dataclass(frozen=True, slots=True)
class Header:
    """The rows of a header and the columns it names; ``title`` are the rows above it, ``levels`` its depth.

    ``rows`` is empty where the sheet begins with data; the columns then have the letters of the spreadsheet.
    """

    rows: tuple[int, ...]
    columns: list[TableColumn]
    title: list[SheetRow]
    levels: int
    #: The header's texts row by row, to know it again further down.
    signatures: tuple[tuple[str, ...], ...] = ()


def find_header(rows: Sequence[SheetRow], merges: Sequence[Merge]) -> Header | None:
    """The header among the first rows of a sheet, None where there are no rows at all.

    A header is the first row that fills the table's width with short, different texts that are no figures; where
    a row within reach has field names and that first one has none, the row with the names. Rows join it when its
    merged cells reach down to them, when they split its merged or blank cells, or when it only repeats groups.
    """
    held = [row for row in rows if any(row.cells)]
    if not held:
        return None
    width = _usual_width(held, merges)
    top = _top_row(held, merges, width)
    if top is None:
        return _without_header(held, merges)
    by_number = {row.number: row for row in held}
    levels = _level_rows(top, by_number, merges, width)
    count = _column_count(levels, held, merges)
    named = [row for row in levels if not _is_count_row(row)]
    spans = [
        merge for merge in merges if merge.first_row <= levels[-1].number and merge.last_row >= top.number
    ]
    columns = [TableColumn(index, _path(index, named, spans)) for index in range(count)]
    return Header(
        rows=tuple(row.number for row in levels),
        columns=columns,
        title=[row for row in held if row.number < top.number],
        levels=len(named),
        signatures=tuple(signature(row.cells) for row in levels),
    )


def signature(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The texts of a row without spaces, trailing blanks left out: equal for a header written again."""
    texts = [bare(cell.text) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def column_letters(index: int) -> str:
    """The spreadsheet's letters for a column counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _filled(row: SheetRow) -> list[int]:
    return [index for index, cell in enumerate(row.cells) if cell.text.strip() or cell.uncalculated]


def _usual_width(held: Sequence[SheetRow], merges: Sequence[Merge]) -> int:
    """How many cells a row of the table fills: the number most rows agree on, single cells left out."""
    counts = Counter(len(_covered(row, merges)) for row in held if len(_filled(row)) > 1)
    if not counts:
        return 1
    times = max(counts.values())
    return max(count for count, found in counts.items() if found >= max(1, times // 2))


def _covered(row: SheetRow, merges: Sequence[Merge]) -> set[int]:
    covered = set(_filled(row))
    for merge in merges:
        if merge.first_row <= row.number <= merge.last_row:
            covered.update(range(merge.first_column - 1, merge.last_column))
    return covered


def _top_row(held: Sequence[SheetRow], merges: Sequence[Merge], width: int) -> SheetRow | None:
    candidates = [
        (place, row)
        for place, row in enumerate(held[: limits()["layout"]["header_search_rows"]])
        if _may_be_header(row, merges, width)
    ]
    if not candidates:
        return None
    place, first = candidates[0]
    if _names(first) >= 1:
        return first
    # A row of the form's particulars may fill the width too; the row that names fields is the header.
    for _, other in candidates[1:6]:
        if _names(other) >= max(2, len(_filled(other)) // 2):
            return other
    # With no known word at all, a row shaped like the one below it is data.
    following = held[place + 1] if place + 1 < len(held) else None
    if following is not None and _same_shape(first, following):
        return None
    return first


def _names(row: SheetRow) -> int:
    return sum(1 for cell in row.cells if is_header_word(cell.text))


def _may_be_header(row: SheetRow, merges: Sequence[Merge], width: int) -> bool:
    filled = _filled(row)
    if len(filled) < (2 if width > 1 else 1) or row.number == 0:
        return row.number == 0
    texts = [row.cells[index] for index in filled]
    if len(_covered(row, merges)) < 0.5 * width:
        return False
    if any(
        merge.first_row <= row.number <= merge.last_row
        and merge.last_column - merge.first_column + 1 >= 0.9 * width > 3
        for merge in merges
    ):
        return False
    figures = sum(1 for cell in texts if is_data_cell(cell))
    names = _names(row)
    # Days or years may head the columns of a cross-table, beside columns with names.
    if figures > 0.2 * len(texts) and not (names >= 1 and _heads_days(texts)):
        return False
    particulars = sum(
        1 for cell in texts if re.search(r"[:：]\s*\S", cell.text) and not is_header_word(cell.text)
    )
    if particulars > 0.3 * len(texts):
        return False
    long = sum(1 for cell in texts if len(cell.text.strip()) > 40)
    return long <= 0.3 * len(texts)


def _heads_days(texts: Sequence[Cell]) -> bool:
    figures = [cell for cell in texts if is_data_cell(cell)]
    different = {cell.text.strip() for cell in figures}
    first_is_name = not is_data_cell(texts[0])
    days = all(
        not isinstance(cell.value, int | float)
        or (isinstance(cell.value, int) and 1900 <= cell.value <= 2100)
        for cell in figures
    )
    looks = all(re.search(r"[-/.:月年]|^(19|20)\d\d$", cell.text) for cell in figures)
    return first_is_name and days and looks and len(different) == len(figures) and len(figures) >= 2


def _same_shape(first: SheetRow, second: SheetRow) -> bool:
    def shape(cell: Cell) -> str:
        return re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "0", re.sub(r"[一-鿿]+", "字", cell.text.strip())))

    one, two = [shape(cell) for cell in first.cells], [shape(cell) for cell in second.cells]
    if not any("0" in each for each in one):
        return False
    return len(one) == len(two) and sum(a == b for a, b in zip(one, two, strict=True)) >= 0.7 * len(one)


def _level_rows(
    top: SheetRow, by_number: dict[int, SheetRow], merges: Sequence[Merge], width: int
) -> list[SheetRow]:
    levels = [top]
    bottom = max(
        (
            merge.last_row
            for merge in merges
            if merge.first_row == top.number
            and merge.last_row - top.number < limits()["layout"]["header_levels"]
        ),
        default=top.number,
    )
    while len(levels) < limits()["layout"]["header_levels"]:
        last = levels[-1]
        row = by_number.get(last.number + 1)
        if row is None or last.number == 0:
            break
        if _is_count_row(row) and len(_filled(row)) >= 3:
            levels.append(row)
            break
        # A merge that begins beside a one-row header and holds figures below belongs to the data.
        figures = any(is_data_cell(cell) for cell in row.cells)
        reached = row.number <= bottom and not figures
        if not (reached or (not figures and _splits(last, row, by_number.get(row.number + 1), merges))):
            break
        levels.append(row)
        bottom = max(
            bottom,
            *(
                merge.last_row
                for merge in merges
                if merge.first_row == row.number
                and merge.last_row - top.number < limits()["layout"]["header_levels"]
            ),
            bottom,
        )
    return levels


def _is_count_row(row: SheetRow) -> bool:
    """The row of statistical forms that numbers the columns: "甲 乙 1 2 3"."""
    texts = [cell.text.strip().strip("()（）") for cell in row.cells if cell.text.strip()]
    while texts and texts[0] in ("甲", "乙", "丙", "丁"):
        texts.pop(0)
    return len(texts) >= 3 and texts == [str(number) for number in range(1, len(texts) + 1)]


def _splits(upper: SheetRow, lower: SheetRow, below: SheetRow | None, merges: Sequence[Merge]) -> bool:
    """Whether ``lower`` is the next level of ``upper``."""
    lower_filled = set(_filled(lower))
    if not lower_filled:
        return False
    spans = [
        range(merge.first_column - 1, merge.last_column)
        for merge in merges
        if merge.first_row <= upper.number <= merge.last_row and merge.last_column > merge.first_column
    ]
    if spans:
        return all(len(lower_filled & set(span)) >= 2 for span in spans)
    upper_filled = set(_filled(upper))
    texts = [bare(cell.text) for cell in upper.cells if cell.text.strip()]
    lower_texts = [bare(cell.text) for cell in lower.cells if cell.text.strip()]
    # Groups repeated over their columns, and the fields' own names below (SORMAS).
    if (
        len(texts) >= 3
        and len(set(texts)) <= 0.5 * len(texts)
        and len(lower_texts) >= 0.9 * len(texts)
        and len(set(lower_texts)) >= 0.8 * len(lower_texts)
    ):
        return True
    # Without merges (separated text): the lower row fills exactly the blanks of the upper one, from a group's name on.
    width = max(upper_filled | lower_filled) + 1
    blank_above = lower_filled - upper_filled
    only_above = upper_filled - lower_filled
    if not blank_above or not only_above or len(upper_filled | lower_filled) < 0.9 * width:
        return False
    for index in sorted(blank_above):
        anchor = index
        while anchor in blank_above:
            anchor -= 1
        if anchor not in upper_filled or anchor not in lower_filled:
            return False
    if below is None:
        return True
    # A data row fills some of what the header's upper level fills alone.
    return len(only_above & set(_filled(below))) >= 0.5 * len(only_above)


def _column_count(levels: Sequence[SheetRow], held: Sequence[SheetRow], merges: Sequence[Merge]) -> int:
    named = max(max(_covered(row, merges), default=0) for row in levels) + 1
    for row in levels:
        wide = [
            merge.last_column
            for merge in merges
            if merge.first_row == row.number and merge.last_column <= named
        ]
        named = max([named, *wide])
    below = [row for row in held if row.number > levels[-1].number]
    lengths = Counter(max(_filled(row)) + 1 for row in below if _filled(row))
    # Columns without a name that most rows fill are columns all the same.
    for length, times in sorted(lengths.items(), reverse=True):
        if length > named and times >= 0.5 * len(below) and len(below) > 1:
            return length
    return named


def _path(index: int, levels: Sequence[SheetRow], merges: Sequence[Merge]) -> tuple[str, ...]:
    path: list[str] = []
    for depth, row in enumerate(levels):
        text = _text(row, index)
        if not text:
            text = _group_name(index, depth, levels, merges)
        if text and (not path or path[-1] != text):
            path.append(text)
    return tuple(path)


def _text(row: SheetRow, index: int) -> str:
    return header_text(row.cells[index].text) if index < len(row.cells) else ""


#: A longer text names no column; as much of it stands for the rest.
_LONGEST_NAME = 400


def header_text(text: str) -> str:
    """A header as one line: breaks inside Chinese join, inside English they are spaces."""
    lines = [line.strip(" \t\u3000\xa0") for line in text[:_LONGEST_NAME].replace("\r", "\n").split("\n")]
    joined = ""
    for line in lines:
        if (
            joined
            and line
            and joined[-1].isascii()
            and line[0].isascii()
            and joined[-1].isalnum()
            and line[0].isalnum()
        ):
            joined += " "
        joined += line
    return joined.strip()


def _group_name(index: int, depth: int, levels: Sequence[SheetRow], merges: Sequence[Merge]) -> str:
    """The name of the group a blank header cell belongs to: its merged range's, or the nearest one to the left."""
    row = levels[depth]
    for merge in merges:
        if (
            merge.first_row <= row.number <= merge.last_row
            and merge.first_column - 1 <= index < merge.last_column
            and merge.last_column > merge.first_column
        ):
            anchor = next((level for level in levels if level.number == merge.first_row), None)
            return _text(anchor, merge.first_column - 1) if anchor else ""
    if any(merge.first_row <= row.number <= merge.last_row for merge in merges) or depth + 1 >= len(levels):
        return ""
    if not _text(levels[depth + 1], index):
        return ""
    left = index
    while left > 0 and not _text(row, left):
        left -= 1
    return _text(row, left) if _text(levels[depth + 1], left) else ""


def _without_header(held: Sequence[SheetRow], merges: Sequence[Merge]) -> Header:
    width = _usual_width(held, merges)
    title: list[SheetRow] = []
    for row in held:
        if width > 1 and len(_filled(row)) == 1 and len(row.cells[_filled(row)[0]].text) > 4:
            title.append(row)
        else:
            break
    rest = held[len(title) :] or held
    count = max((max(_filled(row), default=0) + 1 for row in rest), default=1)
    columns = [TableColumn(index, (column_letters(index),)) for index in range(count)]
    return Header((), columns, title if len(title) < len(held) else [], 0)
