"""No name, number or phone of the city lies readable anywhere: not before a purge, and not openable after."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path

import pytest

from fangkong.science.city import city
from tests.running import fangkong

SEED, POPULATION = 7, 2000


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("purge")
    fangkong(folder, "demo", "--population", str(POPULATION), "--seed", str(SEED))
    return folder


DIGITS = re.compile(rb"[0-9]{10,}[0-9X]")
HAN = re.compile("[\u4e00-\u9fff]{3,}")


def secrets_of_the_city() -> set[str]:
    """Every number and phone, and every name long enough not to occur by chance."""
    built = city(SEED, POPULATION)
    found: set[str] = set()
    for index in range(len(built.people.key)):
        identity = built.identity(index)
        found |= {identity.id_number, identity.phone}
        if len(identity.name_zh) >= 3:
            found.add(identity.name_zh)
    assert len(found) > POPULATION
    return found


def pieces(text: str, lengths: set[int]) -> set[str]:
    return {text[start : start + n] for n in lengths for start in range(len(text) - n + 1)}


def readable_in(folder: Path, secrets: set[str]) -> list[str]:
    """File and secret for every secret that stands in the raw bytes of a file, wherever it begins."""
    lengths, hits = {len(secret) for secret in secrets}, []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            runs = {run.decode() for run in DIGITS.findall(data)}
            # A character takes three bytes: decoded from each of three offsets, none can hide between two others.
            for offset in range(3):
                runs |= set(HAN.findall(data[offset:].decode("utf-8", "replace")))
            found = set().union(*(pieces(run, lengths) for run in runs)) & secrets
            hits += [f"{path.name}: {secret}" for secret in sorted(found)]
    return hits


def test_the_search_itself_finds_what_is_there(tmp_path):
    built = city(SEED, POPULATION)
    identity = next(i for n in range(99) if len((i := built.identity(n)).name_zh) >= 3)
    (tmp_path / "leak").write_bytes(
        b"\xe4\x00" + f"x{identity.name_zh}y1{identity.phone}2".encode() + b"\xff"
    )
    hits = readable_in(tmp_path, secrets_of_the_city())
    assert f"leak: {identity.name_zh}" in hits
    assert f"leak: {identity.phone}" in hits


def test_nothing_is_readable_in_database_wal_lake_logs_receipts_or_backups(home):
    secrets = secrets_of_the_city()
    with sqlite3.connect(home / "fangkong.sqlite3") as record:
        sealed = record.execute("select count(*) from record_identity").fetchone()[0]
        assert sealed > 50, "without sealed identities this test proves nothing"
        backup = sqlite3.connect(home / "backup.sqlite3")
        record.backup(backup)
        backup.close()
    shutil.copytree(home / "keys", home / "old-keys")
    assert readable_in(home, secrets) == []

    fangkong(home, "purge", "--all-identities", "--reason", "legal end of the response")

    assert readable_in(home, secrets) == []
    with sqlite3.connect(home / "fangkong.sqlite3") as record:
        for table in ("record_identity", "record_identitykey", "record_identitydigest"):
            assert record.execute(f"select count(*) from {table}").fetchone()[0] == 0
        assert record.execute("select count(*) from record_case").fetchone()[0] > 0, "the facts stay"


def test_after_the_purge_the_keys_of_today_open_no_backup(home):
    """The backup still holds sealed identities; the master key that could open them is gone."""
    import json

    masters = json.loads((home / "keys" / "keyring.json").read_text())["masters"]
    with sqlite3.connect(home / "backup.sqlite3") as backup:
        used = {name for (name,) in backup.execute("select distinct master from record_identitykey")}
    assert used
    assert used.isdisjoint(masters)


def test_after_the_purge_the_audit_chain_is_whole(home):
    assert fangkong(home, "audit", "verify").returncode == 0
