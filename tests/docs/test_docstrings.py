"""The examples in the docstrings of core and science give what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import fangkong.core
import fangkong.science

MODULES = sorted(
    found.name
    for package in (fangkong.core, fangkong.science)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if ".tests" not in found.name
)


def examples_of(name: str) -> int:
    """How many lines of examples the module has."""
    found = doctest.DocTestFinder().find(importlib.import_module(name))
    return sum(len(each.examples) for each in found)


WITH_EXAMPLES = [name for name in MODULES if examples_of(name)]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_module_are_true(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_core_and_science_show_examples():
    assert sum(map(examples_of, WITH_EXAMPLES)) > 20
