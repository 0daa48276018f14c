"""A worker killed between two directives that end leaves a record that the next pass completes to the same."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from fangkong.command.directives import ending
from fangkong.command.reactions.tests.test_kills import run
from fangkong.core.killpoints import registered

pytestmark = pytest.mark.kill

SETUP = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
from fangkong.command.directives.tests import offices
for n in range(3):
    offices.issued(title=f"directive {n}")
"""

RUN = """
import django
django.setup()
from datetime import timedelta
from fangkong.command.directives.tests import offices
from fangkong.command.directives.watch import directives_watch
from fangkong.command.models import Directive
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
directives_watch(offices.AT + timedelta(days=40), offices.WORKER)
assert verify().problem == ""
assert set(Directive.objects.open().values_list("state", flat=True)) == {"lapsed"}
print(record_digest()["record"])
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with three directives whose last day is over."""
    folder = tmp_path_factory.mktemp("ends") / "home"
    folder.mkdir()
    made = run(SETUP, folder)
    assert made.returncode == 0, made.stderr
    return folder


def test_a_killed_pass_resumes_to_the_same_record(home, tmp_path):
    whole = run(RUN, shutil.copytree(home, tmp_path / "whole"))
    assert whole.returncode == 0, whole.stderr
    copy = shutil.copytree(home, tmp_path / "killed")
    killed = run(RUN, copy, kill_at="directives.one_ended:2")
    assert killed.returncode == -signal.SIGKILL
    resumed = run(RUN, copy)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == whole.stdout


def test_no_point_of_directives_is_left_out():
    assert ending.ONE_ENDED.name in registered()
    assert [name for name in registered() if name.startswith("directives.")] == ["directives.one_ended"]
