"""Where people work, learn and shop."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fangkong.science.city.parameters import Parameters
from fangkong.science.city.places import Place

_PLACE_OF_OCCUPATION = {
    "worker": "workplace",
    "office": "workplace",
    "commerce": "workplace",
    "driver": "workplace",
    "caterer": "restaurant",
    "health_worker": "hospital",
    "teacher": "school",
}


@dataclass(frozen=True, eq=False)
class Work:
    """Work and shopping of every person, shape (people,)."""

    place: NDArray[np.int64]
    area: NDArray[np.str_]
    occupation: NDArray[np.str_]
    usual_market: NDArray[np.int64]


def _work_district(
    district: NDArray[np.int64], codes: Sequence[str], given: Parameters, rng: np.random.Generator
) -> NDArray[np.int64]:
    city_of = np.array([code[:4] for code in codes])
    residents = np.bincount(district, minlength=len(codes)).astype(np.float64)
    chosen = district.copy()
    for home in range(len(codes)):
        here = np.flatnonzero(district == home)
        first_city = city_of[home] == city_of[0]
        away = given.number("work.next_city" if first_city else "work.next_city_back")
        flow = np.where(city_of == city_of[home], residents, 0.0)
        flow[home] = 0.0
        flow = flow / flow.sum() * (1 - away - (own := given.number("work.own_district") * (1 - away)))
        flow[home] = own
        other = np.where(city_of != city_of[home], residents, 0.0)
        flow += other / other.sum() * away
        chosen[here] = rng.choice(len(codes), size=len(here), p=flow / flow.sum())
    return chosen


def assign_work(
    *,
    age: NDArray[np.int64],
    district: NDArray[np.int64],
    district_codes: Sequence[str],
    places: Sequence[Place],
    given: Parameters,
    rng: np.random.Generator,
) -> Work:
    """Occupation, workplace or school, and usual market of every person.

    Args:
        age: shape (people,), years in the reference year.
        district: shape (people,), ascending index of the home district.
        district_codes: codes of the districts.
        places: every place; each district has each kind.
        given: ``city.toml``.
        rng: draws.

    Returns:
        Columns of shape (people,); farmers, young children, retired and unemployed people have no place.
    """
    n = len(age)
    by_kind: dict[tuple[str, int], NDArray[np.int64]] = {}
    position = {code: i for i, code in enumerate(district_codes)}
    for kind in ("workplace", "school", "market", "hospital", "restaurant"):
        rows = np.array([i for i, place in enumerate(places) if place.kind == kind])
        owner = np.array([position[places[i].area[:6]] for i in rows])
        for d in range(len(district_codes)):
            by_kind[kind, d] = rows[owner == d]

    low, high = given.span("work.ages_years")
    employed = (age >= low) & (age <= high) & (rng.random(n) < given.number("work.employed"))
    shares = given.table("work.occupations")
    weights = np.array(list(shares.values()))
    occupation = np.where(age > high, "retired", "unemployed").astype("U18")
    drawn = rng.choice(np.array(list(shares)), size=n, p=weights / weights.sum())
    occupation[employed] = drawn[employed]
    school_low, school_high = given.span("work.school_ages_years")
    student = (age >= school_low) & (age <= school_high)
    occupation[student] = "student"
    kinder_low, _ = given.span("work.kindergarten_ages_years")
    occupation[(age < school_low) & (age >= kinder_low)] = "kindergarten_child"
    occupation[age < kinder_low] = "scattered_child"

    where = _work_district(district, district_codes, given, rng)
    where[student] = district[student]
    kind_of = np.full(n, "", dtype="U10")
    for code, kind in _PLACE_OF_OCCUPATION.items():
        kind_of[occupation == code] = kind
    at_market = (occupation == "commerce") & (rng.random(n) < given.number("work.market_share_of_commerce"))
    kind_of[at_market] = "market"
    kind_of[student] = "school"
    place = np.full(n, -1, dtype=np.int64)
    sigma = given.number("place.workplace_size_sigma")
    luck = rng.random(n)
    usual_market = np.empty(n, dtype=np.int64)
    near = rng.random(n) < given.number("work.usual_market")
    for (kind, d), rows in by_kind.items():
        pull = rng.lognormal(0.0, sigma, len(rows)) if kind == "workplace" else np.ones(len(rows))
        edges = np.cumsum(pull) / pull.sum()
        here = np.flatnonzero((kind_of == kind) & (where == d))
        place[here] = rows[np.searchsorted(edges, luck[here])]
        if kind == "market":
            # homes are ordered by street and so are markets: the same relative position is near
            living = np.flatnonzero(district == d)
            nearest = np.arange(len(living)) * len(rows) // max(len(living), 1)
            anywhere = (luck[living] * len(rows)).astype(np.int64)
            usual_market[living] = rows[np.where(near[living], nearest, anywhere)]
    codes = np.array([item.area for item in places] + [""])
    return Work(place, codes[place], occupation, usual_market)
