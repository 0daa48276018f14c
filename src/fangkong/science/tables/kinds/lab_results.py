"""Laboratory results: tubes and who is in them, results against Ct values, reports against samplings."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise

from ..codes import issue
from ..parts import Issue
from ..values.value import Ct
from .lexicon import lexicon
from .person_row import person_issues
from .person_rows import PersonRows, person_of
from .rows import ReadRow, ReadTotal, Setting, day_of, digest, is_before, plain

#: What the sort of a result is within a tube; an unread or pending one belongs to none.
_SORTS = {"negative": 1, "positive": 2, "indeterminate": 3}


class LabResults:
    """The check of a laboratory's results.

    A row takes six numbers: tube, row, person, pool size, result and sampling day. Tubes are gathered at the end by
    sorting them, which needs no object for a tube.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._repeats = PersonRows()
        self._tubes = array("q")
        self._numbers = array("q")
        self._persons = array("q")
        self._sizes = array("i")
        self._results = array("b")
        self._days = array("i")
        self._columns: dict[str, str] = {}

    def row(self, row: ReadRow) -> Iterator[Issue]:
        self._columns = dict(row.columns) if not self._columns else self._columns
        yield from person_issues(row, self._setting.reference)
        yield from (found for found in self._repeats.row(row) if found.code in _OF_PERSONS)
        sampled, reported = row.sure("sampled_at"), row.sure("reported_at")
        if sampled is not None and reported is not None and is_before(reported, sampled):
            yield row.found("reported_at", "REPORT_BEFORE_SAMPLE")
        yield from _result(row)
        tube = row.sure("tube_code")
        if tube is None:
            return
        self._tubes.append(digest(str(tube)))
        self._numbers.append(row.number)
        self._persons.append(person_of(row) or row.digest)
        self._sizes.append(pool_size(row))
        self._results.append(_SORTS.get(str(row.values.get("result")), 0))
        day = day_of(sampled)
        self._days.append(day.toordinal() if day else 0)

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        order = sorted(range(len(self._tubes)), key=self._tubes.__getitem__)
        begin = 0
        for place in range(1, len(order) + 1):
            if place == len(order) or self._tubes[order[place]] != self._tubes[order[begin]]:
                yield from self._tube(order[begin:place])
                begin = place
        yield from self._persons_tubes()

    def _tube(self, members: list[int]) -> Iterator[Issue]:
        """What the rows of one tube show. ``members`` are in the file's order, for the sort is stable."""
        if len(members) == 1:
            return
        column = self._columns.get("tube_code", "")
        persons = list(dict.fromkeys(self._persons[member] for member in members))
        rows = [self._numbers[member] for member in members]
        # A person sampled on a second day in a tube of the same number does not fill the first one.
        days = {self._days[member] for member in members if self._days[member]}
        sizes = Counter(self._sizes[member] for member in members if self._sizes[member])
        if len(sizes) > 1:
            usual = sizes.most_common(1)[0][0]
            odd = next(member for member in members if self._sizes[member] not in (0, usual))
            if len(set(sizes.values())) == 1:
                odd = [member for member in members if self._sizes[member]][-1]
            yield issue(
                self._numbers[odd],
                self._columns.get("pool_type", ""),
                "TUBE_MIXED_POOL_SIZE",
                rows=rows,
            )
        size = sizes.most_common(1)[0][0] if sizes else 0
        if size == 1 and len(persons) > 1:
            yield issue(rows[-1], column, "SINGLE_SAMPLING_SHARED_BARCODE", rows=rows, persons=len(persons))
        elif size > 1 and len(persons) > size and len(days) <= 1:
            over = next(m for m in members if self._persons[m] == persons[size])
            yield issue(
                self._numbers[over], column, "TUBE_OVERFULL", rows=rows, persons=len(persons), size=size
            )
        yield from self._tube_result(members, rows)

    def _tube_result(self, members: list[int], rows: list[int]) -> Iterator[Issue]:
        """A pool has one result for all; one that differs from the rest, or a positive beside a negative."""
        results = Counter(self._results[member] for member in members if self._results[member])
        if len(results) < 2:
            return
        usual, count = results.most_common(1)[0]
        odd = [member for member in members if self._results[member] not in (0, usual)]
        if len(odd) == count:
            # As many of the one as of the other: the later ones are named.
            first = next(self._results[member] for member in members if self._results[member])
            odd = [member for member in members if self._results[member] not in (0, first)]
        for member in odd:
            yield issue(
                self._numbers[member], self._columns.get("result", ""), "TUBE_RESULT_CONFLICT", rows=rows
            )

    def _persons_tubes(self) -> Iterator[Issue]:
        """A person in two tubes on one day; a single negative after a suspect or positive pool clears the pool."""
        order = sorted(range(len(self._tubes)), key=self._persons.__getitem__)
        for one, other in pairwise(order):
            if self._persons[one] != self._persons[other] or self._tubes[one] == self._tubes[other]:
                continue
            pooled_first = self._sizes[one] != 1 and self._results[one] in (2, 3) and self._sizes[other] == 1
            if pooled_first:
                if self._results[other] == 1:
                    yield issue(
                        self._numbers[other],
                        self._columns.get("result", ""),
                        "POOL_SUSPECT_CLEARED",
                        first=self._numbers[one],
                    )
            elif self._days[one] == self._days[other]:
                yield issue(
                    self._numbers[other],
                    self._columns.get("tube_code", ""),
                    "SAME_PERSON_TWO_TUBES",
                    first=self._numbers[one],
                )


