"""Events: appended in the transaction that made them happen, answered by ``command/reactions``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from fangkong.core.keys import near_key, run_of, stable_key

from .columns import prepared
from .models import Event, machine_now


@dataclass(frozen=True)
class Happening:
    """What :func:`emit` is told of one event."""

    kind: str
    subject_key: str
    area_code: str
    at: datetime
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The event's key; those of subjects that stand together stand together."""
        if run := run_of(self.subject_key):
            return near_key("event", run, self.kind, self.subject_key, self.at)
        return stable_key("event", self.kind, self.subject_key, self.at)


def emit(
    kind: str, subject_key: str, area_code: str, *, at: datetime, params: dict[str, Any] | None = None
) -> str:
    """The key of the event, which is written once however often the same thing is emitted.

    ``kind`` is "<noun>.<what happened>" (``result.positive``); ``at`` is when the office knew. Call it
    inside ``audit.writing()``, beside the write that it tells of; ``params`` hold keys and codes only.
    """
    happening = Happening(kind, subject_key, area_code, at, params or {})
    emit_all([happening])
    return happening.key


def emit_all(happenings: Sequence[Happening]) -> None:
    """Write the events, each once however often it is emitted, with one statement. As :func:`emit`."""
    if not happenings:
        return
    now = machine_now()
    columns = {
        "key": [each.key for each in happenings],
        "kind": [each.kind for each in happenings],
        "subject_key": [each.subject_key for each in happenings],
        "area_code": [each.area_code for each in happenings],
        "at": prepared(Event._meta.get_field("at"), [each.at for each in happenings]),
        "params": [json.dumps(each.params) for each in happenings],
        "recorded_at": prepared(Event._meta.get_field("recorded_at"), [now] * len(happenings)),
    }
    table, names = connection.ops.quote_name(Event._meta.db_table), ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lists = "%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::jsonb[], %s::timestamptz[]"
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT * FROM unnest({lists}) ON CONFLICT DO NOTHING",  # noqa: S608
                [list(values) for values in columns.values()],
            )
            return
        holders = ", ".join(["%s"] * len(columns))
        cursor.executemany(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({holders})",  # noqa: S608
            zip(*columns.values(), strict=True),
        )
