"""The lexicons in ``words/``: words of Chinese official prose and of web pages, as data."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def lexicon(name: str) -> dict[str, Any]:
    """The lexicon ``name`` (``words/page`` and so on) as its TOML file gives it."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
