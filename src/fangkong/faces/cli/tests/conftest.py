"""Installations of their own for commands: each test has a FANGKONG_HOME, and a kill ends a real process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

CASES = """
code = "made-up-cases"
title_zh = "病例一览"
title_en = "Line list"
target = "cases"
known = "column:reported"
column = [
  { name = "case", field = "case_no" },
  { name = "reported", field = "reported_on", kind = "date" },
  { name = "area", field = "area_code", kind = "area_code" },
  { name = "id", field = "id_number" },
  { name = "name", field = "name" },
]
constants = { classification = "confirmed" }
area = [{ code = "990101", name_zh = "柳堤区", name_en = "Liudi District" }]
"""


#: Runs several commands in one process: starting Python and Django takes longer than most commands.
CHAIN = """
import contextlib, io, json, sys
from fangkong.faces.cli.main import main
results = []
for arguments in json.loads(sys.argv[1]):
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main(arguments)
        except SystemExit as done:
            code = done.code
    results.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(results))
"""


@dataclass
class Installation:
    """A home of its own, in which ``fangkong`` runs as a process."""

    home: Path

    def run(
        self, *arguments: object, kill_at: str = "", lang: str = "en"
    ) -> subprocess.CompletedProcess[str]:
        """The finished process of ``fangkong --lang … arguments``."""
        program = "from fangkong.faces.cli.main import main; main()"
        return self._process(program, "--lang", lang, *map(str, arguments), kill_at=kill_at)

    def chain(self, *commands: list[object]) -> list[str]:
        """What each of several commands printed; all of them must end well."""
        listed = json.dumps([["--lang", "en", *map(str, command)] for command in commands])
        done = self._process(CHAIN, listed)
        assert done.returncode == 0, done.stderr
        results = json.loads(done.stdout)
        assert [code for code, _, _ in results] == [0] * len(commands), results
        return [out for _, out, _ in results]

    def _process(self, program: str, *arguments: str, kill_at: str = "") -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FANGKONG_")}
        environment |= {"FANGKONG_HOME": str(self.home), "FANGKONG_KILL_AT": kill_at, "LANG": "C.UTF-8"}
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    def digest(self) -> dict[str, str]:
        """The digest of the record."""
        return dict(json.loads(self.chain(["digest", "--json"])[0]))

    def copy(self, to: Path) -> Installation:
        """The same installation once more, keys included."""
        shutil.copytree(self.home, to)
        return Installation(to)


@pytest.fixture(scope="session")
def fresh(tmp_path_factory) -> Installation:
    """An installation after ``fangkong init`` with a mapping of its own; copy it before changing anything."""
    installation = Installation(tmp_path_factory.mktemp("cli") / "home")
    done = installation.run("init", "--area", "9901", "--disease", "made-up-fever")
    assert done.returncode == 0, done.stderr
    (installation.home / "mappings").mkdir()
    (installation.home / "mappings" / "cases.toml").write_text(CASES, encoding="utf-8")
    return installation


@pytest.fixture
def installed(fresh, tmp_path) -> Installation:
    """A copy of the fresh installation for one test."""
    return fresh.copy(tmp_path / "home")


@pytest.fixture
def line_list(tmp_path) -> Path:
    """A line list with a row of each outcome."""
    rows = [f"A{n},2022-04-{1 + n % 28:02},990101,99010119900101{n:04},某{n}" for n in range(60)]
    rows[3] += ",too many"
    rows.append("A61,2022-04-01,880101,990101199001019999,某")
    rows.append(rows[0])
    path = tmp_path / "cases.csv"
    path.write_text("case,reported,area,id,name\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path
