"""Events: appended in the transaction that made them happen, answered by ``command/reactions``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.keys import stable_key

from .models import Event


def emit(
    kind: str, subject_key: str, area_code: str, *, at: datetime, params: dict[str, Any] | None = None
) -> str:
    """The key of the event, which is written once however often the same thing is emitted.

    ``kind`` is "<noun>.<what happened>" (``result.positive``); ``at`` is when the office knew. Call it
    inside ``audit.writing()``, beside the write that it tells of; ``params`` hold keys and codes only.
    """
    key = stable_key("event", kind, subject_key, at)
    Event.objects.bulk_create(
        [Event(key=key, kind=kind, subject_key=subject_key, area_code=area_code, at=at, params=params or {})],
        ignore_conflicts=True,
    )
    return key
