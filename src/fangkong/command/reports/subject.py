"""Which disease and area a report speaks of when nobody says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fangkong.core.areas import canonical_code, level_of
from fangkong.core.errors import InputError
from fangkong.desks.assess import queries as assess
from fangkong.record.access import Actor


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """The disease code and the area code that a report speaks of."""

    disease: str
    area_code: str


def report_subject(
    *, actor: Actor, at: datetime, disease: str | None = None, area_code: str | None = None
) -> ReportSubject:
    """What is asked for, filled up with what the installation (or its record) speaks of.

    Raises InputError ``report.bad_area`` for a code of no level and ``report.no_subject`` when nothing was
    asked for and the record holds nothing yet.
    """
    if area_code is not None:
        area_code = canonical_code(area_code)
        try:
            level_of(area_code)
        except ValueError:
            raise InputError("report.bad_area", area=area_code) from None
    if disease and area_code:
        return ReportSubject(disease, area_code)
    found = assess.subject_default(actor=actor, at=at)
    if found is None:
        raise InputError("report.no_subject")
    return ReportSubject(disease or found.disease, area_code or found.area_code)


def area_reader(area_code: str) -> Actor:
    """The report's own eye on one area: the same paper for whoever may read it, whatever else they may see.

    It reads counts and case numbers of the area; nothing that names or keys a person leaves a report.
    """
    permissions = frozenset({"board.read", "case.read", "contact.read", "order.read", "task.read"})
    return Actor("system:report", "system", area_code, permissions, "no")
