"""Totals as stated against the sums of the rows they stand for: in total rows, in notes, in the title."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from ..codes import issue
from ..parts import Issue
from .lexicon import lexicon
from .rows import UNSURE, ReadRow, ReadTotal, number_of, plain

SUMMED = (
    "due_count",
    "done_count",
    "part_count",
    "value",
    "beds_established",
    "beds_open",
    "beds_occupied",
    "admitted",
    "discharged",
    "opening",
    "received",
    "issued",
    "closing",
)
#: Fields by whose values a note breaks its total down ("其中集中隔离40人").
BROKEN_DOWN_BY = ("control_mode", "tier", "classification", "result", "sex", "outcome", "category")
_REPEATED = frozenset({"EXACT_DUPLICATE_ROW", "DUPLICATE_UNIT_ROW"})
#: A sum of which one figure is itself wrong proves nothing.
_SPOILING = frozenset({"NEGATIVE_COUNT", "UNIT_SUSPECT"})
#: A field of more values than this is no breakdown.
MOST_VALUES = 40


class Totals:
    """TOTAL_DISAGREES: of figures, when a table sums; of the number of rows, when it lists persons.

    A total agrees when it is the sum of any set of rows that a sender may mean: all of them, those since the last
    subtotal, those without the repeated, hidden or struck-through ones. ``before`` are those of the sheet that this one
    continues: a total at the end of it may stand for both.
    """

    def __init__(self, before: Totals | None = None) -> None:
        self._before = before
        self._numbers = array("q")
        self._figures: dict[str, array[float]] = {}
        self._set_apart: dict[str, set[int]] = {"repeated": set(), "hidden": set(), "struck": set()}
        self._doubtful: set[str] = set()
        self._columns: dict[str, str] = {}
        self._by_value: dict[str, Counter[str]] = {}
        self._by_value_again: Counter[tuple[str, str]] = Counter()
        self._words: dict[tuple[str, str], set[str]] = {}
        self._units: set[str] = set()
        self._breakdowns: list[str] = []

    def row(self, row: ReadRow, found: Sequence[Issue]) -> None:
        """Counts a row in; ``found`` is what the checks have said of it."""
        if not self._columns:
            self._columns = dict(row.columns)
            keys = [key for key in row.columns if key.split(":")[0] in SUMMED]
            self._figures = {key: array("d") for key in keys}
            self._breakdowns = [name for name in BROKEN_DOWN_BY if name in row.columns or name in row.sources]
        place = len(self._numbers)
        self._numbers.append(row.number)
        repeated = bool(found) and any(one.code in _REPEATED for one in found)
        if repeated:
            self._set_apart["repeated"].add(place)
        if row.hidden:
            self._set_apart["hidden"].add(place)
        if row.struck:
            self._set_apart["struck"].add(place)
        for key, figures in self._figures.items():
            number = number_of(row.values.get(key))
            figures.append(number or 0.0)
            doubts = row.doubts.get(key, ())
            if any(code in UNSURE for code in doubts) or row.states.get(key) in (
                "pending",
                "unreadable",
                "masked",
            ):
                self._doubtful.add(key)
        if self._figures and (spoilt := {one.column for one in found if one.code in _SPOILING}):
            self._doubtful |= {key for key in self._figures if self._columns[key] in spoilt}
        if self._figures and (text := row.text("unit")):
            self._units.add(plain(text))
        for name in self._breakdowns:
            value = row.values.get(name)
            if isinstance(value, str) and value:
                counts = self._by_value.setdefault(name, Counter())
                if value in counts or len(counts) < MOST_VALUES:
                    counts[value] += 1
                    self._by_value_again[name, value] += repeated
                    self._words.setdefault((name, value), set()).add(plain(row.text(name)))

    def end(
        self, totals: Sequence[ReadTotal], title: Sequence[str] = (), persons: int = 0
    ) -> Iterator[Issue]:
        """The totals that no reading of the rows explains. ``persons`` are the distinct ones of a list."""
        begin = 0
        summed = bool(self._figures)
        for total in totals:
            above = next(
                (place for place, number in enumerate(self._numbers) if number > total.number),
                len(self._numbers),
            )
            if total.why in ("total", "subtotal"):
                if summed:
                    yield from self._sums(total, begin, above)
                else:
                    yield from self._count(total, begin, above, persons)
                begin = above
            elif total.why == "note" and not summed:
                yield from self._note(total.number, total.text, persons)
        if not summed:
            for place, line in enumerate(title):
                yield from self._note(place + 1, line, persons)

    def _sums(self, total: ReadTotal, begin: int, above: int) -> Iterator[Issue]:
        keys = [key for key in total.figures if key in self._figures and key not in self._doubtful]
        if len(self._units) > 1:
            keys = [
                key for key in keys if key.split(":")[0] not in ("opening", "received", "issued", "closing")
            ]
        if not keys or not len(self._numbers):
            return
        slack = lexicon("numbers")["sum_slack"]["value"]
        wrong: list[str] | None = None
        for places in self._meant(total.why, begin, above):
            sums = {key: self._sum(key, places) for key in keys}
            off = [key for key, one in sums.items() if abs(one - total.figures[key]) > slack]
            if not off or all(
                abs(sums[key] + self._earlier(key) - total.figures[key]) <= slack for key in keys
            ):
                return
            wrong = wrong or off
        if wrong:
            key = wrong[0]
            places = next(self._meant(total.why, begin, above))
            yield issue(
                total.number,
                self._columns.get(key, ""),
                "TOTAL_DISAGREES",
                stated=total.figures[key],
                sum=self._sum(key, places),
            )

    def _earlier(self, key: str) -> float:
        """The sum of the column in the sheets that this one continues."""
        if self._before is None:
            return 0.0
        return sum(self._before._figures.get(key, ())) + self._before._earlier(key)

    @property
    def _rows_in_all(self) -> int:
        return len(self._numbers) + (self._before._rows_in_all if self._before is not None else 0)

    def _sum(self, key: str, places: Sequence[int]) -> float:
        figures = self._figures[key]
        return sum(figures[place] for place in places)

    def _meant(self, why: str, begin: int, above: int) -> Iterator[list[int]]:
        """The sets of rows that a total may stand for, the likeliest first."""
        count = len(self._numbers)
        spans = [range(count), range(above), range(begin, above)]
        if why == "subtotal":
            spans = [range(begin, above), range(above)]
        spans.append(range(above, count))
        for span in spans:
            if len(span):
                yield list(span)
        # A subtotal that stands above its rows covers those that follow it, up to any place.
        if why == "subtotal" and begin == above:
            yield from (list(range(above, end)) for end in range(above + 1, min(count, above + 200) + 1))
        for apart in ("repeated", "hidden", "struck"):
            places = self._set_apart[apart]
            if places:
                for span in spans:
                    if len(span):
                        yield [place for place in span if place not in places]

    def _count(self, total: ReadTotal, begin: int, above: int, persons: int) -> Iterator[Issue]:
        stated = stated_count(total.text, anywhere=True)
        if stated is None:
            return
        meant = self._counts(persons) | {above - begin, above}
        if stated not in meant:
            rows = above - begin if total.why == "subtotal" else len(self._numbers)
            yield issue(total.number, "", "TOTAL_DISAGREES", stated=stated, sum=rows)

    def _counts(self, persons: int) -> set[int]:
        count = len(self._numbers)
        apart = [len(places) for places in self._set_apart.values()]
        return {count, self._rows_in_all, *(count - one for one in apart), count - sum(apart)} | (
            {persons} if persons else set()
        )

    def _note(self, number: int, text: str, persons: int) -> Iterator[Issue]:
        stated = stated_count(text, anywhere=False)
        if stated is not None and stated not in self._counts(persons):
            yield issue(number, "", "TOTAL_DISAGREES", stated=stated, sum=len(self._numbers))
            return
        if stated is None:
            return
        for label, part in breakdown(text):
            counts = self._counted(label)
            if counts and part not in counts:
                yield issue(number, "", "TOTAL_DISAGREES", stated=part, sum=counts[0])
                return

    def _counted(self, label: str) -> tuple[int, ...]:
        """How many rows have the value that ``label`` names, with and without the repeated ones; () for no value."""
        for (name, value), words in self._words.items():
            if label in words or value == label:
                count = self._by_value[name][value]
                return count, count - self._by_value_again[name, value]
        return ()


_DATE = re.compile(
    r"\d{2,4}年|\d{1,2}月\d{1,2}日?|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[:：]\d{2}|\d{1,2}[时日]"
)


def stated_count(text: str, *, anywhere: bool) -> int | None:
    """The number of rows or persons that a text states, None where it states none.

    ``anywhere`` takes any first number, as in a total row; else only one that a word of a total leads in.

    >>> stated_count("合计 63人", anywhere=True), stated_count("注：共61人，其中集中隔离40人", anywhere=False)
    (63, 61)
    >>> stated_count("2.联系不上的填“无”。", anywhere=False) is None
    True
    """
    flat = _DATE.sub(" ", unicodedata.normalize("NFKC", text)).casefold().replace(",", "")
    found = re.search(rf"(?:{_total_words()})[\s:：为是有]*(\d+)\s*(?:{_counted_words()})", flat)
    if found is None and anywhere:
        found = re.search(r"(?<![\d.])(\d+)(?![\d.])", flat)
    if found is None:
        found = re.search(rf"(?:{_total_words()})[\s:：为是有]*(\d+)\s*(?:$|[,，。;；)）])", flat)
    return int(found[1]) if found else None


def breakdown(text: str) -> list[tuple[str, int]]:
    """The parts of a total that a text states, as (label in plain form, number).

    >>> breakdown("共61人，其中集中隔离40人，居家隔离21人")
    [('集中隔离', 40), ('居家隔离', 21)]
    """
    flat = unicodedata.normalize("NFKC", text)
    found: list[tuple[str, int]] = []
    for part in re.split(r"[,，;；、。(（)）:：]", flat):
        matched = re.fullmatch(rf"\s*(?:其中|含)?\s*(\D+?)\s*(\d+)\s*(?:{_counted_words()})?\s*", part)
        if matched and not re.search(_total_words(), matched[1].casefold()):
            found.append((plain(matched[1]), int(matched[2])))
    return found


@cache
def _total_words() -> str:
    return "|".join(re.escape(word) for word in lexicon("totals")["words"]["total"])


@cache
def _counted_words() -> str:
    return "|".join(sorted(map(re.escape, lexicon("totals")["words"]["counted"]), key=len, reverse=True))
