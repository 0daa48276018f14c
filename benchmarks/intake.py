"""How fast files come in: a line list of new people, the same list sent again, a stream of test results.

Rows per CPU second of the product's process, and beside it with the processor time of PostgreSQL's server; with
encryption, audit and matching on. ``--full`` measures the sizes for which the goals are set, ten times the usual ones.
Each engine and size runs in a process and an installation of its own. Beside the line list another process reads
names as a page does, each read with its row in the audit chain, and notes how long each took.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .figures import Section, percentile, verdict
from .installation import AREA, DISEASE, SEED, prepare, run_part, throwaway_home

ROWS, HELD, RESULTS, SMALL = 100_000, 100_000, 1_000_000, 10_000
#: The same, as the goals name them: some twenty minutes of processor time an engine.
FULL = (1_000_000, 1_000_000, 10_000_000, SMALL)
TARGETS = {"sqlite": 5000.0, "postgresql": 8000.0, "again": 20_000.0, "results": 200_000.0}
MEMORY_MB, PAGE_MS = 1024.0, 500.0
NOW = datetime(2022, 5, 20, 4, tzinfo=UTC)
FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华红建国志新海云飞鹏宇晨浩然子轩梓涵欣怡雨泽博思佳琪"
HEADER = [
    "病例编号",
    "姓名",
    "证件号码",
    "电话",
    "住址",
    "性别",
    "年龄",
    "区划代码",
    "分类",
    "发病日期",
    "报告日期",
]
CLASSES = '{ "确诊" = "confirmed", "无症状" = "asymptomatic" }'
MAPPING = """
schema = "mapping/1"
code = "bench-line-list"
title_zh = "病例一览"
title_en = "Line list"
target = "cases"
column = [
  { name = "病例编号", field = "case_no" },
  { name = "姓名", field = "name" },
  { name = "证件号码", field = "id_number" },
  { name = "电话", field = "phone" },
  { name = "住址", field = "address" },
  { name = "性别", field = "sex", kind = "code", values = { "男" = "M", "女" = "F" } },
  { name = "年龄", field = "age_years", kind = "integer", minimum = 0 },
  { name = "区划代码", field = "area_code", kind = "area_code" },
  { name = "分类", field = "classification", kind = "code", values = CLASSES },
  { name = "发病日期", field = "onset_on", kind = "date" },
  { name = "报告日期", field = "reported_on", kind = "date" },
]
""".replace("CLASSES", CLASSES)


def measure(rows: int = ROWS, held: int = HELD, results: int = RESULTS, small: int = SMALL) -> Section:
    """The rates as a section; PostgreSQL is left out where it cannot start, and the notes say so."""
    table = Section(
        title="Receiving files",
        lead=(
            f"A line list of {rows:,} new people into a record that holds {held:,}, the same list shuffled with one "
            f"value changed, and {results:,} test results to Parquet. Rows per CPU second."
        ),
        columns=[
            "what",
            "engine",
            "rows",
            "rows per CPU s",
            "with the server's",
            "target",
            "peak memory MB",
            "page p95 ms",
        ],
    )
    for engine in ("sqlite", "postgresql"):
        with throwaway_home() as environment, _database(engine, environment) as started:
            if not started:
                table.notes.append("PostgreSQL did not start: not measured.")
                continue
            first = _part(environment, "list", small, 0)
        with throwaway_home() as environment, _database(engine, environment):
            if held:
                _part(environment, "list", held, 0)
            found = _part(environment, "list", rows, held)
            _row(table, "new people", engine, found, TARGETS[engine])
            table.notes.append(
                f"{engine}: a row costs {first['rate'] / found['rate']:.2f} times what it costs at {small:,} rows in "
                f"an empty record (target: at most 2). Names read meanwhile: {found['reads']:,}, refused as locked: "
                f"{found['locked']}."
            )
            _row(table, "sent again", engine, _part(environment, "again", rows, held), TARGETS["again"])
    with throwaway_home() as environment:
        _row(table, "test results", "Parquet", _part(environment, "results", results, 0), TARGETS["results"])
    return table


def _row(table: Section, what: str, engine: str, found: dict[str, Any], target: float) -> None:
    p95 = found.get("p95")
    table.rows.append(
        [
            what,
            engine,
            f"{found['rows']:,}",
            f"{found['rate']:,.0f}",
            f"{found['rate_with_server']:,.0f}" if found["server"] else "",
            "met" if found["rate"] >= target else f"missed: {target:,.0f}",
            f"{found['memory_mb']:.0f} ({verdict(found['memory_mb'], MEMORY_MB, 'MB')})",
            "" if p95 is None else f"{p95:.0f} ({verdict(p95, PAGE_MS, 'ms')})",
        ]
    )


def _part(environment: dict[str, str], what: str, rows: int, held: int) -> dict[str, Any]:
    arguments = [what, "--rows", str(rows), "--held", str(held)]
    found: dict[str, Any] = json.loads(run_part("intake", *arguments, environment=environment))
    return found


@contextmanager
def _database(engine: str, environment: dict[str, str]) -> Iterator[bool]:
    """The engine in ``environment``; False when it cannot start."""
    if engine == "sqlite":
        yield True
        return
    from scripts.run_tests import postgresql

    started = postgresql(str(Path(environment["FANGKONG_HOME"]) / "pg"))
    if started is None:
        yield False
        return
    address, server = started
    environment["FANGKONG_DATABASE_URL"] = address
    try:
        yield True
    finally:
        server.cleanup()  # type: ignore[attr-defined]


def _office() -> Any:
    """The office of the measurement, made once in an installation."""
    from fangkong.record.access import system_actor
    from fangkong.record.actions import areas_load
    from fangkong.record.installation import installation, installation_set
    from fangkong.record.models import machine_now

    if not installation().area_code:
        areas = [{"key": f"{AREA}{number:02d}", "name_zh": f"{number}区"} for number in range(1, 17)]
        areas_load(
            [{"key": AREA, "name_zh": "临江市"}, *areas],
            actor="system:bench",
            source_key="bench",
            known_from=NOW - timedelta(days=900),
        )
        offset = round((NOW - machine_now()).total_seconds())
        installation_set(actor="system:bench", area_code=AREA, disease=DISEASE, clock_offset=offset)
    return system_actor("cli")


def _line_list(path: Path, rows: int, start: int) -> None:
    """A list as a city keeps it, by day of report; every person is new, every identity number another."""
    made = random.Random(SEED + start)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(start, start + rows):
            day = NOW.date() - timedelta(days=60 - (number - start) * 60 // rows)
            born = 19300101 + number * 7919 % 600_000
            writer.writerow(
                [
                    f"C{number:08d}",
                    made.choice(FAMILY) + "".join(made.choices(GIVEN, k=made.choice((1, 2, 2, 2)))),
                    f"990101{born:08d}{number % 10_000:04d}",
                    f"100{number:08d}",
                    f"临江市{made.randrange(1, 17)}区{made.randrange(400)}弄{made.randrange(99)}号",
                    made.choice("男女"),
                    made.randrange(1, 95),
                    f"{AREA}{made.randrange(1, 17):02d}",
                    made.choice(("确诊", "无症状")),
                    (day - timedelta(days=made.randrange(5))).isoformat(),
                    day.isoformat(),
                ]
            )


def _shuffled(path: Path, lines: Path) -> None:
    header, *rows = lines.read_text(encoding="utf-8").splitlines()
    random.Random(SEED).shuffle(rows)
    middle = len(rows) // 2
    other = {",确诊,": ",无症状,", ",无症状,": ",确诊,"}
    rows[middle] = re.sub(",确诊,|,无症状,", lambda found: other[found[0]], rows[middle])
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def _results(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("样本编号,证件号码,区划代码,采样时间,结果时间,结果,检测机构\n")
        for number in range(rows):
            hour, minute = divmod(number * 1440 // rows, 60)
            born = 19300101 + number * 7919 % 600_000
            result = "阳性" if number % 20_000 == 7 else "阴性"
            file.write(
                f"S{number:09d},990101{born:08d}{number % 10_000:04d},{AREA}{number % 16 + 1:02d},2022-05-18 09:"
                f"{number % 60:02d},2022-05-19 {hour:02d}:{minute:02d},{result},第{number % 30}实验室\n"
            )


def _server_seconds() -> float:
    """Processor seconds of the PostgreSQL processes below this installation's server, 0 on SQLite."""
    folder = Path(os.environ["FANGKONG_HOME"]) / "pg" / "postmaster.pid"
    if not folder.exists():
        return 0.0
    postmaster, ticks = folder.read_text().splitlines()[0], 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == postmaster or stat.parent.name == postmaster:
            # Own time, and for the postmaster that of connections which have ended.
            ticks += sum(map(int, fields[11:15] if stat.parent.name == postmaster else fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _cost(deed: Callable[[], Any]) -> tuple[float, float, Any]:
    """(processor seconds of the deed in this process, and in the database's server, what it gave)."""
    began, server = time.process_time(), _server_seconds()
    given = deed()
    return time.process_time() - began, _server_seconds() - server, given


def _read_names(until: Path) -> dict[str, Any]:
    """Read a name over and over as a page does, until ``until`` is there: times in milliseconds, refusals."""
    from django.db import OperationalError

    from fangkong.record.identities import identity_read, unmask_request
    from fangkong.record.installation import installation
    from fangkong.record.models import IdentityKey

    actor, times, locked = _office(), [], 0
    person = None
    while person is None and not until.exists():
        person = IdentityKey.objects.values_list("person_key", flat=True).first()
        time.sleep(0.05)
    if person is None:
        return {"times": [], "locked": 0}
    now = installation().now()
    asked = type(actor)(**{**actor.__dict__, "named": "yes"})
    unmask_request(person, actor=asked, purpose="investigation", now=now)
    while not until.exists():
        began = time.perf_counter()
        try:
            identity_read(person, actor=asked, now=now)
        except OperationalError:
            locked += 1
        times.append((time.perf_counter() - began) * 1000)
        time.sleep(0.2)
    return {"times": times, "locked": locked}


def main() -> None:
    """Measure one thing in this process's FANGKONG_HOME and print the figures as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["list", "again", "results", "names"])
    parser.add_argument("--rows", type=int, default=SMALL)
    parser.add_argument("--held", type=int, default=0)
    given = parser.parse_args()
    home = Path(os.environ["FANGKONG_HOME"])
    done = home / "names.done"
    prepare()
    if given.what == "names":
        print(json.dumps(_read_names(done)))
        return
    from fangkong.desks.intake.actions import receive_file
    from fangkong.desks.intake.screening_results import receive_test_results
    from fangkong.record.rulebook import rulebook

    actor, mapping = _office(), home / "bench.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    rulebook()
    lines, found = home / f"list-{given.held}.csv", {}
    if given.what == "results":
        path = home / "results.csv"
        _results(path, given.rows)
        seconds, server, receipt = _cost(lambda: receive_test_results(path, actor=actor))
    elif given.what == "again":
        path = home / "again.csv"
        _shuffled(path, lines)
        seconds, server, receipt = _cost(lambda: receive_file(path, actor=actor, mapping_file=mapping))
    else:
        _line_list(lines, given.rows, given.held)
        done.unlink(missing_ok=True)
        reading = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.intake", "names"], stdout=subprocess.PIPE, text=True
        )
        seconds, server, receipt = _cost(lambda: receive_file(lines, actor=actor, mapping_file=mapping))
        done.touch()
        names = json.loads(reading.communicate()[0])
        found = {
            "p95": percentile(names["times"], 0.95) if names["times"] else None,
            "reads": len(names["times"]),
            "locked": names["locked"],
        }
    if receipt.accepted != given.rows:
        raise RuntimeError(f"{receipt.accepted} of {given.rows} rows were accepted")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rates = {"rate": given.rows / seconds, "rate_with_server": given.rows / (seconds + server)}
    print(json.dumps({"rows": given.rows, "server": server, "memory_mb": peak, **rates, **found}))


if __name__ == "__main__":
    main()
