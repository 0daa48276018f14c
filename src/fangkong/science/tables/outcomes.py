"""What becomes of a row by what was found in it: accepted, held for a person to decide, or rejected."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

Outcome = Literal["accepted", "held", "rejected"]

#: From the mildest to the gravest: a row has the gravest of its findings.
OUTCOMES: tuple[Outcome, ...] = ("accepted", "held", "rejected")


@cache
def ranks() -> dict[str, int]:
    """Code → place in `OUTCOMES`, of the codes that ``outcomes.toml`` names."""
    found = tomllib.loads((Path(__file__).parent / "outcomes.toml").read_text(encoding="utf-8"))
    return dict.fromkeys(found["hold"], 1) | dict.fromkeys(found["reject"], 2)


def rank_of(codes: Iterable[str]) -> int:
    """The place in `OUTCOMES` of a row with these codes.

    >>> OUTCOMES[rank_of(["FULLWIDTH_NORMALISED", "ID_CHECKSUM"])]
    'held'
    """
    known = ranks()
    return max((known.get(code, 0) for code in codes), default=0)
