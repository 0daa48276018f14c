"""The kind of a file by the fields that its columns may hold and the words of its title."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..parts import Table
from .headers import Claim


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: groups of fields of which one each is needed, the weight of each field, words of titles."""

    name: str
    needs: tuple[frozenset[str], ...]
    fields: dict[str, float]
    words: tuple[str, ...]


@cache
def kinds() -> dict[str, Kind]:
    """The kinds of ``kinds.toml`` by name."""
    found = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8"))
    return {
        name: Kind(name, tuple(map(frozenset, entry["needs"])), entry["fields"], tuple(entry["words"]))
        for name, entry in found.items()
    }


#: How much a word of the title speaks for a kind, against a column's weight; and what a kind must reach.
_TITLE, _LEAST = 4.0, 4.0


def kind_of(claims: Sequence[Sequence[Claim]], table: Table) -> tuple[str, float]:
    """The likeliest kind and its certainty in [0, 1]; "unknown" where no kind has what it needs."""
    said = " ".join((*table.title, table.sheet, table.file_name)).casefold()
    scores = []
    for kind in kinds().values():
        # Each field counts once, and each column for the one field that speaks most for the kind.
        best: dict[str, float] = {}
        for column in claims:
            likely = [(claim.score * kind.fields.get(claim.field, 0.0), claim.field) for claim in column]
            score, field_name = max(likely, default=(0.0, ""))
            if score > best.get(field_name, 0.0):
                best[field_name] = score
        held = {claim.field for column in claims for claim in column}
        if not all(held & need for need in kind.needs):
            continue
        score = sum(best.values()) + (_TITLE if any(word in said for word in kind.words) else 0.0)
        scores.append((score, kind.name))
    scores.sort(reverse=True)
    if not scores or scores[0][0] < _LEAST:
        return "unknown", 0.0
    second = scores[1][0] if len(scores) > 1 else 0.0
    return scores[0][1], round(min(1.0, 0.5 + (scores[0][0] - second) / scores[0][0] / 2), 2)
