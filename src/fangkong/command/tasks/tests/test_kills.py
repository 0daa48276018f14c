"""A process killed while it gives or hands over many tasks leaves none of them; the same act again gives them all."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from fangkong.command.tasks import assigning, giving
from fangkong.core.killpoints import registered
from fangkong.record.tests.killed_process import run

pytestmark = pytest.mark.kill

SETUP = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
from fangkong.command.tasks.tests.offices import grid, officer
officer(), grid()
"""

RUN = """
import os
import django
django.setup()
from fangkong.command.tasks.assigning import tasks_assign
from fangkong.command.tasks.giving import tasks_create
from fangkong.command.tasks.tests.offices import AT, after, new
from fangkong.record.access import actor_of
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import Event, Task, User
boss, worker = (actor_of(User.objects.get(username=name)) for name in ("duty", "grid"))
held = Task.objects.count()
assert held in (0, 1200), held
keys = tasks_create([new(title=f"{n}") for n in range(1200)], actor=boss, at=AT)
tasks_assign(keys, owner_role="grid_worker", owner_key=worker.key, actor=boss, at=after(1))
assert verify().problem == "" and Task.objects.open().count() == 1200
assert Event.objects.filter(kind="tasks.assigned").count() == 2
print(record_digest()["record"])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with somebody who gives tasks and somebody who does them."""
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


@pytest.mark.parametrize("point", ["tasks.loaded:1100", "tasks.before_events", "tasks.assigned:1100"])
def test_a_killed_act_done_again_ends_in_the_same_record(home, uninterrupted, tmp_path, point):
    copy = shutil.copytree(home, tmp_path / "home")
    killed = run(RUN, copy, kill_at=point)
    assert killed.returncode == -signal.SIGKILL
    again = run(RUN, copy)
    assert again.returncode == 0, again.stderr
    assert again.stdout == uninterrupted


def test_no_point_of_tasks_is_left_out():
    mine = [name for name in registered() if name.startswith("tasks.")]
    assert mine == sorted([giving.BEFORE_EVENTS.name, giving.LOADED.name, assigning.ASSIGNED.name])
