"""Two people on the same thing at once: one writes, the other waits and then sees what stands.

SQLite has one writer, so there nobody ever waits in the middle. On PostgreSQL two traps are closed here. Whoever
waits for the open version of a fact wakes up when the other has closed it and opened the next: the statement that
waited finds neither, so it is asked again. And where no row stands yet (a first submit, a roster with a gap) there
is nothing to lock, so a name is locked in its place.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models

from fangkong.core.keys import canonical


def locked(rows: models.QuerySet[Any]) -> list[Any]:
    """The rows, locked until the transaction ends, none missing that was revised while they were waited for."""
    while True:
        held = list(rows.select_for_update())
        if not connection.features.has_select_for_update:
            return held
        if {row.pk for row in held} == set(rows.values_list("pk", flat=True)):
            return held


def locked_one(rows: models.QuerySet[Any]) -> Any:
    """The first of the rows, locked until the transaction ends; None only when there is none now."""
    while True:
        held = rows.select_for_update().first()
        if held is not None or not connection.features.has_select_for_update or not rows.exists():
            return held


def lock_name(*parts: str) -> None:
    """Nobody else goes on past the same ``parts`` until this transaction ends; call it before looking what stands.

    For what has no row of its own to lock: the first version of a key, the roster of an office, the levels of an
    area. Call it inside ``audit.writing()``.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [canonical(list(parts))])
