"""Files that no mapping knows: read as they really come, checked, and received with everything found in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.db.models import Q

from fangkong.core.clock import civil_day
from fangkong.core.errors import InputError
from fangkong.core.keys import stable_key
from fangkong.record.access import Actor, visible
from fangkong.record.installation import Installation
from fangkong.record.models import Area, Case, Receipt
from fangkong.record.rulebook import rulebook
from fangkong.science.rules import Plan
from fangkong.science.tables.check import CheckedFile, Known, check_file
from fangkong.science.tables.columns.headers import claims
from fangkong.science.tables.kinds.rows import StockLine

from .apply import names_index_unfinished
from .external_ids import case_key
from .facts import Receiving
from .file_checks import NOT_TEXT
from .mapping import FileMapping
from .people import PeopleFinder
from .receipt_making import Arrival, Way
from .saved_mappings import confirmed_for
from .staged_files import StagedReceipt, folder_of
from .table_rows import code_of_kind
from .table_staging import stage_tables, stock_of
from .table_terms import target_of, targets

#: The kinds whose report of today is held against the one before it.
_DAY_TO_DAY = "supplies"


def table_check(
    path: Path, name: str, *, actor: Actor, place: Installation, received_at: datetime
) -> CheckedFile:
    """The file checked against what the office knows: its areas, its cases, the sender's last report, the rules.

    Raises InputError ``intake.table_refused`` with the issue's code when the file cannot be read at all.
    """
    cases = _CasesKnown(actor)
    checked = check_file(
        path,
        name=name,
        # The day on which the file came, so that it reads alike whenever its rows are looked at again.
        today=civil_day(received_at, place.zone),
        zone=place.zone,
        previous=_last_stock(actor),
        known=Known(case_exists=cases.exists),
        saved=confirmed_for(actor),
        areas=area_codes(received_at) or None,
        release_days=partial(_release_days, place),
    )
    # A workbook without a cell is opened before it is found to be empty; it is refused as an empty text is.
    empty = [each for each in checked.issues if each.code == "FILE_EMPTY" and not checked.tables]
    if refusing := checked.issues if checked.refused else empty:
        issue = refusing[0]
        raise InputError(
            "intake.table_refused", file=name, row=issue.row or 1, issue=issue.code, **dict(issue.params)
        )
    return checked


def table_way(arrival: Arrival, refused: InputError | None = None, *, anew: bool = False) -> Way:
    """How a file that no mapping knows is read: as it comes. ``refused`` says why none does, None where one is sure.

    ``anew`` reads it though its receipt is there.
    """
    key = stable_key("receipt", arrival.sha256, "table", arrival.known_at, arrival.scope)

    def stage(received_at: datetime) -> tuple[StagedReceipt, str]:
        checked = table_check(
            arrival.path, arrival.name, actor=arrival.actor, place=arrival.place, received_at=received_at
        )
        try:
            if refused is not None and not _is_understood(checked, refused):
                raise _not_understood(checked, refused)
            return _stage(checked, arrival, key, received_at), _mapping_code(checked)
        finally:
            checked.close()

    return Way(key, "receipt", arrival.place.area_code, stage, anew)


def _stage(checked: CheckedFile, arrival: Arrival, key: str, received_at: datetime) -> StagedReceipt:
    """The staged form of a checked file."""
    actor, place, known_at = arrival.actor, arrival.place, arrival.known_at
    # As a mapped file does: people of an import that a kill cut short are found by what they are called.
    names_index_unfinished(but=key)
    people = PeopleFinder(key)

    def work_of(mapping: FileMapping) -> Receiving:
        return Receiving(
            mapping=mapping,
            disease=place.disease,
            actor=actor,
            zone=place.zone,
            known_at=known_at,
            now=received_at,
            receipt_key=key,
            office_area=place.area_code,
            people=people,
            file_name=checked.name,
        )

    return stage_tables(
        checked,
        arrival.path,
        arrival.sha256,
        work_of,
        receipt_key=key,
        area_code=place.area_code if actor.everywhere else actor.area_code,
        area_codes=area_codes(received_at),
        known_at=known_at or received_at,
        back_fill=known_at is not None,
        sender=actor.key,
    )


def _is_understood(checked: CheckedFile, refused: InputError) -> bool:
    """Whether the file is taken as it came, although no mapping knew it (``refused`` says why none did).

    A file whose kind is known is. One of which a column or two were understood, or would be by their headers, waits for
    a person to say what the others hold. Where a mapping nearly fitted, what the file lacks is the better answer,
    unless a desk reads its kind.
    """
    if refused.code == "intake.column_missing":
        return any(target_of(table.kind) for table in checked.tables)
    if not checked.tables or any(table.kind != "unknown" for table in checked.tables):
        return True
    return any(
        reading.field or claims(reading.column.path) for table in checked.tables for reading in table.readings
    )


def _not_understood(checked: CheckedFile, refused: InputError) -> InputError:
    """Why a file is refused of which no column was understood: why no mapping knew it, of a spreadsheet its columns."""
    if refused.code != NOT_TEXT:
        return refused
    columns = dict.fromkeys(reading.column.name for table in checked.tables for reading in table.readings)
    return InputError(
        "intake.table_unknown",
        file=checked.name,
        columns=list(columns)[:20],
        wanted="CSV",
        option="--mapping-file",
    )


def _mapping_code(checked: CheckedFile) -> str:
    """How the file was read: the kind of its largest table."""
    if not checked.tables:
        return code_of_kind("unknown")
    return code_of_kind(max(checked.tables, key=lambda table: len(table.rows)).kind)


def area_codes(at: datetime) -> dict[str, Any]:
    """Area name or alias → its code, or its codes where several areas bear it."""
    found: dict[str, Any] = {}
    rows = Area.objects.known_at(at).values_list("key", "name_zh", "name_en", "aliases")
    for code, name_zh, name_en, aliases in rows:
        for name in {name_zh, name_en, *(aliases or ())} - {""}:
            held = found.get(name)
            if held is None:
                found[name] = code
            elif held != code:
                found[name] = sorted({code, *([held] if isinstance(held, str) else held)})
    return found


class _CasesKnown:
    """Which cases the record knows, by number or by the id of another system; nothing where it knows no case."""

    def __init__(self, actor: Actor) -> None:
        self._cases = visible(Case.objects.open(), actor)
        self._any: bool | None = None
        self._known: dict[str, bool] = {}

    def exists(self, reference: str) -> bool | None:
        if self._any is None:
            self._any = self._cases.exists()
        if not self._any:
            return None
        if reference not in self._known:
            own = [case_key(system, reference) for system in targets()["system"]]
            self._known[reference] = self._cases.filter(Q(case_no=reference) | Q(key__in=own)).exists()
        return self._known[reference]


def _last_stock(actor: Actor) -> list[StockLine]:
    """The closing stock of the sender's last report of supplies."""
    reports: Iterable[Receipt] = visible(
        Receipt.objects.filter(mapping=code_of_kind(_DAY_TO_DAY), withdrawn_at=None), actor
    ).order_by("-received_at", "-id")
    for report in reports:
        if stock := stock_of(folder_of(report.sha256, report.key)):
            return stock
    return []


def _release_days(place: Installation, on: date) -> dict[str, int] | None:
    """Contact tier → days from the last contact to release under the rules of ``on``; None where none are in force."""
    found = {}
    for tier in ("close", "secondary"):
        situation = {"disease": place.disease, "role": f"{tier}_contact", "last_exposure_on": on}
        try:
            plan = rulebook().plan_for(situation, on=on, area=place.area_code)
        except InputError:
            continue
        if isinstance(plan, Plan) and plan.stages and plan.stages[0].last_day is not None:
            found[tier] = (plan.stages[0].last_day - on).days
    if "close" in found:
        # A ledger that names no tier is one of close contacts: the others have a name of their own.
        found[""] = found["close"]
    return found or None
