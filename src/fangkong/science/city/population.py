"""The demonstration city: areas, households, people, places and organisations, all invented.

Design: people stand in columns, ordered by household, households by building, buildings by code, so that
every area is one contiguous range of people. Everything follows from (seed, population); identities are made
one at a time when they are asked for.
"""

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fangkong.science.city.areas import (
    LEVELS,
    Area,
    Site,
    city_sites,
    district_sites,
    drawn_map,
    gazetteer,
    sites_below,
)
from fangkong.science.city.employment import assign_work
from fangkong.science.city.identity import Identity, compose
from fangkong.science.city.keys import opaque_keys
from fangkong.science.city.parameters import Parameters, parameters
from fangkong.science.city.places import Organisation, Place, build_places
from fangkong.science.city.shapes import Ring

MALE, FEMALE = 1, 2  # GB/T 2261.1


@dataclass(frozen=True, eq=False)
class Households:
    """Households in columns, shape (households,).

    Attributes:
        key: opaque.
        building: 18-digit code.
        first_person: index of the first member; members are contiguous.
        size: members.
    """

    key: NDArray[np.str_]
    building: NDArray[np.str_]
    first_person: NDArray[np.int64]
    size: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, eq=False)
class People:
    """People in columns, shape (people,).

    Attributes:
        key: opaque, "P" and ten base-32 characters.
        sex: 1 male, 2 female (GB/T 2261.1).
        birth_year: calendar year.
        household: index into households.
        home: 18-digit code of the building.
        work_place: index into places of the workplace or school, -1 for none.
        work_area: 12-digit code of that place's community, empty for none.
        occupation: kindergarten_child, scattered_child, student, worker, office, commerce, caterer,
            health_worker, teacher, driver, farmer, retired or unemployed.
        usual_market: index into places.
    """

    key: NDArray[np.str_]
    sex: NDArray[np.int8]
    birth_year: NDArray[np.int16]
    household: NDArray[np.int64]
    home: NDArray[np.str_]
    work_place: NDArray[np.int64]
    work_area: NDArray[np.str_]
    occupation: NDArray[np.str_]
    usual_market: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.key)


@dataclass(frozen=True, eq=False)
class City:
    """A fictional city and its neighbour.

    Attributes:
        seed, population: what it was built from; ``population`` counts the people of both cities.
        code, neighbour_code: the city itself and the neighbour where some of its people work.
        areas: both trees in order of code.
        river: line of (lon, lat) between the northern and the southern districts, with its names.
        households, people: columns. places, organisations: rows.
        person_district: shape (people,), index into ``district_codes``.
    """

    seed: int
    population: int
    code: str
    neighbour_code: str
    areas: tuple[Area, ...]
    river: Ring
    river_name_zh: str
    river_name_en: str
    households: Households
    people: People
    places: tuple[Place, ...]
    organisations: tuple[Organisation, ...]
    district_codes: tuple[str, ...]
    person_district: NDArray[np.int64]

    @cached_property
    def _area_by_code(self) -> dict[str, Area]:
        return {area.code: area for area in self.areas}

    def area(self, code: str) -> Area:
        """The area of a code.

        Raises:
            KeyError: no such area in the two cities.
        """
        if code not in self._area_by_code:
            raise KeyError(f"no area {code} in the demonstration cities: their codes begin with 9901 or 9902")
        return self._area_by_code[code]

    def children(self, code: str) -> tuple[Area, ...]:
        """The areas one level below, in order of code."""
        return tuple(area for area in self.areas if area.parent == code)

    @cached_property
    def _rank(self) -> NDArray[np.int64]:
        people = self.people
        order = np.lexsort((people.sex, people.birth_year, self.person_district))
        group = np.stack([self.person_district[order], people.birth_year[order], people.sex[order]])
        new = np.ones(len(order), dtype=bool)
        new[1:] = np.any(group[:, 1:] != group[:, :-1], axis=0)
        starts = np.flatnonzero(new)
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - starts[np.cumsum(new) - 1]
        return rank

    def identity(self, index: int) -> Identity:
        """The invented identity of a person, made when asked for.

        Args:
            index: 0 <= index < number of people.

        Raises:
            IndexError: outside that range.
        """
        if not 0 <= index < len(self.people):
            raise IndexError(f"person {index} is not in this city: it has people 0 to {len(self.people) - 1}")
        home = str(self.people.home[index])
        address = "".join(self.area(home[:length]).name_zh for length in LEVELS)
        return compose(
            seed=self.seed,
            index=index,
            rank=int(self._rank[index]),
            male=int(self.people.sex[index]) == MALE,
            birth_year=int(self.people.birth_year[index]),
            district=home[:6],
            address_zh=address,
        )

    def geojson(self, level: str = "district") -> dict[str, Any]:
        """The areas of one level as a GeoJSON FeatureCollection: polygons where drawn, else points.

        Args:
            level: city, district, street, community, compound or building.

        Raises:
            ValueError: another word.
        """
        if level not in LEVELS.values():
            raise ValueError(f"no level {level!r}: choose {', '.join(LEVELS.values())}")
        return {
            "type": "FeatureCollection",
            "features": [_feature(a) for a in self.areas if a.level == level],
        }

    def river_geojson(self) -> dict[str, Any]:
        """The river as a GeoJSON Feature."""
        return {
            "type": "Feature",
            "properties": {"name_zh": self.river_name_zh, "name_en": self.river_name_en},
            "geometry": {"type": "LineString", "coordinates": [list(point) for point in self.river]},
        }

    def digest(self) -> str:
        """SHA-256 of everything in the city: equal digests mean equal cities."""
        total = hashlib.sha256(repr((self.seed, self.population, self.areas, self.river)).encode())
        total.update(repr((self.places, self.organisations)).encode())
        for columns in (self.households, self.people):
            for column in fields(columns):
                total.update(np.ascontiguousarray(getattr(columns, column.name)).tobytes())
        return total.hexdigest()


