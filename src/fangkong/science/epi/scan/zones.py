"""The zones that a scan looks at: every circle around an area, or every run of a given list of neighbours.

A circle holds all areas up to a distance, so areas equally far from the centre enter together: the zones do not depend
on the order in which the areas are listed.

Source: Kulldorff (1997), "A spatial scan statistic", Commun Stat Theory Methods 26(6):1481-1496.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.science.epi.serial_interval import FloatArray

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# Mean radius of the Earth, International Union of Geodesy and Geophysics.
_EARTH_KM = 6371.0088
# Distances closer than this share of the largest are one: the rounding of coordinates is no difference.
_SAME_DISTANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Zones:
    """Distinct sets of areas.

    Attributes:
        member: whether an area belongs to a zone, shape ``[zone, area]``.
        centre: the area that the zone was grown from, shape ``[zone]``.
        radius: distance from the centre to the farthest member, in the unit of the coordinates or km; NaN for zones
            from neighbour lists.
    """

    member: BoolArray
    centre: IntArray
    radius: FloatArray


def distances(coordinates: FloatArray, geographic: bool) -> FloatArray:
    """Distance between every two areas, shape ``[area, area]``.

    Arguments:
        coordinates: shape ``[area, 2]``: x and y in any unit, or longitude and latitude in degrees.
        geographic: whether they are longitude and latitude; the distance is then that over the sphere, in km.

    >>> round(float(distances(np.array([[0.0, 0.0], [1.0, 0.0]]), True)[0, 1]), 1)
    111.2
    """
    if not geographic:
        steps = coordinates[:, None, :] - coordinates[None, :, :]
        return np.asarray(np.hypot(steps[..., 0], steps[..., 1]))
    longitude, latitude = np.radians(coordinates[:, 0]), np.radians(coordinates[:, 1])
    across = np.sin((longitude[:, None] - longitude[None, :]) / 2) ** 2
    along = np.sin((latitude[:, None] - latitude[None, :]) / 2) ** 2
    chord = along + np.cos(latitude)[:, None] * np.cos(latitude)[None, :] * across
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(chord, 0, 1))))


def circular_zones(apart: FloatArray, weight: FloatArray, share: float, max_radius: float) -> Zones:
    """Every circle around an area that holds at most a share of the weight and is not wider than allowed.

    Arguments:
        apart: distance between every two areas, shape ``[area, area]``.
        weight: population or cases of each area, shape ``[area]``; share: the largest share of its sum in a zone.
        max_radius: largest radius, in the unit of ``apart``; infinite for none.
    """
    close = _SAME_DISTANCE * float(apart.max(initial=0.0))
    order = np.argsort(apart, axis=1, kind="stable")
    far = np.take_along_axis(apart, order, axis=1)
    within = np.cumsum(weight[order], axis=1)
    # A circle is complete where the next area lies farther out.
    complete = np.ones(apart.shape, dtype=bool)
    complete[:, :-1] = far[:, 1:] - far[:, :-1] > close
    fits = complete & (far <= max_radius) & _small_enough(within, weight, share)
    centre, last = np.nonzero(fits)
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(apart.shape[0])[None, :], axis=1)
    return _distinct(rank[centre] <= last[:, None], centre, far[centre, last])


def neighbour_zones(neighbours: Sequence[Sequence[int]], weight: FloatArray, share: float) -> Zones:
    """Every run from the start of a neighbour list that holds at most a share of the weight.

    Arguments:
        neighbours: one list per centre: positions of areas in the order in which the zone takes them up.
        weight, share: as for ``circular_zones``.

    Raises:
        ValueError: a position that is no area, or that stands twice in a list.
    """
    areas = len(weight)
    member: list[BoolArray] = []
    centre: list[int] = []
    for number, line in enumerate(neighbours):
        places = np.asarray(line, dtype=np.int64)
        if places.size and (places.min() < 0 or places.max() >= areas):
            raise ValueError(f"neighbour list {number} names an area outside 0 to {areas - 1}")
        if np.unique(places).size != places.size:
            raise ValueError(f"neighbour list {number} names an area twice")
        grown = np.zeros((places.size, areas), dtype=bool)
        for step, place in enumerate(places):
            grown[step:, place] = True
        keep = _small_enough(np.cumsum(weight[places]), weight, share)
        member += list(grown[keep])
        centre += [int(places[0])] * int(keep.sum()) if places.size else []
    sets = np.array(member, dtype=bool).reshape(len(member), areas)
    return _distinct(sets, np.array(centre, dtype=np.int64), np.full(len(member), np.nan))


def _small_enough(within: FloatArray, weight: FloatArray, share: float) -> BoolArray:
    # The allowance keeps a zone of exactly the share, whatever the rounding of the sums.
    return np.asarray(within <= share * weight.sum() * (1 + 1e-12))


def _distinct(member: BoolArray, centre: IntArray, radius: FloatArray) -> Zones:
    """Each set of areas once, with the smallest circle that holds it."""
    first = np.lexsort((centre, np.nan_to_num(radius)))
    packed = np.packbits(member[first], axis=1)
    _, kept = np.unique(packed, axis=0, return_index=True)
    chosen = first[np.sort(kept)]
    return Zones(member[chosen], centre[chosen], radius[chosen])
