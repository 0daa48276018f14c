"""Runs a day in forked children that are killed at every registered point, and prints the digests as JSON.

Called as ``python -m tests.integration.kill_walk TEMPLATE AS_OF``: TEMPLATE is an installation with files in
its inbox. Each child works on a copy of its own; forking after Django is set up makes a walk over all points
take seconds instead of minutes. SIGKILL is real: no handler and no rollback code of the child runs.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path


def settle(home: Path) -> None:
    """Point this process at the installation ``home``."""
    from django.conf import settings
    from django.db import connections

    settings.HOME = home
    settings.KEYFILE = home / "keys" / "keyring.json"
    connections.databases["default"]["NAME"] = home / "fangkong.sqlite3"


def in_child(home: Path, work: Callable[[], None]) -> int:
    """The wait status of a child that did ``work`` at ``home``."""
    child = os.fork()
    if child == 0:
        settle(home)
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def main(template: Path, as_of: date) -> None:
    """Print {point: {killed, resumed, digest}} and the digest of the uninterrupted run."""
    import django

    django.setup()
    from django.conf import settings

    from fangkong.command.cycle import run_cycle
    from fangkong.core import killpoints
    from fangkong.record.access import system_actor
    from fangkong.record.digest import record_digest

    office = system_actor("cli")

    def run_day() -> None:
        run_cycle(as_of, actor=office)

    def killed_at(point: str, passage: int) -> Callable[[], None]:
        def work() -> None:
            killpoints._target, killpoints._passages_left = point, passage
            run_day()

        return work

    def note_digest() -> None:
        (Path(settings.HOME) / "digest").write_text(record_digest()["record"])

    def copy(folder: str) -> Path:
        return Path(shutil.copytree(template, Path(folder) / "home"))

    def count_passages() -> None:
        passages: Counter[str] = Counter()
        killpoints.KillPoint.passed = lambda point: passages.update([point.name])  # type: ignore[method-assign]
        run_day()
        (Path(settings.HOME) / "passages").write_text(json.dumps(passages))

    found: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = copy(folder)
        assert in_child(home, count_passages) == 0
        in_child(home, note_digest)
        whole = (home / "digest").read_text()
        passages = json.loads((home / "passages").read_text())
    for point, last in sorted(passages.items()):
        for passage in sorted({1, last}):
            with tempfile.TemporaryDirectory() as folder:
                home = copy(folder)
                status = in_child(home, killed_at(point, passage))
                killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
                resumed = in_child(home, run_day) == 0
                in_child(home, note_digest)
                digest = (home / "digest").read_text()
            found[f"{point}:{passage}"] = {"killed": killed, "resumed": resumed, "digest": digest}
    print(json.dumps({"whole": whole, "registered": killpoints.registered(), "points": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
