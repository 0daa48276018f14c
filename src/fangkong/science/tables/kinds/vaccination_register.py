"""Vaccination registers: the doses of each person, their order, their intervals and their products."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

from ..codes import issue
from ..parts import Issue
from .lexicon import lexicon
from .person_row import person_issues
from .person_rows import PersonRows, person_of
from .rows import ReadRow, ReadTotal, Setting, day_of, digest, number_of, plain

#: In a register that holds whole courses at least this share of later doses has all the earlier ones in the file.
WHOLE_COURSES = 0.5

_OF_PERSONS = frozenset(
    {
        "EXACT_DUPLICATE_ROW",
        "SAME_ID_DIFFERENT_NAME",
        "NAME_VARIANT_SAME_PERSON",
        "POSSIBLE_DUPLICATE_NAME_PHONE",
    }
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Doses of the primary series and boosters of one sort of vaccine, with the least days between them."""

    name: str
    primary: int
    gap_days: int
    boosters: int
    booster_gap_days: int
    second_booster_from: date | None = None

    def most_doses(self, day: int) -> int:
        """How many doses a person may have had by the day of that ordinal; of a day not known (0), by any."""
        early = day and self.second_booster_from is not None and day < self.second_booster_from.toordinal()
        return self.primary + (min(self.boosters, 1) if early else self.boosters)


@dataclass(frozen=True, slots=True)
class Dose:
    """One dose as registered: the row, its number, its day's ordinal (0 unknown) and its product's digest."""

    row: int
    number: int
    day: int
    product: int
    schedule: str


class VaccinationRegister:
    """The check of a register, one dose to a row or several in columns side by side.

    A dose takes five numbers; persons are gathered at the end by sorting.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._repeats = PersonRows()
        self._persons = array("q")
        self._rows = array("q")
        self._doses = array("b")
        self._days = array("i")
        self._products = array("q")
        self._schedules: list[str] = []
        self._columns: dict[str, str] = {}
        self._wide = False

    def row(self, row: ReadRow) -> Iterator[Issue]:
        self._columns = self._columns or dict(row.columns)
        yield from person_issues(row, self._setting.reference)
        days = row.keys("vaccinated_on")
        self._wide = len(days) > 1
        yield from (found for found in self._repeats.row(row) if found.code in _OF_PERSONS)
        person = person_of(row) or digest(row.number, row.digest)
        products = row.keys("product") or row.keys("maker")
        for place, key in enumerate(days):
            if self._wide and row.values.get(key) is None:
                continue
            at = products[min(place, len(products) - 1)] if products else ""
            named = row.text(at) if at else ""
            text = f"{row.text('product')} {row.text('maker')}" if not self._wide else named
            day = day_of(row.sure(key))
            self._persons.append(person)
            self._rows.append(row.number)
            self._doses.append(dose_in(row.columns[key], place + 1) if self._wide else _dose(row))
            self._days.append(day.toordinal() if day else 0)
            self._products.append(digest(plain(named)) if named else 0)
            self._schedules.append(schedule_name(text))

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        whole = self._holds_whole_courses()
        for doses in self._courses():
            yield from self._course(doses, whole)

    def _courses(self) -> Iterator[list[Dose]]:
        """The doses of each person, in the file's order."""
        order = sorted(range(len(self._persons)), key=self._persons.__getitem__)
        begin = 0
        for place in range(1, len(order) + 1):
            if place == len(order) or self._persons[order[place]] != self._persons[order[begin]]:
                yield [
                    Dose(
                        self._rows[at],
                        self._doses[at],
                        self._days[at],
                        self._products[at],
                        self._schedules[at],
                    )
                    for at in order[begin:place]
                ]
                begin = place

    def _holds_whole_courses(self) -> bool:
        """Whether the file registers whole courses, not only the doses of one day."""
        later = complete = 0
        for doses in self._courses():
            numbers = {dose.number for dose in doses}
            top = max(numbers)
            if top > 1:
                later += 1
                complete += numbers >= set(range(1, top))
        return later > 0 and complete >= WHOLE_COURSES * later

    def _course(self, doses: list[Dose], whole: bool) -> Iterator[Issue]:
        kept: dict[int, Dose] = {}
        for dose in doses:
            first = kept.get(dose.number)
            if dose.number == 0:
                continue
            if first is None:
                kept[dose.number] = dose
            elif first.day == dose.day:
                yield self._found(dose, "", "DUPLICATE_DOSE_RECORD", first=first.row)
            else:
                yield self._found(
                    dose, "dose_no", "DOSE_NUMBER_REPEATED", first=first.row, dose_no=dose.number
                )
        numbers = sorted(kept)
        if not numbers:
            return
        yield from self._gaps(kept, numbers, whole)
        schedule = schedules().get(kept[numbers[0]].schedule)
        for number in numbers:
            dose = kept[number]
            limit = schedule or schedules().get(dose.schedule)
            if limit is not None and number > limit.most_doses(dose.day):
                yield self._found(dose, "dose_no", "DOSE_EXCEEDS_SCHEDULE", dose_no=number)
        for before, after in pairwise(numbers):
            yield from self._pair(kept[before], kept[after], schedule)

    def _gaps(self, kept: dict[int, Dose], numbers: list[int], whole: bool) -> Iterator[Issue]:
        """A dose whose one before is not registered, though the person's others or all other persons' are."""
        for number in numbers:
            if number > 1 and number - 1 not in kept and (whole or any(n < number for n in numbers)):
                yield self._found(kept[number], "dose_no", "DOSE_MISSING_PREVIOUS", dose_no=number)

    def _pair(self, before: Dose, after: Dose, schedule: Schedule | None) -> Iterator[Issue]:
        """Two doses that follow one another."""
        if before.day and after.day and after.day < before.day:
            yield self._found(after, "vaccinated_on", "DOSE_ORDER_IMPOSSIBLE", dose_no=after.number)
        elif schedule is not None and before.day and after.day and after.number == before.number + 1:
            booster = after.number > schedule.primary
            least = schedule.booster_gap_days if booster else schedule.gap_days
            if after.day - before.day < least:
                yield self._found(
                    after,
                    "vaccinated_on",
                    "DOSE_INTERVAL_SHORT",
                    days=after.day - before.day,
                    least=least,
                    dose_no=after.number,
                )
        primary = schedule is None or after.number <= schedule.primary
        if primary and before.product and after.product and before.product != after.product:
            yield self._found(after, "product", "PRODUCT_MIXED", first=before.row)

    def _found(self, dose: Dose, key: str, code: str, **params: Any) -> Issue:
        column = (
            next((self._columns[at] for at in self._columns if at.split(":")[0] == key), "") if key else ""
        )
        return issue(dose.row, column, code, **params)


