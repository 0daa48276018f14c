"""The more two records agree, the likelier they are one; what is not known says nothing."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from fangkong.science import linkage
from fangkong.science.linkage import Pair, Record, probable_pairs

ONE = Record(
    "one", "测试甲", "ceshijia", "990101198402260030", "10002966585", 1984, "M", "虚构路100弄1号101室"
)


def likelihood(**other) -> float:
    found = probable_pairs([ONE, replace(ONE, key="two", **other)])
    return found[0].probability if found else 0.0


def test_the_model_adds_up():
    model = tomllib.loads((Path(linkage.__file__).parent / "model.toml").read_text(encoding="utf-8"))
    for field in model["field"]:
        for share in ("m", "u"):
            assert sum(level[share] for level in field["levels"]) == pytest.approx(1)


def test_equal_records_are_one_person():
    (pair,) = probable_pairs([ONE, replace(ONE, key="two")])
    assert pair.probability > 0.999
    assert set(pair.levels.values()) == {"exact"}


def test_a_digit_mistyped_is_a_slip_and_two_exchanged_are_too():
    for number in ("990101198402260031", "990101198402260300"):
        (pair,) = probable_pairs([ONE, replace(ONE, key="two", id_number=number)])
        assert pair.levels["id_number"] == "slip"
        assert pair.probability > 0.99


def test_a_name_written_by_its_sound_is_found():
    (pair,) = probable_pairs([ONE, replace(ONE, key="two", name="册试佳", id_number="")])
    assert pair.levels["name"] == "sounds_alike"
    assert pair.levels["id_number"] == "unknown"
    assert pair.probability > 0.9


def test_agreement_never_makes_two_records_less_alike():
    assert likelihood(id_number="", phone="") > likelihood(id_number="", phone="10099999999")
    assert likelihood(id_number="") > likelihood(id_number="", sex="F")
    assert likelihood(id_number="", address="") > likelihood(id_number="", address="别处9号")


def test_a_masked_number_never_matches_as_equal():
    hidden = replace(
        ONE, key="x", id_number="990101********0030", phone="100****6585", address="", birth_year=None
    )
    found = probable_pairs([hidden, replace(hidden, key="y")])
    assert all(pair.levels["id_number"] == pair.levels["phone"] == "unknown" for pair in found)


def test_namesakes_are_two_people():
    assert (
        likelihood(id_number="990102195001010011", phone="10011112222", birth_year=1950, address="别处9号")
        == 0
    )


def test_a_household_sharing_one_phone_is_not_one_person():
    wife = Record("two", "测试乙", "ceshiyi", "", ONE.phone, 1986, "F", ONE.address)
    assert probable_pairs([ONE, wife]) == []


def test_only_pairs_with_somebody_new_are_asked_for():
    records = [ONE, replace(ONE, key="two"), replace(ONE, key="three")]
    found = probable_pairs(records, fresh=["three"])
    assert {(pair.first_key, pair.second_key) for pair in found} == {("one", "three"), ("three", "two")}


@pytest.mark.parametrize("records", [[], [ONE], [ONE, ONE]])
def test_nobody_is_paired_with_themselves(records):
    assert probable_pairs(records) == []


def test_the_order_of_records_changes_nothing():
    chance = random.Random(3)
    people = [
        replace(
            ONE,
            key=f"p{n:03d}",
            id_number="",
            phone=f"100{chance.randrange(40):08d}",
            birth_year=1950 + chance.randrange(40),
        )
        for n in range(120)
    ]
    found = probable_pairs(people)
    assert found
    assert all(isinstance(pair, Pair) and pair.first_key < pair.second_key for pair in found)
    chance.shuffle(people)
    assert probable_pairs(people) == found
