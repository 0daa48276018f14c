"""Events: appended in the transaction that made them happen, answered by ``command/reactions``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from json.encoder import encode_basestring_ascii as _ascii
from typing import Any

from django.db import connection

from fangkong.core.keys import near_key, near_part, run_of, stable_key

from .bulk_keys import own_parts, quoted
from .columns import array_of, prepared
from .models import Event, machine_now


@dataclass(slots=True)
class Happening:
    """What :func:`emit` is told of one event. Not frozen: a file has tens of thousands, each slower to make then."""

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
        "key": _keys(happenings),
        "kind": [each.kind for each in happenings],
        "subject_key": [each.subject_key for each in happenings],
        "area_code": [each.area_code for each in happenings],
        "at": prepared(Event._meta.get_field("at"), [each.at for each in happenings]),
        "params": [_json(each.params) for each in happenings],
        "recorded_at": prepared(Event._meta.get_field("recorded_at"), [now] * len(happenings)),
    }
    table, names = connection.ops.quote_name(Event._meta.db_table), ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = {"at": "timestamptz", "params": "jsonb", "recorded_at": "timestamptz"}
            arrays = [
                array_of([str(value) for value in values], kinds.get(name, "text"))
                for name, values in columns.items()
            ]
            cursor.execute(
                f"INSERT INTO {table} ({names}) "  # noqa: S608 (names come from the model)
                f"SELECT * FROM unnest({', '.join(array for array, _ in arrays)}) ON CONFLICT DO NOTHING",
                [parameter for _, parameter in arrays],
            )
            return
        holders = ", ".join(["%s"] * len(columns))
        cursor.executemany(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({holders})",  # noqa: S608
            zip(*columns.values(), strict=True),
        )


def _keys(happenings: Sequence[Happening]) -> list[str]:
    """``Happening.key`` of each."""
    runs = [run_of(each.subject_key) for each in happenings]
    instants = {at: at.isoformat() for at in {each.at for each in happenings}}
    own = own_parts(
        [
            f"[{quoted(each.kind)},{quoted(each.subject_key)},{quoted(instants[each.at])}]"
            for each in happenings
        ]
    )
    return [
        f"event-{near_part(run)}{part}" if run else each.key
        for each, run, part in zip(happenings, runs, own, strict=True)
    ]


def _json(params: dict[str, Any]) -> str:
    """``params`` as JSON; most are texts, which need no encoder made for them."""
    try:
        return f"{{{', '.join([f'{_ascii(name)}: {_ascii(value)}' for name, value in params.items()])}}}"
    except TypeError:
        return json.dumps(params)
