"""Line lists of cases: the order of a case's days, and cases that stand twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..parts import Issue
from .person_row import person_issues
from .person_rows import PersonRows, identity_of
from .rows import ReadRow, ReadTotal, Setting, is_before

#: Pairs of days of which the second cannot lie before the first. A death is reported after it as well as before, and
#: an infection acquired in hospital begins after admission, so that those pairs are not here.
ORDERED = (
    ("onset_on", "died_on"),
    ("onset_on", "outcome_on"),
    ("onset_on", "confirmed_on"),
    ("onset_on", "reported_on"),
    ("infected_on", "onset_on"),
    ("infected_on", "outcome_on"),
    ("admitted_on", "died_on"),
    ("starts_on", "release_on"),
)


class LineList:
    """The check of a line list. One reversed pair of days is one finding of the row."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._persons = PersonRows()

    def row(self, row: ReadRow) -> Iterator[Issue]:
        yield from person_issues(row, self._setting.reference)
        for found in self._persons.row(row):
            # Two rows of a list without names or numbers may say the same of two cases.
            if found.code != "EXACT_DUPLICATE_ROW" or _names_someone(row):
                yield found
        for first, second in ORDERED:
            if second not in row.values:
                continue
            before, after = row.sure(first), row.sure(second)
            if before is not None and after is not None and is_before(after, before):
                yield row.found(second, "INTERVAL_REVERSED", other=row.columns.get(first, ""))
                break

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        return iter(())


def _names_someone(row: ReadRow) -> bool:
    return bool(
        identity_of(row)
        or row.values.get("name")
        or row.values.get("case_no")
        or row.values.get("person_ref")
        or row.values.get("specimen_code")
    )
