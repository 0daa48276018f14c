"""Two people decide one pair at once, on either engine: one does, and the other reads how."""

from __future__ import annotations

from typing import Any

import pytest

from fangkong.record.tests import two_people
from fangkong.record.tests.two_people import Told

from .meeting_scenes import SCENES

TOLD = {
    "part_what_another_merges": Told("Conflict match.decided", "'same'", (["same"], 1, 1)),
    "merge_what_another_parts": Told("Conflict match.decided", "'different'", (["different"], 0, 0)),
    # Said twice it is done once.
    "merge_the_same_pair": Told("", "", (["same"], 1, 1)),
    "merge_one_person_with_two": Told("", "", (["same", "same"], 2, 2)),
    "undo_one_merge_twice": Told("NotFound match.not_merged", "", (["different"], 0, 1)),
}


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of every scene."""
    return two_people.met("fangkong.desks.intake.tests.meeting_scenes", tmp_path_factory.mktemp("two"))


def test_every_scene_says_what_the_second_person_reads() -> None:
    assert set(TOLD) == set(SCENES)


@pytest.mark.parametrize("name", list(TOLD))
def test_one_decision_stands_and_the_other_person_is_told(met: dict[str, Any], name: str) -> None:
    two_people.check(met[name], TOLD[name])
