"""init, receive, digest, audit, keys and purge as somebody types them."""

from __future__ import annotations

import json
import sqlite3
import stat

HEADER = "case,reported,area,id,name\n"


def receipts_of(done):
    """The receipts that a run printed: a line of JSON each."""
    return [json.loads(line) for line in done.stdout.splitlines()]


class TestInit:
    def test_makes_keys_that_only_their_owner_reads_and_says_what_is_next(self, fresh):
        keyfile = fresh.home / "keys" / "keyring.json"
        assert stat.S_IMODE(keyfile.stat().st_mode) == 0o600
        done = fresh.run("init")
        assert done.returncode == 0
        assert "9901" in done.stdout
        assert "fangkong receive" in done.stdout

    def test_again_changes_nothing(self, installed):
        keys = (installed.home / "keys" / "keyring.json").read_bytes()
        before, _, after = installed.chain(["digest"], ["init", "--area", "9901"], ["digest"])
        assert before == after
        assert (installed.home / "keys" / "keyring.json").read_bytes() == keys

    def test_takes_the_six_digit_code_of_a_city(self, installed):
        assert "Area 31," in installed.run("init", "--area", "310000").stdout

    def test_refuses_what_is_no_area_code(self, installed):
        done = installed.run("init", "--area", "99x", lang="zh")
        assert done.returncode == 2
        assert "99x 不是区划代码" in done.stderr


class TestReceive:
    def test_says_what_became_of_the_rows(self, installed, line_list):
        done = installed.run("receive", line_list)
        assert done.returncode == 0, done.stderr
        assert "62 rows = 59 accepted + 1 held + 2 rejected" in done.stdout
        assert (
            "rejected: row 5, name: wrong number of cells. It has 6 cells and should have 5." in done.stdout
        )
        assert "held: row 62, area: unknown area." in done.stdout
        assert "rejected: row 63: repeats an earlier row. Row 2 was taken" in done.stdout

    def test_rows_are_named_as_the_file_numbers_them(self, installed, tmp_path):
        """A row is a place, not a quantity: nobody finds row "1,301" in an editor."""
        rows = [f"A{n},2022-04-01,990101,{n},x" for n in range(1299)]
        path = tmp_path / "long.csv"
        path.write_text(HEADER + "\n".join([*rows, rows[0]]) + "\n", encoding="utf-8")
        done = installed.run("receive", path)
        assert "1,300 rows = 1,299 accepted" in done.stdout
        assert "rejected: row 1301: repeats an earlier row. Row 2 was taken" in done.stdout
        path.write_text(HEADER + "\n".join(rows) + '\n"A', encoding="utf-8")
        assert "row 1301" in installed.run("receive", path).stderr

    def test_speaks_chinese(self, installed, line_list):
        done = installed.run("receive", line_list, lang="zh")
        assert "62 行 ＝ 收下 59 ＋ 暂缓 1 ＋ 退回 2" in done.stdout
        assert "暂缓：第 62 行，area：不认识的地区。" in done.stdout

    def test_gives_json_with_every_row(self, installed, line_list):
        (receipt,) = receipts_of(installed.run("receive", line_list, "--json"))
        assert receipt["rows_in"] == receipt["accepted"] + receipt["held"] + receipt["rejected"] == 62
        assert [(issue["row"], issue["code"], issue["severity"]) for issue in receipt["issues"]] == [
            (5, "COLUMN_COUNT", "error"),
            (62, "VOCABULARY_UNKNOWN", "warning"),
            (63, "EXACT_DUPLICATE_ROW", "warning"),
        ]
        assert "unknown area" in receipt["issues"][1]["message"]

    def test_a_refused_file_does_not_keep_the_next_from_being_received(self, installed, line_list, tmp_path):
        bad = tmp_path / "bad.csv"
        bad.write_text(HEADER + "A1,2022-02-30,990101,1,x\n", encoding="utf-8")
        done = installed.run("receive", bad, line_list, "--json")
        assert done.returncode == 1
        refused, received = receipts_of(done)
        assert refused["refused"]["params"]["row"] == 2
        assert "no such date" in refused["issues"][0]["message"]
        assert [refused[name] for name in ("rows_in", "accepted", "held", "rejected")] == [0, 0, 0, 0]
        assert received["accepted"] == 59

    def test_a_refusal_names_file_row_and_column_and_leaves_the_record(self, installed, tmp_path):
        before = installed.digest()
        bad = tmp_path / "bad.csv"
        bad.write_text(HEADER + "A1,2022-02-30,990101,1,x\n", encoding="utf-8")
        done = installed.run("receive", bad)
        assert done.returncode == 1
        assert all(part in done.stderr for part in ("bad.csv", "row 2", "column: reported"))
        assert installed.digest() == before

    def test_takes_the_time_of_knowledge(self, installed, line_list):
        done = installed.run("receive", line_list, "--known-at", "2022-05-01", "--json")
        (receipt,) = receipts_of(done)
        assert (receipt["known_at"], receipt["known_basis"]) == ("2022-05-01T15:59:59+00:00", "option")
        done = installed.run("receive", line_list, "--known-at", "yesterday")
        assert done.returncode == 2
        assert "--known-at" in done.stderr


class TestDigest:
    def test_as_of_a_day_leaves_out_what_was_learnt_later(self, installed, line_list):
        earlier = ["digest", "--as-of", "2022-03-31", "--json"]
        printed = installed.chain(earlier, ["receive", line_list], earlier, ["digest", "--json"], ["digest"])
        empty, then, now = (json.loads(printed[n]) for n in (0, 2, 3))
        assert then["case"] == empty["case"] != now["case"]
        assert now["record"] in printed[4]


class TestAudit:
    def test_a_whole_chain(self, installed):
        done = installed.run("audit", "verify", "--json")
        assert done.returncode == 0
        assert json.loads(done.stdout)["sound"]

    def test_names_the_first_altered_row(self, installed, line_list):
        installed.run("receive", line_list)
        with sqlite3.connect(installed.home / "fangkong.sqlite3") as database:
            database.execute("DROP TRIGGER audit_no_update")
            database.execute("UPDATE record_auditrow SET actor = 'nobody' WHERE seq = 3")
        done = installed.run("audit", "verify")
        assert done.returncode == 1
        assert "Row 3 of the audit chain was altered." in done.stdout


class TestPurge:
    def test_everybody(self, installed, line_list):
        purge = ["purge", "--all-identities", "--reason", "end of the outbreak"]
        digest = ["digest", "--json"]
        _, before, done, after, _ = installed.chain(
            ["receive", line_list], digest, purge, digest, ["audit", "verify"]
        )
        assert "59 people" in done
        assert json.loads(after)["case"] == json.loads(before)["case"]
        with sqlite3.connect(installed.home / "fangkong.sqlite3") as database:
            assert database.execute("SELECT count(*) FROM record_identity").fetchone() == (0,)

    def test_shuts_what_was_staged_and_never_applied(self, installed, line_list):
        installed.run("receive", line_list, kill_at="receive.recorded")
        assert list((installed.home / "receipts").glob("*/*/key.sealed"))
        installed.run("purge", "--all-identities", "--reason", "end of the outbreak")
        assert not list((installed.home / "receipts").glob("*/*/key.sealed"))
        assert installed.run("receive", line_list).returncode == 0

    def test_wants_to_be_told_whom(self, installed):
        assert installed.run("purge", "--reason", "x").returncode == 2
