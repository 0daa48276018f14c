"""The installation's keys: one file outside the database, readable by its owner only.

It holds the master keys (one current, older ones while a rotation runs), the search key for digests, the
audit salt and the session secret. Backups of the database leave it out.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from fangkong.core.errors import FangkongError


@dataclass(frozen=True)
class Keyring:
    """The keys of one installation."""

    current: str
    masters: dict[str, bytes]
    search: bytes
    audit: bytes
    session: str
    path: Path = field(compare=False)

    def wrap(self, data_key: bytes, subject: str) -> tuple[str, bytes]:
        """(master name, ``data_key`` sealed under the current master for ``subject``)."""
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self.masters[self.current]).encrypt(nonce, data_key, subject.encode())
        return self.current, nonce + sealed

    def wrap_all(
        self, data_keys: Sequence[bytes], subjects: Sequence[str], nonces: Sequence[bytes]
    ) -> tuple[str, list[bytes]]:
        """(master name, each data key sealed for its subject); ``nonces`` are fresh random 12 bytes each."""
        seal = AESGCM(self.masters[self.current]).encrypt
        return self.current, [
            nonce + seal(nonce, data_key, subject.encode())
            for data_key, subject, nonce in zip(data_keys, subjects, nonces, strict=True)
        ]

    def unwrap(self, master: str, wrapped: bytes, subject: str) -> bytes:
        """The data key. Raises FangkongError when the master key is no longer in the file."""
        if master not in self.masters:
            raise FangkongError("keys.master_missing", master=master)
        return AESGCM(self.masters[master]).decrypt(wrapped[:12], wrapped[12:], subject.encode())

    def unwrapper(self) -> Callable[[str, bytes, str], bytes]:
        """What :meth:`unwrap` does, for many keys: each master is made ready once."""
        ready = {name: AESGCM(master).decrypt for name, master in self.masters.items()}

        def unwrap(master: str, wrapped: bytes, subject: str) -> bytes:
            if master not in ready:
                raise FangkongError("keys.master_missing", master=master)
            return ready[master](wrapped[:12], wrapped[12:], subject.encode())

        return unwrap


def keyring() -> Keyring:
    """The keys in force. Raises FangkongError when the file is missing or open to others."""
    path = Path(settings.KEYFILE)
    try:
        stat = path.stat()
    except OSError:
        raise FangkongError("keys.missing", file=path.name) from None
    if os.name == "posix" and stat.st_mode & 0o077:
        raise FangkongError("keys.open_to_others", file=path.name)
    return _read(path, stat.st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, _modified: int) -> Keyring:
    stored = json.loads(path.read_text())
    return Keyring(
        current=stored["current"],
        masters={name: base64.b64decode(key) for name, key in stored["masters"].items()},
        search=base64.b64decode(stored["search"]),
        audit=base64.b64decode(stored["audit"]),
        session=stored["session"],
        path=path,
    )


def create(path: Path) -> None:
    """Make the key file with fresh keys, mode 0600; leave an existing one alone."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(
        path,
        {
            "current": "m1",
            "masters": {"m1": _fresh()},
            "search": _fresh(),
            "audit": _fresh(),
            "session": secrets.token_urlsafe(48),
        },
    )


def add_master(ring: Keyring) -> Keyring:
    """The keyring with a fresh current master; the older ones stay until ``drop_masters``."""
    name = f"m{1 + max(int(known[1:]) for known in ring.masters)}"
    stored = json.loads(ring.path.read_text())
    stored["masters"][name] = _fresh()
    stored["current"] = name
    _write(ring.path, stored)
    return keyring()


def drop_masters(ring: Keyring) -> Keyring:
    """The keyring with its current master only: what older masters sealed can no longer be opened."""
    stored = json.loads(ring.path.read_text())
    stored["masters"] = {ring.current: stored["masters"][ring.current]}
    _write(ring.path, stored)
    return keyring()


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _write(path: Path, content: dict[str, object]) -> None:
    """Replace the file in one step, so that a kill leaves the old keys or the new, never half a file."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        json.dump(content, handle, indent=1)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, path)
