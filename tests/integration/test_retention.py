"""After the row has lapsed no name survives: not in database, log, receipts, inbox, exports or an opened backup."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.integration.test_kill_the_day import CITY, number_of
from tests.integration.test_purge_leaves_nothing import readable_in
from tests.running import fangkong

NAMES = ("司徒霁月", "欧阳拂晓", "上官听雪", "慕容枕流", "端木照野", "公冶长风")
#: Whoever is tested is known to the laboratory by name; their rule ended with class A measures on 2023-01-07.
RESULTS = "样本编号,证件号码,姓名,电话,区划代码,采样时间,结果时间,结果\n" + "".join(
    f"S{n},{number_of(n)},{name},1001234567{n},310115,2022-04-09 09:00,2022-04-09 20:00,阴性\n"
    for n, name in enumerate(NAMES)
)
#: The same people once more, in a file that tells the record nothing new.
AGAIN = RESULTS.replace("结果\n", "结果,备注\n", 1).replace("阴性\n", "阴性,复核\n")
SECRETS = set(NAMES) | {number_of(n) for n in range(6)} | {f"1001234567{n}" for n in range(6)}
POINTS = ("purge.chunk_destroyed", "purge.keys_rotated", "purge.copies_removed", "purge.certified")


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    """An office of 2022 with names sealed, the senders' files in the inbox, an export and a backup."""
    home = tmp_path_factory.mktemp("retention") / "home"
    fangkong(home, "init", "--area", "31", "--disease", "covid-19")
    inbox = home / "inbox"
    inbox.mkdir(exist_ok=True)
    for name, text in (("city.csv", CITY), ("results.csv", RESULTS), ("again.csv", AGAIN)):
        (inbox / name).write_text(text, encoding="utf-8")
        fangkong(home, "receive", str(inbox / name), "--known-at", "2022-04-09T21:00:00+08:00")
    with sqlite3.connect(home / "fangkong.sqlite3") as record:
        sealed = record.execute("select count(*) from record_identity").fetchone()[0]
    assert sealed == len(NAMES), "without sealed identities these tests prove nothing"
    exports = home / "exports"
    exports.mkdir()
    report = fangkong(home, "report", "--as-of", "2022-04-10", "--json")
    (exports / "report.json").write_text(report.stdout, encoding="utf-8")
    fangkong(home, "report", "--as-of", "2022-04-10", "--docx", str(exports / "report.docx"))
    with sqlite3.connect(home / "fangkong.sqlite3") as record:
        backup = sqlite3.connect(home / "backup.sqlite3")
        record.backup(backup)
        backup.close()
    return home


def copy(collected: Path, folder: Path) -> Path:
    return Path(shutil.copytree(collected, folder / "home"))


@pytest.fixture(scope="module")
def uninterrupted(collected, tmp_path_factory) -> list[tuple]:
    """The certificates of a purge that nobody killed."""
    home = copy(collected, tmp_path_factory.mktemp("whole"))
    fangkong(home, "purge", "run")
    return certificates(home)


def certificates(home: Path) -> list[tuple]:
    columns = "key, category, disease, area_code, trigger, rule_row, lapsed_on, people, rows"
    with sqlite3.connect(home / "fangkong.sqlite3") as record:
        query = f"select {columns}, digest from record_purgecertificate where issued_at is not null"
        return [row[1:] for row in sorted(record.execute(query).fetchall())]


def test_no_name_survives_the_end_of_its_rule(collected, tmp_path):
    home = copy(collected, tmp_path)
    plain = {hit.split(":")[0] for hit in readable_in(home, SECRETS)}
    assert plain == {"results.csv", "again.csv"}, (
        "the search finds what is there, and only the senders' files say it"
    )

    (due,) = json.loads(fangkong(home, "purge", "due", "--json").stdout)
    assert (due["category"], due["people"], due["needs_release"]) == ("screening", 6, False)
    (done,) = json.loads(fangkong(home, "purge", "run", "--json").stdout)

    assert (done["people"], done["lapsed_on"], done["trigger"]) == (6, "2023-01-08", "rule_lapsed")
    assert "legal.class" in done["rule_row"]
    assert readable_in(home, SECRETS) == []
    left = [path.parent.parent.name for path in (home / "receipts").glob("*/*/facts.parquet")]
    assert left == [hashlib.sha256(CITY.encode()).hexdigest()], "the bulletin names nobody and stays"
    with sqlite3.connect(home / "fangkong.sqlite3") as record:
        for table in ("record_identity", "record_identitykey", "record_identitydigest"):
            assert record.execute(f"select count(*) from {table}").fetchone()[0] == 0
        assert record.execute("select count(*) from record_labresult").fetchone()[0] == 6, "the facts stay"
    masters = json.loads((home / "keys" / "keyring.json").read_text())["masters"]
    with sqlite3.connect(home / "backup.sqlite3") as backup:
        used = {name for (name,) in backup.execute("select distinct master from record_identitykey")}
    assert used
    assert used.isdisjoint(masters), "a backup opens with no key that there still is"
    assert fangkong(home, "audit", "verify").returncode == 0
    assert json.loads(fangkong(home, "purge", "due", "--json").stdout) == []


def test_a_release_by_nobody_known_is_refused(collected, tmp_path):
    home = copy(collected, tmp_path)
    done = fangkong(home, "purge", "run", "--released-by", "nobody", "--reason", "x", check=False)
    assert done.returncode == 1
    assert "nobody" in done.stderr
    assert certificates(home) == []


@pytest.mark.kill
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_purge_is_finished_by_the_next_with_the_same_certificate(
    collected, uninterrupted, tmp_path, point
):
    home = copy(collected, tmp_path)
    killed = fangkong(home, "purge", "run", check=False, FANGKONG_KILL_AT=point)
    assert killed.returncode == -9
    fangkong(home, "purge", "run")
    assert certificates(home) == uninterrupted
    assert len(certificates(home)) == 1
    assert readable_in(home, SECRETS) == []
    with sqlite3.connect(home / "fangkong.sqlite3") as record:
        assert record.execute("select state from record_purgerun").fetchall() == [("done",)]
    assert fangkong(home, "audit", "verify").returncode == 0


@pytest.mark.kill
def test_every_point_of_a_purge_is_killed_at():
    import fangkong.record.retention.purging  # noqa: F401 (registers the points)
    from fangkong.core.killpoints import registered

    assert sorted(POINTS) == [name for name in registered() if name.startswith("purge.")]