def _dose(row: ReadRow) -> int:
    number = number_of(row.values.get("dose_no"))
    return int(number) if number is not None and 0 < number < 100 else 0


_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "first": 1, "second": 2, "third": 3, "fourth": 4}


def dose_in(header: str, otherwise: int) -> int:
    """The dose that a column's name speaks of ("第2剂接种日期"), else ``otherwise``.

    >>> dose_in("第二剂接种日期", 1), dose_in("Date of vaccination", 3)
    (2, 3)
    """
    if found := re.search(r"\d+", header):
        return int(found[0])
    if "加强" in header or "booster" in header.casefold():
        return otherwise
    return next((number for word, number in _WORDS.items() if word in header.casefold()), otherwise)


@cache
def schedules() -> dict[str, Schedule]:
    """Schedules by name."""
    return {
        entry["name"]: Schedule(
            **{key: value for key, value in entry.items() if key not in ("words", "source")}
        )
        for entry in lexicon("vaccination_register")["schedule"]
    }


@cache
def schedule_name(text: str) -> str:
    """The name of the schedule for a product's and maker's text, "" where none is known.

    >>> schedule_name("新型冠状病毒灭活疫苗（Vero细胞） 北京生物"), schedule_name("乙肝疫苗")
    ('covid19_inactivated', '')
    """
    said = plain(text)
    if not said or any(plain(word) in said for word in lexicon("vaccination_register")["not_covid"]["words"]):
        return ""
    for entry in lexicon("vaccination_register")["schedule"]:
        if any(plain(word) in said for word in entry["words"]):
            return str(entry["name"])
    return ""
