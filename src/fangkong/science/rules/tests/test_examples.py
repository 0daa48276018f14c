"""The examples in the docstrings do what they say."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from fangkong.science.rules import documents, packs, plan, resolver, validation


@pytest.mark.parametrize("module", [documents, packs, plan, resolver, validation])
def test_docstring_examples(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
