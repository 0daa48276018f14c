"""Mappings that a person confirmed: which column of a sender's file holds which field, remembered for the next one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import load
from fangkong.record.models import SavedMapping
from fangkong.science.tables.columns import fields, fingerprint, match_saved
from fangkong.science.tables.parts import Table
from fangkong.science.tables.table_check import Confirmed

CONFIRM = "mapping.confirm"

#: The longest title that is kept.
_TITLE = 80


def mapping_confirm(
    fingerprint: str,
    *,
    kind: str,
    title: str,
    columns: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the saved mapping of the files with ``fingerprint``; confirming it anew revises it.

    ``columns`` maps each header as the sender writes it to a field of ``science/tables/columns/fields.toml``, ""
    for a column that is not read. Raises Forbidden without ``mapping.confirm``, InputError ``mapping.no_column``
    when nothing is read and ``mapping.unknown_field`` for a field that does not exist.
    """
    actor.require(CONFIRM)
    stated = {header.strip(): field for header, field in columns.items() if header.strip()}
    if not any(stated.values()):
        raise InputError("mapping.no_column")
    if unknown := sorted({field for field in stated.values() if field} - set(fields())):
        raise InputError("mapping.unknown_field", field=unknown[0])
    area = "" if actor.everywhere else actor.area_code
    key = stable_key("mapping", fingerprint, area)
    row = {
        "key": key,
        "kind": kind,
        "title": title.strip()[:_TITLE],
        "fingerprint": fingerprint,
        "columns": stated,
        "area_code": area or installation().area_code,
        "confirmed_by": actor.key,
    }
    with audit.writing():
        outcome = load(SavedMapping, [row], actor=actor.key, source_key=actor.key, known_from=at)
        if outcome.inserted or outcome.revised:
            audit.note(
                actor=actor.key,
                verb="mapping.confirm",
                object_kind="savedmapping",
                object_key=key,
                values=[fingerprint, kind, sorted(stated.items())],
            )
    return key


def confirmed_for(actor: Actor) -> Confirmed:
    """What tells of a table which mapping was confirmed for it in the actor's area, whatever order its columns have."""
    rows = {
        row.fingerprint: row
        for row in visible(SavedMapping.objects.open(), actor).order_by("known_from", "key")
    }
    names = {name: name for name in rows}

    def confirmed(table: Table) -> tuple[str, Mapping[str, str]] | None:
        name = match_saved(fingerprint(table), names) if rows and table.columns else None
        return (rows[name].kind, rows[name].columns) if name is not None else None

    return confirmed


def saved_mappings(*, actor: Actor) -> dict[str, dict[str, str]]:
    """Fingerprint → header → field, of the mappings confirmed in the actor's area; the own area's before others'."""
    rows = visible(SavedMapping.objects.open(), actor).order_by("known_from")
    return {row.fingerprint: dict(row.columns) for row in rows}
