"""Two people decide on one order, permit or appeal at once, on either engine: one does, the other reads its state."""

from __future__ import annotations

from typing import Any

import pytest

from fangkong.record.tests import two_people
from fangkong.record.tests.two_people import Told

from .meeting_scenes import SCENES

TOLD = {
    "approve_one_order_twice": Told("Conflict order.not_proposed", "'approved'", (["approved"], 1)),
    "approve_what_another_rejects": Told("Conflict order.not_proposed", "'rejected'", (["rejected"], 0)),
    "reject_what_another_approves": Told("Conflict order.not_proposed", "'approved'", (["approved"], 0)),
    # Nothing is left to lapse: the sweep counts none and the order stays taken back.
    "take_back_what_lapses": Told("", "", ["withdrawn"]),
    "suspend_one_order_twice": Told("Conflict order.not_running", "'suspended'", (["suspended"], 1)),
    "answer_one_appeal_twice": Told("Conflict appeal.answered", "'upheld'", (["upheld"], ["suspended"])),
    "issue_one_permit_twice": Told("Conflict permit.wrong_state", "'issued'", (["issued"], 1)),
    "refuse_what_another_issues": Told("Conflict permit.wrong_state", "'issued'", (["issued"], 0)),
    "decline_an_offer_that_another_accepts": Told(
        "Conflict rejudgement.not_offered", "'accepted'", (["accepted"], 1)
    ),
}


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of every scene."""
    return two_people.met("fangkong.desks.control.tests.meeting_scenes", tmp_path_factory.mktemp("two"))


def test_every_scene_says_what_the_second_person_reads() -> None:
    assert set(TOLD) == set(SCENES)


@pytest.mark.parametrize("name", list(TOLD))
def test_one_decision_stands_and_the_other_person_is_told(met: dict[str, Any], name: str) -> None:
    two_people.check(met[name], TOLD[name])
