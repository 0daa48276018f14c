"""What is ruled out by a cheap look, the model rules out too."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from fangkong.science.linkage import Record, probable_pairs, reachable

FIELDS = ("id_number", "name", "phone", "birth_year", "sex", "address")


def people(seed: int) -> list[Record]:
    """Some who share a name and now and then a number, a digit apart, or nothing else."""
    made = random.Random(seed)
    known: list[Record] = []
    for n in range(40):
        number = f"99010119{made.randrange(30, 99)}0101{made.randrange(10**4):04d}"
        phone = f"100{made.randrange(10**8):08d}"
        if known and made.random() < 0.6:
            number, phone = made.choice(known).id_number, made.choice(known).phone
            if made.random() < 0.5:
                at = made.randrange(len(number)) if number else 0
                number = number[:at] + made.choice("0123456789*") + number[at + made.choice((0, 1)) :]
            if made.random() < 0.3 and phone:
                phone = phone[:4] + phone[5] + phone[4] + phone[6:]
        known.append(
            Record(
                f"p{n}",
                made.choice(("测试甲", "册试佳", "测试乙")),
                made.choice(("ceshijia", "ceshiyi")),
                number if made.random() < 0.8 else "",
                phone if made.random() < 0.8 else "",
                made.choice((1984, 1985, 1990, None)),
                made.choice(("M", "F", "")),
                made.choice(("虚构路1号", "虚构路1号2室", "别处", "")),
            )
        )
    return known


@pytest.mark.parametrize("given", [FIELDS, ("id_number", "phone", "sex", "birth_year"), ()])
@pytest.mark.parametrize("seed", range(4))
def test_no_probable_pair_is_ruled_out(seed, given):
    records = people(seed)
    pairs = list(combinations(range(len(records)), 2))
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    columns = {name: [getattr(record, name) for record in records] for name in given}
    keep = reachable(columns, (left, right))
    kept = {(records[a].key, records[b].key) for (a, b), may in zip(pairs, keep.tolist(), strict=True) if may}
    found = {(pair.first_key, pair.second_key) for pair in probable_pairs(records)}
    assert found
    assert found <= {tuple(sorted(pair)) for pair in kept}


def ends(value: str, first: int, last: int) -> tuple[int, int]:
    """Marks of both ends of a number, as the record keeps them (but not keyed)."""
    if not value:
        return 0, 0
    if len(value) <= first + last or "*" in value:
        return 1, 1
    return 2 + hash(value[:first]) % 1000, 2 + hash(value[-last:]) % 1000


@pytest.mark.parametrize("seed", range(12))
def test_no_probable_pair_is_ruled_out_by_the_marks_of_its_numbers(seed):
    records = people(seed)
    pairs = list(combinations(range(len(records)), 2))
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    columns = {name: [getattr(record, name) for record in records] for name in ("birth_year", "sex")}
    marks = {
        "id_number": np.array([ends(each.id_number, 10, 7) for each in records], dtype=np.uint16),
        "phone": np.array([ends(each.phone, 7, 3) for each in records], dtype=np.uint16),
    }
    keep = reachable(columns, (left, right), marks)
    kept = {(records[a].key, records[b].key) for (a, b), may in zip(pairs, keep.tolist(), strict=True) if may}
    found = {(pair.first_key, pair.second_key) for pair in probable_pairs(records)}
    assert found
    assert found <= {tuple(sorted(pair)) for pair in kept}
    assert not keep.all()


def test_namesakes_with_numbers_of_their_own_are_ruled_out():
    columns = {
        "id_number": ["990101198402260030", "990102195001010011"],
        "phone": ["10002966585", "10011112222"],
        "birth_year": [1984, 1950],
        "sex": ["M", "M"],
    }
    assert not reachable(columns, (np.array([0]), np.array([1]))).any()


def test_a_masked_number_rules_nothing_out():
    columns = {"id_number": ["990101********0030", "990102195001010011"], "phone": ["", "10011112222"]}
    assert reachable(columns, (np.array([0]), np.array([1]))).all()


def test_no_pairs_need_no_people():
    none = np.empty(0, dtype=np.intp)
    assert len(reachable({name: [] for name in FIELDS}, (none, none))) == 0
