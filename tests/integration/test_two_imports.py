"""Two files received at the same time end as the same files one after the other: nobody is opened twice."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.hostile_files import HEAD, book_bytes, contact
from tests.integration.test_killed_receiving import CASES
from tests.running import FANGKONG, environment, fangkong

pytestmark = pytest.mark.kill

EARLIER, LATER = "2022-04-10T20:00:00+08:00", "2022-04-11T20:00:00+08:00"


def files(folder: Path) -> tuple[Path, Path]:
    """Two ledgers that name the same sixty new people among others."""
    paths = folder / "密接台账一.xlsx", folder / "密接台账二.xlsx"
    for path, first in zip(paths, (1, 61), strict=True):
        rows = [contact(place) for place in range(first, first + 120)]
        path.write_bytes(book_bytes([HEAD, *rows]))
    return paths


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """An installation that knows the case that the contacts belong to."""
    home = tmp_path_factory.mktemp("two") / "home"
    fangkong(home, "init", "--area", "9902", "--disease", "covid-19")
    cases = home.parent / "确诊病例.csv"
    cases.write_text(CASES, encoding="utf-8")
    fangkong(home, "receive", str(cases), "--known-at", "2022-04-03T20:00:00+08:00")
    return home


def copy(template: Path, folder: Path, name: str) -> Path:
    return Path(shutil.copytree(template, folder / name))


def at_once(home: Path, *receiving: tuple[Path, str]) -> list[dict[str, Any]]:
    """The receipts of files received by as many processes at the same time."""
    running = [
        subprocess.Popen(
            [FANGKONG, "--lang", "en", "receive", str(path), "--known-at", known_at, "--json"],
            env=environment(home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for path, known_at in receiving
    ]
    receipts = []
    for process in running:
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, out + err
        assert "locked" not in err
        receipts.append(json.loads(out))
    return receipts


def digest(home: Path) -> dict[str, str]:
    return dict(json.loads(fangkong(home, "digest", "--json").stdout))


def people(home: Path) -> int:
    """How many people the record holds."""
    import sqlite3

    with sqlite3.connect(home / "fangkong.sqlite3") as database:
        return int(database.execute("SELECT COUNT(DISTINCT key) FROM record_person").fetchone()[0])


def test_two_files_that_name_the_same_new_people(template, tmp_path):
    one, two = files(tmp_path)
    orders = ([(one, EARLIER), (two, LATER)], [(two, LATER), (one, EARLIER)])
    digests, counts = [], []
    for place, order in enumerate(orders):
        home = copy(template, tmp_path, f"in-turn-{place}")
        for path, known_at in order:
            fangkong(home, "receive", str(path), "--known-at", known_at)
        digests.append(digest(home))
        counts.append(people(home))
    home = copy(template, tmp_path, "at-once")
    receipts = at_once(home, (one, EARLIER), (two, LATER))
    assert digest(home) in digests
    assert {people(home), *counts} == {181}
    for receipt in receipts:
        assert receipt["rows_in"] == receipt["accepted"] == 120


def test_the_same_file_twice(template, tmp_path):
    one, _ = files(tmp_path)
    home = copy(template, tmp_path, "in-turn")
    fangkong(home, "receive", str(one), "--known-at", EARLIER)
    twice = copy(template, tmp_path, "at-once")
    first, second = at_once(twice, (one, EARLIER), (one, EARLIER))
    assert digest(twice) == digest(home)
    assert first == second
    assert people(twice) == 121
