"""The workbook that goes back to a sender: their own sheets, the faulty cells marked, every finding listed first.

Cells stand at their own places as text, so that a row number means the same in both files. No cell of it can start a
formula: texts are written as texts, and one that a spreadsheet might take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import xlsxwriter

from fangkong.faces.words.catalogue import word
from fangkong.faces.words.receipt_words import issue_text
from fangkong.science.tables.layout import tables_of
from fangkong.science.tables.parts import Issue, Sheet, SheetRow, Workbook
from fangkong.science.tables.workbook import open_workbook

Lang = Literal["zh", "en"]

#: Marks by severity: fill and font, told apart in grey as well by the words of the comment.
_MARKS = {"error": ("#F8D0CC", "#7A1A10"), "warning": ("#FBE7B8", "#6B4A00"), "info": ("#DCE8F5", "#1D3F66")}
_GRAVITY = {"error": 0, "warning": 1, "info": 2}

#: A text that begins so may be run by a spreadsheet, the full-width signs in some languages' versions too (OWASP, CSV
#: injection); a bare number or dash is no formula.
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HARMLESS = re.compile(r"[+\-－＋]?[\d,.]+ ?%?|[-－]+")
#: Where the format's XML ends: control characters that no spreadsheet may hold.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")


@cache
def _limits() -> dict[str, int]:
    path = Path(__file__).with_name("error_workbook.toml")
    found: dict[str, int] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


@dataclass
class _Sheet:
    """One sheet to write: its name here, its header rows, its columns by name, its findings by row."""

    source: Sheet
    name: str
    headers: frozenset[int] = frozenset()
    #: The last row of the first header: what stays in sight while one scrolls.
    frozen: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    found: dict[int, list[Issue]] = field(default_factory=lambda: defaultdict(list))


def error_workbook(path: Path, issues: Iterable[Issue], lang: Lang, out: Path, *, name: str = "") -> int:
    """How many findings were listed; ``out`` is the XLSX with the sender's own sheets and every faulty cell marked.

    Args:
        path: the file as it came, in any form that can be received; ``name`` is what its sender called it.
        issues: what was found in it, as `receipt_issues` gives it.
        lang: the sender's language, "zh" or "en".
        out: where the workbook is written; a file there is replaced.

    Raises FileRefused when the file cannot be read as a table.
    """
    workbook = open_workbook(path, name or path.name)
    every = list(issues)
    title = word("error_workbook.sheet", lang)
    sheets = _sheets(workbook, title)
    by_name = {sheet.source.name: sheet for sheet in sheets}
    for issue in every:
        if issue.row is not None and sheets:
            by_name.get(issue.sheet, sheets[0]).found[issue.row].append(issue)
    with xlsxwriter.Workbook(str(out), {"constant_memory": True, "strings_to_formulas": False}) as book:
        formats = _formats(book)
        first = book.add_worksheet(title)
        # Made before any is written, so that the list can point into them.
        written = [(sheet, book.add_worksheet(sheet.name)) for sheet in sheets]
        cut = [sheet.name for sheet, target in written if _write_sheet(target, sheet, formats, lang)]
        _write_list(first, every, by_name, sheets, cut, formats, lang)
    return min(len(every), _limits()["listed"])


def plain_text(value: str) -> str:
    """``value`` as a text that no spreadsheet runs: what it might take for a formula begins with an apostrophe.

    >>> plain_text("=1+1"), plain_text("-5"), plain_text("+cmd|' /C calc'!A0"), plain_text("姓名")
    ("'=1+1", '-5', "'+cmd|' /C calc'!A0", '姓名')
    """
    cut = _CONTROL.sub("", value)[: _limits()["cell_characters"] - 1]
    if cut.lstrip(" \u3000\xa0").startswith(_STARTS) and not _HARMLESS.fullmatch(cut.strip()):
        return f"'{cut}"
    return cut


def _sheets(workbook: Workbook, taken: str) -> list[_Sheet]:
    """The sheets under names that Excel takes, each its own, with what the layout found of their headers."""
    names = {taken.casefold()}
    sheets = []
    for source in workbook.sheets:
        stem = _NOT_IN_NAMES.sub("_", source.name).strip("' ")[:27] or "Sheet1"
        name, number = stem, 1
        while name.casefold() in names or name.casefold() == "history":  # a name that Excel keeps to itself
            number += 1
            name = f"{stem} {number}"
        names.add(name.casefold())
        sheets.append(_Sheet(source, name))
    by_name = {sheet.source.name: sheet for sheet in sheets}
    for table in tables_of(workbook):
        sheet = by_name.get(table.sheet)
        if sheet is None:
            continue
        sheet.headers |= frozenset(table.header_rows)
        if not sheet.frozen:
            sheet.frozen = max(table.header_rows, default=0)
        for column in table.columns:
            sheet.columns.setdefault(column.name, column.index)
            sheet.columns.setdefault(column.path[-1] if column.path else "", column.index)
    return sheets


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    made = {
        "text": book.add_format({"num_format": "@", "valign": "top"}),
        "head": book.add_format({"bold": True, "num_format": "@", "text_wrap": True, "bottom": 1}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "link": book.add_format({"valign": "top", "font_color": "#1D4E89", "underline": 1}),
    }
    for severity, (fill, font) in _MARKS.items():
        mark = {"bg_color": fill, "font_color": font, "num_format": "@", "valign": "top"}
        made[severity] = book.add_format(mark)
    return made


def _write_sheet(target: Any, sheet: _Sheet, formats: dict[str, Any], lang: Lang) -> bool:
    """Writes one sheet; true when it is so long that only its head and its faulty rows are there."""
    limits = _limits()
    rows = sheet.source.rows()
    beginning = list(islice(rows, limits["whole_rows"] + 1))
    cut = len(beginning) > limits["whole_rows"]
    widths = _widths(beginning[:200])
    for index, width in enumerate(widths):
        target.set_column(index, index, width)
    if sheet.frozen:
        target.freeze_panes(sheet.frozen, 0)
    if sheet.source.hidden:
        target.hide()
    left = set(sheet.found)
    at = 0
    for row in chain(beginning, rows):
        if at < row.number <= limits["sheet_rows"]:
            if not cut or row.number <= sheet.frozen or row.number in sheet.found:
                _write_row(target, row, sheet, formats, lang)
            at = row.number
            left.discard(row.number)
    # A finding at a row that holds nothing, such as one left out between two others.
    for number in sorted(number for number in left if at < number <= limits["sheet_rows"]):
        _mark(target, number, 0, "", sheet.found[number], formats, lang)
    return cut


def _widths(rows: Sequence[SheetRow]) -> list[int]:
    """The width of each column by the texts of ``rows``; a Chinese sign is two characters wide."""
    limits = _limits()
    widths: list[int] = []
    for row in rows:
        for index, cell in enumerate(row.cells[:200]):
            if index == len(widths):
                widths.append(limits["least_width"])
            wide = sum(2 if sign > "\u2e80" else 1 for sign in cell.text[: limits["most_width"]]) + 2
            widths[index] = max(widths[index], min(limits["most_width"], wide))
    return widths


def _write_row(target: Any, row: SheetRow, sheet: _Sheet, formats: dict[str, Any], lang: Lang) -> None:
    marked = _by_column(row, sheet)
    head = row.number in sheet.headers
    for index, cell in enumerate(row.cells[: _limits()["sheet_columns"]]):
        text = plain_text(cell.text or (cell.formula and f"={cell.formula.lstrip('=')}") or "")
        if found := marked.pop(index, None):
            _mark(target, row.number, index, text, found, formats, lang)
        elif text:
            target.write_string(row.number - 1, index, text, formats["head" if head else "text"])
    for index, found in sorted(marked.items()):
        _mark(target, row.number, index, "", found, formats, lang)


def _by_column(row: SheetRow, sheet: _Sheet) -> dict[int, list[Issue]]:
    """The row's findings by column; one that names no column stands at the first cell that holds something."""
    found = sheet.found.get(row.number)
    if not found:
        return {}
    filled = (index for index, cell in enumerate(row.cells) if cell.text.strip())
    first = next(filled, 0)
    marked: dict[int, list[Issue]] = {}
    for issue in found:
        marked.setdefault(sheet.columns.get(issue.column, first) if issue.column else first, []).append(issue)
    return marked


