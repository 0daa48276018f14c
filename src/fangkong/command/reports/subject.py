"""Which disease and area a report speaks of when nobody says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Q

from fangkong.core.areas import canonical_code, level_of
from fangkong.core.errors import InputError
from fangkong.desks.assess import queries as assess
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Case, DailyCount

#: Digits of a city's code: cases alone suggest no area narrower.
_CITY = 4


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """The disease code and the area code that a report speaks of."""

    disease: str
    area_code: str


def report_subject(
    *, actor: Actor, at: datetime, disease: str | None = None, area_code: str | None = None
) -> ReportSubject:
    """What is asked for, filled up with what the installation (or its record) speaks of.

    A disease or area alone is filled up with the installation's choice where the record has figures of both,
    else with where (or of what) it has figures: nobody asks for MERS to read that the city has none.
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
    filled = ReportSubject(disease or found.disease, area_code or found.area_code)
    if filled == ReportSubject(found.disease, found.area_code) or _groups(filled, actor, at):
        return filled
    return _spoken_of(disease or "", area_code or "", actor, at) or filled


@dataclass(frozen=True, slots=True)
class _Group:
    """The figures, or the cases, of one disease in one area."""

    disease: str
    area_code: str
    last_day: date
    rows: int
    published: bool


def _groups(asked: ReportSubject, actor: Actor, at: datetime) -> list[_Group]:
    """What the record holds of a disease ("" for any) inside an area ("" for any); two queries."""
    inside = Q(disease=asked.disease) if asked.disease else Q()
    if asked.area_code:
        inside &= inside_area(asked.area_code)
    counts = visible(DailyCount.objects.known_at(at).filter(inside), actor).order_by()
    cases = visible(Case.objects.known_at(at).filter(inside), actor).order_by()
    found = []
    for rows, day, published in ((counts, "day", True), (cases, "reported_on", False)):
        grouped = rows.values_list("disease", "area_code").annotate(Max(day), Count("pk"))
        found += [_Group(disease, code, last, n, published) for disease, code, last, n in grouped]
    return found


def _spoken_of(disease: str, area_code: str, actor: Actor, at: datetime) -> ReportSubject | None:
    """The latest disease of those that fit, in the widest area with figures, else where most cases are."""
    found = _groups(ReportSubject(disease, area_code), actor, at)
    if not found:
        return None
    latest = min(found, key=lambda group: (-group.last_day.toordinal(), group.disease)).disease
    mine = [group for group in found if group.disease == latest]
    if area_code:
        return ReportSubject(latest, area_code)
    if figures := [group for group in mine if group.published]:
        widest = min(figures, key=lambda g: (-g.last_day.toordinal(), len(g.area_code), -g.rows, g.area_code))
        return ReportSubject(latest, widest.area_code)
    cities: Counter[str] = Counter()
    for group in mine:
        cities[group.area_code[:_CITY] if group.area_code.isdigit() else group.area_code] += group.rows
    return ReportSubject(latest, min(cities, key=lambda code: (-cities[code], code)))


def area_reader(area_code: str) -> Actor:
    """The report's own eye on one area: the same paper for whoever may read it, whatever else they may see.

    It reads counts and case numbers of the area; nothing that names or keys a person leaves a report.
    """
    permissions = frozenset({"board.read", "case.read", "contact.read", "order.read", "task.read"})
    return Actor("system:report", "system", area_code, permissions, "no")
