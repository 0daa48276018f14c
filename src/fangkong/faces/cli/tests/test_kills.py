"""Killed at any registered point and run again, receiving and key rotation end as if never killed."""

from __future__ import annotations

import json
import signal

import pytest

import fangkong.desks.intake.actions
import fangkong.record.identity_purging  # noqa: F401 (registers its points)
from fangkong.core import killpoints

#: Points of a file that no mapping knows: tests/integration/test_killed_receiving.py meets them with a spreadsheet.
OF_TABLES = {"receive.table_staged"}
RECEIVING = [
    name for name in killpoints.registered() if name.startswith("receive.") and name not in OF_TABLES
]
ROTATING = [name for name in killpoints.registered() if name.startswith("keys.")]

pytestmark = pytest.mark.kill

#: Good rows of the line list: their facts fill more than one chunk.
COUNT = 1100


@pytest.fixture(scope="module")
def uninterrupted(fresh, tmp_path_factory) -> dict[str, str]:
    """The digest after the same line list was received without a kill."""
    installation = fresh.copy(tmp_path_factory.mktemp("whole") / "home")
    path = _line_list(tmp_path_factory.mktemp("file"))
    _, digest = installation.chain(["receive", path], ["digest", "--json"])
    return json.loads(digest)


def _line_list(folder):
    rows = [f"A{n},2022-04-{1 + n % 28:02},990101,99010119900101{n:04},某{n}" for n in range(COUNT)]
    rows += [f"A{COUNT + 1},2022-04-01,880101,990101199001019999,某", rows[0]]
    path = folder / "cases.csv"
    path.write_text("case,reported,area,id,name\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_points_are_those_of_every_step():
    assert len(RECEIVING) >= 8
    assert set(killpoints.registered()) >= OF_TABLES
    assert len(ROTATING) >= 2


@pytest.mark.parametrize("point", [*RECEIVING, "receive.chunk_applied:2"])
def test_receiving_resumes(installed, uninterrupted, tmp_path, point):
    path = _line_list(tmp_path)
    killed = installed.run("receive", path, kill_at=point)
    assert killed.returncode == -signal.SIGKILL
    received, digest, _ = installed.chain(
        ["receive", path, "--json"], ["digest", "--json"], ["audit", "verify"]
    )
    receipt = json.loads(received)
    assert (receipt["rows_in"], receipt["accepted"], receipt["inserted"]) == (COUNT + 2, COUNT, COUNT)
    assert json.loads(digest) == uninterrupted
    assert not list((installed.home / "receipts").rglob("key.sealed"))


@pytest.mark.parametrize("point", ROTATING)
def test_key_rotation_resumes(installed, uninterrupted, tmp_path, point):
    installed.chain(["receive", _line_list(tmp_path)])
    killed = installed.run("keys", "rotate", kill_at=point)
    assert killed.returncode == -signal.SIGKILL
    _, digest = installed.chain(["keys", "rotate"], ["digest", "--json"])
    assert len(json.loads((installed.home / "keys" / "keyring.json").read_text())["masters"]) == 1
    assert json.loads(digest) == uninterrupted
