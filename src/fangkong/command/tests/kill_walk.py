"""Kills every deed of the command rooms after each of its writes and at each kill point, and prints what stood then.

Called as ``python -m fangkong.command.tests.kill_walk TEMPLATE``: TEMPLATE is a new installation. Each deed is made
ready in a copy of its database; each kill happens in a forked child with a copy of that. Forking behind Django's
set-up makes hundreds of kills take a minute. SIGKILL is real: no handler and no rollback code of the
process runs. Prints one JSON line: what :func:`_walk` found of each deed, and the processor time of it all.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .deeds.registry import Deed

#: What a statement that changes the record begins with.
WRITING = ("INSERT", "UPDATE", "DELETE")

DATABASE = "fangkong.sqlite3"


def in_child(work: Callable[[], None]) -> int:
    """The wait status of a child that did ``work``; it never comes back into the caller's code."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def killed(status: int) -> bool:
    """True when the child died by SIGKILL."""
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def settle(home: Path) -> None:
    """Point this process at the installation ``home``; its keys stay where the walk found them."""
    from django.conf import settings
    from django.db import connection, connections

    connection.close()
    settings.HOME = home
    connections.databases["default"]["NAME"] = connection.settings_dict["NAME"] = home / DATABASE


def copy(home: Path, folder: str) -> Path:
    """A copy of the installation's database in ``folder``."""
    shutil.copyfile(home / DATABASE, Path(folder) / DATABASE)
    return Path(folder)


def content(home: Path) -> str:
    """A digest of every row of every table as SQLite itself reads them: equal to the letter, or something changed."""
    digest = hashlib.sha256()
    with sqlite3.connect(home / DATABASE) as held:
        tables = held.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (table,) in tables:
            for row in held.execute(f'SELECT * FROM "{table}" ORDER BY rowid'):
                digest.update(repr((table, row)).encode())
    held.close()
    return digest.hexdigest()


def state() -> dict[str, Any]:
    """What the record says: its digest, whom it has told of what, and whether the audit chain is whole."""
    from fangkong.command.models import Delivery, Notification
    from fangkong.record.audit import verify
    from fangkong.record.digest import record_digest

    told = sorted(map(list, Notification.objects.values_list("user_key", "kind", "subject_key", "read_at")))
    sent = sorted(map(list, Delivery.objects.values_list("notification_key", "channel", "state")))
    return {"record": record_digest()["record"], "told": repr((told, sent)), "chain": verify().problem}


def _count_writes(act: Callable[[], Any]) -> tuple[int, dict[str, int]]:
    from django.db import connection

    from fangkong.core.killpoints import KillPoint

    writes, passages = 0, Counter[str]()

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal writes
        writes += sql.lstrip().upper().startswith(WRITING)
        return execute(sql, params, many, context)

    was = KillPoint.passed
    KillPoint.passed = lambda point: passages.update([point.name])  # type: ignore[method-assign]
    with connection.execute_wrapper(count):
        act()
    KillPoint.passed = was  # type: ignore[method-assign]
    return writes, dict(passages)


def _dies_behind(n: int, act: Callable[[], Any]) -> None:
    """Does ``act`` and dies as soon as its ``n``-th writing statement has been carried out."""
    from django.db import connection

    left = n

    def kill(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        done = execute(sql, params, many, context)
        if sql.lstrip().upper().startswith(WRITING):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return done

    with connection.execute_wrapper(kill):
        act()


def _dies_at(point: str, passage: int, act: Callable[[], Any]) -> None:
    from fangkong.core import killpoints

    killpoints._target, killpoints._passages_left = point, passage
    act()


def _told(home: Path, work: Callable[[], Any]) -> Any:
    """What ``work``, done in a child that is settled in ``home``, gave back as JSON."""

    def report() -> None:
        settle(home)
        (home / "told.json").write_text(json.dumps(work()))

    status = in_child(report)
    assert status == 0, f"a child at {home} failed with {status}"
    return json.loads((home / "told.json").read_text())


def _walk(home: Path, deed: Deed, act: Callable[[], Any]) -> dict[str, Any]:
    """How often the deed was killed, and each kill that left or led to another record than it should.

    Behind a kill the record holds, to the letter, what it held before; or, of a deed that commits in steps, the same
    deed done again ends where one that nobody killed ends.
    """
    before = content(home)

    def dry_run() -> Any:
        counted = _count_writes(act)
        return [*counted, state() if deed.in_steps else {}]

    with tempfile.TemporaryDirectory() as folder:
        writes, passages, whole = _told(copy(home, folder), dry_run)
    kills: dict[str, Callable[[], None]] = {
        f"write {n}": partial(_dies_behind, n, act) for n in range(1, writes + 1)
    }
    for point, last in sorted(passages.items()):
        kills |= {f"{point}:{n}": partial(_dies_at, point, n, act) for n in sorted({1, last})}
    wrong: dict[str, str] = {}
    untouched = 0
    for name, kill in kills.items():
        with tempfile.TemporaryDirectory() as folder:
            there = copy(home, folder)
            if not killed(in_child(partial(_settled, there, kill))):
                wrong[name] = "was not killed"
            elif content(there) == before:
                untouched += 1
            elif deed.in_steps:
                wrong[name] = _gone_on(there, act, whole)
            else:
                wrong[name] = "half of it stayed"
    wrong = {name: what for name, what in wrong.items() if what}
    return {"writes": writes, "points": passages, "kills": len(kills), "untouched": untouched, "wrong": wrong}


def _settled(home: Path, work: Callable[[], None]) -> None:
    settle(home)
    work()


def _gone_on(there: Path, act: Callable[[], Any], whole: dict[str, Any]) -> str:
    """What is wrong behind a kill between two steps, or once the deed is done again; "" for nothing."""

    def go_on() -> Any:
        from fangkong.record.audit import verify

        chain = verify().problem
        act()
        return [chain, state()]

    chain, after = _told(there, go_on)
    if chain:
        return f"audit chain {chain}"
    other = [name for name in whole if after[name] != whole[name]]
    return f"went on to another {', '.join(other)}" if other else ""


def main(template: Path, planted: dict[str, Deed] | None = None) -> None:
    """Walk every deed, or those that are ``planted``, and print what was found.

    Deeds are made ready and counted in this process, one behind the other, so that what their modules read once
    (rule packs, word lists) is there when the children are forked.
    """
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from .deeds.registry import deeds

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    found = {}
    all_deeds = deeds() if planted is None else planted
    # What is there before the fork is not looked at by the children's collector: fewer pages are copied.
    gc.disable()
    gc.freeze()
    for name, deed in all_deeds.items():
        with tempfile.TemporaryDirectory() as folder:
            home = copy(template, folder)
            settle(home)
            act = deed.ready()
            connection.close()
            found[name] = _walk(home, deed, act)
    used = os.times()
    seconds = used.user + used.system + used.children_user + used.children_system
    print(json.dumps({"deeds": found, "cpu_seconds": round(seconds, 1)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
