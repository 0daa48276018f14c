"""Parameters read from TOML files in which every entry carries its unit and its source."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Parameters:
    """Named values, each with unit and source.

    Args:
        entries: from dotted name to a mapping with ``value``, ``unit`` and ``source``.

    Raises:
        ValueError: an entry lacks its value, unit or source.
    """

    def __init__(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        for name, entry in entries.items():
            missing = {"value", "unit", "source"} - entry.keys()
            if missing:
                raise ValueError(f"parameter {name} lacks {', '.join(sorted(missing))}: add it to its line")
        self._entries = entries

    def _value(self, name: str) -> Any:
        if name not in self._entries:
            raise KeyError(f"no parameter {name}: known are {', '.join(sorted(self._entries))}")
        return self._entries[name]["value"]

    def number(self, name: str) -> float:
        """One real number."""
        return float(self._value(name))

    def integer(self, name: str) -> int:
        """One whole number."""
        return int(self._value(name))

    def span(self, name: str) -> tuple[int, int]:
        """The lower and the upper end of a range of whole numbers."""
        low, high = self._value(name)
        return int(low), int(high)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A row of real numbers."""
        return np.asarray(self._value(name), dtype=np.float64)

    def weights(self, name: str) -> NDArray[np.float64]:
        """A row of weights scaled to the sum one."""
        row = self.numbers(name)
        return row / row.sum()

    def table(self, name: str) -> dict[str, float]:
        """Real numbers by code."""
        return {code: float(value) for code, value in self._value(name).items()}

    def pairs(self, name: str) -> list[tuple[float, float]]:
        """Rows of two real numbers."""
        return [(float(first), float(second)) for first, second in self._value(name)]

    def hours(self, name: str, code: str) -> tuple[float, float]:
        """From and to, in hours, of one code of a table."""
        low, high = self._value(name)[code]
        return float(low), float(high)

    def day(self, name: str) -> date:
        """A civil date."""
        return date.fromisoformat(self._value(name))

    def step(self, name: str, day: int) -> float:
        """The value in force on a day, from rows of (first day, value) in ascending order of day."""
        current = 0.0
        for first_day, value in self._value(name):
            if day >= first_day:
                current = float(value)
        return current


def read_toml(filename: str) -> dict[str, Any]:
    """The content of a TOML file of this package."""
    return tomllib.loads(resources.files(__package__).joinpath(filename).read_text(encoding="utf-8"))


@cache
def parameters(filename: str) -> Parameters:
    """The parameters of one TOML file of this package, read once."""
    return Parameters(read_toml(filename))
