"""Two people at the same thing at once, on either engine: one deed stands, and the other person is told what does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from django.db import connection

from .killed_process import run
from .meeting_scenes import SCENES

MAKE = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
"""

MEET = """
import django
django.setup()
from fangkong.command.tests.meeting_scenes import SCENES
from fangkong.command.tests.two_people import main
main(SCENES)
"""

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
def database() -> Iterator[str]:
    """The address of an empty PostgreSQL database; "" where the tests run on SQLite."""
    if connection.vendor != "postgresql":
        yield ""
        return
    import psycopg

    server = os.environ["FANGKONG_DATABASE_URL"]
    name = f"two_people_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlparse(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def met(database: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of every scene, each in an empty record, in one process."""
    home = tmp_path_factory.mktemp("two") / "home"
    home.mkdir()
    made = run(MAKE, home, database=database)
    assert made.returncode == 0, made.stderr
    done = run(MEET, home, seconds=300, database=database)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_every_scene_says_what_the_second_person_reads() -> None:
    assert set(TOLD) == set(SCENES)


@pytest.mark.parametrize("name", list(TOLD))
def test_one_deed_stands_and_the_other_person_is_told(met: dict[str, Any], name: str) -> None:
    refusal, names, stands = TOLD[name]
    first, second = met[name]["outcomes"]
    assert "answer" in first, first
    if refusal:
        assert f"{second.get('kind')} {second.get('refused')}" == refusal, second
        assert names in second["params"]
    else:
        assert "answer" in second, second
    assert met[name]["stood"] == repr(stands)
    assert met[name]["chain"] == ""


def test_nobody_locks_a_row_past_the_house_s_way() -> None:
    """``select_for_update`` alone finds nothing where somebody else has just revised the row (locking.py says why)."""
    room = Path(__file__).resolve().parents[1]
    plain = [
        path.relative_to(room).as_posix()
        for path in room.rglob("*.py")
        if "tests" not in path.parts and "select_for_update" in path.read_text(encoding="utf-8")
    ]
    assert plain == ["locking.py"]
