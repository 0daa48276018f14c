"""`fangkong receive --watch`: a real process, killed at each of its points, files everything once."""

from __future__ import annotations

import json
import signal

import pytest

from fangkong.core import killpoints
from fangkong.desks.intake import watched_folder

WATCHING = [name for name in killpoints.registered() if name.startswith("watch.")]

pytestmark = pytest.mark.kill


def an_inbox(folder):
    inbox = folder / "inbox"
    inbox.mkdir()
    rows = "".join(f"A{n},2022-04-{1 + n:02},990101,,\n" for n in range(5))
    (inbox / "cases.csv").write_text("case,reported,area,id,name\n" + rows, encoding="utf-8")
    return inbox


def test_the_points_are_those_between_receiving_and_filing():
    assert WATCHING == ["watch.receipt_beside", "watch.received"]
    assert watched_folder.RECEIVED == "received"


@pytest.mark.parametrize("point", WATCHING)
def test_a_killed_watch_files_the_same_receipt_on_the_next_run(installed, tmp_path, point):
    inbox = an_inbox(tmp_path)
    (inbox / "notes.pdf").write_bytes(b"%PDF-1.7\n")
    watching = ["receive", "--watch", inbox, "--once", "--still", "0.3", "--json"]
    killed = installed.run(*watching, kill_at=point)
    assert killed.returncode == -signal.SIGKILL
    assert (inbox / "cases.csv").is_file()
    before = json.loads(killed.stdout.splitlines()[0])
    again = installed.run(*watching)
    assert again.returncode == 1, again.stderr  # the paper was refused
    first = json.loads(again.stdout.splitlines()[0])
    assert (first["key"], first["accepted"], first["inserted"]) == (before["key"], 5, before["inserted"])
    assert not list(inbox.glob("[!.]*.*"))
    filed = {path.name for path in (inbox / "received").iterdir()}
    assert filed == {"cases.csv", "cases.csv.receipt.json"}
    beside = json.loads((inbox / "received" / "cases.csv.receipt.json").read_text())
    assert (beside["key"], beside["rows_in"]) == (before["key"], 5)
    assert {path.name for path in (inbox / "refused").iterdir()} == {"notes.pdf", "notes.pdf.receipt.json"}


def test_files_and_a_folder_at_once_are_refused(installed, tmp_path):
    done = installed.run("receive", "--watch", tmp_path, tmp_path / "a.csv")
    assert done.returncode == 2
    assert "--watch" in done.stderr