def _mark(
    target: Any,
    number: int,
    index: int,
    text: str,
    found: Sequence[Issue],
    formats: dict[str, Any],
    lang: Lang,
) -> None:
    gravest = min(found, key=lambda issue: _GRAVITY[issue.severity])
    if text:
        target.write_string(number - 1, index, text, formats[gravest.severity])
    else:
        target.write_blank(number - 1, index, None, formats[gravest.severity])
    said = list(dict.fromkeys(_said(issue, lang) for issue in found))
    target.write_comment(
        number - 1,
        index,
        "\n".join(said),
        {"x_scale": 2, "y_scale": max(1, min(4, len(said))), "author": "", "font_size": 9},
    )


def _said(issue: Issue, lang: Lang) -> str:
    severity = word(f"receive.severity.{issue.severity}", lang)
    return f"{severity}{word('frame.colon', lang)}{issue_text(issue, lang)}"


def _write_list(
    target: Any,
    issues: Sequence[Issue],
    by_name: dict[str, _Sheet],
    sheets: Sequence[_Sheet],
    cut: Sequence[str],
    formats: dict[str, Any],
    lang: Lang,
) -> None:
    """The first sheet: how to read it, then every finding with the way to its cell."""
    limits = _limits()
    for index, width in enumerate((14, 10, 22, 28, 9, 46, 46)):
        target.set_column(index, index, width)
    target.write_string(0, 0, word("error_workbook.title", lang), formats["title"])
    target.write_string(1, 0, word("error_workbook.how", lang), formats["text"])
    notes = [word("error_workbook.cut", lang, sheet=plain_text(name)) for name in cut]
    if len(issues) > limits["listed"]:
        notes.append(word("error_workbook.more", lang, n=len(issues) - limits["listed"]))
    if not issues:
        notes.append(word("error_workbook.none", lang))
    if notes:
        target.write_string(2, 0, " ".join(notes), formats["text"])
    names = ("sheet", "row", "column", "code", "severity", "wrong", "todo")
    for index, name in enumerate(names):
        target.write_string(3, index, word(f"error_workbook.column.{name}", lang), formats["head"])
    target.freeze_panes(4, 0)
    for line, issue in enumerate(issues[: limits["listed"]], start=4):
        wrong, todo = _parted(issue_text(issue, lang))
        sheet = by_name.get(issue.sheet, sheets[0] if sheets else None)
        texts = (
            plain_text(issue.sheet or (sheet.source.name if sheet else "")),
            "",
            plain_text(issue.column),
            issue.code,
            word(f"receive.severity.{issue.severity}", lang),
            plain_text(wrong),
            plain_text(todo),
        )
        for index, text in enumerate(texts):
            mark = issue.severity if index == 4 else "wrap"
            if text:
                target.write_string(line, index, text, formats[mark])
        if issue.row is None:
            target.write_string(line, 1, word("error_workbook.whole_file", lang), formats["wrap"])
        elif sheet is not None:
            column = sheet.columns.get(issue.column, 0)
            place = f"internal:'{sheet.name}'!{xlsxwriter.utility.xl_rowcol_to_cell(issue.row - 1, column)}"
            target.write_url(line, 1, place, formats["link"], string=str(issue.row))


def _parted(text: str) -> tuple[str, str]:
    """(what is wrong, what to do) of a finding's words: its first sentence, and the rest.

    >>> _parted("日期无效。请核对。"), _parted("No such date. Check it, e.g. in row 3.")
    (('日期无效。', '请核对。'), ('No such date.', 'Check it, e.g. in row 3.'))
    """
    match = re.match(r"(.+?(?:。|\. ))(.*)", text, re.DOTALL)
    return (match[1].strip(), match[2].strip()) if match else (text, "")
