"""How far a file has got, told from the request that receives it to the page that waits for it.

A number of work done and one of work in all, in a small file under a name that the page made up: no server process
has to be the one that asks, and nothing of the file stands in it.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from fangkong.desks.intake.file_checks import Progress

_TOKEN = re.compile("[0-9a-f]{32}")
#: Seconds between two writes: the page asks no oftener.
_EVERY = 0.4
#: A file that a kill left behind goes after a day.
_STALE = 86400


@contextmanager
def progress_told(token: str) -> Iterator[Progress | None]:
    """What tells how far the file has got under ``token``; None for a token that no page made. Nothing stays behind."""
    if not _TOKEN.fullmatch(token):
        yield None
        return
    path = _path(token)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for old in path.parent.glob(".progress-*"):
        if old.stat().st_mtime < time.time() - _STALE:
            old.unlink(missing_ok=True)
    last = 0.0

    def told(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last < _EVERY:
            return
        last = time.monotonic()
        temporary = path.with_suffix(".part")
        temporary.write_text(json.dumps({"done": done, "total": total or 0}))
        os.replace(temporary, path)

    try:
        yield told
    finally:
        path.unlink(missing_ok=True)


def progress_of(token: str) -> dict[str, int]:
    """{done, total} as last told; both 0 where nothing was told yet, or nothing is any more."""
    none = {"done": 0, "total": 0}
    if not _TOKEN.fullmatch(token):
        return none
    try:
        found = json.loads(_path(token).read_text())
    except (OSError, ValueError):
        return none
    return {"done": int(found["done"]), "total": int(found["total"])}


def _path(token: str) -> Path:
    return Path(settings.HOME) / "receipts" / f".progress-{token}"
