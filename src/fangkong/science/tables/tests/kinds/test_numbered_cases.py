"""A case number far beyond the run is a slip; the newest case of the morning is none."""

from __future__ import annotations

import pytest

from fangkong.science.tables.kinds.numbered_cases import NumberedCases
from fangkong.science.tables.kinds.rows import ReadRow


def strays(*references: str) -> list[tuple[int | None, str]]:
    cases = NumberedCases()
    for number, reference in enumerate(references, start=5):
        cases.add(reference, ReadRow(number, {}, {}, {"case_ref": "关联病例"}))
    return [(found.row, found.code) for found in cases.strays()]


RUN = [f"病例{1 + n % 5}" for n in range(20)]


def test_one_number_far_beyond_all_others_is_a_slip():
    assert strays(*RUN, "病例77", *RUN) == [(25, "CASE_UNKNOWN")]


@pytest.mark.parametrize(
    "others",
    [["病例6"], ["病例12"], ["病例77", "病例77"], ["确诊77"], ["病例九"], []],
    ids=["next", "soon after", "named twice", "another run", "no number", "none"],
)
def test_what_may_well_be_a_case_is_none(others):
    assert strays(*RUN, *others) == []


def test_a_short_ledger_says_nothing():
    assert strays("病例1", "病例2", "病例3", "病例40") == []
