"""Groups of people who meet one another."""

import numpy as np
from numpy.typing import NDArray

from fangkong.science.city.parameters import Parameters
from fangkong.science.city.population import City


class Network:
    """Groups of people who meet: households, rooms at work and school, markets, streets."""

    def __init__(self, city: City, given: Parameters) -> None:
        people = city.people
        rng = np.random.default_rng(np.random.SeedSequence([city.seed, city.population, 1]))
        self.household = people.household
        self.first = city.households.first_person
        self.size = city.households.size
        # members of a workplace in shuffled order: neighbours in that order share a room
        shuffled = rng.permutation(len(people))
        order = shuffled[np.argsort(people.work_place[shuffled], kind="stable")]
        self._work_order = order
        self._work_rank = np.empty(len(people), dtype=np.int64)
        self._work_rank[order] = np.arange(len(people))
        self._work_place = people.work_place
        self._work_bounds = np.searchsorted(people.work_place[order], np.arange(len(city.places) + 1))
        self._market = people.usual_market
        self._market_order = np.argsort(people.usual_market, kind="stable")
        self._market_bounds = np.searchsorted(
            people.usual_market[self._market_order], np.arange(len(city.places) + 1)
        )
        _, street = np.unique(people.home.astype("U9"), return_inverse=True)
        self._street = street
        self._street_bounds = np.searchsorted(street, np.arange(street.max() + 2))
        self._room = given.integer("transmission.colleagues")
        self.is_school = np.array([place.kind == "school" for place in city.places])

    def housemates(self, person: int) -> list[int]:
        """Everyone else of the household."""
        first = int(self.first[self.household[person]])
        return [p for p in range(first, first + int(self.size[self.household[person]])) if p != person]

    def colleagues(self, person: int) -> NDArray[np.int64]:
        """Everyone else of the same room at work or school, empty without a place."""
        place = int(self._work_place[person])
        if place < 0:
            return np.empty(0, dtype=np.int64)
        low, high = int(self._work_bounds[place]), int(self._work_bounds[place + 1])
        room = low + (int(self._work_rank[person]) - low) // (self._room + 1) * (self._room + 1)
        members = self._work_order[room : min(room + self._room + 1, high)]
        return members[members != person]

    def at_school(self, person: int) -> bool:
        """Whether the person's place is a school."""
        place = int(self._work_place[person])
        return place >= 0 and bool(self.is_school[place])

    def shoppers(self, person: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """People with the same usual market, drawn with repetition."""
        market = int(self._market[person])
        low, high = int(self._market_bounds[market]), int(self._market_bounds[market + 1])
        return self._market_order[rng.integers(low, high, count)]

    def neighbours(self, person: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """People of the same street, drawn with repetition."""
        street = int(self._street[person])
        return rng.integers(self._street_bounds[street], self._street_bounds[street + 1], count)

    def fellows(self, person: int, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
        """People of the same workplace, or of the same street without one, drawn with repetition."""
        place = int(self._work_place[person])
        if place < 0:
            return self.neighbours(person, count, rng)
        low, high = int(self._work_bounds[place]), int(self._work_bounds[place + 1])
        return self._work_order[rng.integers(low, high, count)]
