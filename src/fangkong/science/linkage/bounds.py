"""The most that two records can still come to: pairs that cannot reach the model's threshold, told apart by columns.

Most people who share a name share nothing else. Splink weighs each pair with care, at some tens of microseconds; here
each field is given the weight of the best level that a cheap look does not rule out, and what then stays below the
threshold stays below it in the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .linkage import hidden, model

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]

#: Characters of a number that are looked at; a longer one is never ruled out as a slip.
_LONGEST = 24


def reachable(
    columns: Mapping[str, Sequence[Any]], pairs: Pairs, marks: Mapping[str, NDArray[np.uint16]] | None = None
) -> NDArray[np.bool_]:
    """True for each pair that the model may hold probable.

    ``columns``: field of the model -> the value of each record, normalised as in ``Record`` ("" or None: not known);
    of a field that is left out the best is taken. ``pairs``: positions of the first and the second record of each.
    ``marks``: of fields that nobody has opened yet, two marks of each record (of the beginning and the end of its
    number, ``[record, 2]``; 0: no number, 1: not marked). Marks that differ at both ends say that the numbers are more
    than a slip apart. False is certain, True is not: it says that the pair has to be weighed.

    >>> numbers, years = ["990101198402260030", "990102195001010011"], [1984, 1950]
    >>> columns = {"id_number": numbers, "birth_year": years, "sex": ["M", "F"]}
    >>> reachable(columns, (np.array([0]), np.array([1])))
    array([False])
    """
    left, right = pairs
    least = model()["threshold"] / (1 - model()["threshold"])
    odds = np.full(len(left), model()["prior"] / (1 - model()["prior"]))
    for field in model()["field"]:
        name = field["name"]
        best = _ratios(name)
        if marks is not None and name in marks:
            odds *= _marked_weights(best, marks[name], left, right)
            continue
        if name not in columns:
            odds *= max(1.0, *best.values())
            continue
        odds *= _weights(name, best, columns[name], left, right)
    # A hair's breadth for the rounding of the product.
    return odds >= least * (1 - 1e-9)


def _marked_weights(
    ratios: dict[str, float], marks: NDArray[np.uint16], left: NDArray[np.intp], right: NDArray[np.intp]
) -> NDArray[np.float64]:
    first, last = marks[:, 0], marks[:, 1]
    one, other = first[left], first[right]
    apart = (one != other) & (last[left] != last[right]) & (one > 1) & (other > 1)
    return np.select(
        [(one == 0) | (other == 0), apart], [1.0, ratios["differs"]], default=max(1.0, *ratios.values())
    )


@cache
def _ratios(name: str) -> dict[str, float]:
    (field,) = (each for each in model()["field"] if each["name"] == name)
    return {level["code"]: level["m"] / level["u"] for level in field["levels"]}


def _weights(
    name: str,
    ratios: dict[str, float],
    values: Sequence[Any],
    left: NDArray[np.intp],
    right: NDArray[np.intp],
) -> NDArray[np.float64]:
    if name == "birth_year":
        years = np.array([value if value is not None else -1 for value in values], dtype=np.int64)
        known, apart = years >= 0, np.abs(years[left] - years[right])
        found = np.select(
            [apart == 0, apart <= 1], [ratios["exact"], ratios["near"]], default=ratios["differs"]
        )
    else:
        known = np.fromiter(map(bool, values), dtype=bool, count=len(values))
        if hidden("".join(filter(None, values))):
            known &= [not hidden(value or "") for value in values]
        codes = np.fromiter(map(hash, values), dtype=np.int64, count=len(values))
        equal = codes[left] == codes[right]
        unequal = max(weight for code, weight in ratios.items() if code != "exact")
        found = np.where(equal, ratios["exact"], unequal)
        if "slip" in ratios:
            found[~equal & _no_slip(values, left, right)] = ratios["differs"]
    return np.where(known[left] & known[right], found, 1.0)


def _no_slip(values: Sequence[Any], left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.bool_]:
    """True where two texts are certainly more than one slip (another, a missing, an exchanged character) apart.

    A slip leaves the lengths within one of each other; of equal lengths it touches two characters at most.
    """
    texts = [value if value else "" for value in values]
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    # An array of texts cuts each to its length by itself, and lays its letters side by side.
    letters = np.array(texts, dtype=f"<U{_LONGEST}").view(np.uint32).reshape(len(texts), _LONGEST)
    by = np.abs(lengths[left] - lengths[right])
    touched = np.zeros(len(left), dtype=np.int64)
    for at in range(int(min(lengths.max(initial=0), _LONGEST))):
        column = letters[:, at]
        touched += column[left] != column[right]
    return (by > 1) | ((by == 0) & (touched > 2))
