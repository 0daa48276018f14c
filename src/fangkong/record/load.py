"""The one bulk writer of the record.

Rows come as plain dicts; each is judged against what the record holds under its key and either opens a
version, revises one, or changes nothing. Work goes in chunks of sorted keys, one transaction and one audit
row per chunk, ``executemany`` on SQLite and ``COPY`` on PostgreSQL.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from django.db import connection, models

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.keys import canonical

from . import audit
from .columns import insert, prepared, present
from .models import Versioned, machine_now

#: Rows per transaction: small enough that pages are never kept waiting (500-row chunks measured at 1.3 ms).
CHUNK_ROWS = 1000

Row = dict[str, Any]
AfterInsert = Callable[[type[Versioned], Row], None]


@dataclass
class Outcome:
    """What became of the rows: positions (in the order given) of those that contradict the record."""

    inserted: int = 0
    revised: int = 0
    unchanged: int = 0
    #: Rows that say something else than the record holds since the very same instant; not written.
    contradictions: list[int] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Count another chunk's outcome in."""
        self.inserted += other.inserted
        self.revised += other.revised
        self.unchanged += other.unchanged
        self.contradictions += other.contradictions


@dataclass
class _Version:
    known_from: datetime
    known_to: datetime
    fact: str
    row_id: int | None
    row: Row | None = None


def load(
    model: type[Versioned],
    rows: Iterable[Row],
    *,
    actor: str,
    source_key: str,
    known_from: datetime | None = None,
    after_insert: AfterInsert | None = None,
    back_fill: bool = False,
    chunk_rows: int = CHUNK_ROWS,
) -> Outcome:
    """What became of ``rows``, each a dict of ``key`` and the model's fact fields.

    ``known_from`` of a row (or the argument, for rows without) says when the office knew it; a row may come
    in any order of knowledge: it is put into its place among the versions of its key. ``after_insert`` is
    called for each row that opened or revised a version, inside the chunk's transaction (events go there).
    ``back_fill`` keeps a statement of what is known already as a version of its own: files of the past may
    come in any order, and "5, then 7, then 5 again" must read the same however they come. Live input goes
    without, so that a list sent whole every day does not double the record.
    Raises KeyError for a row without key or knowledge time, ValueError for a field the model does not have.
    """
    ordered = sorted(
        ((position, {"known_from": known_from, **row}) for position, row in enumerate(rows)),
        key=lambda pair: (pair[1]["key"], pair[1]["known_from"]),
    )
    total = Outcome()
    for start in range(0, len(ordered), chunk_rows):
        total.add(
            load_chunk(model, ordered[start : start + chunk_rows], actor, source_key, after_insert, back_fill)
        )
    return total


def load_chunk(
    model: type[Versioned],
    numbered: Sequence[tuple[int, Row]],
    actor: str,
    source_key: str,
    after_insert: AfterInsert | None = None,
    back_fill: bool = False,
) -> Outcome:
    """The outcome of one chunk of (position, row), written in one transaction with one audit row."""
    fields = {f.name: f for f in model.fact_fields()}
    with audit.writing():
        timelines = _timelines(model, fields, sorted({row["key"] for _, row in numbered}))
        outcome = Outcome()
        fresh: list[_Version] = []
        closed: dict[int, datetime] = {}
        for position, row in numbered:
            if row["known_from"] is None:
                raise KeyError("known_from")
            if unknown := set(row) - set(fields) - {"key", "known_from"}:
                raise ValueError(f"{model.__name__} has no field {sorted(unknown)}")
            fact = {name: row[name] if name in row else _default(f) for name, f in fields.items()}
            _place(
                timelines.setdefault(row["key"], []), row, fact, position, back_fill, outcome, fresh, closed
            )
        _write(model, fields, fresh, closed, source_key)
        if after_insert is not None:
            for version in fresh:
                assert version.row is not None
                after_insert(model, version.row)
        if fresh or closed:
            audit.note(
                actor=actor,
                verb="load.chunk",
                object_kind=model._meta.model_name or "",
                object_key=f"{numbered[0][1]['key']}..{numbered[-1][1]['key']}",
                values=[source_key, len(fresh), len(closed), [version.fact for version in fresh]],
            )
    return outcome


