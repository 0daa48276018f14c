"""How many swabs share a tube: the row of the day, and the sizes that only another day knew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fangkong.science.rules import rule_book
from fangkong.science.rules.packs import load_packs
from fangkong.science.rules.resolver import RuleBook
from fangkong.science.rules.testing.pools import pool_sizes
from fangkong.science.rules.tests.pack_writer import write_pack

COVID = "covid-19"


def sizes(book: RuleBook, on: date) -> dict[int, bool]:
    return {size.people: size.in_force for size in pool_sizes(book, on=on, disease=COVID)}


@pytest.mark.parametrize(
    ("on", "in_force"),
    [
        (date(2021, 9, 12), []),
        (date(2021, 10, 20), [1, 5, 10]),
        (date(2022, 1, 16), [1, 5, 10]),
        (date(2022, 1, 17), [1, 5, 10, 20]),
        (date(2022, 12, 7), []),
    ],
)
def test_a_size_is_allowed_only_while_a_row_names_it(book: RuleBook, on: date, in_force: list[int]) -> None:
    found = sizes(book, on)
    assert list(found) == [1, 5, 10, 20]
    assert [people for people, allowed in found.items() if allowed] == in_force


def test_a_size_of_another_day_names_the_row_that_has_it(book: RuleBook) -> None:
    twenty = pool_sizes(book, on=date(2021, 10, 20), disease=COVID)[-1]
    assert (twenty.in_force, twenty.row.effective_from) == (False, date(2022, 1, 17))
    past = pool_sizes(book, on=date(2023, 3, 1), disease=COVID)[-1]
    assert (past.in_force, past.row.effective_to) == (False, date(2022, 12, 6))


def test_another_disease_has_none(book: RuleBook) -> None:
    assert pool_sizes(book, on=date(2022, 2, 1), disease="measles") == ()


def test_a_city_with_a_row_of_its_own_has_its_own_sizes(tmp_path: Path) -> None:
    row = {
        "key": "testing.pool_sizes",
        "value": ["pool_of_3", "dry_swab"],
        "unit": "list",
        "jurisdiction": "CN-3303",
        "authority": "prefecture",
        "effective_from": date(2022, 7, 1),
    }
    write_pack(tmp_path, "city", disease=COVID, rows=[row])
    shipped = rule_book()
    book = RuleBook([*shipped.packs, *load_packs(tmp_path, shipped.keys)], shipped.keys)
    found = {size.people for size in pool_sizes(book, on=date(2022, 8, 1), disease=COVID, area="330300")}
    assert 3 in found
    assert 3 not in {
        size.people for size in pool_sizes(book, on=date(2022, 8, 1), disease=COVID, area="3304")
    }
