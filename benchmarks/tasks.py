"""How long the pages of tasks take with a day's work in the record, and how long it takes to give and assign 5,000.

The pages are asked for as a grid worker, the most restricted user who may open them, with 1,000 tasks and 200
directives in the record: warm, and after each write. Each answer is made anew; there is no response cache.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import datetime, timedelta
from typing import Any

from .figures import Section, middle, percentile, verdict
from .installation import AREA, DISEASE, prepare, run_part, throwaway_home

TASKS, DIRECTIVES, MANY, REQUESTS = 1000, 200, 5000, 60
MEDIAN_TARGET_MS, P95_TARGET_MS, ACT_TARGET_MS = 200.0, 500.0, 5000.0
STREETS, STREET = 20, "990101001"
WARM_UP = 3


def measure(
    tasks: int = TASKS, directives: int = DIRECTIVES, many: int = MANY, requests: int = REQUESTS
) -> Section:
    """The latencies of the pages and the two acts as a section."""
    sizes = {"--tasks": tasks, "--directives": directives, "--many": many, "--requests": requests}
    with throwaway_home() as environment:
        arguments = [text for name, size in sizes.items() for text in (name, str(size))]
        return section(json.loads(run_part("tasks", *arguments, environment=environment)))


def section(found: dict[str, Any]) -> Section:
    """The measured times as a table with targets."""
    table = Section(
        title="Tasks",
        lead=(
            f"Pages with {found['tasks']:,} tasks and {found['directives']:,} directives in the record, as a grid "
            f"worker of one street, after a write to the record before each request; then {found['many']:,} tasks "
            f"given, and {found['many']:,} assigned to one person, each in one act. Milliseconds. Targets: median of "
            f"a page below {MEDIAN_TARGET_MS:.0f} ms, 95th percentile below {P95_TARGET_MS:.0f} ms; an act below "
            f"{ACT_TARGET_MS / 1000:.0f} s."
        ),
        columns=["what", "times", "median ms", "p95 ms", "median", "p95"],
    )
    for name, times in found["pages"].items():
        half, most = middle(times), percentile(times, 0.95)
        targets = [verdict(half, MEDIAN_TARGET_MS, "ms"), verdict(most, P95_TARGET_MS, "ms")]
        table.rows.append([name, str(len(times)), f"{half:.0f}", f"{most:.0f}", *targets])
    for name, taken in found["acts"].items():
        met = verdict(taken, ACT_TARGET_MS, "ms")
        table.rows.append([name, "1", f"{taken:.0f}", f"{taken:.0f}", met, met])
    table.notes.append(f"One pass of the worker with all of these tasks open: {found['pass_ms']:.0f} ms.")
    return table


def _fill(tasks: int, directives: int) -> dict[str, Any]:
    """People, directives and tasks over twenty streets; returns the actors, their users and the office's now."""
    from fangkong.command.models import Directive, DirectiveRecipient
    from fangkong.command.tasks.giving import NewTask, tasks_create
    from fangkong.record.access import actor_of
    from fangkong.record.actions import areas_load, user_create
    from fangkong.record.installation import installation, installation_set
    from fangkong.record.load import load

    installation_set(actor="system:bench", area_code=AREA, disease=DISEASE)
    now = installation().now()
    streets = [f"990101{n:03d}" for n in range(1, STREETS + 1)]
    areas = [{"key": code, "name_zh": code, "name_en": code} for code in (AREA, "990101", *streets)]
    past = now - timedelta(days=2)
    areas_load(areas, actor="system:bench", known_from=past, source_key="bench")
    users = {
        role: user_create(
            role,
            "bench-only-not-a-secret",
            role=role,
            area_code=area,
            display_name=role,
            actor="system:bench",
        )
        for role, area in (
            ("grid_worker", STREET),
            ("street_officer", STREET),
            ("district_officer", "990101"),
            ("duty_officer", AREA),
        )
    }
    actors = {role: actor_of(user) for role, user in users.items()}
    rows = [_directive(n, streets[n % STREETS], past) for n in range(directives)]
    shared: dict[str, Any] = {"actor": "system:bench", "source_key": "bench", "known_from": past}
    load(Directive, rows, **shared)
    load(DirectiveRecipient, [_recipient(n, streets[n % STREETS], past) for n in range(directives)], **shared)
    given = [
        NewTask(
            title=f"走访第 {n} 幢",
            owner_role="grid_worker",
            owner_key=users["grid_worker"].key if n % 2 else "",
            area_code=STREET if n % 2 else streets[n % STREETS],
            due_at=now + timedelta(minutes=30 + n),
            evidence_kind=("", "text", "number", "list")[n % 4],
            post="楼栋",
            carries_out_kind="directive",
            carries_out_key=f"bench-directive-{n % max(directives, 1)}",
        )
        for n in range(tasks)
    ]
    keys = tasks_create(given, actor=actors["duty_officer"], at=now - timedelta(minutes=1))
    return {"actors": actors, "users": users, "keys": keys, "now": now}


