"""A watched folder: files that lie still are received once, filed beside their receipts, and never overwritten."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fangkong.core.errors import Conflict, InputError
from fangkong.desks.intake.watched_folder import beside_of, folder_watch

STILL = 0.1


@pytest.fixture
def inbox(tmp_path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def taking(seen: list[str]):
    def receive(path: Path):
        seen.append(path.name)
        return not path.name.startswith("bad"), {"file": path.name, "rows_in": 1}

    return receive


def watch_once(inbox: Path) -> list[str]:
    seen: list[str] = []
    for _ in folder_watch(inbox, taking(seen), once=True, still_seconds=STILL):
        pass
    return seen


def test_received_and_refused_files_lie_apart_with_their_receipts(inbox):
    (inbox / "a.csv").write_text("x\n1\n")
    (inbox / "bad.csv").write_text("y\n")
    assert sorted(watch_once(inbox)) == ["a.csv", "bad.csv"]
    assert (inbox / "received" / "a.csv").read_text() == "x\n1\n"
    receipt = json.loads((inbox / "received" / "a.csv.receipt.json").read_text())
    assert (receipt["file"], receipt["rows_in"]) == ("a.csv", 1)
    assert (inbox / "refused" / "bad.csv").is_file()
    assert watch_once(inbox) == []


def test_a_second_file_of_the_name_gets_a_number(inbox):
    for content in ("one", "two", "two"):
        (inbox / "a.csv").write_text(content)
        watch_once(inbox)
    place = inbox / "received"
    assert {path.name: path.read_text() for path in place.glob("*.csv")} == {
        "a.csv": "one",
        "a (2).csv": "two",
        "a (3).csv": "two",
    }
    assert len(list(place.glob("*.receipt.json"))) == 3


def test_temporary_names_folders_and_links_are_left_alone(inbox, tmp_path):
    left = ["~$a.xlsx", "a.csv.part", "b.tmp", ".hidden.csv", "Thumbs.db", "c.receipt.json"]
    for name in left:
        (inbox / name).write_text("x")
    (inbox / "sub").mkdir()
    (inbox / "sub" / "inner.csv").write_text("x")
    (tmp_path / "outside.csv").write_text("x")
    (inbox / "link.csv").symlink_to(tmp_path / "outside.csv")
    assert watch_once(inbox) == []
    assert all((inbox / name).exists() for name in left)
    assert (inbox / "sub" / "inner.csv").exists()


def test_a_file_that_still_grows_waits(inbox):
    growing = inbox / "growing.csv"
    growing.write_text("x\n")
    (inbox / "whole.csv").write_text("x\n")
    seen: list[str] = []

    def receive(path: Path):
        seen.append(path.name)
        if path.name == "growing.csv":  # somebody writes on while it is being read
            growing.write_text("x\n" + "1\n" * len(seen))
        return True, {}

    filed = [each.name for each in folder_watch(inbox, receive, once=True, still_seconds=STILL)]
    assert filed == ["whole.csv"]
    assert growing.is_file()
    assert watch_once(inbox) == ["growing.csv"]


def test_a_receipt_that_a_kill_left_alone_is_used_for_its_own_file_only(inbox):
    """Killed between writing the receipt and moving the file: the same name again; of another file, the next."""
    (inbox / "a.csv").write_text("one")
    watch_once(inbox)
    os.rename(inbox / "received" / "a.csv", inbox / "a.csv")
    watch_once(inbox)
    assert [path.name for path in (inbox / "received").glob("*.csv")] == ["a.csv"]
    os.rename(inbox / "received" / "a.csv", inbox / "gone")
    (inbox / "gone").unlink()
    (inbox / "a.csv").write_text("another")
    watch_once(inbox)
    assert beside_of(inbox / "received" / "a (2).csv").is_file()


def test_one_process_watches_a_folder(inbox):
    (inbox / "a.csv").write_text("x")
    first = folder_watch(inbox, taking([]), still_seconds=STILL)
    next(first)
    with pytest.raises(Conflict) as refused:
        watch_once(inbox)
    assert refused.value.code == "watch.busy"
    first.close()
    assert watch_once(inbox) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError) as refused:
        list(folder_watch(tmp_path / "none", taking([]), once=True))
    assert refused.value.code == "watch.no_folder"
