"""A load that is killed again and again ends with the record of one that was not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from fangkong.command.demonstration.actions import PARTS
from fangkong.core.killpoints import registered

from .conftest import POPULATION, SEED

#: Every point of this room, in the order in which a load passes them.
POINTS = (
    "demo.areas",
    "demo.people",
    "demo.identities",
    "demo.outbreak",
    "demo.bulletins",
    "demo.orders_day_done",
    "demo.orders",
    "demo.file_written",
    "demo.file",
    "demo.checkpoints",
    "demo.reacted",
    "demo.decided",
    "demo.last_day",
)

# One process sets Django up; each load runs in a fork of it that dies, or not, for itself.
DRIVER = f"""
import json, os, sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from fangkong.command.demonstration.actions import load_demonstration
from fangkong.core import killpoints
from fangkong.record import keyring
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest

def load(home, point):
    settings.HOME = Path(home)
    settings.HOME.mkdir(parents=True, exist_ok=True)
    connections["default"].settings_dict["NAME"] = settings.HOME / "fangkong.sqlite3"
    call_command("migrate", verbosity=0)
    killpoints._target = point
    load_demonstration(actor=system_actor("cli"), seed={SEED}, population={POPULATION})
    return record_digest()

keyring.create(Path(settings.KEYFILE))
for home, point in json.loads(sys.argv[1]):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, json.dumps(load(home, point)).encode())
        os._exit(0)
    os.close(write)
    _, status = os.waitpid(child, 0)
    answer = os.read(read, 65536).decode()
    print(json.dumps([point, os.waitstatus_to_exitcode(status), json.loads(answer or "null")]), flush=True)
"""


def test_the_points_are_all_that_this_room_registers():
    assert sorted(POINTS) == [name for name in registered() if name.startswith("demo.")]
    assert {f"demo.{part}" for part in PARTS} <= set(POINTS)


@pytest.mark.kill
def test_killed_at_every_point_in_turn_it_ends_as_an_uninterrupted_load_does(tmp_path):
    homes = {name: str(tmp_path / name) for name in ("killed", "whole")}
    loads = [(homes["killed"], point) for point in POINTS] + [(homes["killed"], ""), (homes["whole"], "")]
    # Keyed digests of identities are part of the record's digest: both homes share the key file.
    environment = {
        **os.environ,
        "FANGKONG_HOME": str(tmp_path),
        "FANGKONG_KEYFILE": str(tmp_path / "keys" / "keyring.json"),
        "DJANGO_SETTINGS_MODULE": "fangkong.settings",
    }
    for name in ("FANGKONG_DATABASE_URL", "FANGKONG_KILL_AT"):
        environment.pop(name, None)
    command = [sys.executable, "-c", DRIVER, json.dumps(loads)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(point, code) for point, code, _ in outcomes[:-2]] == [(p, -signal.SIGKILL) for p in POINTS], (
        done.stderr
    )
    resumed, whole = ({**digest} for _, _, digest in outcomes[-2:])
    for digest in (resumed, whole):
        # The clock's offset depends on when the load began, and the whole depends on it.
        del digest["record"], digest["setting"]
    assert resumed == whole
