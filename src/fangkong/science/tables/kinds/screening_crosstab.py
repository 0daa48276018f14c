"""Screening cross-tabs: targets and what is done, parts and wholes, units that stand twice."""

from __future__ import annotations

import statistics
from collections.abc import Generator, Iterator, Sequence

from ..codes import issue
from ..parts import Issue
from .lexicon import lexicon
from .rows import ReadRow, ReadTotal, Setting, number_of, plain
from .wholes import Wholes

UNIT_FIELDS = ("area_code", "area_name", "street", "community", "facility")


class ScreeningCrosstab:
    """The check of a cross-tab by street and community."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._units: dict[tuple[str, ...], int] = {}
        self._wholes = Wholes()
        self._counts: dict[str, list[tuple[int, float]]] = {}
        self._columns: dict[str, str] = {}
        self._suspect: set[int] = set()

    def row(self, row: ReadRow) -> Iterator[Issue]:
        self._columns = self._columns or dict(row.columns)
        yield from repeated_unit(row, self._units)
        due, done = number_of(row.values.get("due_count")), number_of(row.values.get("done_count"))
        negative = yield from negatives(row)
        suspect = list(fractions(row))
        if not suspect and due and done and due > 0 and done > 0:
            ratio = lexicon("numbers")["unit_suspect_ratio"]["value"]
            if done >= ratio * due:
                suspect = [row.found("due_count", "UNIT_SUSPECT")]
        yield from suspect
        if suspect:
            self._suspect.add(row.number)
        if not negative and not suspect:
            if due is not None and done is not None and done > due and row.sure("due_count") is not None:
                yield row.found("done_count", "DONE_EXCEEDS_TARGET", done=done, due=due)
            yield from self._wholes.row(row)
        for key in ("due_count", "done_count"):
            if (number := number_of(row.values.get(key))) is not None and number > 0:
                self._counts.setdefault(key, []).append((row.number, number))

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        yield from self._far_from_neighbours()
        yield from self._wholes.end()

    def _far_from_neighbours(self) -> Iterator[Issue]:
        """Counts a thousand times the usual one of their column and far above the next."""
        ratio = lexicon("numbers")["unit_suspect_ratio"]["value"]
        for key in ("due_count", "done_count"):
            counts = self._counts.get(key, [])
            if len(counts) < 4:
                continue
            usual = statistics.median(number for _, number in counts)
            for row, number in counts:
                if number >= ratio * usual and row not in self._suspect:
                    self._suspect.add(row)
                    yield issue(row, self._columns.get(key, ""), "UNIT_SUSPECT", value=number)


def repeated_unit(row: ReadRow, units: dict[tuple[str, ...], int]) -> Iterator[Issue]:
    """DUPLICATE_UNIT_ROW when the row's area or facility (and day) stood in a row before it."""
    key = unit_key(row)
    if not any(key[: len(UNIT_FIELDS)]):
        return
    first = units.setdefault((*key, str(row.values.get("day") or "")), row.number)
    if first != row.number:
        yield row.found("", "DUPLICATE_UNIT_ROW", first=first)


def unit_key(row: ReadRow) -> tuple[str, ...]:
    """What names the unit of the row: its areas and facility, and the words of columns that nobody understood.

    A level that is not understood (a village beside its town) still tells units apart.
    """
    named = [plain(row.values.get(name) or row.text(name)) for name in UNIT_FIELDS]
    words = [plain(text) for key, text in row.texts.items() if key.startswith("other:") and _is_word(text)]
    return (*named, *words)


def _is_word(text: str) -> bool:
    """Whether a text may be a name: it begins with no digit and is short."""
    return len(text) <= _LONGEST_NAME and not text[0].isdigit() and text[0] not in "-+.="


#: A longer text is a remark.
_LONGEST_NAME = 24


def count_keys(row: ReadRow) -> list[str]:
    """The keys of the row that count persons, beds or cases."""
    names = ("due_count", "done_count", "part_count", "value", *BED_FIELDS)
    return [key for name in names for key in row.keys(name)]


BED_FIELDS = ("beds_established", "beds_open", "beds_occupied", "admitted", "discharged")


def negatives(row: ReadRow) -> Generator[Issue, None, bool]:
    """NEGATIVE_COUNT for each count below nought; as a generator's result, whether there was one."""
    found = False
    for key in count_keys(row):
        number = number_of(row.values.get(key))
        if number is not None and number < 0:
            found = True
            yield row.found(key, "NEGATIVE_COUNT", value=number)
    return found


def fractions(row: ReadRow) -> Iterator[Issue]:
    """UNIT_SUSPECT for each count that is no whole number: persons are counted, so ten thousands were typed."""
    for key in count_keys(row):
        number = number_of(row.values.get(key))
        if number is not None and number != int(number):
            yield row.found(key, "UNIT_SUSPECT", value=number)
