"""Whether what a row says of one person agrees: number, kind of document, sex, age, birth, event."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from ..codes import issue
from ..parts import Issue
from .value import Age, Identity


@cache
def _tolerance() -> int:
    found = tomllib.loads((Path(__file__).parent / "agreement.toml").read_text(encoding="utf-8"))
    return int(found["age_tolerance_years"])


#: Kinds of document that a column of kinds may call by a wider name.
_SAME_KIND = {
    "resident": {"resident", "residence_permit"},
    "residence_permit": {"residence_permit", "resident"},
}


def person_agrees(
    identity: Identity | None,
    *,
    id_kind: str | None = None,
    sex: str | None = None,
    age: Age | None = None,
    birth_on: date | None = None,
    event_on: date | datetime | None = None,
    reference: date,
    columns: Mapping[str, str] | None = None,
    row: int | None = None,
    sheet: str = "",
) -> tuple[Issue, ...]:
    """The issues between the facts of one row; an absent fact is never at odds.

    ``event_on`` is the day at which ``age`` counts (onset, sampling, last contact), ``reference`` the day used where
    the row has none. ``columns`` maps a field to the sender's header. Codes: ID_TYPE_MISMATCH, SEX_ID_MISMATCH,
    AGE_ID_MISMATCH, BIRTH_ID_MISMATCH, AGE_DOB_MISMATCH, BIRTH_AFTER_EVENT.
    """
    named = columns or {}
    found: list[Issue] = []

    def add(field: str, code: str) -> None:
        found.append(issue(row, named.get(field, field), code, sheet=sheet))

    at = event_on.date() if isinstance(event_on, datetime) else event_on
    if identity is not None:
        if (
            id_kind
            and id_kind not in ("other", "officer")
            and id_kind not in _SAME_KIND.get(identity.kind, {identity.kind})
        ):
            add("id_kind", "ID_TYPE_MISMATCH")
        if sex in ("male", "female") and identity.sex and sex != identity.sex:
            add("sex", "SEX_ID_MISMATCH")
        if identity.birth_on is not None:
            if birth_on is not None and birth_on != identity.birth_on:
                add("birth_on", "BIRTH_ID_MISMATCH")
            if at is not None and identity.birth_on > at:
                add("id_number", "BIRTH_AFTER_EVENT")
            elif age is not None and _apart(age, identity.birth_on, at or reference):
                add("age", "AGE_ID_MISMATCH")
    if birth_on is not None:
        if at is not None and birth_on > at:
            add("birth_on", "BIRTH_AFTER_EVENT")
        elif age is not None and _apart(age, birth_on, at or reference):
            add("age", "AGE_DOB_MISMATCH")
    unique = {entry.code: entry for entry in reversed(found)}
    return tuple(entry for entry in found if unique[entry.code] is entry)


def completed_years(birth_on: date, on: date) -> int:
    """Completed years of life on the day ``on``."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def _apart(age: Age, birth_on: date, on: date) -> bool:
    if birth_on > on:
        return False
    return abs(completed_years(birth_on, on) - age.years) > _tolerance()
