"""Why a row is not taken: held for a person to judge, or rejected for the sender to correct."""

from __future__ import annotations

from typing import Any

HELD = "held"
REJECTED = "rejected"


class Defect(Exception):
    """A row's reason with the column it stands in; ``params`` hold nothing of the row's content."""

    def __init__(self, outcome: str, reason: str, column: str = "", **params: Any) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.column, self.params = outcome, reason, column, params


def held(reason: str, column: str = "", **params: Any) -> Defect:
    """A defect that a person can resolve: the row may be right."""
    return Defect(HELD, reason, column, **params)


def rejected(reason: str, column: str = "", **params: Any) -> Defect:
    """A defect that only the sender can correct: the row cannot be right as it stands."""
    return Defect(REJECTED, reason, column, **params)
