"""Every code that this desk hands out has its words."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import fangkong
from fangkong.desks.assess import values
from fangkong.science.epi.estimates import REFUSAL_CODES
from fangkong.science.epi.growth import NO_CHANGE, SPANS_ZERO

CODES = [
    *(f"assess.refusal.{code}" for code in (*REFUSAL_CODES, *values.INCIDENCE_REFUSALS)),
    *(f"assess.basis.{code}" for code in values.BASES),
    *(f"assess.derived.{code}" for code in values.DERIVATIONS),
    *(f"assess.status.{code}" for code in (values.REPORTED, values.NOT_PUBLISHED)),
    *(f"assess.origin.{code}" for code in (values.PUBLISHED, values.COUNTED)),
    *(f"assess.change.{code}" for code in ("doubling", "halving", "steady", SPANS_ZERO, NO_CHANGE)),
]


@cache
def words() -> dict[str, Any]:
    """Every file of words together: refusals of the science have one of their own."""
    folder = Path(fangkong.__file__).parent / "faces" / "words"
    found: dict[str, Any] = {}
    for file in sorted(folder.glob("*.toml")):
        found |= tomllib.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("code", CODES)
def test_the_code_has_words_in_both_languages(code):
    assert set(words()[code]) == {"zh", "en"}
