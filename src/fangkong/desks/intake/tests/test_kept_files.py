"""A file that waits for decisions is noise on the disk, opens whole, and is gone when its days are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidTag

from fangkong.core.errors import FangkongError, NotFound
from fangkong.desks.intake import kept_files
from fangkong.desks.intake.kept_files import file_forget, file_keep, is_kept, kept_file, kept_files_remove

NAME = "密接台账.csv"


@pytest.fixture
def folder(tmp_path, settings):
    settings.HOME = tmp_path
    found = tmp_path / "receipts" / "sha" / "receipt-1"
    found.mkdir(parents=True)
    return found


def keep(folder, content: bytes, key: str = "receipt-1"):
    source = folder.parent / "sent.csv"
    source.write_bytes(content)
    assert file_keep(source, folder, key)


def opened(folder, key: str = "receipt-1") -> bytes:
    with kept_file(folder, key, NAME) as path:
        assert path.name == NAME
        return path.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_what_is_kept_opens_as_it_came(folder, size):
    content = (b"990101198402260030," * (size // 19 + 1))[:size]
    keep(folder, content)
    assert opened(folder) == content
    sealed = (folder / "original.sealed").read_bytes()
    assert size == 0 or b"19840226" not in sealed
    assert not list(folder.glob(".opened-*"))


def test_a_block_cut_off_or_a_file_of_another_receipt_does_not_open(folder):
    keep(folder, b"x" * (1 << 20) + b"y")
    with pytest.raises((FangkongError, InvalidTag)):
        opened(folder, "receipt-2")
    path = folder / "original.sealed"
    whole = path.read_bytes()
    path.write_bytes(whole[: 4 + int.from_bytes(whole[:4], "big") + 12])
    with pytest.raises(FangkongError):
        opened(folder)
    path.write_bytes(whole[:100])
    with pytest.raises(InvalidTag):
        opened(folder)


def test_forgotten_it_is_not_found(folder):
    keep(folder, b"a,b")
    file_forget(folder)
    assert not is_kept(folder)
    with pytest.raises(NotFound):
        opened(folder)


def test_a_purge_takes_all_and_time_takes_the_old(folder):
    keep(folder, b"a,b")
    assert kept_files_remove(datetime.now(UTC) - timedelta(days=1)) == 0
    assert kept_files_remove(datetime.now(UTC) + timedelta(days=1)) == 1
    keep(folder, b"a,b")
    assert kept_files_remove() == 1
    assert not is_kept(folder)


def test_a_file_above_the_limit_is_not_kept(folder, monkeypatch):
    monkeypatch.setattr(kept_files, "_limits", lambda: {"kept_bytes": 2, "kept_days": 14})
    source = folder.parent / "sent.csv"
    source.write_bytes(b"abc")
    assert not file_keep(source, folder, "receipt-1")
    assert not is_kept(folder)
