from __future__ import annotations

import doctest
import importlib

import pytest

from fangkong.science.epi.estimates import Refusal

MODULES = (
    "estimates",
    "serial_interval",
    "gamma_quantiles",
    "reproduction",
    "reproduction_table",
    "reproduction_samples",
    "uncertain_interval",
    "wallinga_teunis",
    "weekly_reproduction",
    "intervals",
    "growth",
    "growth_rates",
    "curve",
)


def test_a_refusal_code_without_words_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no_idea"):
        Refusal("no_idea")


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_documentation_run(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"fangkong.science.epi.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
