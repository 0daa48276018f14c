"""The annotation of the five pages: what each says clause by clause, and what its day has to show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.command.models import Clause

TASK_CLASSES = ("decision", "standing_duty")

#: The five, by the day on which their meeting was held.
SEEDS = ("S3", "S0", "S2", "S4", "S1")


@dataclass(frozen=True)
class Seed:
    """One page: its file, the annotation of its clauses, comments and day."""

    name: str
    path: Path
    day: date
    clauses: Mapping[str, Mapping[str, Any]]
    feedback: tuple[Mapping[str, Any], ...]
    must_show: tuple[Mapping[str, str], ...]
    #: The level that met first: city or province.
    issuing_level: str

    def asked(self) -> dict[str, Mapping[str, Any]]:
        """The decisions and duties of the page, no heading and no repetition among them."""
        return {
            key: clause
            for key, clause in self.clauses.items()
            if clause["class"] in TASK_CLASSES
            and not clause.get("is_heading")
            and not clause.get("duplicate_of")
        }


def seeds(real_data: Path) -> dict[str, Seed]:
    """Name -> page, for those whose files lie beside the annotation."""
    return _seeds(real_data)


@cache
def _seeds(real_data: Path) -> dict[str, Seed]:
    read = json.loads((real_data / "minutes" / "seeds.json").read_text(encoding="utf-8"))
    return {
        each["seed"]: Seed(
            each["seed"],
            real_data.parent / "seeds" / each["file"],
            date.fromisoformat(each["day"]["as_of"]),
            {clause["id"]: clause for clause in each["clauses"]},
            tuple(each["feedback"]),
            tuple(each["day"]["must_show"]),
            each["meetings"][0]["issuing_level"],
        )
        for each in read["seeds"]
    }


def overlap(clause: Clause, span: list[int]) -> int:
    """How many characters of the text both hold."""
    return max(0, min(clause.span_end, span[1]) - max(clause.span_start, span[0]))


def of_gold(clauses: list[Clause], gold: Mapping[str, Any]) -> list[Clause]:
    """The clauses that hold words of the annotated one, the one with the most of them first."""
    shared = [(overlap(clause, gold["span"]), clause) for clause in clauses]
    return [clause for n, clause in sorted(shared, key=lambda pair: -pair[0]) if n]
