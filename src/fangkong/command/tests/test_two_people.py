"""Two people at the same thing at once, on either engine: one deed stands, and the other person is told what does."""

from __future__ import annotations

from typing import Any

import pytest

from fangkong.record.tests import two_people

from .meeting_scenes import SCENES

#: Scene -> the refusal that the second person reads ("": the same answer as the first), what it names, what stands.
TOLD = {
    "close_a_task": ("Conflict task.wrong_state", "'done'", (["done"], 1)),
    "issue_a_directive": ("Conflict directive.wrong_state", "'issued'", (["issued"], 1)),
    "draft_the_same_words": ("", "", (["draft"], 1)),
    "apply_a_swap": ("Conflict duty.swap_wrong_state", "'applied'", (["applied"], 1)),
    "sign_a_handover": ("Conflict handover.wrong_state", "'signed'", (["signed"], 1)),
    "enter_overlapping_shifts": ("RosterBroken duty.roster_broken", "'n'", ["planned"]),
    "declare_one_proposal": ("Conflict level.wrong_state", "'in_force'", ["in_force"]),
    "declare_the_same_level": ("Conflict level.same_in_force", "2022-07-18", ["in_force", "proposed"]),
    # The second declaration is of another level: it takes the place of the first, never stands beside it.
    "declare_two_levels": ("", "", ["adjusted", "in_force"]),
    "confirm_a_clause": ("Conflict minutes.clause_decided", "'confirmed'", ["draft"]),
    "start_a_plan": ("Conflict plan.already_running", "since", ["running"]),
    "call_under_one_number": ("Conflict meeting.number_taken", "'number': 12", ["called"]),
    "close_a_gap": ("Conflict gap.wrong_state", "'closed'", 1),
    # Nothing that was done is taken back by what ends in the same instant.
    "withdraw_while_a_task_is_done": ("", "", ["done"]),
    "do_a_task_while_it_is_withdrawn": ("Conflict task.wrong_state", "'revoked'", ["revoked"]),
    "do_a_task_while_it_falls_overdue": ("", "", ["done"]),
}


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of every scene."""
    return two_people.met("fangkong.command.tests.meeting_scenes", tmp_path_factory.mktemp("two"))


def test_every_scene_says_what_the_second_person_reads() -> None:
    assert set(TOLD) == set(SCENES)


@pytest.mark.parametrize("name", list(TOLD))
def test_one_deed_stands_and_the_other_person_is_told(met: dict[str, Any], name: str) -> None:
    two_people.check(met[name], two_people.Told(*TOLD[name]))
