"""Why a row is not taken: held for a person to judge, or rejected for the sender to correct."""

from __future__ import annotations

from typing import Any

HELD = "held"
#: The row is in the record, the name is not: no rule lets the office hold it.
WITHOUT_NAME = "without_name"
REJECTED = "rejected"

#: Reasons that another file, or a new name of an area, may have removed since: such a row is decided again
#: when its file comes again.
MAY_PASS = frozenset(
    {
        "unknown_case",
        "ambiguous_case",
        "unknown_person",
        "ambiguous_person",
        "unknown_area",
        "area_unset",
        "ambiguous_area",
        "future_date",
    }
)


class Defect(Exception):
    """A row's reason with the column it stands in; ``params`` hold nothing of the row's content."""

    def __init__(self, outcome: str, reason: str, column: str = "", **params: Any) -> None:
        super().__init__(reason)
        self.outcome, self.reason, self.column, self.params = outcome, reason, column, params
        #: What is staged of a row that waits for another file; never anything that tells who somebody is.
        self.kept: dict[str, Any] | None = None


def held(reason: str, column: str = "", **params: Any) -> Defect:
    """A defect that a person can resolve: the row may be right."""
    return Defect(HELD, reason, column, **params)


def rejected(reason: str, column: str = "", **params: Any) -> Defect:
    """A defect that only the sender can correct: the row cannot be right as it stands."""
    return Defect(REJECTED, reason, column, **params)
