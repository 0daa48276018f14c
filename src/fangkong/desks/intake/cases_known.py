"""Cases that the record holds already, found by the number that the files use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fangkong.record.access import Actor, visible
from fangkong.record.columns import present
from fangkong.record.models import Case

from .defects import held


@dataclass(frozen=True)
class KnownCase:
    """A case of the record: its keys, where it is counted, since when it is known."""

    key: str
    person_key: str
    area_code: str
    known_from: datetime


class KnownCases:
    """The cases of one disease under some case numbers, as far as the actor may see them."""

    def __init__(self, disease: str, case_numbers: Iterable[str], actor: Actor) -> None:
        self._cases: dict[str, dict[str, KnownCase]] = {}
        # A bare look at the index of numbers first: asked for number and disease at once, SQLite reads all cases of
        # the disease, and most rows of a file are new.
        wanted = sorted(present(Case, "case_no", sorted(set(case_numbers))))
        for start in range(0, len(wanted), 500):
            rows = Case.objects.filter(disease=disease, case_no__in=wanted[start : start + 500])
            for case_no, *rest in (
                visible(rows, actor)
                .order_by("-known_from")
                .values_list("case_no", "key", "person_key", "area_code", "known_from")
            ):
                # Newest first, so that the earliest version stays: since when the office knows the case.
                self._cases.setdefault(case_no, {})[rest[0]] = KnownCase(*rest)

    def any(self, case_no: str) -> bool:
        """True when some case in sight has the number."""
        return case_no in self._cases

    def get(self, case_no: str, column: str) -> KnownCase | None:
        """The case, or None when there is none in sight. Raises Defect when two cases share the number."""
        found = list(self._cases.get(case_no, {}).values())
        if len(found) > 1:
            raise held("ambiguous_case", column, cases=len(found))
        return found[0] if found else None

    def need(self, case_no: str, column: str) -> KnownCase:
        """The case. Raises Defect when it is not in sight: the row waits until its case is received."""
        case = self.get(case_no, column)
        if case is None:
            raise held("unknown_case", column)
        return case
