"""Files are received, and their held rows decided, one after another."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Nobody else enters rows for the time of the block: two at once could each open the same new person."""
    folder = Path(settings.HOME) / "receipts"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