def load_facts(
    model: type[Versioned],
    facts: Sequence[Row],
    *,
    actor: str,
    source_key: str,
    after_insert: AfterInsert | None = None,
    back_fill: bool = False,
    held: Set[str] | None = None,
) -> Outcome:
    """The outcome of one chunk of ``facts`` (rows as ``load`` takes them, values as they stand in JSON).

    Says and writes what ``load_chunk`` does of the same rows, in the caller's transaction. Facts under keys
    that the record does not hold yet have nothing to be judged against and go in column by column; the
    others are judged one by one. ``held`` are the keys among them that the record holds, where the caller
    has asked in this transaction already.
    """
    fields = {f.name: f for f in model.fact_fields()}
    said = set().union(*facts)
    if unknown := said - set(fields) - {"key", "known_from"}:
        raise ValueError(f"{model.__name__} has no field {sorted(unknown)}")
    times = Counter(fact["key"] for fact in facts)
    if held is None:
        held = present(model, "key", sorted(times))
    new = [fact for fact in facts if fact["key"] not in held and times[fact["key"]] == 1]
    outcome = _load_new(model, fields, new, said, actor, source_key)
    if after_insert is not None:
        for fact in new:
            after_insert(model, fact)
    judged = [typed_row(model, fact) for fact in facts if fact["key"] in held or times[fact["key"]] > 1]
    if judged:
        judged.sort(key=lambda row: (row["key"], row["known_from"]))
        numbered = list(enumerate(judged))
        outcome.add(load_chunk(model, numbered, actor, source_key, after_insert, back_fill))
    return outcome


def _load_new(
    model: type[Versioned],
    fields: dict[str, models.Field[Any, Any]],
    facts: list[Row],
    said: Set[str],
    actor: str,
    source_key: str,
) -> Outcome:
    """Open the first version of each fact; no key among them is held or stands twice; ``said`` are their fields."""
    if not facts:
        return Outcome()
    facts = sorted(facts, key=itemgetter("key"))
    count = len(facts)
    since = [fact["known_from"] for fact in facts]
    stated = {
        name: prepared(f, _stated(facts, name, f)) if name in said else [*prepared(f, [_default(f)])] * count
        for name, f in fields.items()
    }
    keys = [fact["key"] for fact in facts]
    shared = {"known_from": since, "known_to": [FAR_FUTURE] * count, "recorded_at": [machine_now()] * count}
    with audit.writing():
        insert(
            model,
            {
                "key": keys,
                **{name: prepared(model._meta.get_field(name), values) for name, values in shared.items()},
                "source_key": [source_key] * count,
                **stated,
            },
            count,
        )
        audit.note(
            actor=actor,
            verb="load.chunk",
            object_kind=model._meta.model_name or "",
            object_key=f"{keys[0]}..{keys[-1]}",
            # As the values stand in memory: they are hashed and gone, and JSON would cost more than the rest.
            values=repr((source_key, keys, list(map(str, set(since))), stated)).encode(),
        )
    return Outcome(inserted=count)


def _stated(facts: list[Row], name: str, f: models.Field[Any, Any]) -> list[Any]:
    """What each fact says in one field, the field's default where it says nothing."""
    if f.default is dict or f.default is list:
        return [fact[name] if name in fact else f.get_default() for fact in facts]
    default = f.get_default()
    return [fact.get(name, default) for fact in facts]


def typed_row(model: type[Versioned], fact: Row) -> Row:
    """``fact`` with its JSON values in the types of the model's fields."""
    fields = {f.name: f for f in model.fact_fields()}
    return {name: _typed(fields[name], value) if name in fields else value for name, value in fact.items()}


def _typed(f: models.Field[Any, Any], value: Any) -> Any:
    return value if isinstance(value, (list, dict, type(None))) else f.to_python(value)


def _place(
    timeline: list[_Version],
    row: Row,
    fact: Row,
    position: int,
    back_fill: bool,
    outcome: Outcome,
    fresh: list[_Version],
    closed: dict[int, datetime],
) -> None:
    """Put one row into the timeline of its key, noting what to write."""
    text, since = canonical(fact), row["known_from"]
    index = bisect_right([version.known_from for version in timeline], since) - 1
    before = timeline[index] if index >= 0 else None
    in_force = before is not None and since < before.known_to
    if in_force and before is not None:
        restated = before.fact == text
        if restated and (before.known_from == since or not back_fill):
            outcome.unchanged += 1
            return
        if before.known_from == since:
            outcome.contradictions.append(position)
            return
    after = timeline[index + 1] if index + 1 < len(timeline) else None
    until = (
        before.known_to if in_force and before is not None else (after.known_from if after else FAR_FUTURE)
    )
    version = _Version(since, until, text, None, {**fact, "key": row["key"], "known_from": since})
    if in_force and before is not None:
        before.known_to = since
        if before.row_id is not None:
            closed[before.row_id] = since
        outcome.unchanged += before.fact == text
        outcome.revised += before.fact != text
    else:
        outcome.inserted += 1
    timeline.insert(index + 1, version)
    fresh.append(version)


