"""Files that mean harm, or are only broken, through the real command: refused in words or received with issues."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.integration.hostile_files import FILES, Hostile, contact, csv_text, ledger
from tests.running import environment, fangkong

pytestmark = [
    pytest.mark.kill,
    pytest.mark.skipif(sys.platform != "linux", reason="the bounds of a process are Linux's"),
]

SECONDS = 5
MEGABYTES = 300
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A fresh installation."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    fangkong(home, "init", "--area", "9902", "--disease", "covid-19")
    return home


@pytest.fixture(scope="module")
def answers(home, tmp_path_factory) -> dict[str, dict[str, Any]]:
    """What became of each file, one after another in the same installation."""
    folder = tmp_path_factory.mktemp("files")
    for each in FILES:
        each.make(folder / each.name)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.integration.hostile_walk",
            str(home),
            str(SECONDS),
            str(MEGABYTES),
            *(str(folder / each.name) for each in FILES),
        ],
        cwd=CHECKOUT,
        env=environment(home, DJANGO_SETTINGS_MODULE="fangkong.settings"),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return {each["file"]: each for each in said}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_hostile_file_is_refused_or_received_within_bounds(answers, file: Hostile):
    said = answers[file.name]
    assert not said["killed"], f"ended by signal {said['signal']}"
    assert "Traceback" not in said["err"], said["err"]
    assert said["code"] == (0 if file.fate == "received" else 1), said
    assert said["megabytes"] <= MEGABYTES
    assert said["seconds"] <= SECONDS
    (receipt,) = [json.loads(line) for line in said["out"].splitlines()]
    assert receipt["file"] == file.name
    assert receipt["rows_in"] == receipt["accepted"] + receipt["held"] + receipt["rejected"]
    codes = {issue["code"] for issue in receipt["issues"]}
    assert not file.code or file.code in codes
    assert all(issue["message"] for issue in receipt["issues"])
    if file.fate == "refused":
        assert receipt["refused"]["code"]
        assert said["digest"] == said["before"]
    assert said["left"] == []


def test_each_file_was_tried(answers):
    assert set(answers) == {file.name for file in FILES}


def test_a_file_that_grows_while_it_is_read_is_refused_or_whole(home, tmp_path):
    """What the receipt says is what the file was at one moment; sent again at rest, all of it is there."""
    own = tmp_path / "home"
    shutil.copytree(home, own)
    path = tmp_path / "grows.csv"
    path.write_text(csv_text(ledger(1000)), encoding="utf-8")
    stop = threading.Event()
    count = 1000

    def grow() -> None:
        nonlocal count
        while not stop.wait(0.002):
            count += 1
            with path.open("a", encoding="utf-8") as file:
                file.write(csv_text([contact(count)]))

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        done = fangkong(own, "receive", str(path), "--json", check=False)
    finally:
        stop.set()
        writer.join()
    (receipt,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert "Traceback" not in done.stderr
    assert done.returncode == ("refused" in receipt)
    assert receipt["rows_in"] == receipt["accepted"] + receipt["held"] + receipt["rejected"]
    (whole,) = [
        json.loads(line) for line in fangkong(own, "receive", str(path), "--json").stdout.splitlines()
    ]
    assert whole["rows_in"] == count
