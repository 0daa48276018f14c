"""Stable keys: the same facts always get the same key, so that doing a thing twice changes nothing."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import date, datetime
from typing import Any


def canonical(value: Any) -> str:
    """One text for one value: JSON with sorted keys, no spaces, dates in ISO form, text kept as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def stable_key(kind: str, *parts: Any) -> str:
    """A key of ``kind`` made from ``parts``: "<kind>-" and 20 characters of a BLAKE2b digest.

    Equal parts give equal keys on every machine; 100 bits keep accidental clashes out of reach.
    """
    digest = hashlib.blake2b(canonical(list(parts)).encode(), digest_size=16).digest()
    return f"{kind}-{base64.b32encode(digest).decode().lower()[:20]}"
