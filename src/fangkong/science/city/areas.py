"""The tree of areas from city down to building, every name and code invented."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from fangkong.science.city.parameters import Parameters, read_toml
from fangkong.science.city.shapes import DrawnMap, Point, Ring, centre, outline, spread_points

LEVELS = {4: "city", 6: "district", 9: "street", 12: "community", 15: "compound", 18: "building"}
"""Level by the number of digits of the code; a code begins with the code of its parent."""


@dataclass(frozen=True, slots=True)
class Area:
    """One area of the tree.

    Attributes:
        code: 4 digits city, 6 district, 9 street, 12 community, 15 compound, 18 building.
        level: one of the values of ``LEVELS``.
        parent: code of the area above, empty for a city.
        population: people of the synthetic city who live there.
        lon, lat: a point inside, degrees.
        polygon: closed anticlockwise ring of (lon, lat) for cities and districts, else empty.
    """

    code: str
    name_zh: str
    name_en: str
    level: str
    parent: str
    population: int
    lon: float
    lat: float
    polygon: Ring = ()


@dataclass(frozen=True, slots=True)
class Site:
    """An area before people live in it."""

    code: str
    name_zh: str
    name_en: str
    point: Point
    polygon: Ring = ()


@cache
def gazetteer() -> dict[str, Any]:
    """The invented names and shapes, read once."""
    return read_toml("gazetteer.toml")


@cache
def drawn_map() -> DrawnMap:
    """The map of the gazetteer, drawn once."""
    return DrawnMap(gazetteer())


def district_sites() -> list[Site]:
    """The districts of both cities in order of code."""
    sites = []
    for row in gazetteer()["district"]:
        ring = drawn_map().ring(row["ring"])
        sites.append(Site(row["code"], row["zh"], row["en"], centre(ring), ring))
    return sites


def city_sites(districts: Sequence[Site]) -> list[Site]:
    """The two cities, each the union of its districts."""
    sites = []
    for row in gazetteer()["city"]:
        ring = outline([site.polygon for site in districts if site.code.startswith(row["code"])])
        sites.append(Site(row["code"], row["zh"], row["en"], centre(ring), ring))
    return sites


def _clipped(quotient: float, least: int, most: int) -> int:
    return min(max(round(quotient), least), most)


def _pairs(count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    first, second = gazetteer()["words"]["first"], gazetteer()["words"]["second"]
    picked = rng.permutation(len(first) * len(second))[:count]
    return [
        (
            first[p % len(first)][0] + second[p // len(first)][0],
            first[p % len(first)][1] + second[p // len(first)][1],
        )
        for p in picked.tolist()
    ]


def sites_below(
    district: Site, people: int, given: Parameters, rng: np.random.Generator
) -> tuple[list[Site], list[Site]]:
    """Streets, communities and compounds of a district, and its buildings, each list in order of code.

    Args:
        district: with its ring.
        people: who will live there; decides how many areas it has.
        given: ``city.toml``.
        rng: for names and points.

    Returns:
        The sites from street to compound, and the buildings.
    """
    rows = {row["code"]: row for row in gazetteer()["district"]}
    names = rows[district.code]["streets"]
    rural = district.name_zh.endswith("县")
    streets = _clipped(
        people / given.number("area.persons_per_street"), given.integer("area.least_streets"), len(names)
    )
    communities = _clipped(
        people / streets / given.number("area.persons_per_community"),
        *given.span("area.communities_per_street"),
    )
    compounds = _clipped(
        people / streets / communities / given.number("area.persons_per_compound"),
        *given.span("area.compounds_per_community"),
    )
    buildings = _clipped(
        people / streets / communities / compounds / given.number("area.persons_per_building"),
        *given.span("area.buildings_per_compound"),
    )
    endings = gazetteer()["words"]["compound"]
    above: list[Site] = []
    blocks: list[Site] = []
    street_points = spread_points(district.polygon, streets, 0.6, rng)
    for s, street_point in enumerate(street_points):
        street_code = f"{district.code}{s + 1:03d}"
        zh, en = names[s]
        kind_zh, kind_en = ("镇", "Town") if rural else ("街道", "Subdistrict")
        above.append(Site(street_code, zh + kind_zh, f"{en} {kind_en}", street_point))
        words = _pairs(communities * (1 + compounds), rng)
        for c, corner in enumerate(spread_points(district.polygon, communities, 0.85, rng)):
            # a community lies near its street: a quarter of the way towards some other part of the district
            point = _towards(street_point, corner, 0.25)
            code = f"{street_code}{c + 1:03d}"
            zh, en = words[c]
            kind_zh, kind_en = ("村", "Village") if rural and c else ("社区", "Community")
            above.append(Site(code, zh + kind_zh, f"{en} {kind_en}", point))
            for k in range(compounds):
                compound_code = f"{code}{k + 1:03d}"
                zh, en = words[communities + c * compounds + k]
                ending = endings[int(rng.integers(len(endings)))]
                spot = _towards(point, street_points[(s + k) % streets], 0.04 * (k + 1))
                above.append(Site(compound_code, zh + ending[0], f"{en} {ending[1]}", spot))
                shakes = rng.uniform(-0.0015, 0.0015, (buildings, 2))
                for b in range(buildings):
                    place = (round(spot[0] + shakes[b, 0], 6), round(spot[1] + shakes[b, 1], 6))
                    blocks.append(
                        Site(f"{compound_code}{b + 1:03d}", f"{b + 1}幢", f"Building {b + 1}", place)
                    )
    return above, blocks


def _towards(start: Point, end: Point, share: float) -> Point:
    return (
        round(start[0] + (end[0] - start[0]) * share, 6),
        round(start[1] + (end[1] - start[1]) * share, 6),
    )
