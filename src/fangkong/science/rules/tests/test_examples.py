"""The examples in the docstrings do what they say."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from fangkong.science.rules import asking, documents, packs, rejudging, resolver, transitions, validation


@pytest.mark.parametrize("module", [asking, documents, packs, rejudging, resolver, transitions, validation])
def test_docstring_examples(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
