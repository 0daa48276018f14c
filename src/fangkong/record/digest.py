"""The digest of the record: equal digests mean equal records.

It covers the canonical rows without row ids, ``recorded_at`` and audit, so "changes nothing" and "the same
as an uninterrupted run" can be stated and tested in one line.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.apps import apps
from django.db import models

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.keys import canonical

from .models import (
    Appeal,
    Area,
    AreaBoundary,
    Case,
    Consent,
    Contact,
    CycleStep,
    DailyCount,
    Document,
    Event,
    ExposureJudgement,
    FollowUp,
    Household,
    HouseholdMember,
    IdentityDigest,
    LabResult,
    MatchCandidate,
    Order,
    Organisation,
    Passage,
    Permit,
    Person,
    PersonArea,
    Place,
    ProtectedReport,
    Reaction,
    Receipt,
    ReceiptRow,
    Rejudgement,
    SamePerson,
    SavedMapping,
    SeriesBreak,
    Setting,
    Signal,
    Specimen,
    Task,
    Timer,
    TransmissionLink,
    User,
    Versioned,
)

VERSIONED: tuple[type[Versioned], ...] = (
    Appeal,
    Area,
    AreaBoundary,
    Case,
    Consent,
    Contact,
    DailyCount,
    Document,
    ExposureJudgement,
    FollowUp,
    Household,
    HouseholdMember,
    LabResult,
    MatchCandidate,
    Order,
    Organisation,
    Passage,
    Permit,
    Person,
    PersonArea,
    Place,
    ProtectedReport,
    Rejudgement,
    SamePerson,
    SavedMapping,
    SeriesBreak,
    Signal,
    Specimen,
    Task,
    Timer,
    TransmissionLink,
)

#: Tables without versions: the fields that are facts, and the order that makes the row stream canonical.
PLAIN: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Event, ("key", "kind", "subject_key", "area_code", "at", "params")),
    (Reaction, ("event_key", "name", "outcome")),
    (CycleStep, ("as_of", "step", "outcome")),
    (
        Receipt,
        (
            "key",
            "sha256",
            "mapping",
            "state",
            "row_count",
            "accepted",
            "held",
            "rejected",
            "known_at",
            "known_basis",
            "withdrawn_at",
        ),
    ),
    (ReceiptRow, ("receipt_key", "sheet", "row_number", "column", "outcome", "reason", "params")),
    (Setting, ("name", "value")),
    (User, ("key", "username", "role", "area_code", "is_active")),
    # Keyed digests stand for the identities: their ciphertext differs with every sealing.
    (IdentityDigest, ("person_key", "kind", "digest")),
)


#: Fields that speak of the audit chain: it holds every attempt, so it differs after a kill, and the facts do not.
OF_THE_AUDIT = frozenset({"audit_head"})


def versioned_tables() -> list[type[Versioned]]:
    """Every table with versions, by name: the record's own and those of the rooms above it."""
    tables = [model for model in apps.get_models() if issubclass(model, Versioned)]
    return sorted(tables, key=lambda model: model._meta.model_name or "")


def record_digest(close: datetime | None = None) -> dict[str, str]:
    """SHA-256 of each table's canonical rows, and of all of them under "record".

    With ``close`` only what was known by that instant counts, and versions closed later count as open;
    tables that have no knowledge time are then left out.
    """
    parts = {model._meta.model_name or "": _versioned(model, close) for model in versioned_tables()}
    if close is None:
        parts |= {model._meta.model_name or "": _plain(model, fields) for model, fields in PLAIN}
    whole = hashlib.sha256(canonical(sorted(parts.items())).encode()).hexdigest()
    return {"record": whole, **parts}


def _versioned(model: type[Versioned], close: datetime | None) -> str:
    facts = [f.name for f in model.fact_fields() if f.name not in OF_THE_AUDIT]
    names = ["key", "known_from", "known_to", *facts]
    rows = model._default_manager.order_by("key", "known_from")
    if close is not None:
        rows = rows.filter(known_from__lte=close)
    digest = hashlib.sha256()
    for row in rows.values(*names).iterator(chunk_size=5000):
        if close is not None and row["known_to"] > close:
            row["known_to"] = FAR_FUTURE
        digest.update(canonical(row).encode() + b"\n")
    return digest.hexdigest()


def _plain(model: type[models.Model], fields: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for row in model._default_manager.order_by(*fields[:3]).values(*fields).iterator(chunk_size=5000):
        digest.update(canonical(row).encode() + b"\n")
    return digest.hexdigest()
