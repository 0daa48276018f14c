"""How precise restrictions are: a pair of shares, and the person-days they cost.

One share alone can be bought with the other: restricting nobody wrongly is easy when few are restricted, and
having every new infection under control is easy when all are. So both stand side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from fangkong.core.errors import InputError
from fangkong.science.rules.areas.proportion import Share, exact_share


@dataclass(frozen=True, slots=True)
class NoShare:
    """There is no share to give; ``code`` says why."""

    code: str


@dataclass(frozen=True, slots=True)
class Precision:
    """The pair: the infected among the restricted, and the already restricted among the new infections."""

    infected_of_restricted: Share | NoShare
    controlled_of_new: Share | NoShare


@dataclass(frozen=True, slots=True)
class RestrictedSet:
    """``persons`` restricted from ``first_on`` to ``last_on``, both included; None while it still runs."""

    persons: int
    first_on: date
    last_on: date | None


def precision(
    restricted: int,
    infected_among_restricted: int,
    new_infections: int,
    already_controlled: int,
    *,
    level: float = 0.95,
) -> Precision:
    """The two shares with exact intervals, each refused by code where its denominator is 0.

    All counts are persons of one period: ``infected_among_restricted`` of ``restricted``,
    ``already_controlled`` of ``new_infections``. Codes: ``precision.nobody_restricted``,
    ``precision.no_new_infection``. Raises InputError ``share.counts_wrong`` when a part exceeds its whole.

    >>> pair = precision(82_000, 12, 30, 21)
    >>> round(pair.controlled_of_new.value, 2)
    0.7
    """
    return Precision(
        _share(infected_among_restricted, restricted, "precision.nobody_restricted", level),
        _share(already_controlled, new_infections, "precision.no_new_infection", level),
    )


def restricted_person_days(sets: Iterable[RestrictedSet], *, through: date | None = None) -> int:
    """The person-days of ``sets``: persons times civil days, both ends included.

    With ``through``, only days up to and including it count, and a set that still runs ends there. Raises
    InputError ``precision.set_wrong`` for a negative number of persons or a last day before the first, and
    ``precision.still_running`` for a running set without ``through``.

    >>> restricted_person_days([RestrictedSet(10, date(2022, 7, 1), date(2022, 7, 7))])
    70
    """
    total = 0
    for each in sets:
        if each.persons < 0 or (each.last_on is not None and each.last_on < each.first_on):
            raise InputError(
                "precision.set_wrong", persons=each.persons, first_on=each.first_on, last_on=each.last_on
            )
        if each.last_on is None and through is None:
            raise InputError("precision.still_running", first_on=each.first_on)
        ends = [day for day in (each.last_on, through) if day is not None]
        total += each.persons * max(0, (min(ends) - each.first_on).days + 1)
    return total


def _share(count: int, total: int, empty: str, level: float) -> Share | NoShare:
    return NoShare(empty) if total == 0 and count == 0 else exact_share(count, total, level=level)
