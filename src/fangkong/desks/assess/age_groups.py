"""Age groups of series, with codes such as "0-2" and "80+"; their bounds stand in ``parameters.toml``."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from itertools import pairwise

from .parameters import parameters

#: The group of cases of whom nobody said the age.
UNKNOWN_AGE = "unknown"


@cache
def age_groups() -> tuple[str, ...]:
    """The codes of all groups, the youngest first, "unknown" last.

    >>> age_groups()[0], age_groups()[-2:]
    ('0-2', ('80+', 'unknown'))
    """
    starts = _starts()
    closed = [f"{first}-{after - 1}" for first, after in pairwise(starts)]
    return (*closed, f"{starts[-1]}+", UNKNOWN_AGE)


def age_group(years: int | None) -> str:
    """The group of an age in completed years; "unknown" for None.

    >>> age_group(2), age_group(85), age_group(None)
    ('0-2', '80+', 'unknown')
    """
    return UNKNOWN_AGE if years is None else age_groups()[bisect_right(_starts(), years) - 1]


@cache
def _starts() -> tuple[int, ...]:
    return tuple(parameters("age_groups")["from_years"])
