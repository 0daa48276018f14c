"""The words and limits of a kind, from the TOML file beside this module that bears the kind's name."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def lexicon(name: str) -> dict[str, Any]:
    """The tables of ``<name>.toml``. Raises FileNotFoundError for a name without a file.

    >>> lexicon("journeys")["apart_minutes"]["value"]
    10
    """
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))