def _directive(n: int, street: str, at: datetime) -> dict[str, Any]:
    return {
        "key": f"bench-directive-{n}",
        "directive_no": f"B-{n}",
        "title": f"走访第 {n} 号",
        "area_code": "990101",
        "issuer_role": "district_officer",
        "purpose": "bench",
        "addressed_to": [{"area_code": street, "role": "street_officer", "unit": ""}],
        "due_at": at + timedelta(days=3),
        "sunset_on": (at + timedelta(days=30)).date(),
        "state": "issued",
        "drafted_by": "bench-1",
        "drafted_at": at,
        "issued_by": "bench-2",
        "issued_at": at,
    }


def _recipient(n: int, street: str, at: datetime) -> dict[str, Any]:
    return {
        "key": f"bench-recipient-{n}",
        "directive_key": f"bench-directive-{n}",
        "area_code": street,
        "role": "street_officer",
        "state": "awaiting",
        "acknowledge_by": at + timedelta(days=3),
    }


def _pages(made: dict[str, Any], requests: int) -> dict[str, list[float]]:
    """Milliseconds of each page, each request after a write. Raises RuntimeError when a page does not answer 200."""
    from django.test import Client

    from fangkong.command.tasks.actions import task_acknowledge, task_return
    from fangkong.record.installation import installation

    paths = {
        "my day": ("grid_worker", "/my-day/"),
        "list": ("grid_worker", "/tasks/"),
        "mine": ("grid_worker", "/tasks/?show=mine"),
        "one task": ("grid_worker", f"/tasks/{made['keys'][1]}/"),
        "board, as a street officer": ("street_officer", "/tasks/board/"),
        "list, as the duty officer": ("duty_officer", "/tasks/"),
        "board, as the duty officer": ("duty_officer", "/tasks/board/"),
    }
    found: dict[str, list[float]] = {name: [] for name in paths}
    for name, (role, path) in paths.items():
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(made["users"][role])
        mine = iter(made["keys"][3::2])
        for number in range(WARM_UP + requests):
            key, worker = next(mine), made["actors"]["duty_officer"]
            task_acknowledge(key, actor=worker, at=installation().now())
            task_return(key, actor=worker, at=installation().now(), note="bench")
            started = time.perf_counter()
            answer = client.get(path)
            taken = (time.perf_counter() - started) * 1000
            if answer.status_code != 200:
                raise RuntimeError(f"{path} answered {answer.status_code}")
            if number >= WARM_UP:
                found[name].append(taken)
        made["keys"] = made["keys"][(WARM_UP + requests) * 2 :] + made["keys"][: (WARM_UP + requests) * 2]
    return found


def _acts(made: dict[str, Any], many: int) -> dict[str, float]:
    """Milliseconds of giving and of assigning ``many`` tasks, each in one act."""
    from fangkong.command.tasks.assigning import tasks_assign
    from fangkong.command.tasks.giving import NewTask, tasks_create
    from fangkong.record.installation import installation

    boss, worker = made["actors"]["duty_officer"], made["actors"]["grid_worker"]
    rows = [
        NewTask(
            title=f"发放物资 {n}",
            owner_role="grid_worker",
            area_code=STREET,
            due_at=made["now"] + timedelta(days=1, minutes=n),
            evidence_kind="text",
        )
        for n in range(many)
    ]
    started = time.perf_counter()
    keys = tasks_create(rows, actor=boss, at=installation().now())
    given = (time.perf_counter() - started) * 1000
    started = time.perf_counter()
    moved = tasks_assign(
        keys, owner_role="grid_worker", owner_key=worker.key, actor=boss, at=installation().now()
    )
    assigned = (time.perf_counter() - started) * 1000
    if moved != many:
        raise RuntimeError(f"{moved} of {many} tasks were assigned")
    return {f"{many:,} tasks given": given, f"{many:,} tasks assigned": assigned}


def main() -> None:
    """Measure in this process's FANGKONG_HOME and print the times as JSON."""
    parser = argparse.ArgumentParser()
    sizes = {"tasks": TASKS, "directives": DIRECTIVES, "many": MANY, "requests": REQUESTS}
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    given = parser.parse_args()
    prepare()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    made = _fill(given.tasks, given.directives)
    print(f"loaded {given.tasks:,} tasks and {given.directives:,} directives", file=sys.stderr)
    from fangkong.command.worker import tick
    from fangkong.record.access import system_actor
    from fangkong.record.installation import installation

    pages = _pages(made, given.requests)
    acts = _acts(made, given.many)
    hand = system_actor("worker")
    tick(installation().now(), hand)
    started = time.perf_counter()
    tick(installation().now(), hand)
    pass_ms = (time.perf_counter() - started) * 1000
    print(json.dumps(vars(given) | {"pages": pages, "acts": acts, "pass_ms": pass_ms}))


if __name__ == "__main__":
    main()
