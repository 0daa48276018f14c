"""A stochastic outbreak in the demonstration city, with everything an office would hold at its end."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from fangkong.science.city.chain import HOURS
from fangkong.science.city.network import Network
from fangkong.science.city.parameters import Parameters, parameters
from fangkong.science.city.population import City
from fangkong.science.city.records import Case, Contact, DailyReport, EventualCount, ScreeningDay, Specimen
from fangkong.science.city.surveillance import Office
from fangkong.science.city.transmission import History


@dataclass(frozen=True, eq=False)
class Outbreak:
    """An outbreak as known at ``end_at``.

    Attributes:
        seed, first_on, days: what it was drawn from. end_at: midnight after the last day, UTC.
        cases, contacts, specimens, reports, screening: rows in order of ``known_at``, none after ``end_at``.
        eventual_counts: truth, to judge estimates that correct for late records.
    """

    seed: int
    first_on: date
    days: int
    end_at: datetime
    cases: tuple[Case, ...]
    contacts: tuple[Contact, ...]
    specimens: tuple[Specimen, ...]
    reports: tuple[DailyReport, ...]
    screening: tuple[ScreeningDay, ...]
    eventual_counts: tuple[EventualCount, ...]

    def digest(self) -> str:
        """SHA-256 of every row: equal digests mean equal outbreaks."""
        total = hashlib.sha256(repr((self.seed, self.first_on, self.days, self.end_at)).encode())
        for rows in (
            self.cases,
            self.contacts,
            self.specimens,
            self.reports,
            self.screening,
            self.eventual_counts,
        ):
            total.update(repr(rows).encode())
        return total.hexdigest()


def _bounds(given: Parameters, population: int) -> tuple[float, float]:
    scale = population / given.number("window.reference_population")
    return (
        given.number("window.least_cases") * scale ** given.number("window.least_power"),
        given.number("window.most_cases") * scale ** given.number("window.most_power"),
    )


def outbreak(
    city: City,
    seed: int,
    first_on: date = date(2022, 3, 22),
    days: int | None = None,
    given: Parameters | None = None,
) -> Outbreak:
    """An outbreak that grows and then slows under control, the same for the same arguments, byte for byte.

    Args:
        city: the demonstration city.
        seed: any whole number from 0.
        first_on: first civil day on which cases are reported.
        days: length of the window, at least 1; by default that of ``outbreak.toml`` (28).
        given: parameters in the form of ``outbreak.toml``, which is the default.

    Returns:
        Cases, contacts, specimens and reports known by the end of the window. The history is drawn again
        until its size in the default window lies between the bounds of ``outbreak.toml``, so that a
        demonstration always has something to show.

    Raises:
        ValueError: the seed is negative, the window is empty, or no history of the wanted size was drawn.

    Source:
        Individual-based transmission in households, rooms, markets and streets with isolation of traced
        contacts; every parameter has its source or the word "illustrative" in ``outbreak.toml``.

    >>> from fangkong.science.city import city
    >>> small = outbreak(city(1, 2_000), seed=1)
    >>> len(small.cases) >= 12
    True
    """
    given = given or parameters("outbreak.toml")
    default_days = given.integer("window.default_days")
    days = default_days if days is None else days
    if seed < 0 or days < 1:
        raise ValueError(f"seed {seed} and {days} days: give a seed from 0 and a window of at least one day")
    least, most = _bounds(given, city.population)
    network = Network(city, given)
    attempts = given.integer("window.most_attempts")
    for attempt in range(attempts):
        rng = np.random.default_rng(np.random.SeedSequence([city.seed, city.population, seed, 0, attempt]))
        history = History(city, network, given, rng)
        # a window longer than the default may grow further: the limit is for the default one
        limit = most * given.number("window.most_infections") if days <= default_days else np.inf
        history.run(max(days, default_days), limit)
        size = sum(infection.known_hour <= default_days * HOURS for infection in history.infections)
        if least <= size <= most and len(history.infections) <= limit:
            break
    else:
        raise ValueError(
            f"none of {attempts} histories had {least:.0f} to {most:.0f} cases for {city.population} people: "
            "change the transmission or the window parameters, or take another seed"
        )
    office = Office(city, history, seed, first_on, days)
    return Outbreak(
        seed=seed,
        first_on=first_on,
        days=days,
        end_at=office.end_at,
        cases=office.cases,
        contacts=office.contacts,
        specimens=office.specimens,
        reports=office.reports(),
        screening=office.screening(),
        eventual_counts=office.eventual_counts(),
    )
