"""Units in which cases may cluster, as the record knows them: household, place, organisation, area by its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db.models import QuerySet

from fangkong.core.areas import LEVEL_BY_LENGTH
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Case, Household, HouseholdMember, Organisation, Place

from .cluster_rows import UnitKind, dated_by

#: Keys asked for in one query.
_SLICE = 500


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: what it is in the record (``by``), its key or area code, and the area where it stands."""

    by: str
    key: str
    area_code: str


@dataclass(frozen=True, slots=True)
class ClusterCase:
    """What a cluster needs of a case; ``day`` is the first of its days that is known."""

    key: str
    person_key: str
    area_code: str
    place_key: str
    classification: str
    day: date


def cases_of(rows: QuerySet[Case]) -> list[ClusterCase]:
    """The rows as cluster cases, the earliest day first."""
    names = ("key", "person_key", "area_code", "place_key", "classification")
    found = [
        ClusterCase(key, person, area, place, classification, next(day for day in days if day))
        for key, person, area, place, classification, *days in rows.values_list(*names, *dated_by())
    ]
    return sorted(found, key=lambda case: (case.day, case.key))


def known_cases(disease: str, since: date, *, actor: Actor, at: datetime) -> QuerySet[Case]:
    """The cases of ``disease`` known at ``at`` that may have begun on ``since`` or later."""
    # A case is reported on its day or later, and the index is on the day of the report.
    return visible(Case.objects.known_at(at), actor, at=at).filter(disease=disease, reported_on__gte=since)


def cases_in(unit: Unit, disease: str, since: date, *, actor: Actor, at: datetime) -> list[ClusterCase]:
    """The cases of ``disease`` in the unit known at ``at`` and reported on ``since`` or later, the earliest first."""
    if unit.by == "area":
        return cases_of(known_cases(disease, since, actor=actor, at=at).filter(inside_area(unit.key)))
    if unit.by == "household":
        return _of_household(unit.key, disease, since, actor, at)
    places = [unit.key]
    if unit.by == "organisation":
        kept = Place.objects.known_at(at).filter(organisation_key=unit.key)
        places = list(kept.values_list("key", flat=True))
    row_ids = list(Case.objects.filter(place_key__in=places).values_list("pk", flat=True))
    return [case for case in _of_rows(row_ids, disease, since, actor, at) if case.place_key in places]


def _of_household(
    household_key: str, disease: str, since: date, actor: Actor, at: datetime
) -> list[ClusterCase]:
    members = HouseholdMember.objects.known_at(at).filter(household_key=household_key)
    spans = list(members.values_list("person_key", "from_on", "to_on"))
    people = [person for person, _, _ in spans]
    row_ids = list(Case.objects.filter(person_key__in=people).values_list("pk", flat=True))
    lived = [(person, from_on or date.min, to_on or date.max) for person, from_on, to_on in spans]
    return [
        case
        for case in _of_rows(row_ids, disease, since, actor, at)
        if any(case.person_key == person and first <= case.day <= last for person, first, last in lived)
    ]


def _of_rows(row_ids: list[int], disease: str, since: date, actor: Actor, at: datetime) -> list[ClusterCase]:
    """Those of these rows that are known and asked for.

    By row id alone: with disease and day in the condition SQLite walks every case since that day instead.
    """
    found: list[int] = []
    for start in range(0, len(row_ids), _SLICE):
        rows = visible(Case.objects.filter(pk__in=row_ids[start : start + _SLICE]), actor, at=at)
        facts = rows.values_list("pk", "disease", "reported_on", "known_from", "known_to")
        found += [
            pk
            for pk, of, day, since_at, until in facts
            if of == disease and day >= since and since_at <= at < until
        ]
    cases = [
        case
        for start in range(0, len(found), _SLICE)
        for case in cases_of(Case.objects.filter(pk__in=found[start : start + _SLICE]))
    ]
    return sorted(cases, key=lambda case: (case.day, case.key))


class UnitsOfCases:
    """The units of a number of cases, read in a few queries whatever their number."""

    def __init__(self, cases: Iterable[ClusterCase], *, at: datetime) -> None:
        listed = list(cases)
        self._places = _places({case.place_key for case in listed} - {""}, at)
        organisations = {place[2] for place in self._places.values()} - {""}
        self._organisations = _organisations(organisations, at)
        self._households = _households({case.person_key for case in listed}, at)

    def find(self, case: ClusterCase, kind: UnitKind) -> Unit | None:
        """The unit of this kind that the case belongs to, None where the record knows none."""
        if kind.by == "area":
            length = _length_of(kind.level)
            code = case.area_code[:length]
            return Unit("area", code, code) if len(code) == length and code.isdigit() else None
        if kind.by == "household":
            for key, area_code, from_on, to_on in self._households.get(case.person_key, ()):
                if (from_on is None or from_on <= case.day) and (to_on is None or case.day <= to_on):
                    return Unit("household", key, area_code or case.area_code)
            return None
        place = self._places.get(case.place_key)
        if place is None:
            return None
        place_kind, area_code, organisation_key = place
        if kind.by == "place":
            return Unit("place", case.place_key, area_code) if _is(place_kind, kind) else None
        organisation = self._organisations.get(organisation_key)
        if organisation is None or not _is(organisation[0], kind):
            return None
        return Unit("organisation", organisation_key, organisation[1])


def _is(kind: str, wanted: UnitKind) -> bool:
    return not wanted.kinds or kind in wanted.kinds


@cache
def _length_of(level: str) -> int:
    return next(length for length, name in LEVEL_BY_LENGTH.items() if name == level)


def _places(keys: set[str], at: datetime) -> dict[str, tuple[str, str, str]]:
    found = {}
    for some in _sliced(keys):
        rows = Place.objects.known_at(at).filter(key__in=some)
        for key, kind, area_code, organisation in rows.values_list(
            "key", "kind", "area_code", "organisation_key"
        ):
            found[key] = (kind, area_code, organisation)
    return found


def _organisations(keys: set[str], at: datetime) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for some in _sliced(keys):
        rows = Organisation.objects.known_at(at).filter(key__in=some)
        found |= {key: (kind, code) for key, kind, code in rows.values_list("key", "kind", "area_code")}
    return found


def _households(people: set[str], at: datetime) -> dict[str, list[tuple[str, str, date | None, date | None]]]:
    members: list[tuple[str, str, date | None, date | None]] = []
    areas: dict[str, str] = {}
    for some in _sliced(people):
        rows = HouseholdMember.objects.known_at(at).filter(person_key__in=some)
        members += rows.values_list("person_key", "household_key", "from_on", "to_on")
    for some in _sliced({member[1] for member in members}):
        areas |= dict(Household.objects.known_at(at).filter(key__in=some).values_list("key", "area_code"))
    found: dict[str, list[tuple[str, str, date | None, date | None]]] = {}
    for person, household, from_on, to_on in sorted(members, key=lambda member: member[:2]):
        found.setdefault(person, []).append((household, areas.get(household, ""), from_on, to_on))
    return found


def _sliced(keys: set[str]) -> Iterable[list[str]]:
    ordered = sorted(keys)
    return (ordered[start : start + _SLICE] for start in range(0, len(ordered), _SLICE))
