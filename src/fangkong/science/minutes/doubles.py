"""Headings and repeats: which clause says again what another says, so that no task is opened twice."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: A heading is a repeat of the run of clauses that holds this share of its pairs of characters.
HEADING_SHARE = 0.7
#: Two clauses of the body are the same only if they are equal letter for letter and this long.
LEAST_REPEAT = 8
#: So many clauses in a row are compared with a heading at most.
LONGEST_RUN = 6

_NOISE = re.compile(r"[\W_]+|^(?:第?[一二三四五六七八九十]+[是、]?)|要|必须|进一步")


def essence(text: str) -> str:
    """``text`` without stops, numbering and the words of mood: what two tellings of one thing share."""
    return _NOISE.sub("", text)


def repeats(texts: Sequence[str], headings: Sequence[bool]) -> list[int | None]:
    """For each clause the index of the clause that it repeats, or None.

    A heading repeats the body clause where the run begins that it is a shorter telling of (wherever it stands);
    a body clause repeats an earlier body clause only when both are the same words.
    """
    essences = [essence(text) for text in texts]
    found: list[int | None] = [None] * len(texts)
    first: dict[str, int] = {}
    for i, own in enumerate(essences):
        if not headings[i] and len(own) >= LEAST_REPEAT:
            found[i] = first.setdefault(own, i) if first.get(own, i) != i else None
            first.setdefault(own, i)
    where = _index(essences, headings)
    for i, own in enumerate(essences):
        if headings[i] and len(own) > 1:
            found[i] = _repeated_by(own, i, essences, headings, where)
    return found


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _index(essences: Sequence[str], headings: Sequence[bool]) -> dict[str, list[int]]:
    """Which body clauses hold a pair of characters; pairs found everywhere tell nothing and are cut short."""
    where: dict[str, list[int]] = {}
    for i, own in enumerate(essences):
        if not headings[i]:
            for pair in _pairs(own):
                places = where.setdefault(pair, [])
                if len(places) < 50:
                    places.append(i)
    return where


def _repeated_by(
    own: str, at: int, essences: Sequence[str], headings: Sequence[bool], where: dict[str, list[int]]
) -> int | None:
    pairs = _pairs(own)
    counts: dict[int, int] = {}
    for pair in pairs:
        for i in where.get(pair, ()):
            counts[i] = counts.get(i, 0) + 1
    best: tuple[float, int, int] | None = None
    for start in sorted(counts, key=lambda i: -counts[i])[:8]:
        for begin in range(max(0, start - LONGEST_RUN + 1), start + 1):
            run: set[str] = set()
            for end in range(begin, min(begin + LONGEST_RUN, len(essences))):
                if headings[end] or (end == begin and not pairs & _pairs(essences[end])):
                    break
                run |= _pairs(essences[end])
                share = len(pairs & run) / len(pairs)
                candidate = (share - 0.02 * (end - begin), -abs(begin - at), begin)
                if share >= HEADING_SHARE and (best is None or candidate > best):
                    best = candidate
    return best[2] if best else None
