"""Stable keys: the same facts always get the same key, so that doing a thing twice changes nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any


def canonical(value: Any) -> str:
    """One text for one value: JSON with sorted keys, no spaces, dates in ISO form, text kept as it is."""
    return _encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} has no canonical form")


#: Made once: ``json.dumps`` makes an encoder for each call.
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain).encode


def stable_key(kind: str, *parts: Any) -> str:
    """A key of ``kind`` made from ``parts``: "<kind>-" and 20 characters of a BLAKE2b digest.

    Equal parts give equal keys on every machine; 100 bits keep accidental clashes out of reach.
    """
    digest = hashlib.blake2b(canonical(list(parts)).encode(), digest_size=16).digest()
    return f"{kind}-{base64.b32encode(digest).decode().lower()[:20]}"


def near_key(kind: str, near: str, *parts: Any) -> str:
    """A stable key made from ``parts`` that sorts beside all keys of the same ``near``.

    "<kind>-", 8 characters of the digest of ``near``, 16 of the digest of ``parts``. An index takes a million
    keys that come in runs many times faster than a million scattered ones; the digests tell nobody what the
    runs are.
    """
    return f"{kind}-{near_part(near)}{own_part(*parts)}"


@lru_cache(maxsize=4096)
def near_part(near: str) -> str:
    """The 8 characters that all keys of ``near`` share."""
    return base64.b32encode(hashlib.blake2b(near.encode(), digest_size=5).digest()).decode().lower()


def own_part(*parts: Any) -> str:
    """The 16 characters that are the key's own."""
    digest = hashlib.blake2b(canonical(list(parts)).encode(), digest_size=10).digest()
    return base64.b32encode(digest).decode().lower()


def run_of(key: str) -> str:
    """The characters that ``key`` shares with its run, "" for a key that :func:`stable_key` scattered.

    >>> run_of(near_key("case", "C01", "C0123")) == near_part("C01"), run_of(stable_key("case", "C0123"))
    (True, '')
    """
    tail = key.rpartition("-")[2]
    return tail[:8] if len(tail) == _NEAR + _OWN else ""


_NEAR, _OWN = 8, 16
