"""``python -m benchmarks [--only PART] [--quick | --full] [--write]``."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from . import assess, board, intake, load, rejudging, reproduction, rules, tasks
from .figures import Section

PARTS: dict[str, Callable[[], Section]] = {
    "assess": assess.measure,
    "board": board.measure,
    "intake": intake.measure,
    "load": load.measure,
    "reproduction": reproduction.measure,
    "rules": rules.measure,
    "rejudging": rejudging.measure,
    "tasks": tasks.measure,
}

#: Small enough to see in seconds that the harness works; never written down.
QUICK: dict[str, Callable[[], Section]] = {
    "assess": lambda: assess.measure(share=0.01, rounds=1, install=False),
    "board": lambda: board.measure(cases=2000, import_rows=2000, requests=5),
    "intake": lambda: intake.measure(rows=3000, held=3000, results=20_000, small=1000),
    "load": lambda: load.measure(rows=1000, rounds=1),
    "reproduction": lambda: reproduction.measure(series=2, days=60, rounds=1),
    "rejudging": lambda: rejudging.measure(orders=2000),
    "rules": lambda: rules.measure(situations=20_000, twin=200),
    "tasks": lambda: tasks.measure(tasks=300, directives=20, many=300, requests=3),
}

#: The sizes for which goals are set, where a usual run takes smaller ones.
FULL: dict[str, Callable[[], Section]] = {"intake": lambda: intake.measure(*intake.FULL)}

REPORT = Path(__file__).resolve().parent.parent / "docs" / "reference" / "benchmarks.md"


def main() -> None:
    """Run the parts, print them, and with ``--write`` put the figures of this very run into the reference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--only", choices=sorted(PARTS), action="append", help="run this part only")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that the harness works")
    parser.add_argument("--full", action="store_true", help="the sizes for which goals are set")
    parser.add_argument("--write", action="store_true", help=f"write docs/reference/{REPORT.name}")
    given = parser.parse_args()
    if given.write and (given.only or given.quick):
        parser.error("--write needs a whole run: leave out --only and --quick")
    parts = QUICK if given.quick else PARTS | FULL if given.full else PARTS
    # How busy the machine was before the run: on a shared one the times below grow with it.
    busy = os.getloadavg()[1]
    print(f"load average of the last 5 minutes: {busy:.1f} on {os.cpu_count()} cores", flush=True)
    sections = []
    for name in given.only or parts:
        section = parts[name]()
        print(section.markdown(), flush=True)
        sections.append(section)
    if given.write:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(_report(sections, busy), encoding="utf-8")
        print(f"written: {REPORT}")


def _report(sections: list[Section], busy: float) -> str:
    missed = [
        f"- {section.title}, {row[0]}: {column} {cell}"
        for section in sections
        for row in section.rows
        for column, cell in zip(section.columns, row, strict=True)
        if cell.startswith("missed")
    ]
    head = [
        "# Benchmarks",
        "",
        f"Measured on {datetime.now(UTC).date().isoformat()} by one run of `python -m benchmarks --write` "
        f"({os.cpu_count()} cores, shared with other work: load average {busy:.1f} at the start; "
        f"Python {platform.python_version()}, SQLite). "
        "Nothing is taken from another run or machine; measure your own with `make bench`.",
        "",
        "Targets missed in this run:" if missed else "Every target was met in this run.",
        "",
        *(missed and [*missed, ""]),
    ]
    return "\n".join(head) + "\n" + "\n".join(section.markdown() for section in sections)


if __name__ == "__main__":
    main()
