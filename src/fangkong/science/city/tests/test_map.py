from collections import Counter
from itertools import pairwise

import pytest

from fangkong.science.city import City
from fangkong.science.city.shapes import contains, signed_area


def _districts(town: City) -> list[tuple[str, tuple[tuple[float, float], ...]]]:
    return [(area.code, area.polygon) for area in town.areas if area.level == "district"]


def test_rings_are_closed_and_anticlockwise(town: City) -> None:
    for _, ring in _districts(town):
        assert ring[0] == ring[-1]
        assert signed_area(ring) > 0
        assert len(set(ring)) == len(ring) - 1


def test_districts_share_their_borders_exactly(town: City) -> None:
    edges = Counter(frozenset(edge) for _, ring in _districts(town) for edge in pairwise(ring))
    assert max(edges.values()) == 2
    directed = Counter(edge for _, ring in _districts(town) for edge in pairwise(ring))
    assert max(directed.values()) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("990101", "990102"),
        ("990102", "990105"),
        ("990104", "990105"),
        ("990103", "990106"),
        ("990103", "990201"),
    ],
)
def test_neighbours_of_the_map_touch(town: City, one: str, other: str) -> None:
    shared = set(town.area(one).polygon) & set(town.area(other).polygon)
    assert len(shared) >= 3


def test_a_city_is_the_sum_of_its_districts(town: City) -> None:
    for code in ("9901", "9902"):
        total = sum(signed_area(area.polygon) for area in town.children(code))
        assert signed_area(town.area(code).polygon) == pytest.approx(total, rel=1e-9)


def test_no_point_lies_in_two_districts(town: City) -> None:
    rings = _districts(town)
    lons = [point[0] for _, ring in rings for point in ring]
    lats = [point[1] for _, ring in rings for point in ring]
    hits = 0
    for i in range(1, 60):
        for j in range(1, 40):
            point = (
                min(lons) + (max(lons) - min(lons)) * i / 60.37,
                min(lats) + (max(lats) - min(lats)) * j / 40.53,
            )
            inside = sum(contains(ring, point) for _, ring in rings)
            assert inside <= 1
            hits += inside
    assert hits > 1_000


def test_the_river_is_the_border_of_north_and_south(town: City) -> None:
    river = set(town.river)
    for code in ("990101", "990102", "990103", "990104", "990105", "990106"):
        assert len(river & set(town.area(code).polygon)) >= 6


def test_areas_lie_inside_their_district(town: City) -> None:
    for area in town.areas:
        if area.level in {"street", "community", "compound", "building"}:
            assert contains(town.area(area.code[:6]).polygon, (area.lon, area.lat)), area.code


def test_geojson_has_a_polygon_per_district_and_points_below(town: City) -> None:
    features = town.geojson("district")["features"]
    assert {feature["geometry"]["type"] for feature in features} == {"Polygon"}
    assert len(features) == 9
    assert {f["geometry"]["type"] for f in town.geojson("building")["features"]} == {"Point"}
    assert len(town.river_geojson()["geometry"]["coordinates"]) == len(town.river)
    with pytest.raises(ValueError, match="district"):
        town.geojson("province")