def _feature(area: Area) -> dict[str, Any]:
    if area.polygon:
        geometry: dict[str, Any] = {
            "type": "Polygon",
            "coordinates": [[list(point) for point in area.polygon]],
        }
    else:
        geometry = {"type": "Point", "coordinates": [area.lon, area.lat]}
    properties = {
        "code": area.code,
        "name_zh": area.name_zh,
        "name_en": area.name_en,
        "level": area.level,
        "population": area.population,
    }
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _shares(population: int) -> NDArray[np.int64]:
    weights = np.array([row["people"] for row in gazetteer()["district"]])
    edges = np.round(np.cumsum(weights / weights.sum()) * population).astype(np.int64)
    return np.diff(edges, prepend=0)


def _household_sizes(people: int, given: Parameters, rng: np.random.Generator) -> NDArray[np.int64]:
    weights = given.weights("household.size_weights")
    sizes = rng.choice(np.arange(1, len(weights) + 1), size=people, p=weights)
    count = int(np.searchsorted(np.cumsum(sizes), people)) + 1
    sizes = sizes[:count]
    sizes[-1] -= int(sizes.sum()) - people
    return sizes.astype(np.int64)


def _ages(sizes: NDArray[np.int64], given: Parameters, rng: np.random.Generator) -> NDArray[np.int64]:
    household = np.repeat(np.arange(len(sizes)), sizes)
    position = np.arange(len(household)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    low, high = given.span("household.head_age_years")
    gap_low, gap_high = given.span("household.parent_gap_years")
    head = rng.integers(low, high + 1, len(sizes))
    # a household of three and more has a head of an age to have children at home
    middle = low + (high - low) // 2
    head = np.where(sizes > 2, rng.integers(gap_low + 2, middle + 1, len(sizes)), head)[household]
    gap = rng.integers(gap_low, gap_high + 1, len(household))
    partner = head + np.round(rng.normal(0.0, given.number("household.partner_gap_sd_years"), len(household)))
    child = np.floor(rng.random(len(household)) * (head - gap_low + 1))
    grandparent = head + gap
    older = rng.random(len(household)) < given.number("household.grandparent_weight")
    age = np.where(position == 0, head, np.where(position == 1, partner, child))
    age = np.where((position >= 3) & older, grandparent, age)
    return np.clip(age, np.where(position < 2, low, 0), given.integer("household.oldest_years")).astype(
        np.int64
    )


def _buildings_of(
    households: int, blocks: list[Site], given: Parameters, rng: np.random.Generator
) -> NDArray[np.int64]:
    spread = given.number("area.building_spread")
    edges = np.cumsum(rng.uniform(1 - spread, 1 + spread, len(blocks)))
    return np.searchsorted(edges / edges[-1], (np.arange(households) + 0.5) / households).astype(np.int64)


def city(seed: int, population: int) -> City:
    """A fictional city with its neighbour, the same for the same arguments, byte for byte.

    Args:
        seed: any whole number from 0.
        population: people of both cities together, at least the smallest of ``city.toml``.

    Returns:
        The city 9901 (Linjiang) and its neighbour 9902 (Zenan). No person, name, number or place is real.

    Raises:
        ValueError: the seed is negative or the population too small.

    >>> small = city(1, 2_000)
    >>> len(small.people), small.area("990105").name_zh
    (2000, '柳堤区')
    """
    given = parameters("city.toml")
    if seed < 0:
        raise ValueError(f"the seed is {seed}: give a whole number from 0")
    smallest = given.integer("city.smallest_population")
    if population < smallest:
        raise ValueError(f"a population of {population} is too small: give at least {smallest}")
    rng = np.random.default_rng(np.random.SeedSequence([seed, population]))
    districts = district_sites()
    cities = city_sites(districts)
    residents = _shares(population)
    below: dict[str, list[Site]] = {}
    blocks: list[Site] = []
    building_parts, size_parts, age_parts = [], [], []
    for district, count in zip(districts, residents.tolist(), strict=True):
        below[district.code], own = sites_below(district, count, given, rng)
        sizes = _household_sizes(count, given, rng)
        building_parts.append(len(blocks) + _buildings_of(len(sizes), own, given, rng))
        size_parts.append(sizes)
        age_parts.append(_ages(sizes, given, rng))
        blocks += own
    sizes, age = np.concatenate(size_parts), np.concatenate(age_parts)
    building = np.concatenate(building_parts)
    household = np.repeat(np.arange(len(sizes)), sizes)
    building_codes = np.array([site.code for site in blocks])
    home = building_codes[building[household]]
    district_of = np.repeat(np.arange(len(districts)), residents)
    places, organisations = build_places(
        seed=seed, cities=cities, districts=districts, below=below, people=residents, given=given, rng=rng
    )
    work = assign_work(
        age=age,
        district=district_of,
        district_codes=[s.code for s in districts],
        places=places,
        given=given,
        rng=rng,
    )
    position = np.arange(population) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    sex = np.where(rng.random(population) < 0.5, MALE, FEMALE)
    # the second adult of a household is of the other sex than the first: couples
    head_sex = sex[(np.cumsum(sizes) - sizes)[household]]
    sex = np.where(position == 1, MALE + FEMALE - head_sex, sex).astype(np.int8)
    people = People(
        key=opaque_keys("P", seed, np.arange(population)),
        sex=sex,
        birth_year=(given.integer("city.reference_year") - age).astype(np.int16),
        household=household,
        home=home,
        work_place=work.place,
        work_area=work.area,
        occupation=work.occupation,
        usual_market=work.usual_market,
    )
    households = Households(
        key=opaque_keys("H", seed, np.arange(len(sizes))),
        building=building_codes[building],
        first_person=np.cumsum(sizes) - sizes,
        size=sizes,
    )
    sites = sorted(
        [*cities, *districts, *(s for part in below.values() for s in part), *blocks], key=lambda s: s.code
    )
    river = gazetteer()["map"]["river"]
    return City(
        seed=seed,
        population=population,
        code=cities[0].code,
        neighbour_code=cities[1].code,
        areas=_areas(sites, home),
        river=drawn_map().river,
        river_name_zh=river["name_zh"],
        river_name_en=river["name_en"],
        households=households,
        people=people,
        places=places,
        organisations=organisations,
        district_codes=tuple(site.code for site in districts),
        person_district=district_of,
    )


def _areas(sites: list[Site], home: NDArray[np.str_]) -> tuple[Area, ...]:
    lengths = list(LEVELS)
    # homes are in ascending order of code, so an area is a range
    rows = []
    lows = np.searchsorted(home, [site.code for site in sites])
    highs = np.searchsorted(home, [site.code + ":" for site in sites])  # ":" sorts just after "9"
    for site, low, high in zip(sites, lows.tolist(), highs.tolist(), strict=True):
        level = lengths.index(len(site.code))
        rows.append(
            Area(
                code=site.code,
                name_zh=site.name_zh,
                name_en=site.name_en,
                level=LEVELS[len(site.code)],
                parent=site.code[: lengths[level - 1]] if level else "",
                population=high - low,
                lon=site.point[0],
                lat=site.point[1],
                polygon=site.polygon,
            )
        )
    return tuple(rows)
