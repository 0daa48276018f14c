"""Received files kept sealed for as long as somebody may still have to decide on their rows.

A file is sealed with AES-256-GCM under a key of its own, which lies wrapped by the master key beside it. It goes
when its rows are decided or its days are over, and with every purge: sent again, the file is received anew.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from fangkong.core.errors import FangkongError, NotFound
from fangkong.record.keyring import keyring

_SEALED, _KEY = "original.sealed", "original.key"
_BLOCK = 1 << 20
_NONCE = 12


@cache
def _limits() -> dict[str, int]:
    path = Path(__file__).with_name("kept_files.toml")
    found: dict[str, int] = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def file_keep(source: Path, folder: Path, receipt_key: str) -> bool:
    """Whether ``source`` now lies sealed in ``folder``; a file above the limit does not, and is sent again instead.

    Block by block, each under a nonce of its own and bound to its place, so that no block can be cut or moved.
    """
    if source.stat().st_size > _limits()["kept_bytes"]:
        return False
    data_key = secrets.token_bytes(32)
    master, wrapped = keyring().wrap(data_key, receipt_key)
    cipher = AESGCM(data_key)
    temporary = folder / f"{_SEALED}.part"
    total = source.stat().st_size
    with source.open("rb") as reading, temporary.open("wb") as writing:
        os.fchmod(writing.fileno(), 0o600)
        for number in range(max(1, -(-total // _BLOCK))):
            nonce = secrets.token_bytes(_NONCE)
            sealed = cipher.encrypt(nonce, reading.read(_BLOCK), _place(receipt_key, number, total))
            writing.write(len(sealed).to_bytes(4, "big") + nonce + sealed)
    key = folder / _KEY
    key.touch(mode=0o600)
    key.write_text(
        json.dumps({"master": master, "wrapped": base64.b64encode(wrapped).decode(), "bytes": total})
    )
    os.replace(temporary, folder / _SEALED)
    return True


@contextmanager
def kept_file(folder: Path, receipt_key: str, name: str) -> Iterator[Path]:
    """The path of the file as it came, under ``name``, for the time of the block; nothing of it stays behind.

    Raises NotFound ``receipt.file_gone`` when it is no longer kept, FangkongError ``receipt.file_damaged`` when
    blocks at its end are missing, InvalidTag when a block was changed.
    """
    if not is_kept(folder):
        raise NotFound("receipt.file_gone")
    stored = json.loads((folder / _KEY).read_text())
    data_key = keyring().unwrap(stored["master"], base64.b64decode(stored["wrapped"]), receipt_key)
    cipher, total = AESGCM(data_key), int(stored["bytes"])
    with TemporaryDirectory(prefix=".opened-", dir=folder) as opened:
        path = Path(opened) / (Path(name).name or "file")
        with (folder / _SEALED).open("rb") as reading, path.open("wb") as writing:
            os.fchmod(writing.fileno(), 0o600)
            number = 0
            while head := reading.read(4):
                nonce = reading.read(_NONCE)
                sealed = reading.read(int.from_bytes(head, "big"))
                writing.write(cipher.decrypt(nonce, sealed, _place(receipt_key, number, total)))
                number += 1
        if path.stat().st_size != total:
            raise FangkongError("receipt.file_damaged")
        yield path


def is_kept(folder: Path) -> bool:
    """Whether the file of the receipt in ``folder`` can still be opened."""
    return (folder / _SEALED).is_file() and (folder / _KEY).is_file()


def file_forget(folder: Path) -> None:
    """The kept file of ``folder`` is gone: its key first, so that what a kill leaves is noise."""
    (folder / _KEY).unlink(missing_ok=True)
    (folder / _SEALED).unlink(missing_ok=True)


def kept_files_remove(before: datetime | None = None) -> int:
    """How many kept files were destroyed: those sealed before ``before``, or all of them for a purge."""
    count = 0
    for key in (Path(settings.HOME) / "receipts").glob(f"*/*/{_KEY}"):
        if before is None or key.stat().st_mtime < before.timestamp():
            file_forget(key.parent)
            count += 1
    return count


def kept_until(sealed_at: datetime) -> datetime:
    """Until when a file sealed at ``sealed_at`` is kept."""
    return sealed_at + timedelta(days=_limits()["kept_days"])


def keeping_since(now: datetime) -> datetime:
    """Files sealed before this instant are no longer kept at ``now``."""
    return now - timedelta(days=_limits()["kept_days"])


def _place(receipt_key: str, number: int, total: int) -> bytes:
    return f"{receipt_key}|{number}|{total}".encode()
