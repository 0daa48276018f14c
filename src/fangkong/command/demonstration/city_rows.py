"""The registers of the invented city as rows of the record: areas, organisations, places, people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fangkong.core.keys import stable_key
from fangkong.record.load import Row
from fangkong.science.city import City, Outbreak
from fangkong.science.city.population import MALE

from .story import story

#: GB/T 2261.1 -> the record's letter.
_FEMALE_LETTER, _MALE_LETTER = "F", "M"

#: A child under this age has a carer: the first adult of the household.
_CARED_FOR_UNDER_YEARS = 14


def area_rows(city: City) -> list[Row]:
    """Both cities' areas from the city down to the building."""
    return [
        {"key": a.code, "name_zh": a.name_zh, "name_en": a.name_en, "population": a.population}
        for a in city.areas
    ]


def boundary_rows(city: City) -> list[Row]:
    """The outlines of cities and districts, as GeoJSON geometries in invented coordinates."""
    given = story().settings["boundaries"]
    return [
        {
            "key": a.code,
            "geometry": {"type": "Polygon", "coordinates": [[list(point) for point in a.polygon]]},
            "crs": given["crs"],
            "licence": given["licence"],
        }
        for a in city.areas
        if a.polygon
    ]


def organisation_rows(city: City) -> list[Row]:
    """Offices, health authorities, hospitals, laboratories and the rest."""
    return [
        {"key": o.key, "kind": o.kind, "name_zh": o.name_zh, "name_en": o.name_en, "area_code": o.area}
        for o in city.organisations
    ]


def place_rows(city: City) -> list[Row]:
    """Places where people meet."""
    return [
        {
            "key": p.key,
            "kind": p.kind,
            "name_zh": p.name_zh,
            "name_en": p.name_en,
            "area_code": p.area,
            "organisation_key": p.organisation,
        }
        for p in city.places
    ]


def person_rows(city: City) -> Iterator[Row]:
    """Every person, without a name; children name their carer."""
    people, households = city.people, city.households
    year = story().opens_at.year
    head = people.key[households.first_person[people.household]]
    columns = (people.key, people.sex, people.birth_year, people.occupation, head)
    for key, sex, birth_year, occupation, carer in zip(*(column.tolist() for column in columns), strict=True):
        cared_for = year - birth_year < _CARED_FOR_UNDER_YEARS and carer != key
        yield {
            "key": key,
            "sex": _MALE_LETTER if sex == MALE else _FEMALE_LETTER,
            "birth_year": birth_year,
            "occupation": occupation,
            "carer_key": carer if cared_for else "",
        }


def tie_rows(city: City) -> Iterator[Row]:
    """Where each person lives, and where they work or learn, in the neighbouring city too."""
    people = city.people
    columns = (people.key, people.home, people.work_area)
    for key, home, work in zip(*(column.tolist() for column in columns), strict=True):
        yield {"key": f"home-{key}", "person_key": key, "kind": "home", "area_code": home}
        if work:
            yield {"key": f"work-{key}", "person_key": key, "kind": "work", "area_code": work}


def household_rows(city: City) -> list[Row]:
    """Households by building."""
    pairs = zip(city.households.key.tolist(), city.households.building.tolist(), strict=True)
    return [{"key": key, "area_code": building} for key, building in pairs]


def member_rows(city: City) -> Iterator[Row]:
    """Who lives with whom."""
    households = city.households.key[city.people.household].tolist()
    for person, household in zip(city.people.key.tolist(), households, strict=True):
        yield {"key": f"member-{person}", "person_key": person, "household_key": household}


def identities(city: City, outbreak: Outbreak) -> Iterable[tuple[str, Mapping[str, str]]]:
    """(person key, name, number, phone, address) of everybody in the outbreak and of some others.

    Sealing costs about a millisecond a person, so the many who never occur in the outbreak stay nameless.
    """
    wanted = {case.person_index for case in outbreak.cases}
    wanted |= {contact.person_index for contact in outbreak.contacts}
    others = story().settings["identities"]["others"]
    wanted |= set(range(0, len(city.people), max(1, len(city.people) // others)))
    for index in sorted(wanted):
        who = city.identity(index)
        yield (
            str(city.people.key[index]),
            {
                "name": who.name_zh,
                "id_number": who.id_number,
                "phone": who.phone,
                "address": who.address_zh,
            },
        )


def source_key(seed: int, population: int) -> str:
    """The key of the paper that stands for the source of every row."""
    return stable_key("document", "demonstration", seed, population)