_OF_PERSONS = frozenset({"EXACT_DUPLICATE_ROW", "SAME_ID_DIFFERENT_NAME", "NAME_VARIANT_SAME_PERSON"})


def pool_size(row: ReadRow) -> int:
    """How many persons the row's tube may hold: 1 for single sampling, 0 where the row does not say.

    >>> pool_size(ReadRow(2, {"pool_type": "10"}, {}, {}))
    10
    """
    size = str(row.values.get("pool_type") or "")
    return int(size) if size.isdigit() else 0


@cache
def _words(name: str) -> tuple[str, ...]:
    return tuple(plain(word) for word in lexicon("lab_results")[name]["words"])


def _result(row: ReadRow) -> Iterator[Issue]:
    """The result against the Ct values and against what the row says of it in words."""
    result = row.values.get("result")
    said = plain(row.text("result") + row.text("remark"))
    # "阳性（待复核）" is no result of the list, and still says that there is a positive one.
    positive = result == "positive" or (result is None and any(word in said for word in _words("positive")))
    if positive and any(word in said for word in _words("preliminary")):
        yield row.found("result", "POSITIVE_NOT_CONFIRMED")
    if result == "indeterminate" and any(word in said for word in _words("cleared")):
        yield row.found("result", "POOL_SUSPECT_CLEARED")
    readings = {key: ct for key in ("ct_orf", "ct_n") if isinstance(ct := row.values.get(key), Ct)}
    # A censored value (">40", "<40") is a bound and no cycle.
    cycles = [ct.cycles for ct in readings.values() if ct.cycles is not None and ct.relation == "="]
    floor = lexicon("lab_results")["ct_negative_floor"]["value"]
    ceiling = lexicon("lab_results")["ct_positive_ceiling"]["value"]
    if result == "negative" and any(ct < floor for ct in cycles):
        yield row.found("result", "CT_RESULT_CONFLICT", ct=min(cycles))
    if result == "positive" and len(readings) == 2 and all(_silent(ct, ceiling) for ct in readings.values()):
        yield row.found("result", "CT_RESULT_CONFLICT", ct=ceiling)


def _silent(ct: Ct, ceiling: float) -> bool:
    """Whether a gene was not detected, or only beyond the last cycle that is read."""
    return ct.cycles is None or (ct.cycles >= ceiling and ct.relation != "<")
