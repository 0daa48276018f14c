"""Requests for assistance from elsewhere: numbers that stand twice, and what each asks for, read into steps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ..parts import Issue
from .lexicon import lexicon
from .person_row import person_issues
from .person_rows import PersonRows
from .rows import ReadRow, ReadTotal, Setting, digest, plain


@dataclass(frozen=True, slots=True)
class Step:
    """One thing asked for: ``what`` is a step of ``assistance_list.toml``, with its days and its tests if named."""

    what: str
    days: int | None = None
    tests: int | None = None


class AssistanceList:
    """The check of a list of requests."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._requests: dict[int, int] = {}
        self._persons = PersonRows()

    def row(self, row: ReadRow) -> Iterator[Issue]:
        yield from person_issues(row, self._setting.reference)
        if (first := self._persons.exact(row)) is not None:
            yield row.found("", "EXACT_DUPLICATE_ROW", first=first)
            return
        number = plain(row.values.get("request_no") or "")
        if number:
            first = self._requests.setdefault(digest(number), row.number)
            if first != row.number:
                yield row.found("request_no", "DUPLICATE_REQUEST_NUMBER", first=first)
        if text := row.text("requirement"):
            steps, is_phrase = requirement(text)
            if steps and not is_phrase:
                yield row.found("requirement", "REQUIREMENT_FREE_TEXT_PARSED", steps=[s.what for s in steps])

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        return iter(())


def requirement(text: str) -> tuple[tuple[Step, ...], bool]:
    """The steps a requirement asks for, in its order, and whether it is a set phrase that needs no reading.

    >>> requirement("7天居家健康监测")
    ((Step(what='home_monitoring', days=7, tests=None),), False)
    >>> requirement("三天两检")
    ((Step(what='test', days=3, tests=2),), True)
    """
    whole = plain(text)
    if (tests := _tests(whole)) and tests[0] == whole:
        return (tests[1],), True
    if whole in _phrases():
        return (Step(_phrases()[whole]),), True
    steps: list[Step] = []
    for part in re.split(r"[,，;；、+＋。/\n]|并|后(?=[^天日])|及|and|then", text):
        clause = plain(part)
        rest = clause
        if tests := _tests(clause):
            steps.append(tests[1])
            rest = clause.replace(tests[0], "", 1)
        days = _days(rest)
        steps += [Step(what, days) for what in _words_in(rest) if what != "test" or not tests]
    return tuple(steps), False


@cache
def _phrases() -> dict[str, str]:
    return {
        plain(phrase): what
        for what, entry in lexicon("assistance_list")["steps"].items()
        for phrase in entry["phrase"]
    }


def _words_in(clause: str) -> list[str]:
    """The steps whose words stand in the clause, in its order."""
    places: dict[str, int] = {}
    for what, entry in lexicon("assistance_list")["steps"].items():
        found = [clause.find(plain(word)) for word in entry["word"] if plain(word) in clause]
        if found:
            places[what] = min(found)
    return sorted(places, key=places.__getitem__)


def _number(digits: str) -> int | None:
    return int(digits) if digits.isdigit() else lexicon("assistance_list")["digits"].get(digits)


_NUMBER = r"(\d+|[零一二两三四五六七八九十]+)"


def _tests(clause: str) -> tuple[str, Step] | None:
    """ "三天两检" within the clause, with the step it is."""
    found = re.search(_NUMBER + "[天日]" + _NUMBER + "[次]?检(?!测)", clause)
    if found is None:
        return None
    days, tests = _number(found[1]), _number(found[2])
    return found[0], Step("test", days, tests)


def _days(clause: str) -> int | None:
    found = re.search(_NUMBER + "(?:[天日]|days?)", clause)
    return _number(found[1]) if found else None
