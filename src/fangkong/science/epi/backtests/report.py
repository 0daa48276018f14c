"""What a back-test found: its data by hash, its tables, its figures, and which targets they meet.

A report holds codes and numbers. The faces turn the codes into words: ``backtests.title.<name>``,
``backtests.table.<title>``, ``backtests.column.<column>``, ``backtests.target.<name>``, and for a text cell
``backtests.value.<cell>`` where there is one (else the cell is shown as it stands: an age group, a place).
"""

from __future__ import annotations

import hashlib
import math
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

Cell = str | int | float | None

#: Version of the layout of ``BacktestReport.as_json``; it rises when a key changes its meaning.
SCHEMA = 1

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns.

    Arguments:
        title: code of the table.
        columns: code of each column.
        rows: one cell per column; None where a row has no such figure.

    Raises:
        ValueError: a row with another number of cells.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"table {self.title}: a row has {len(row)} cells for {len(self.columns)} columns"
                )


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that was promised, what it came to, and whether the promise holds.

    Arguments:
        name: code of the target.
        value: what the back-test found; NaN meets nothing.
        lower, upper: bounds that the value has to respect, both included; None where there is none.

    >>> Target("coverage_95", 0.95, 0.90, 0.98).met
    True
    """

    name: str
    value: float
    lower: float | None = None
    upper: float | None = None

    @property
    def met(self) -> bool:
        """Whether the value lies within the bounds."""
        above = self.lower is None or self.value >= self.lower
        below = self.upper is None or self.value <= self.upper
        return not math.isnan(self.value) and above and below


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """One back-test: what was run on which data, what came out, what was promised.

    Attributes:
        name: the name under which it is run.
        data: file name and SHA-256 of every file read.
        first_on, last_on: first and last day as of which an estimate was made.
        tables: the findings in full.
        figures: the findings that are quoted, by code.
        targets: what was promised.
        seconds: processor seconds of the run.
        versions: package versions by name.
    """

    name: str
    data: tuple[tuple[str, str], ...]
    first_on: date
    last_on: date
    tables: tuple[Table, ...]
    figures: dict[str, float]
    targets: tuple[Target, ...]
    seconds: float
    versions: dict[str, str] = field(default_factory=lambda: versions())

    @property
    def met(self) -> bool:
        """Whether every target is met."""
        return all(target.met for target in self.targets)

    def as_json(self) -> dict[str, object]:
        """The report as JSON types with stable keys; a figure that is not a finite number becomes None."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "data": [{"file": name, "sha256": digest} for name, digest in self.data],
            "first_on": self.first_on.isoformat(),
            "last_on": self.last_on.isoformat(),
            "tables": [
                {
                    "title": table.title,
                    "columns": list(table.columns),
                    "rows": [[_finite(cell) for cell in row] for row in table.rows],
                }
                for table in self.tables
            ],
            "figures": {name: _finite(value) for name, value in self.figures.items()},
            "targets": [
                {**asdict(target), "value": _finite(target.value), "met": target.met}
                for target in self.targets
            ],
            "met": self.met,
            "seconds": round(self.seconds, 3),
            "versions": dict(self.versions),
        }


def file_digests(paths: Iterable[Path]) -> tuple[tuple[str, str], ...]:
    """File name and SHA-256 of each file, in the order given."""
    return tuple((path.name, _sha256(path)) for path in paths)


def versions() -> dict[str, str]:
    """The versions that a figure depends on: Python, numpy, scipy, fangkong."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in ("numpy", "scipy", "fangkong")
    }


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _finite(cell: Cell) -> Cell:
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell
