"""A process killed between or inside reactions leaves a record that the next run completes to the same."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from fangkong.record.tests.killed_process import run

pytestmark = pytest.mark.kill

SETUP = """
import django
django.setup()
from datetime import date
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
from fangkong.desks.control.tests.people import clock, contact, positive
positive("result-1", known=clock("2022-04-11"), person_key="person-1")
for n in range(3):
    contact(f"contact-{n}", known=clock("2022-04-11"), last=date(2022, 4, 10), person_key=f"p{n}", emit=True)
"""

RUN = """
import django
django.setup()
from fangkong.command.reactions.running import pending_count
from fangkong.command.worker import tick
from fangkong.desks.control.tests.people import clock
from fangkong.record.access import system_actor
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
tick(clock("2022-04-12", "08:00"), system_actor("worker"))
assert verify().problem == "" and pending_count() == 0
print(record_digest()["record"])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a positive result and three contacts to react to."""
    folder = tmp_path_factory.mktemp("kills") / "home"
    folder.mkdir()
    made = run(SETUP, folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def uninterrupted(home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of a run that nobody kills."""
    copy = shutil.copytree(home, tmp_path_factory.mktemp("whole") / "home")
    finished = run(RUN, copy)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.mark.parametrize("passage", [1, 6])
@pytest.mark.parametrize("point", ["reactions.before_row", "reactions.one_done"])
def test_a_killed_run_resumes_to_the_same_record(home, uninterrupted, tmp_path, point, passage):
    copy = shutil.copytree(home, tmp_path / "home")
    killed = run(RUN, copy, kill_at=f"{point}:{passage}")
    assert killed.returncode == -signal.SIGKILL
    resumed = run(RUN, copy)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == uninterrupted


def test_no_point_of_reactions_is_left_out():
    from fangkong.command.reactions import running
    from fangkong.core.killpoints import registered

    assert running.ONE_DONE.name in registered()
    mine = [name for name in registered() if name.startswith("reactions.")]
    assert mine == ["reactions.before_row", "reactions.one_done"]
