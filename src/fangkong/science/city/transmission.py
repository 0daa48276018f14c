"""Who infects whom, who is found and when: one day after another.

Design: every infection is a small object; each day it may be found (care, isolation, screening, arrival), else it
infects members of its household, colleagues, and people at its market, restaurant and in transport. Finding a case
lists its contacts at once, so isolation acts on later days. Hours are floats from midnight of the first reporting
day; nothing is found before it. Work is proportional to infections, not to people.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fangkong.science.city.areas import gazetteer
from fangkong.science.city.parameters import Parameters
from fangkong.science.city.population import City

NEVER = 32_000
HOURS = 24.0


@dataclass(slots=True)
class Infection:
    """One infection. Days and hours count from the first reporting day."""

    number: int
    person: int
    day: int
    onset_day: int  # of the course; shown only when symptomatic
    symptomatic: bool
    start_day: int  # first infectious day
    contacts_factor: float
    infector: int | None
    setting: str | None
    arrival_day: int | None = None  # tested on arrival
    care_day: int = NEVER
    channel: str | None = None
    found_day: int = NEVER
    sampled_hour: float = np.nan
    received_hour: float = np.nan
    result_hour: float = np.nan
    known_hour: float = np.nan
    infected: list["Infection"] = field(default_factory=list)


@dataclass(slots=True)
class Tie:
    """One contact of a case. Hours count from the first reporting day; nan means never."""

    case: int
    person: int
    tier: str
    setting: str
    first_day: int
    last_day: int
    known_hour: float
    away: bool
    identity_hour: float
    location_hour: float
    control_hour: float
    via: int | None = None  # position in the list of ties of the close contact


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


class History:
    """One stochastic history, advanced day by day with ``run``.

    Args:
        city: where it happens.
        network: its groups.
        given: ``outbreak.toml``.
        rng: every draw of this history.
    """

    def __init__(self, city: City, network: Network, given: Parameters, rng: np.random.Generator) -> None:
        from fangkong.science.city.tracing import Tracer

        self.city, self.network, self.given, self.rng = city, network, given, rng
        self.infections: list[Infection] = []
        self.of_person: dict[int, Infection] = {}
        self.isolated_day: dict[int, int] = {}
        self.tracer = Tracer(self)
        self._active: list[Infection] = []
        rows = gazetteer()["district"]
        self._contact_factor = [row["contact"] for row in rows]
        self._late_factor = [row["late"] for row in rows]
        seeds = np.array([row["seed"] for row in rows])
        self._seed_weights = seeds / seeds.sum()
        self._scale = city.population / given.number("window.reference_population")
        self._last_found = [-NEVER] * len(rows)
        self._profile = given.weights("disease.infectiousness").tolist()
        self._rates = {
            setting: given.number(f"transmission.{setting}") for setting in ("work", "market", "restaurant", "transport")
        }
        self._test_offsets = {int(day) - 1 for day in given.numbers("control.test_days")}
        mean, sd = given.number("disease.incubation_mean_days"), given.number("disease.incubation_sd_days")
        self._incubation_shape = (mean / sd) ** 2
        self._incubation_scale = sd**2 / mean

    def run(self, days: int) -> None:
        """Draw the history up to the end of day ``days - 1``."""
        first = self.given.integer("window.first_infection_day")
        seeds = round(
            self.given.number("import.first_seeds") * self._scale ** self.given.number("import.first_seeds_power")
        )
        spread = self.given.integer("import.first_seed_days")
        seed_days = np.sort(self.rng.integers(first, first + spread, seeds)).tolist()
        later = self.given.number("import.later_per_day") * self._scale ** self.given.number("import.later_power")
        for day in range(first, days):
            for _ in range(seed_days.count(day)):
                self._import(day, tested=False)
            if day >= 0:
                for _ in range(int(self.rng.poisson(later))):
                    self._import(day, tested=self.rng.random() < self.given.number("import.tested_on_arrival"))
                self._find(day)
            self._transmit(day)

    def _import(self, day: int, *, tested: bool) -> None:
        district = int(self.rng.choice(len(self._seed_weights), p=self._seed_weights))
        low, high = np.searchsorted(self.city.person_district, [district, district + 1])
        person = int(self.rng.integers(low, high))
        if person not in self.of_person and self.isolated_day.get(person, NEVER) > day:
            infection = self._infect(person, day, None, None)
            if tested:
                infection.arrival_day = infection.start_day

    def _infect(self, person: int, day: int, infector: Infection | None, setting: str | None) -> Infection:
        given, rng = self.given, self.rng
        incubation = max(1, round(float(rng.gamma(self._incubation_shape, self._incubation_scale))))
        symptomatic = bool(rng.random() >= given.number("disease.asymptomatic"))
        start = max(
            day + given.integer("disease.latent_least_days"),
            day + incubation - given.integer("disease.infectious_before_onset_days"),
        )
        shape = given.number("disease.dispersion")
        infection = Infection(
            number=len(self.infections),
            person=person,
            day=day,
            onset_day=day + incubation,
            symptomatic=symptomatic,
            start_day=start,
            contacts_factor=float(rng.gamma(shape, 1 / shape))
            * (1.0 if symptomatic else given.number("transmission.asymptomatic_factor")),
            infector=None if infector is None else infector.number,
            setting=setting,
        )
        if symptomatic and rng.random() < given.number("control.sought_care"):
            delay = int(rng.geometric(given.number("control.sought_care_daily"))) - 1
            infection.care_day = max(infection.onset_day + delay, 0)
        self.infections.append(infection)
        self.of_person[person] = infection
        self._active.append(infection)
        if infector is not None:
            infector.infected.append(infection)
        return infection

    def district(self, person: int) -> int:
        """Index of the home district."""
        return int(self.city.person_district[person])

    def late_weights(self, person: int) -> NDArray[np.float64]:
        """Weights of 0, 1, ... days by which the home district's record is late."""
        weights = self.given.weights("report.late_days_weights")
        weights[1:] *= self._late_factor[self.district(person)]
        return weights / weights.sum()

    def _channel_on(self, infection: Infection, day: int) -> str | None:
        if day < infection.start_day - 1 or day <= infection.day:
            return None
        if day >= infection.start_day - 1 + self.given.integer("disease.detectable_days"):
            return None
        sensitivity = self.given.number("control.sensitivity")
        if infection.arrival_day == day:
            return "imported"
        isolated = self.isolated_day.get(infection.person, NEVER)
        if isolated <= day:
            due = (day - isolated) in self._test_offsets
            ill = infection.symptomatic and day == max(infection.onset_day, isolated)
            return "controlled" if (due or ill) and self.rng.random() < sensitivity else None
        if infection.care_day <= day:
            return "sought_care"
        coverage = self.given.step("control.screening", day)
        if day - self._last_found[self.district(infection.person)] > self.given.integer(
            "control.screening_quiet_days"
        ):
            coverage *= self.given.number("control.screening_quiet_factor")
        return "screening" if self.rng.random() < coverage * sensitivity else None

    def _find(self, day: int) -> None:
        found = []
        for infection in self._active:
            channel = self._channel_on(infection, day)
            if channel is not None:
                infection.channel, infection.found_day = channel, day
                self._time(infection, day)
                found.append(infection)
        for infection in found:
            self._last_found[self.district(infection.person)] = day
            self.tracer.trace(infection)
        length = self.given.integer("disease.detectable_days")
        self._active = [i for i in self._active if i.found_day > day and day < i.start_day + length]

    def _time(self, infection: Infection, day: int) -> None:
        given, rng = self.given, self.rng
        low, high = given.numbers("laboratory.sampled_hours")
        infection.sampled_hour = day * HOURS + float(rng.uniform(low, high))
        turnaround = self.lognormal("laboratory.turnaround_hours")
        infection.received_hour = infection.sampled_hour + min(
            float(rng.exponential(given.number("laboratory.received_hours"))), turnaround / 2
        )
        infection.result_hour = infection.sampled_hour + turnaround
        late = self.late_weights(infection.person)
        late_days = int(rng.choice(len(late), p=late))
        infection.known_hour = infection.result_hour + self.lognormal("report.card_hours") + late_days * HOURS

    def lognormal(self, name: str) -> float:
        """A draw from a parameter that gives median and log standard deviation."""
        median, sigma = self.given.numbers(name)
        return float(median * self.rng.lognormal(0.0, sigma))

    def _transmit(self, day: int) -> None:
        rng, given, network = self.rng, self.given, self.network
        community, school = given.step("control.community", day), given.step("control.school", day)
        household_rate = -np.log1p(-given.number("transmission.household"))
        for infection in list(self._active):
            age = day - infection.start_day
            if not 0 <= age < len(self._profile):
                continue
            weight = self._profile[age]
            person = infection.person
            isolated = self.isolated_day.get(person, NEVER) <= day
            chance = 1 - float(np.exp(-household_rate * weight))
            for mate in network.housemates(person):
                # isolation places take people out of the home one by one
                if not isolated and rng.random() < chance:
                    self._try(mate, day, infection, "household")
            if isolated:
                continue
            at_school = network.at_school(person)
            factor = weight * infection.contacts_factor * self._contact_factor[self.district(person)]
            for setting, rate in self._rates.items():
                control = school if setting == "work" and at_school else community
                count = int(rng.poisson(rate * factor * control))
                if count == 0:
                    continue
                if setting == "work":
                    room = network.colleagues(person)
                    targets = rng.choice(room, count) if len(room) else room
                    name = "school" if at_school else "workplace"
                elif setting == "market":
                    targets, name = network.shoppers(person, count, rng), setting
                elif setting == "restaurant":
                    targets, name = network.neighbours(person, count, rng), setting
                else:
                    targets, name = network.fellows(person, count, rng), setting
                for target in targets.tolist():
                    self._try(target, day, infection, name)

    def _try(self, target: int, day: int, infector: Infection, setting: str) -> None:
        if target in self.of_person or self.isolated_day.get(target, NEVER) <= day:
            return
        self._infect(target, day, infector, setting)
