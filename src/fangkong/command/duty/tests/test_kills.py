"""A process killed while it enters a roster or draws up a hand-over leaves nothing half done."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from fangkong.command.duty import handovers, roster
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
from fangkong.command.duty.tests.offices import keeper, office, officer
office(), keeper()
for n in range(5):
    officer(n)
"""

RUN = """
import django
django.setup()
from fangkong.command.duty.actions import handover_draw_up, handover_sign_in, handover_sign_out
from fangkong.command.duty.tests.offices import CITY, MONDAY, keeper, monday, officer, week
from fangkong.command.models import DutyShift, Handover
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
assert DutyShift.objects.count() in (0, 7, 8)
assert Handover.objects.count() in (0, 1)
week()
key = handover_draw_up(CITY, MONDAY, actor=officer(0), at=monday(22.5))
handover_sign_out(key, actor=officer(0), at=monday(31.9))
handover_sign_in(key, actor=officer(1), at=monday(32))
assert verify().problem == "" and Handover.objects.open().get().state == "signed"
print(record_digest()["record"])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with five officers and a keeper."""
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


@pytest.mark.parametrize("point", ["duty.roster_loaded", "duty.handover_drawn"])
def test_a_killed_act_done_again_ends_in_the_same_record(home, uninterrupted, tmp_path, point):
    copy = shutil.copytree(home, tmp_path / "home")
    killed = run(RUN, copy, kill_at=point)
    assert killed.returncode == -signal.SIGKILL
    again = run(RUN, copy)
    assert again.returncode == 0, again.stderr
    assert again.stdout == uninterrupted


def test_no_point_of_duty_is_left_out():
    mine = [name for name in registered() if name.startswith("duty.")]
    assert mine == sorted([handovers.DRAWN.name, roster.LOADED.name])
