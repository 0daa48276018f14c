"""How fast facts enter the record: the bulk writer beside Django's ``bulk_create`` and the plain ORM.

The three write the same rows into tables with the same indexes and constraints, each in a process of its own.
The bulk writer does more than the other two: it compares with what is known and chains an audit row.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

from .figures import Section, middle
from .installation import SEED, case_rows, prepare, run_part, throwaway_home

ROWS, PEOPLE, ROUNDS, CHUNK = 20_000, 24_000, 3, 1000
WAYS = {
    "load": "`record.load` (versions, audit)",
    "bulk_create": "Django `bulk_create`",
    "orm": "Django ORM, one `save()` a row",
}


def measure(rows: int = ROWS, rounds: int = ROUNDS) -> Section:
    """Rows per second, CPU seconds and peak memory of each way, medians over rounds."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        # Interleaved, so that a busy minute of a shared machine touches all of them.
        for way in WAYS:
            with throwaway_home() as environment:
                found[way].append(json.loads(run_part("load", way, str(rows), environment=environment)))
    table = Section(
        title="Loading facts",
        lead=(
            f"{rows:,} cases into an empty SQLite record, transactions of {CHUNK:,} rows, full "
            f"synchronisation; median of {rounds} interleaved rounds. Memory is the peak of the process, "
            "with Django and the rows themselves."
        ),
        columns=["way", "rows/s", "CPU s", "peak memory MB", "speed relative to the plain ORM"],
    )
    slowest = middle([each["seconds"] for each in found["orm"]])
    for way, title in WAYS.items():
        seconds, cpu, memory = (
            middle([each[name] for each in found[way]]) for name in ("seconds", "cpu_seconds", "memory_mb")
        )
        table.rows.append(
            [title, f"{rows / seconds:,.0f}", f"{cpu:.2f}", f"{memory:.0f}", f"{slowest / seconds:.1f}×"]
        )
    return table


def _write(way: str, rows: list[dict[str, Any]]) -> None:
    from django.db import transaction

    from fangkong.record.load import load
    from fangkong.record.models import Case

    if way == "load":
        load(Case, rows, actor="system:bench", source_key="bench", chunk_rows=CHUNK)
        return
    for start in range(0, len(rows), CHUNK):
        objects = [Case(**row) for row in rows[start : start + CHUNK]]
        with transaction.atomic():
            if way == "bulk_create":
                Case.objects.bulk_create(objects)
            else:
                for each in objects:
                    each.save(force_insert=True)


def main() -> None:
    """Write ``rows`` by one way in this process's FANGKONG_HOME and print the cost as JSON."""
    way, count = sys.argv[1], int(sys.argv[2])
    prepare()
    from fangkong.record.models import Case
    from fangkong.science.city import case_batch, city

    rows = case_rows(case_batch(city(SEED, PEOPLE), count, SEED))
    Case.objects.count()
    started, cpu = time.perf_counter(), time.process_time()
    _write(way, rows)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if Case.objects.count() != count:
        raise RuntimeError(f"{way} wrote {Case.objects.count()} rows instead of {count}")
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "memory_mb": peak}))


if __name__ == "__main__":
    main()
