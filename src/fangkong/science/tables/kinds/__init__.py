"""The checks of each kind of file: cells of a row against one another, rows against rows, days against days."""

from __future__ import annotations

from collections.abc import Callable

from .assistance_list import AssistanceList
from .beds import Beds
from .contact_ledger import ContactLedger
from .daily_counts import DailyCounts
from .journeys import Journeys
from .lab_results import LabResults
from .line_list import LineList
from .rows import Check, Setting
from .screening_crosstab import ScreeningCrosstab
from .supplies import Supplies
from .vaccination_register import VaccinationRegister

#: The check of each kind that has one.
CHECKS: dict[str, Callable[[Setting], Check]] = {
    "contact_ledger": ContactLedger,
    "line_list": LineList,
    "lab_results": LabResults,
    "screening_crosstab": ScreeningCrosstab,
    "assistance_list": AssistanceList,
    "arrivals": Journeys,
    "checkpoint": Journeys,
    "beds": Beds,
    "vaccination_register": VaccinationRegister,
    "supplies": Supplies,
    "daily_counts": DailyCounts,
}

__all__ = ["CHECKS", "Check", "Setting"]
