"""Staging of rows that were held and are to be taken: read anew, without what their findings make unreadable."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from fangkong.record.access import Actor
from fangkong.record.digest import VERSIONED
from fangkong.record.installation import Installation, installation
from fangkong.record.load import fact_of
from fangkong.record.models import Receipt, Versioned
from fangkong.science.tables.check import CheckedFile, CheckedRow, CheckedTable
from fangkong.science.tables.outcomes import rank_of
from fangkong.science.tables.parts import Issue
from fangkong.science.tables.table_check import keys_of
from fangkong.science.tables.values.value import Identity

from .apply import names_index_unfinished
from .defects import Defect, held
from .facts import DecidedRow, Fact, Receiving
from .held_rows import Place, columns_left_out, leaves_out, shared_cells
from .manifest import Manifest, row_id
from .people import PeopleFinder
from .readings_kept import ColumnRead, TableRead
from .staged_files import FactWriter
from .table_receiving import area_codes, table_check
from .table_rows import mapping_of
from .table_staging import TableStaging, decide_batch, row_batches, stage_row
from .table_terms import TableTerms

_MODELS: dict[str, type[Versioned]] = {model._meta.model_name or "": model for model in VERSIONED}

#: People are written only where they are new; what says who somebody is never gives way to a doubtful row.
_NEVER_REVISED = frozenset({"person", "personarea"})


def held_stage(
    receipt: Receipt, path: Path, folder: Path, places: Collection[Place], *, actor: Actor, at: datetime
) -> tuple[list[int], dict[Place, Defect]]:
    """(numbers of the rows staged in ``folder``, place → why a row cannot be taken).

    ``path`` is the file as it came. Its rows are checked as of the day on which they came, and known since ``at``.
    """
    here = installation()
    came = receipt.known_at if receipt.known_basis == "receipt" else receipt.received_at
    checked = table_check(path, receipt.file_name, actor=actor, place=here, received_at=came)
    try:
        return _stage_checked(receipt, checked, folder, places, here, actor, at)
    finally:
        checked.close()


def _stage_checked(
    receipt: Receipt,
    checked: CheckedFile,
    folder: Path,
    places: Collection[Place],
    here: Installation,
    actor: Actor,
    at: datetime,
) -> tuple[list[int], dict[Place, Defect]]:
    stated = receipt.known_at if receipt.known_basis == "option" else None
    manifest = Manifest(
        known_at=(stated or at).isoformat(),
        back_fill=stated is not None,
        sheets=tuple(table.sheet for table in checked.tables) if len(checked.tables) > 1 else (),
    )
    staging = TableStaging(FactWriter(folder, receipt.key), manifest)
    names_index_unfinished(but=receipt.key)
    people = PeopleFinder(receipt.key)
    by_name = area_codes(at)
    shared: list[Fact] = []
    rows: list[int] = []
    missing = {place: held("row_not_read_again") for place in places}
    try:
        for number, table in enumerate(checked.tables):
            work = Receiving(
                mapping=mapping_of(table),
                disease=here.disease,
                actor=actor,
                zone=here.zone,
                known_at=stated,
                now=at,
                receipt_key=receipt.key,
                office_area=here.area_code,
                people=people,
                file_name=checked.name,
            )
            terms = TableTerms.of(table, receipt.area_code, by_name, checked.name)
            for batch in row_batches(_wanted(table, number, manifest, places)):
                decided, defects = decide_batch(batch, number, terms, work)
                _keep_what_is_known(decided.values())
                for row in batch:
                    identifier = row_id(number, row.number)
                    place = _place(manifest, identifier)
                    if identifier in defects:
                        missing[place] = defects[identifier]
                        continue
                    missing.pop(place, None)
                    rows.append(identifier)
                    if identifier in decided:
                        stage_row(decided[identifier], staging)
            shared += work.shared.values()
        manifest.rows = manifest.accepted = len(rows)
        manifest.facts = staging.writer.facts
        staging.writer.close(shared, manifest)
    except BaseException:
        staging.writer.abandon()
        raise
    return rows, missing


def _wanted(
    table: CheckedTable, number: int, manifest: Manifest, places: Collection[Place]
) -> Iterator[CheckedRow]:
    """The rows of ``table`` at ``places``, without what their findings make unreadable."""
    shared = _shared_findings(table.rows)
    read = _as_read(table)
    for row in table.rows:
        if _place(manifest, row_id(number, row.number)) in places:
            findings = [*row.issues, *shared.get(row.number, ())]
            yield replace(row, values=_readable(row.values, findings, table, read), outcome="accepted")


def _shared_findings(rows: Iterable[CheckedRow]) -> dict[int, list[Issue]]:
    """Row → the findings that stand at another row and concern it too."""
    found: dict[int, list[Issue]] = {}
    for row in rows:
        for issue in row.issues:
            for number in issue.params.get("rows", ()) if rank_of([issue.code]) else ():
                if number != row.number:
                    found.setdefault(number, []).append(issue)
    return found


def _as_read(table: CheckedTable) -> TableRead:
    columns = tuple(ColumnRead(each.name, each.field, each.confidence, "") for each in table.readings)
    return TableRead(table.sheet, table.kind, table.understanding.confidence, "", columns)


def _readable(
    values: Mapping[str, Any], findings: Iterable[Issue], table: CheckedTable, read: TableRead
) -> dict[str, Any]:
    """What of ``values`` no finding makes unreadable."""
    findings = list(findings)
    kept, out = dict(values), columns_left_out(findings, read)
    for key, reading in zip(keys_of(table.readings), table.readings, strict=True):
        if reading.name in out:
            for name in (key, *shared_cells().get(reading.field, ())):
                kept.pop(name, None)
    named = {what for issue in findings for what in leaves_out().get(issue.code, ())}
    for field in named - {"*", "other"}:
        kept.pop(field, None)
    identity = kept.get("id_number")
    if isinstance(identity, Identity):
        if "id_birth" in named:
            identity = replace(identity, birth_on=None)
        if "id_sex" in named:
            identity = replace(identity, sex="")
        kept["id_number"] = identity
    return kept


def _keep_what_is_known(rows: Iterable[DecidedRow]) -> None:
    """Let no taken row blank what the record knows: where it says nothing, what is known stays said."""
    decided = list(rows)
    keys: dict[str, set[str]] = {}
    for row in decided:
        for fact in row.facts:
            if fact.model not in _NEVER_REVISED:
                keys.setdefault(fact.model, set()).add(fact.key)
    known: dict[tuple[str, str], dict[str, Any]] = {}
    for name, wanted in keys.items():
        ordered = sorted(wanted)
        for start in range(0, len(ordered), 500):
            versions = _MODELS[name]._default_manager.filter(key__in=ordered[start : start + 500])
            for version in versions.order_by("known_from"):
                known[name, version.key] = fact_of(version)
    for row in decided:
        row.facts = [_with(fact, known.get((fact.model, fact.key))) for fact in row.facts]


def _with(fact: Fact, known: Mapping[str, Any] | None) -> Fact:
    if known is None:
        return fact
    said = {name: value for name, value in fact.values.items() if value not in (None, "", False)}
    values = {name: value for name, value in known.items() if name != "key"} | said
    days = [day for each in (known, said) if (day := each.get("last_exposure_on"))]
    if days:
        values["last_exposure_on"] = max(days)
    return Fact(fact.model, fact.key, fact.known_from, values)


def _place(manifest: Manifest, identifier: int) -> Place:
    where = manifest.place(identifier)
    return where["sheet"], where["row_number"]
