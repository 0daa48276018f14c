"""Who infects whom, who is found and when: one day after another.

Design: every infection is a small object; each day it may be found (care, isolation, screening, arrival),
else it infects members of its household, colleagues, and people at its market, restaurant and in transport.
Finding a case lists its contacts at once, so isolation acts on later days. Hours are floats from midnight of
the first reporting day; nothing is found before it. Work is proportional to infections, not to people.
"""

import numpy as np
from numpy.typing import NDArray

from fangkong.science.city.areas import gazetteer
from fangkong.science.city.chain import HOURS, NEVER, Infection
from fangkong.science.city.network import Network
from fangkong.science.city.parameters import Parameters
from fangkong.science.city.population import City
from fangkong.science.city.tracing import Tracer


class History:
    """One stochastic history, advanced day by day with ``run``.

    Args:
        city: where it happens.
        network: its groups.
        given: ``outbreak.toml``.
        rng: every draw of this history.
    """

    def __init__(self, city: City, network: Network, given: Parameters, rng: np.random.Generator) -> None:
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
        self.coverage: dict[tuple[int, int], float] = {}  # by day and district: share of people sampled
        self._profile = given.weights("disease.infectiousness").tolist()
        self._rates = {
            setting: given.number(f"transmission.{setting}")
            for setting in ("work", "market", "restaurant", "transport")
        }
        self._test_offsets = {int(day) - 1 for day in given.numbers("control.test_days")}
        mean, sd = given.number("disease.incubation_mean_days"), given.number("disease.incubation_sd_days")
        self._incubation_shape = (mean / sd) ** 2
        self._incubation_scale = sd**2 / mean

    def run(self, days: int, most_infections: float = np.inf) -> None:
        """Draw the history up to the end of day ``days - 1``, or give it up when it outgrows a limit."""
        first = self.given.integer("window.first_infection_day")
        seeds = round(
            self.given.number("import.first_seeds")
            * self._scale ** self.given.number("import.first_seeds_power")
        )
        spread = self.given.integer("import.first_seed_days")
        seed_days = np.sort(self.rng.integers(first, first + spread, seeds)).tolist()
        later = self.given.number("import.later_per_day") * self._scale ** self.given.number(
            "import.later_power"
        )
        for day in range(first, days):
            if len(self.infections) > most_infections:
                return
            for _ in range(seed_days.count(day)):
                self._import(day, tested=False)
            if day >= 0:
                for _ in range(int(self.rng.poisson(later))):
                    self._import(
                        day, tested=self.rng.random() < self.given.number("import.tested_on_arrival")
                    )
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
        coverage = self.coverage[day, self.district(infection.person)]
        return "screening" if self.rng.random() < coverage * sensitivity else None

    def _plan_screening(self, day: int) -> None:
        quiet = self.given.integer("control.screening_quiet_days")
        for district, last_found in enumerate(self._last_found):
            factor = self.given.number("control.screening_quiet_factor") if day - last_found > quiet else 1.0
            self.coverage[day, district] = self.given.step("control.screening", day) * factor

    def _find(self, day: int) -> None:
        self._plan_screening(day)
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