def _timelines(
    model: type[Versioned], fields: dict[str, models.Field[Any, Any]], keys: list[str]
) -> dict[str, list[_Version]]:
    timelines: dict[str, list[_Version]] = {}
    names = ["id", "key", "known_from", "known_to", *fields]
    for start in range(0, len(keys), 500):
        stored = model._default_manager.filter(key__in=keys[start : start + 500]).order_by(
            "key", "known_from"
        )
        for held in stored.values(*names):
            fact = canonical({name: held[name] for name in fields})
            version = _Version(held["known_from"], held["known_to"], fact, held["id"])
            timelines.setdefault(held["key"], []).append(version)
    return timelines


def _default(f: models.Field[Any, Any]) -> Any:
    return f.get_default()


def _write(
    model: type[Versioned],
    fields: dict[str, models.Field[Any, Any]],
    fresh: list[_Version],
    closed: dict[int, datetime],
    source_key: str,
) -> None:
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    known_to = model._meta.get_field("known_to")
    if closed:
        ends = [(known_to.get_db_prep_save(at, connection), row_id) for row_id, at in sorted(closed.items())]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET known_to = %s WHERE id = %s", ends)  # noqa: S608
    count = len(fresh)
    rows = [version.row or {} for version in fresh]
    columns: dict[str, Sequence[Any]] = {name: [row[name] for row in rows] for name in ("key", "known_from")}
    columns["known_to"] = [version.known_to for version in fresh]
    columns["recorded_at"] = [machine_now()] * count
    columns["source_key"] = [source_key] * count
    columns |= {name: [row[name] for row in rows] for name in fields}
    stored = {name: prepared(model._meta.get_field(name), values) for name, values in columns.items()}
    insert(model, stored, count)


def keys_touched(model: type[Versioned], *, since: int, but_by: str) -> set[str]:
    """Keys of which the source ``but_by``, whose rows came after row ``since``, no longer has the last word.

    They have a version that was closed, or one that another source wrote after that row, and none of
    ``but_by``'s is open.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    far = model._meta.get_field("known_to").get_db_prep_save(FAR_FUTURE, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT t.key FROM {table} t WHERE (t.known_to < %s OR (t.id > %s AND t.source_key <> %s)) "  # noqa: S608
            f"AND NOT EXISTS (SELECT 1 FROM {table} o "
            "WHERE o.key = t.key AND o.known_to = %s AND o.source_key = %s)",
            [far, since, but_by, far, but_by],
        )
        return {key for (key,) in cursor.fetchall()}


def withdraw(model: type[Versioned], keys: Sequence[str], *, at: datetime, actor: str, reason: str) -> int:
    """How many open versions were closed at ``at`` without a successor: the fact is known to be wrong."""
    with audit.writing():
        count = model._default_manager.filter(key__in=keys, known_to=FAR_FUTURE, known_from__lt=at).update(
            known_to=at
        )
        audit.note(
            actor=actor,
            verb="record.withdraw",
            object_kind=model._meta.model_name or "",
            object_key=f"{min(keys)}..{max(keys)}" if keys else "",
            values=[list(keys), reason],
        )
    return count


def fact_of(version: Versioned) -> Row:
    """The fact fields of ``version`` as a dict, ready to be changed and loaded again."""
    row = {f.name: getattr(version, f.name) for f in version.fact_fields()}
    return json_copy(row) | {"key": version.key}


def json_copy(row: Row) -> Row:
    """``row`` with its lists and dicts copied, so that changing the copy leaves the version alone."""
    return {k: json.loads(json.dumps(v)) if isinstance(v, (list, dict)) else v for k, v in row.items()}


def revise(
    version: Versioned, *, at: datetime, actor: str, verb: str, purpose: str = "", **changes: Any
) -> None:
    """Open a new version of ``version``'s key with ``changes``, audited under ``verb``.

    Two revisions in one instant cannot both be the truth since then: the later is moved on by a microsecond.
    """
    at = max(at, version.known_from + timedelta(microseconds=1))
    model = type(version)
    with audit.writing():
        load(model, [fact_of(version) | changes], actor=actor, source_key=actor, known_from=at)
        audit.note(
            actor=actor,
            verb=verb,
            object_kind=model._meta.model_name or "",
            object_key=version.key,
            area_code=getattr(version, "area_code", ""),
            purpose=purpose,
            values=changes,
        )
