"""Which parts of one source add up to a figure of the other, on how many days, and how likely that is by chance.

A subset sum in many days at once: the days are folded into one number per part by random weights, so that equal sums
have equal folds, and the two halves of the parts meet in the middle (Horowitz & Sahni, J. ACM 21 (1974) 277-292).
Single days may be wrong in either source, so beside all days together small groups of days are tried, and every subset
found is judged on all days.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10

import numpy as np
from numpy.typing import NDArray

from .agreement import log10_hits
from .series import Array
from .settings import Settings

_SEED = 20200123
#: A fold into 64 bits is wrong far more rarely than the sources are.
_FOLD_BITS = 62


@dataclass(frozen=True, slots=True)
class Grouping:
    """Parts (row numbers) that add up to the target on ``agreeing`` of the compared days.

    ``log10_chance`` is the expected number of subsets that would agree as often by chance. ``undecided`` are parts
    that are zero on all agreeing days: they may belong to the sum or not.
    """

    parts: tuple[int, ...]
    undecided: tuple[int, ...]
    agreeing: NDArray[np.int64]
    compared: NDArray[np.int64]
    log10_chance: float


def find_grouping(target: Array, parts: Array, choices: Settings) -> Grouping | None:
    """The smallest set of ``parts`` (parts, days) whose sum is ``target`` (days) on most days; None without one.

    A part without a figure on a day counts nothing there; days without a target, or without any part, are left out.
    Exact: figures are taken as whole numbers and no tolerance is used. None also when more than ``max_parts`` parts
    could belong to the sum.

    >>> from fangkong.science.reconcile.settings import settings
    >>> parts = np.array([[3.0, 7, 1, 9, 40, 2], [5, 5, 8, 30, 2, 61], [1, 0, 2, 11, 80, 7]])
    >>> find_grouping(parts[0] + parts[2], parts, settings()).parts
    (0, 2)
    """
    days = np.flatnonzero(~np.isnan(target) & ~np.isnan(parts).all(axis=0))
    if len(days) < choices.min_agreeing_days:
        return None
    wanted = np.rint(target[days]).astype(np.int64)
    figures = np.rint(np.nan_to_num(parts[:, days])).astype(np.int64)
    allowed = len(days) - max(choices.min_agreeing_days, int(np.ceil(choices.min_agreeing_share * len(days))))
    possible = np.flatnonzero(figures.any(axis=1) & ((figures > wanted).sum(axis=1) <= allowed))
    if not 1 <= len(possible) <= choices.max_parts:
        return None
    rows = figures[possible]
    hits = log10_hits(rows.std(axis=0) * np.sqrt(len(rows)) / 2, rows.mean(axis=0))
    best: tuple[tuple[int, int], NDArray[np.bool_], NDArray[np.bool_]] | None = None
    for group in _day_groups(wanted, hits, len(possible), choices):
        for chosen in _subsets(wanted[group], rows[:, group]):
            agree = rows[chosen].sum(axis=0) == wanted
            rank = (int(agree.sum()), -int(chosen.sum()))
            if best is None or rank > best[0]:
                best = rank, chosen, agree
        if best is not None and best[0][0] == len(days):
            break
    if best is None:
        return None
    _, chosen, agree = best
    chance = len(possible) * log10(2) + float(hits[agree].sum()) + _log10_choices(len(days), int(agree.sum()))
    if agree.sum() < len(days) - allowed or chance > choices.max_log10_chance:
        return None
    used = chosen & rows[:, agree].any(axis=1)
    silent = ~figures[:, agree].any(axis=1)
    return Grouping(
        tuple(int(each) for each in possible[used]),
        tuple(int(each) for each in np.flatnonzero(silent)),
        days[agree],
        days,
        chance,
    )


def _day_groups(
    wanted: NDArray[np.int64], hits: Array, parts: int, choices: Settings
) -> list[NDArray[np.int64]]:
    """All days together, then groups just large enough that a subset agreeing on them is no coincidence."""
    everything = np.arange(len(wanted))
    telling = everything[wanted > 0]
    groups = [everything]
    if not len(telling):
        return []
    draw = np.random.default_rng(_SEED)
    per_day = -float(hits[telling].mean())
    enough = int(np.ceil(parts * log10(2) / per_day)) + 1 if per_day > 0 else len(telling)
    if enough < len(telling):
        weights = np.sqrt(wanted[telling].astype(float))
        for _ in range(choices.day_draws):
            groups.append(np.sort(draw.choice(telling, enough, replace=False, p=weights / weights.sum())))
    return groups


def _subsets(wanted: NDArray[np.int64], rows: NDArray[np.int64]) -> list[NDArray[np.bool_]]:
    """The subsets of the rows that add up to ``wanted`` on every day; at most a few, the smallest first."""
    weights = np.random.default_rng(_SEED).integers(1, 2**_FOLD_BITS, len(wanted), dtype=np.int64)
    with np.errstate(over="ignore"):
        folds = (rows * weights).sum(axis=1)
        goal = (wanted * weights).sum()
        half = len(rows) // 2
        left, right = _sums(folds[:half]), _sums(folds[half:])
        order = np.argsort(right, kind="stable")
        needed = goal - left
    ranked = right[order]
    first, after = np.searchsorted(ranked, needed, "left"), np.searchsorted(ranked, needed, "right")
    found = []
    for low in np.flatnonzero(after > first)[:_MOST_SUBSETS]:
        for high in order[first[low] : after[low]][:_MOST_SUBSETS]:
            bits = int(low) | int(high) << half
            found.append(np.array([bits >> place & 1 for place in range(len(rows))], dtype=bool))
    return sorted(found, key=lambda chosen: int(chosen.sum()))


_MOST_SUBSETS = 64


def _sums(folds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sum of every subset; the subset's bits are its position."""
    sums = np.zeros(1, dtype=np.int64)
    for fold in folds:
        sums = np.concatenate((sums, sums + fold))
    return sums


def _log10_choices(days: int, agreeing: int) -> float:
    """In how many ways the disagreeing days can lie among all days."""
    ways = 0.0
    for place in range(days - agreeing):
        ways += log10((days - place) / (place + 1))
    return ways
