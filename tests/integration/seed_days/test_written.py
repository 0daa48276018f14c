"""The page about the five days says what the tests prove, and no more."""

from __future__ import annotations

from .shown import LISTED, SHOWN
from .written import DAYS, PAGE, written


def test_the_page_is_what_the_tests_prove():
    assert PAGE.read_text(encoding="utf-8") == written(), "run python -m tests.integration.seed_days.written"


def test_every_thing_to_show_belongs_to_one_of_the_five_days_and_says_where_it_stands():
    assert {key.split("-")[0] for key in (*SHOWN, *LISTED)} == set(DAYS)
    assert all(each.what and each.page for each in SHOWN.values())
    assert all(each.what and each.lacks for each in LISTED.values())
