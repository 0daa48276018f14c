"""Marks of numbers: whatever slip of the hand parts two numbers, one end's mark stays; masked ones are not marked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.record.identity_index import MARKED, slip_marks
from fangkong.record.keyring import keyring

NUMBERS = st.sampled_from(sorted(MARKED)).flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        st.text("0123456789", min_size=sum(MARKED[kind]) + 1, max_size=sum(MARKED[kind]) + 2),
    )
)


def marks(kind: str, number: str) -> np.ndarray:
    (packed,) = slip_marks(keyring(), [{kind: number}])
    at = list(MARKED).index(kind)
    return np.frombuffer(packed, dtype="<u2").reshape(len(MARKED), 2)[at]


def slips(number: str) -> set[str]:
    """Every number that is one slip away."""
    found = {number[:at] + "7" + number[at + 1 :] for at in range(len(number))}
    found |= {number[:at] + number[at + 1 :] for at in range(len(number))}
    found |= {number[:at] + "7" + number[at:] for at in range(len(number) + 1)}
    return found | {
        number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(len(number) - 1)
    }


@given(NUMBERS)
def test_property_one_slip_leaves_one_mark(given_number):
    kind, number = given_number
    here = marks(kind, number)
    for other in slips(number):
        there = marks(kind, other)
        assert (there <= 1).any() or (here == there).any(), other


@pytest.mark.parametrize(("number", "code"), [("", 0), ("9901011980", 1), ("990101********0011", 1)])
def test_no_number_and_a_masked_one_have_their_codes(number, code):
    assert marks("id_number", number).tolist() == [code, code]


def test_marks_need_the_key():
    (packed,) = slip_marks(keyring(), [{"id_number": "990101198001010011"}])
    assert b"990101" not in packed
    assert len(packed) == 8
