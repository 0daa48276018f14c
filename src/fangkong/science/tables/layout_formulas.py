"""Simple formulas worked out again, to see whether the value a sheet shows is the one it should."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .hostile import limits
from .xlsx_sheet import column_number

#: (row, column), 1-based → the number shown; None for a cell that holds no number.
Numbers = Mapping[tuple[int, int], float | None]

_TOKEN = re.compile(
    r"\s*(?:(\$?[A-Z]{1,3}\$?\d{1,7})(?::(\$?[A-Z]{1,3}\$?\d{1,7}))?|(\d+(?:\.\d+)?)|([A-Z]+)(?=\()|([-+*/(),]))"
)
_FUNCTIONS = {"SUM", "AVERAGE", "MIN", "MAX"}
# Shown values are stored with fifteen digits.
_TOLERANCE = 1e-9
_DANGEROUS = re.compile(
    r"\||\b(?:WEBSERVICE|HYPERLINK|CALL|EXEC|REGISTER|DDE|IMPORTXML|IMPORTDATA|RTD)\s*\(", re.IGNORECASE
)
_OUTSIDE = re.compile(r"\[\d+\]|\[[^\[\]]*\.xl|'[^'\[]*\[[^\[\]]+\]", re.IGNORECASE)


class CannotWorkOut(Exception):
    """The formula uses what is not looked at here: other sheets, other functions, text, missing values."""


def reaches_outside(formula: str) -> bool:
    """Whether a formula reads another workbook."""
    return _OUTSIDE.search(formula) is not None


def is_dangerous(formula: str) -> bool:
    """Whether a formula would run a program or call an address when a spreadsheet opens it."""
    return _DANGEROUS.search(formula) is not None


def last_row(formula: str) -> int:
    """The lowest row a formula refers to."""
    return max((int(number) for number in re.findall(r"[A-Z]\$?(\d{1,7})", formula)), default=0)


def is_stale(formula: str, shown: float, numbers: Numbers) -> bool:
    """Whether ``shown`` is not what sums, differences, products and averages of ``numbers`` give.

    False too where the formula cannot be worked out here (`CannotWorkOut` inside): nothing is then said of it.

    >>> is_stale("=SUM(A1:A2)", 4, {(1, 1): 1.0, (2, 1): 2.0})
    True
    """
    try:
        value = _Formula(formula, numbers).value()
    except (CannotWorkOut, ZeroDivisionError, OverflowError, RecursionError):
        return False
    return abs(value - shown) > _TOLERANCE * max(1.0, abs(value), abs(shown))


class _Formula:
    def __init__(self, formula: str, numbers: Numbers) -> None:
        self.numbers = numbers
        self.tokens: list[tuple[str, str, str, str, str]] = []
        text = formula.removeprefix("=").strip()
        place = 0
        if len(text) > 1000:
            raise CannotWorkOut
        while place < len(text):
            match = _TOKEN.match(text, place)
            if not match:
                raise CannotWorkOut
            self.tokens.append(tuple(part or "" for part in match.groups()))  # type: ignore[arg-type]
            place = match.end()
            while place < len(text) and text[place].isspace():
                place += 1
        self.place = 0

    def value(self) -> float:
        value = self._sum()
        if self.place != len(self.tokens):
            raise CannotWorkOut
        return value

    def _sign(self) -> str:
        return self.tokens[self.place][4] if self.place < len(self.tokens) else ""

    def _sum(self) -> float:
        value = self._product()
        while (sign := self._sign()) in ("+", "-") and sign:
            self.place += 1
            value = value + self._product() if sign == "+" else value - self._product()
        return value

    def _product(self) -> float:
        value = self._factor()
        while (sign := self._sign()) in ("*", "/") and sign:
            self.place += 1
            value = value * self._factor() if sign == "*" else value / self._factor()
        return value

    def _factor(self) -> float:
        if self.place >= len(self.tokens):
            raise CannotWorkOut
        first, second, number, function, sign = self.tokens[self.place]
        self.place += 1
        if sign in ("+", "-"):
            return self._factor() if sign == "+" else -self._factor()
        if sign == "(":
            value = self._sum()
            self._expect(")")
            return value
        if number:
            return float(number)
        if function:
            return self._function(function)
        if first and not second:
            return self._one(first)
        raise CannotWorkOut

    def _expect(self, sign: str) -> None:
        if self._sign() != sign:
            raise CannotWorkOut
        self.place += 1

    def _function(self, name: str) -> float:
        if name not in _FUNCTIONS:
            raise CannotWorkOut
        self._expect("(")
        values: list[float] = []
        while True:
            first, second = self.tokens[self.place][:2] if self.place < len(self.tokens) else ("", "")
            if first and (second or self._stands_alone()):
                self.place += 1
                values += self._range(first, second or first)
            else:
                values.append(self._sum())
            if self._sign() == ",":
                self.place += 1
                continue
            self._expect(")")
            break
        if name == "SUM":
            return sum(values)
        if not values:
            raise CannotWorkOut
        return {"AVERAGE": sum(values) / len(values), "MIN": min(values), "MAX": max(values)}[name]

    def _stands_alone(self) -> bool:
        following = self.tokens[self.place + 1][4] if self.place + 1 < len(self.tokens) else ""
        return following in (",", ")")

    def _one(self, reference: str) -> float:
        number = self.numbers.get(_place(reference), 0.0)
        if number is None:
            raise CannotWorkOut
        return number

    def _range(self, first: str, last: str) -> list[float]:
        (top, left), (bottom, right) = _place(first), _place(last)
        if (bottom - top + 1) * (right - left + 1) > limits()["layout"]["formula_range_cells"]:
            raise CannotWorkOut
        places = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
        # Functions over a range pass over text and blanks; a formula never calculated has no value to add.
        return [number for place in places if (number := self._known(place)) is not None]

    def _known(self, place: tuple[int, int]) -> float | None:
        number = self.numbers.get(place)
        if number is not None and number != number:
            raise CannotWorkOut
        return number


def _place(reference: str) -> tuple[int, int]:
    match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d+)", reference)
    if not match:
        raise CannotWorkOut
    return int(match[2]), column_number(match[1])
