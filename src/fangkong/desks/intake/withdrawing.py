"""Withdrawing a file: what it alone brought is no longer held to be true; what others also say stays.

Nothing is erased: versions are closed as of the withdrawal, so every earlier report reads as before. Where the file had
revised what another source said, that source's statement stands again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, InputError
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.digest import VERSIONED
from fangkong.record.events import emit
from fangkong.record.identity_purging import person_purge
from fangkong.record.load import fact_of, load, withdraw
from fangkong.record.models import (
    Case,
    Contact,
    ExposureJudgement,
    FollowUp,
    LabResult,
    Order,
    Receipt,
    Versioned,
)

from .kept_files import file_forget
from .queries import receipt_get
from .staged_files import TAKEN_FACTS, folder_of

WITHDRAW = "receipt.withdraw"

_CHUNK_WITHDRAWN = kill_point("withdraw.chunk_done")

#: What a file's rows bring, what points at others before what is pointed at. Places, laboratories and areas stay: they
#: are the office's gazetteer, whoever named them first.
_BROUGHT = ("followup", "contact", "transmissionlink", "labresult", "specimen", "dailycount", "case")

#: The people of the rows and their ties, which go when nothing else names them.
_PEOPLE = ("personarea", "person")

#: Tables that name a person for a reason of their own.
_NAMING: tuple[type[Versioned], ...] = (Case, Contact, LabResult, FollowUp, Order, ExposureJudgement)

_CHUNK = 500

_MODELS: dict[str, type[Versioned]] = {model._meta.model_name or "": model for model in VERSIONED}


def receipt_withdraw(receipt_key: str, *, reason: str, actor: Actor, at: datetime) -> int:
    """How many facts are no longer held to be true because the file that alone brought them is withdrawn.

    Raises Forbidden without ``receipt.withdraw`` in the receipt's area, NotFound outside the scope, Conflict
    ``receipt.not_applied`` or ``receipt.withdrawn``, InputError ``receipt.reason_needed``. Works in chunks; killed, the
    same call goes on where it stopped. People whom nothing else names are purged.
    """
    receipt = receipt_get(receipt_key, actor=actor)
    actor.require(WITHDRAW, receipt.area_code)
    if not reason.strip():
        raise InputError("receipt.reason_needed")
    if receipt.withdrawn_at is not None:
        raise Conflict("receipt.withdrawn", file=receipt.file_name)
    if receipt.state != "applied":
        raise Conflict("receipt.not_applied", file=receipt.file_name)
    gone = _withdrawn_sources() | {receipt.key}
    count = 0
    for name in _BROUGHT:
        for keys in _pieces(_alone(receipt, name)):
            count += _withdraw_chunk(_MODELS[name], keys, gone, actor, at, reason)
            _CHUNK_WITHDRAWN.passed()
    people = []
    for name in _PEOPLE:
        for keys in _pieces(_alone(receipt, name)):
            free = _unnamed(_MODELS[name], keys)
            _withdraw_chunk(_MODELS[name], free, gone, actor, at, reason)
            people += free if name == "person" else []
            _CHUNK_WITHDRAWN.passed()
    if people:
        person_purge(people, actor=actor.key, reason=reason.strip())
    file_forget(folder_of(receipt.sha256, receipt.key))
    with audit.writing():
        Receipt.objects.filter(key=receipt.key).update(withdrawn_at=at)
        audit.note(
            actor=actor.key,
            verb="receipt.withdraw",
            object_kind="receipt",
            object_key=receipt.key,
            area_code=receipt.area_code,
            values=[count, len(people), reason.strip()],
        )
        emit("receipt.withdrawn", receipt.key, receipt.area_code, at=at, params={"mapping": receipt.mapping})
    return count


def _withdrawn_sources() -> set[str]:
    return set(Receipt.objects.exclude(withdrawn_at=None).values_list("key", flat=True))


def _alone(receipt: Receipt, name: str) -> list[str]:
    """The keys of the table ``name`` of which this file says what no other file that still stands says, sorted."""
    mine = _said(folder_of(receipt.sha256, receipt.key), name)
    if not mine:
        return []
    wanted = pa.array(sorted({key for key, _ in mine}))
    others = Receipt.objects.filter(state__in=("applied", "applying"), withdrawn_at=None).exclude(
        key=receipt.key
    )
    for key, sha256 in others.values_list("key", "sha256"):
        mine -= _said(folder_of(sha256, key), name, wanted)
    return sorted({key for key, _ in mine})


def _said(folder: Path, name: str, wanted: pa.Array | None = None) -> set[tuple[str, int]]:
    """(key, short digest of the fact) of what the staged facts in ``folder`` say of the table ``name``.

    Of the keys in ``wanted`` where given.
    """
    found: set[tuple[str, int]] = set()
    for path in filter(Path.is_file, (folder / "facts.parquet", folder / TAKEN_FACTS)):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=50_000, columns=["model", "key", "fact"]):
                chosen = pc.equal(batch["model"], name)
                if wanted is not None:
                    chosen = pc.and_(chosen, pc.is_in(batch["key"], value_set=wanted))
                keys, facts = (
                    batch["key"].filter(chosen).to_pylist(),
                    batch["fact"].filter(chosen).to_pylist(),
                )
                # Python's keyed hash never leaves this run, and eight bytes part the few facts of one key.
                found.update(zip(keys, map(hash, facts), strict=True))
    return found


def _pieces(keys: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), _CHUNK):
        yield list(keys[start : start + _CHUNK])


def _unnamed(model: type[Versioned], keys: list[str]) -> list[str]:
    """The people, or ties of people, among ``keys`` whom no open fact of another kind names."""
    if model._meta.model_name == "person":
        person_of = {key: key for key in keys}
    else:
        rows = model._default_manager.filter(key__in=keys).values_list("key", "person_key")
        person_of = dict(rows)
    named: set[str] = set()
    for naming in _NAMING:
        rows = naming.objects.open().filter(person_key__in=set(person_of.values()))
        named.update(rows.values_list("person_key", flat=True))
    return [key for key in keys if person_of.get(key) not in named]


def _withdraw_chunk(
    model: type[Versioned], keys: list[str], gone: set[str], actor: Actor, at: datetime, reason: str
) -> int:
    """How many open versions taught by withdrawn files were closed, or gave way to what another source had said."""
    with audit.writing():
        versions: dict[str, list[Versioned]] = {}
        for version in model._default_manager.filter(key__in=keys).order_by("key", "known_from"):
            versions.setdefault(version.key, []).append(version)
        closing, restored = [], []
        latest = at
        for key, held in versions.items():
            current = held[-1]
            if current.source_key not in gone or current.known_to != FAR_FUTURE:
                continue
            closing.append(key)
            latest = max(latest, current.known_from + timedelta(microseconds=1))
            if before := [v for v in held[:-1] if v.source_key not in gone]:
                restored.append(fact_of(before[-1]) | {"source": before[-1].source_key})
        if closing:
            withdraw(model, closing, at=latest, actor=actor.key, reason=reason.strip())
        for row in restored:
            source = row.pop("source")
            load(model, [row], actor=actor.key, source_key=source, known_from=latest)
    return len(closing)
