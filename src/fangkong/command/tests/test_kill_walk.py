"""A process killed after any write of any deed of the command rooms leaves nothing half done, lost or doubled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fangkong.core.killpoints import registered
from fangkong.record.tests.killed_process import run

from .deeds.registry import ROOMS, deeds

pytestmark = pytest.mark.kill

SETUP = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
"""

WALK = """
from django.conf import settings
from fangkong.command.tests.kill_walk import main
main(settings.HOME)
"""

#: A deed that forgets its transaction, and one that forgets on its second run what it did in the first.
PLANTED = """
import django
django.setup()
from datetime import timedelta
from functools import partial
from django.conf import settings
from fangkong.command.tasks.actions import task_acknowledge, task_done
from fangkong.command.tasks.tests.offices import after, give, grid
from fangkong.command.tests.deeds.registry import Deed
from fangkong.command.tests.kill_walk import main
from fangkong.record import audit, events

def halves():
    key, worker = give(), grid()
    def act():
        task_acknowledge(key, actor=worker, at=after(1))
        task_done(key, actor=worker, at=after(2))
    return act

def counted():
    def act():
        for n in range(2):
            with audit.writing():
                from fangkong.record.models import Event
                events.emit("task.done", "task-1", "9901", at=after(Event.objects.count()))
    return act

main(settings.HOME, {"halves": Deed("halves", halves), "counted": Deed("counted", counted, in_steps=True)})
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new installation."""
    folder = tmp_path_factory.mktemp("walk") / "home"
    folder.mkdir()
    made = run(SETUP, folder)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def walk(home: Path) -> dict[str, Any]:
    """What the walk over every deed found."""
    done = run(WALK, home, seconds=900)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_behind_every_kill_all_of_a_deed_stands_or_none_of_it(walk: dict[str, Any]) -> None:
    wrong = {name: found["wrong"] for name, found in walk["deeds"].items() if found["wrong"]}
    assert wrong == {}


def test_the_walk_went_everywhere(walk: dict[str, Any]) -> None:
    found = walk["deeds"]
    assert set(found) == set(deeds())
    assert [name for name, each in found.items() if each["kills"] < 1] == []
    assert [name for name, each in found.items() if not each["untouched"]] == []
    assert sum(each["kills"] for each in found.values()) > 500
    passed = {point for each in found.values() for point in each["points"]}
    prefixes = tuple(f"{room}." for room in (*ROOMS, "meeting", "reactions"))
    assert {point for point in registered() if point.startswith(prefixes)} <= passed


def test_the_walk_sees_a_deed_that_is_done_by_halves(home: Path) -> None:
    done = run(PLANTED, home, seconds=120)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])["deeds"]
    assert "half of it stayed" in found["halves"]["wrong"].values()
    assert "went on to another record" in found["counted"]["wrong"].values()
