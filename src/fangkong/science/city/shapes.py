"""The drawn map: rings of the districts, outlines of the cities, the river between, points inside."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

Point = tuple[float, float]
Ring = tuple[Point, ...]

_DECIMALS = 6


def signed_area(ring: Sequence[Point]) -> float:
    """The area inside a closed ring by the shoelace formula, positive when it runs anticlockwise.

    >>> signed_area([(0, 0), (1, 0), (1, 1), (0, 0)])
    0.5
    """
    return 0.5 * sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairwise(ring))


def centre(ring: Sequence[Point]) -> Point:
    """The centre of mass of a closed ring that does not cross itself."""
    x = y = 0.0
    for (x0, y0), (x1, y1) in pairwise(ring):
        cross = x0 * y1 - x1 * y0
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    area = signed_area(ring)
    return round(x / (6 * area), _DECIMALS), round(y / (6 * area), _DECIMALS)


def contains(ring: Sequence[Point], point: Point) -> bool:
    """Whether a point lies inside a closed ring (even-odd rule)."""
    x, y = point
    inside = False
    for (x0, y0), (x1, y1) in pairwise(ring):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
    return inside


def outline(rings: Iterable[Sequence[Point]]) -> Ring:
    """The outer border of anticlockwise rings that share their inner borders exactly."""
    edges = {edge for ring in rings for edge in pairwise(ring)}
    follows = {start: end for start, end in edges if (end, start) not in edges}
    first = min(follows)
    border = [first]
    while (point := follows[border[-1]]) != first:
        border.append(point)
    return (*border, first)


class DrawnMap:
    """The rings and the river of the gazetteer in degrees.

    Args:
        gazetteer: content of ``gazetteer.toml``.
    """

    def __init__(self, gazetteer: dict[str, Any]) -> None:
        drawn = gazetteer["map"]
        self._lon, self._lat = drawn["origin_lon"], drawn["origin_lat"]
        self._scale = drawn["units_per_degree"]
        self._points: dict[str, list[int]] = drawn["points"]
        names: list[str] = drawn["river"]["points"]
        corners = np.array([self._points[name] for name in names], dtype=np.float64)
        self._bends = {
            (names[i], names[i + 1]): self._bend(corners, i, drawn["curve_steps"])
            for i in range(len(names) - 1)
        }
        self.river: Ring = (
            *(
                p
                for i in range(len(names) - 1)
                for p in (self._degrees(corners[i]), *self._between(names, i))
            ),
            self._degrees(corners[-1]),
        )

    def _between(self, names: list[str], i: int) -> list[Point]:
        return self._bends[names[i], names[i + 1]]

    def _degrees(self, drawn: Sequence[float] | np.ndarray) -> Point:
        x, y = float(drawn[0]), float(drawn[1])
        return round(self._lon + x / self._scale, _DECIMALS), round(self._lat - y / self._scale, _DECIMALS)

    def _bend(self, corners: np.ndarray, i: int, steps: int) -> list[Point]:
        # Catmull-Rom spline through the river's corners: the banks of both sides use these same points
        before, start, end = corners[max(i - 1, 0)], corners[i], corners[i + 1]
        after = corners[min(i + 2, len(corners) - 1)]
        points = []
        for t in np.arange(1, steps) / steps:
            drawn = 0.5 * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
            points.append(self._degrees(drawn))
        return points

    def ring(self, names: Sequence[str]) -> Ring:
        """The closed anticlockwise ring through named corners, following the river where it is the border."""
        points: list[Point] = []
        for name, following in zip(names, [*names[1:], names[0]], strict=True):
            points.append(self._degrees(self._points[name]))
            if (name, following) in self._bends:
                points.extend(self._bends[name, following])
            elif (following, name) in self._bends:
                points.extend(reversed(self._bends[following, name]))
        points.append(points[0])
        if signed_area(points) < 0:
            points.reverse()
        return tuple(points)


def spread_points(ring: Ring, count: int, reach: float, rng: np.random.Generator) -> list[Point]:
    """Points around the centre of a ring at even angles, so that labels and markers keep apart.

    Args:
        ring: closed, seen whole from its centre.
        count: how many.
        reach: 0 at the centre to 1 at the border.
        rng: turns the first angle and shakes the distance.

    Returns:
        ``count`` points inside the ring.
    """
    x, y = centre(ring)
    turn = rng.random()
    points = []
    for number in range(count):
        angle = 2 * np.pi * ((number + turn) / count)
        length = _distance_to_border(ring, (x, y), angle) * reach * rng.uniform(0.8, 1.0)
        points.append(
            (
                round(x + length * float(np.cos(angle)), _DECIMALS),
                round(y + length * float(np.sin(angle)), _DECIMALS),
            )
        )
    return points


def _distance_to_border(ring: Ring, point: Point, angle: float) -> float:
    dx, dy = float(np.cos(angle)), float(np.sin(angle))
    nearest = np.inf
    for (x0, y0), (x1, y1) in pairwise(ring):
        ex, ey = x1 - x0, y1 - y0
        across = dx * ey - dy * ex
        if across == 0.0:
            continue
        along = ((x0 - point[0]) * ey - (y0 - point[1]) * ex) / across
        share = ((x0 - point[0]) * dy - (y0 - point[1]) * dx) / across
        if along > 0 and 0 <= share <= 1:
            nearest = min(nearest, along)
    return float(nearest)
