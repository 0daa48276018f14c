"""Many synthetic cases in columns, for load tests: plausible in shape, without contacts or chains."""

import hashlib
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from fangkong.science.city.keys import opaque_keys
from fangkong.science.city.parameters import Parameters, parameters
from fangkong.science.city.population import City
from fangkong.science.city.surveillance import CIVIL_ZONE

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class CaseBatch:
    """Cases in columns of shape (n,), in order of ``known_at``.

    Attributes:
        key: "C" and ten characters. person_index: index into ``city.people``; person: its key.
        district: 6-digit code, street: 9, building: 18, of the home.
        sex: 1 male, 2 female. birth_year: calendar year.
        onset_on: datetime64[D], NaT when asymptomatic. reported_on: datetime64[D], civil day of the result.
        sampled_at, result_at, known_at: datetime64[s], UTC.
        classification: confirmed or asymptomatic. severity: mild or moderate, empty when asymptomatic.
        channel: controlled, screening, sought_care or imported.
    """

    key: NDArray[np.str_]
    person_index: NDArray[np.int64]
    person: NDArray[np.str_]
    district: NDArray[np.str_]
    street: NDArray[np.str_]
    building: NDArray[np.str_]
    sex: NDArray[np.int8]
    birth_year: NDArray[np.int16]
    onset_on: NDArray[np.datetime64]
    sampled_at: NDArray[np.datetime64]
    result_at: NDArray[np.datetime64]
    reported_on: NDArray[np.datetime64]
    known_at: NDArray[np.datetime64]
    classification: NDArray[np.str_]
    severity: NDArray[np.str_]
    channel: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.key)

    def digest(self) -> str:
        """SHA-256 of every column: equal digests mean equal batches."""
        total = hashlib.sha256()
        for column in fields(self):
            total.update(np.ascontiguousarray(getattr(self, column.name)).tobytes())
        return total.hexdigest()


def _lognormal_seconds(
    name: str, n: int, given: Parameters, rng: np.random.Generator
) -> NDArray[np.timedelta64]:
    median, sigma = given.numbers(name)
    return (3600 * median * rng.lognormal(0.0, sigma, n)).astype("timedelta64[s]")


def case_batch(city: City, n: int, seed: int) -> CaseBatch:
    """``n`` cases over the districts and 180 days in three waves, the same for the same arguments.

    Args:
        city: the demonstration city.
        n: number of cases, at least 1. People repeat only when there are more cases than people.
        seed: any whole number from 0.

    Returns:
        The cases in columns.

    Raises:
        ValueError: ``n`` below 1 or a negative seed.

    >>> from fangkong.science.city import city
    >>> len(case_batch(city(1, 2_000), 50, seed=1))
    50
    """
    if n < 1 or seed < 0:
        raise ValueError(f"{n} cases with seed {seed}: give at least one case and a seed from 0")
    given = parameters("outbreak.toml")
    rng = np.random.default_rng(np.random.SeedSequence([city.seed, city.population, seed, 3]))
    people = city.people
    rounds = -(-n // len(people))
    person = np.concatenate([rng.permutation(len(people)) for _ in range(rounds)])[:n]
    days = given.integer("batch.days")
    waves = given.numbers("batch.waves_days")
    wave = waves[rng.integers(len(waves), size=n)]
    # folded at both ends so that every case lies inside the window
    day = np.abs(np.round(rng.normal(wave[:, 0], wave[:, 1]))).astype(np.int64)
    day = np.where(day >= days, 2 * (days - 1) - day, day).clip(0, days - 1)
    first = np.datetime64(given.day("batch.first_on"))
    sampled_on = first + day * _DAY
    low, high = given.numbers("laboratory.sampled_hours")
    offset = CIVIL_ZONE.utcoffset(None)
    zone = np.timedelta64(int(offset.total_seconds()), "s")
    local = sampled_on.astype("datetime64[s]") + (3600 * rng.uniform(low, high, n)).astype("timedelta64[s]")
    result_local = local + _lognormal_seconds("laboratory.turnaround_hours", n, given, rng)
    late_weights = given.weights("report.late_days_weights")
    late = rng.choice(len(late_weights), size=n, p=late_weights) * _DAY
    known_local = result_local + _lognormal_seconds("report.card_hours", n, given, rng) + late
    asymptomatic = rng.random(n) < given.number("disease.asymptomatic")
    delay_weights = given.weights("batch.onset_to_sample_days")
    onset = sampled_on - rng.choice(len(delay_weights), size=n, p=delay_weights) * _DAY
    onset[asymptomatic] = np.datetime64("NaT")
    moderate = rng.random(n) < given.number("severity.moderate")
    channels = given.table("batch.channels")
    shares = np.array(list(channels.values()))
    channel = rng.choice(np.array(list(channels)), size=n, p=shares / shares.sum())
    order = np.argsort(known_local, kind="stable")
    person = person[order]
    home = people.home[person]
    return CaseBatch(
        key=opaque_keys("C", f"{city.seed}/batch/{seed}", np.arange(n)),
        person_index=person,
        person=people.key[person],
        district=home.astype("U6"),
        street=home.astype("U9"),
        building=home,
        sex=people.sex[person],
        birth_year=people.birth_year[person],
        onset_on=onset[order],
        sampled_at=(local - zone)[order],
        result_at=(result_local - zone)[order],
        reported_on=result_local.astype("datetime64[D]")[order],
        known_at=(known_local - zone)[order],
        classification=np.where(asymptomatic, "asymptomatic", "confirmed")[order],
        severity=np.where(asymptomatic, "", np.where(moderate, "moderate", "mild"))[order],
        channel=channel[order],
    )
