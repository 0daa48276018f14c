"""Receives a spreadsheet in forked children that are killed at every point it passes, and prints what is left.

Called as ``python -m tests.integration.receiving_walk TEMPLATE FILE KNOWN_AT``. Each child works on a copy of the
installation TEMPLATE; SIGKILL is real.
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
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.integration.kill_walk import in_child


def main(template: Path, file: Path, known_at: datetime) -> None:
    """Print the state after an uninterrupted run, and after each kill and the same command again."""
    import django

    django.setup()
    from django.conf import settings

    import fangkong.faces.cli.receive  # noqa: F401 (registers every point of receiving)
    from fangkong.core import killpoints
    from fangkong.desks.intake.actions import receive_file
    from fangkong.record.access import system_actor
    from fangkong.record.audit import verify
    from fangkong.record.digest import record_digest
    from fangkong.record.models import Contact, Person, Receipt, ReceiptRow

    office = system_actor("cli")

    def receive() -> None:
        receive_file(file, actor=office, known_at=known_at)

    def killed_at(point: str, passage: int) -> Callable[[], None]:
        def work() -> None:
            killpoints._target, killpoints._passages_left = point, passage
            receive()

        return work

    def count_passages() -> None:
        passages: Counter[str] = Counter()
        killpoints.KillPoint.passed = lambda point: passages.update([point.name])  # type: ignore[method-assign]
        receive()
        (Path(settings.HOME) / "passages").write_text(json.dumps(passages))

    def note_state() -> None:
        receipts = Path(settings.HOME) / "receipts"
        receipt = Receipt.objects.get(file_name=file.name)
        counts = ("row_count", "accepted", "held", "rejected", "inserted", "revised", "unchanged", "state")
        said = {
            "digest": record_digest()["record"],
            "receipt": {name: getattr(receipt, name) for name in counts},
            "reasons": ReceiptRow.objects.filter(receipt_key=receipt.key).count(),
            "people": Person.objects.open().count(),
            "contacts": Contact.objects.open().count(),
            "broken_audit": verify().problem,
            "left": sorted(
                each.name.split("-")[0]
                for pattern in (".staging-*", ".opened-*", "*.part", "key.sealed")
                for each in receipts.rglob(pattern)
            ),
        }
        (Path(settings.HOME) / "state").write_text(json.dumps(said))

    def state(home: Path) -> dict[str, Any]:
        assert in_child(home, note_state) == 0
        return dict(json.loads((home / "state").read_text()))

    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(shutil.copytree(template, Path(folder) / "home"))
        assert in_child(home, count_passages) == 0
        passages = json.loads((home / "passages").read_text())
        whole = state(home)
    for point, last in sorted(passages.items()):
        for passage in sorted({1, last}):
            with tempfile.TemporaryDirectory() as folder:
                home = Path(shutil.copytree(template, Path(folder) / "home"))
                status = in_child(home, killed_at(point, passage))
                killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
                resumed = in_child(home, receive) == 0
                found[f"{point}:{passage}"] = {"killed": killed, "resumed": resumed, **state(home)}
    print(json.dumps({"whole": whole, "registered": killpoints.registered(), "points": found}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
