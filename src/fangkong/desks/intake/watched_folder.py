"""A watched folder: what is put into it is received, one file after another, and filed beside its receipt.

A file moves to ``received/`` or ``refused/`` with ``<name>.receipt.json`` beside it; nothing there is ever overwritten.
A kill at any point leaves the file in the folder or filed: the next run gets the same receipt and files it under the
name that was begun.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.errors import Conflict, InputError
from fangkong.core.killpoints import kill_point

from .file_checks import sha256_of
from .receiving_order import in_receiving_order

RECEIVED, REFUSED = "received", "refused"

_RECEIVED_NOT_FILED = kill_point("watch.received")
_BESIDE = kill_point("watch.receipt_beside")
_LOCK = ".fangkong-watch"

#: (whether the file was received, its receipt as it is to stand beside it).
Receive = Callable[[Path], tuple[bool, Mapping[str, Any]]]

#: Size and time of last change: what a file that is still being copied changes.
_State = tuple[int, int]


@cache
def _settings() -> dict[str, Any]:
    path = Path(__file__).with_name("watched_folder.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Filed:
    """What became of one file: its name as it came, where it lies now, whether it was received, its receipt."""

    name: str
    path: Path
    received: bool
    receipt: Mapping[str, Any]


def folder_watch(
    folder: Path, receive: Receive, *, once: bool = False, still_seconds: float | None = None
) -> Iterator[Filed]:
    """Each file of ``folder`` as it is filed; ends only with ``once``, when all that lay still has been filed.

    Args:
        folder: the folder; its sub-folders, temporary names and what the operating system keeps there are left alone.
        receive: receives one file; must be safe to repeat, for a kill may come before the file is filed.
        once: one round instead of watching on.
        still_seconds: for how long a file must not have changed, instead of the setting's.

    Raises InputError ``watch.no_folder`` when there is no such folder, Conflict ``watch.busy`` when another process
    watches it.
    """
    if not folder.is_dir():
        raise InputError("watch.no_folder", folder=str(folder))
    still = _settings()["still_seconds"] if still_seconds is None else still_seconds
    look = min(_settings()["look_seconds"], max(still, 0.1))
    with _alone(folder):
        seen: dict[Path, tuple[_State, float]] = {}
        began = time.monotonic()
        while True:
            now = time.monotonic()
            seen = {path: _since(path, state, seen, now) for path, state in _waiting(folder).items()}
            ready = [path for path, (_, since) in seen.items() if now - since >= still]
            for path in in_receiving_order(sorted(ready)):
                if filed := _receive_and_file(path, folder, seen[path][0], receive):
                    yield filed
            if once and now - began >= still:
                return
            time.sleep(look)


def _waiting(folder: Path) -> dict[Path, _State]:
    found = {}
    for entry in os.scandir(folder):
        # A link is followed by nobody: it may lead out of the folder.
        if entry.is_file(follow_symlinks=False) and not is_left_alone(entry.name):
            try:
                found[Path(entry.path)] = _state_of(Path(entry.path))
            except FileNotFoundError:
                continue
    return found


def is_left_alone(name: str) -> bool:
    """Whether a file of this name is temporary or belongs to a program.

    >>> [is_left_alone(name) for name in ("~$ledger.xlsx", "ledger.xlsx.part", "Thumbs.db", "ledger.xlsx")]
    [True, True, True, False]
    """
    lower, settings = name.lower(), _settings()
    return (
        lower.startswith(tuple(settings["begins"]))
        or lower.endswith(tuple(settings["ends"]))
        or lower in settings["names"]
    )


def _state_of(path: Path) -> _State:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns


def _since(
    path: Path, state: _State, seen: Mapping[Path, tuple[_State, float]], now: float
) -> tuple[_State, float]:
    """The file's state and since when it has been so."""
    before = seen.get(path)
    return before if before is not None and before[0] == state else (state, now)


def _receive_and_file(path: Path, folder: Path, state: _State, receive: Receive) -> Filed | None:
    """What became of the file; None when it was taken away or changed meanwhile: then it waits anew."""
    try:
        sha256 = sha256_of(path)
        received, receipt = receive(path)
        _RECEIVED_NOT_FILED.passed()
        if _state_of(path) != state:
            return None
    except FileNotFoundError:
        return None
    place = folder / (RECEIVED if received else REFUSED)
    place.mkdir(exist_ok=True)
    target = _free_name(place, path.name, sha256)
    beside = beside_of(target)
    temporary = beside.with_name(f".{beside.name}.tmp")
    temporary.write_text(json.dumps({**receipt, "sha256": sha256}, ensure_ascii=False, default=str, indent=1))
    os.replace(temporary, beside)
    _BESIDE.passed()
    os.rename(path, target)
    return Filed(path.name, target, received, receipt)


def beside_of(filed: Path) -> Path:
    """Where the receipt of a filed file lies."""
    return filed.with_name(f"{filed.name}.receipt.json")


def _free_name(place: Path, name: str, sha256: str) -> Path:
    """The first of ``name``, ``name (2)``, … that nothing bears, or that a killed run began for this very file."""
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        target = place / (name if number == 1 else f"{stem} ({number}){suffix}")
        if not target.exists():
            beside = beside_of(target)
            if not beside.exists() or _sha256_in(beside) == sha256:
                return target
        number += 1


def _sha256_in(receipt: Path) -> str:
    try:
        return str(json.loads(receipt.read_text(encoding="utf-8")).get("sha256", ""))
    except (ValueError, AttributeError):
        return ""


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process watches a folder: two would each receive a file that the other is moving."""
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("watch.busy", folder=str(folder)) from None
        yield
