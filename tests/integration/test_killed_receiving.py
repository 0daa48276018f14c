"""A spreadsheet, killed at every point that receiving it passes and sent again, ends in the same record."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.hostile_files import HEAD, book_bytes, contact
from tests.running import environment, fangkong

pytestmark = pytest.mark.kill

KNOWN_AT = "2022-04-10T20:00:00+08:00"
CASES = "病例编号,姓名,区划代码,分型,发病日期,报告日期\n病例1,试甲,990201,确诊病例,2022-04-01,2022-04-03\n"
COUNT = 1100
#: Points of a file that a mapping knows (faces/cli/tests/test_kills.py meets them) and not of any other.
OF_MAPPED_FILES = {"receive.rows_decided", "receive.staged"}


def ledger(path: Path, *, count: int = COUNT, first: int = 1) -> Path:
    """A ledger of contacts: a date that there is not, the same person twice, and good rows."""
    rows = [contact(place) for place in range(first, first + count)]
    rows[3][5] = "2022-02-30"
    rows.append([count + 1, *rows[5][1:]])
    path.write_bytes(book_bytes([HEAD, *rows]))
    return path


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """An installation that knows the case that the contacts belong to."""
    home = tmp_path_factory.mktemp("killed") / "home"
    fangkong(home, "init", "--area", "9902", "--disease", "covid-19")
    cases = home.parent / "确诊病例.csv"
    cases.write_text(CASES, encoding="utf-8")
    said = fangkong(home, "receive", str(cases), "--known-at", "2022-04-03T20:00:00+08:00", "--json")
    (receipt,) = [json.loads(line) for line in said.stdout.splitlines()]
    assert receipt["accepted"] == 1, receipt
    return home


@pytest.fixture(scope="module")
def walk(template, tmp_path_factory) -> dict:
    file = ledger(tmp_path_factory.mktemp("file") / "密接台账.xlsx")
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.receiving_walk", str(template), str(file), KNOWN_AT],
        cwd=Path(__file__).resolve().parents[2],
        env=environment(template, DJANGO_SETTINGS_MODULE="fangkong.settings"),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_uninterrupted_run_takes_what_is_good_and_names_what_is_not(walk):
    receipt = walk["whole"]["receipt"]
    assert receipt["row_count"] == COUNT + 1
    assert receipt["accepted"] + receipt["held"] + receipt["rejected"] == COUNT + 1
    assert receipt["accepted"] >= COUNT - 2
    assert walk["whole"]["contacts"] >= COUNT - 2
    assert walk["whole"]["reasons"] >= 1


def test_every_point_resumes_to_the_same_record_and_receipt(walk):
    whole = walk["whole"]
    broken = {
        name: {key: (value, at[key]) for key, value in whole.items() if at[key] != value}
        for name, at in walk["points"].items()
        if not at["resumed"] or any(at[key] != value for key, value in whole.items())
    }
    assert broken == {}


def test_nothing_is_left_over_and_the_audit_chain_is_whole(walk):
    for at in (walk["whole"], *walk["points"].values()):
        assert at["left"] == []
        assert at["broken_audit"] == ""


def test_the_kills_happened_at_every_registered_point(walk):
    assert all(at["killed"] for at in walk["points"].values())
    passed = {name.rpartition(":")[0] for name in walk["points"]}
    registered = {name for name in walk["registered"] if name.startswith("receive.")}
    assert registered - passed == OF_MAPPED_FILES
    assert "receive.chunk_applied:2" in walk["points"]
