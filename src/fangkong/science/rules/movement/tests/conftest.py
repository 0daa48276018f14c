from __future__ import annotations

import pytest

from fangkong.science.rules.resolver import RuleBook, rule_book


@pytest.fixture(scope="session")
def book() -> RuleBook:
    """The packs that ship."""
    return rule_book()
