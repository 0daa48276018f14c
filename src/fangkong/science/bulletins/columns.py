"""Tables with a head line: each line an area, each column a measure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .items import Item, Running, said, state_of
from .lexicon import any_of, lexicon, states
from .page import Sentence
from .parts import Span
from .words_read import Words, whole

_CELL = re.compile(r"[^\t|｜]+")
_LOOSE = re.compile(r"\S+")
_NONE = {"", "-", "—", "/", "——", "无数据"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The head of a table: what each column after the first counts; None for one that is not understood."""

    measures: list[Item | None]


def _cells(page: str, sentence: Sentence) -> list[tuple[str, Span]]:
    text = page[sentence.start : sentence.end]
    pattern = _CELL if re.search(r"[\t|｜]", text) else _LOOSE
    cells = []
    for match in pattern.finditer(page, sentence.start, sentence.end):
        cell = match[0].strip()
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if cell:
            cells.append((cell, (start, start + len(cell))))
    return cells


def head(page: str, sentence: Sentence, words: Words, flow: str) -> Columns | None:
    """The columns that a line heads, None where it is no head; ``flow`` is what holds when a cell says none."""
    cells = _cells(page, sentence)
    if len(cells) < 3 or any(re.search(r"\d", cell) for cell, _ in cells):
        return None
    measures: list[Item | None] = []
    for _, span in cells[1:]:
        says = said(words.read(page, *span), [], words, labels_areas=False)
        state, named, why = state_of(says, Running(), [])
        item = Item(0, span, state=state, named=named, origin=says.origin, channel=says.channel)
        item.flow = says.flow or ("" if state and states()[state].get("stock") else flow)
        measures.append(None if why or says.unread_before or not item.measure else item)
    return Columns(measures) if sum(m is not None for m in measures) > 1 else None


def line(page: str, sentence: Sentence, columns: Columns) -> list[Item] | None:
    """The items of one line of the table, None where the line is not of it."""
    cells = _cells(page, sentence)
    if len(cells) != len(columns.measures) + 1 or re.search(r"\d", cells[0][0]):
        return None
    if any(whole(cell) is None and cell not in _NONE for cell, _ in cells[1:]):
        return None
    total = re.fullmatch(any_of(lexicon("frames")["sum"]["patterns"]) + "|全市|全省|全区|全县", cells[0][0])
    made = []
    for measure, (cell, span) in zip(columns.measures, cells[1:], strict=True):
        value = whole(cell) if cell not in _NONE else None
        if value is None:
            continue
        item = Item(value, span, area="" if total else cells[0][0], why="table" if measure is None else "")
        if measure is not None:
            item.flow, item.state, item.named = measure.flow, measure.state, measure.named
            item.origin, item.channel = measure.origin, measure.channel
        made.append(item)
    return made
