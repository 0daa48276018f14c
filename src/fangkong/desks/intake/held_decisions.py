"""Deciding on held rows, many at once: taken as they stand, or refused.

What is taken is read anew from the kept file, through the same check as of the day on which it came, staged in the same
form and entered by the same way. What a finding makes unreadable is left out, never put right; a row that then lacks
what the record needs stays held, and it is said why. What is taken is known since the decision: the reports of the days
before stay as they were.

Killed anywhere, the same call goes on: the staged rows lie complete in the receipt's ``taking`` folder or not at all,
and each transaction moves its rows, their facts and the receipt's counts together.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import F

from fangkong.core.errors import Conflict, FangkongError, InputError, NotFound
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.events import emit
from fangkong.record.installation import installation
from fangkong.record.locking import locked
from fangkong.record.models import Receipt, ReceiptRow
from fangkong.record.retention.collecting import Bases
from fangkong.record.rulebook import rulebook

from .apply import facts_enter, identities_opened, shared_write
from .defects import HELD, REJECTED, Defect
from .held_rows import (
    DECIDE,
    DECIDED,
    REFUSED_BY_OFFICE,
    TAKEN,
    TAKEN_AS_IT_STANDS,
    Place,
    rows_held,
    settled_by,
)
from .held_staging import held_stage
from .kept_files import kept_file
from .limits import limits
from .matching import match_candidates_find
from .queries import receipt_get
from .receiving_lock import one_at_a_time
from .staged_files import FACTS, TAKEN_FACTS, TAKING, StagedFact, StagedReceipt, folder_of
from .table_rows import code_of_kind

_STAGED = kill_point("held.staged")
_CHUNK_TAKEN = kill_point("held.chunk_taken")
_TAKEN = kill_point("held.taken")
_FACTS_KEPT = kill_point("held.facts_kept")
_CHUNK_REFUSED = kill_point("held.chunk_refused")

MOST_REASON = 200

#: Who decided what, why and when, beside a staging under way.
_ACT = "act.json"


@dataclass(frozen=True)
class HeldFor:
    """All rows of a receipt that are held for one reason: ``issue_ID_CHECKSUM``, ``unknown_case``."""

    reason: str


@dataclass(frozen=True)
class NotTaken:
    """A row that stays held, and why it could not be taken."""

    place: Place
    reason: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DecidedBefore:
    """A row on which somebody had decided: how (``taken`` or ``rejected``), who, when (ISO) and why."""

    place: Place
    outcome: str
    by: str
    at: str
    why: str


@dataclass(frozen=True)
class Decided:
    """What an act did: rows decided by it, rows that stay held and why, rows that were decided before."""

    count: int
    not_taken: tuple[NotTaken, ...] = ()
    before: tuple[DecidedBefore, ...] = ()


@dataclass(frozen=True)
class _Act:
    """A decision: who, why, since when."""

    actor: str
    why: str
    at: datetime

    def told(self, row: ReceiptRow) -> dict[str, Any]:
        """What is kept of it beside the row: the reason for which it was held stays readable."""
        return {
            **row.params,
            "held_for": row.reason,
            "decided_by": self.actor,
            "decided_at": self.at.isoformat(),
            "why": self.why,
        }


def held_rows_take(
    receipt_key: str, rows: Iterable[Place] | HeldFor, *, reason: str, actor: Actor, at: datetime
) -> Decided:
    """What became of ``rows`` that are to be taken as they stand, although something was found in them.

    ``rows`` are places (sheet, row), or all rows held for one reason; of the latter those that have come in right
    since stay as they are. A row that cannot be taken stays held and is among ``not_taken``; the others are taken.
    Doing it twice does nothing more, and says who decided before. Raises Forbidden without ``receipt.decide`` and
    ``file.receive`` in the receipt's area, NotFound outside the scope, for a row that was never held and
    ``receipt.file_gone`` when the file is no longer kept, Conflict ``held.withdrawn``, ``held.unfinished`` or
    ``held.not_a_table``, InputError ``held.reason_needed``.
    """
    receipt, act = _begin(receipt_key, reason, actor, at)
    if not receipt.mapping.startswith(code_of_kind("")):
        raise Conflict("held.not_a_table", file=receipt.file_name)
    with one_at_a_time():
        done = _finish_staged(receipt)
        held, before = _chosen(receipt, rows)
        mine = [each for each in before if each.place in done]
        before = [each for each in before if each.place not in done]
        not_taken: list[NotTaken] = []
        if isinstance(rows, HeldFor):
            settled = settled_by(receipt, held, actor=actor)
            held = [place for place in held if place not in settled]
            not_taken = [
                NotTaken(place, "settled", params={"file": other.file_name})
                for place, other in settled.items()
            ]
        if held:
            not_taken += _stage(receipt, held, act, actor)
            taken = _finish_staged(receipt)
            told = {each.place for each in not_taken}
            not_taken += [
                NotTaken(place, "contradicts_record")
                for place in held
                if place not in taken and place not in told
            ]
        else:
            taken = set()
        return Decided(len(mine) + len(taken), tuple(not_taken), tuple(before))


def held_rows_refuse(
    receipt_key: str, rows: Iterable[Place] | HeldFor, *, reason: str, actor: Actor, at: datetime
) -> Decided:
    """What became of ``rows`` that are refused: they stand among the rejected, with who refused them and why.

    ``rows``, the doing twice and the errors are those of `held_rows_take`; no file is needed.
    """
    receipt, act = _begin(receipt_key, reason, actor, at)
    with one_at_a_time():
        _finish_staged(receipt)
        held, before = _chosen(receipt, rows)
        count = 0
        for some in _pieces(held):
            with audit.writing():
                still = _still_held(receipt, some)
                _mark(still, REJECTED, REFUSED_BY_OFFICE, act)
                Receipt.objects.filter(key=receipt.key).update(
                    held=F("held") - len(still), rejected=F("rejected") + len(still)
                )
                _note("receipt.rows_refuse", receipt, still, act)
            count += len(still)
            _CHUNK_REFUSED.passed()
        return Decided(count, (), tuple(before))


def _begin(receipt_key: str, reason: str, actor: Actor, at: datetime) -> tuple[Receipt, _Act]:
    """The receipt to decide on and the decision. Raises what stands in the way of any decision."""
    receipt = receipt_get(receipt_key, actor=actor)
    actor.require("file.receive", receipt.area_code)
    actor.require(DECIDE, receipt.area_code)
    if not reason.strip():
        raise InputError("held.reason_needed")
    if receipt.withdrawn_at is not None:
        raise Conflict("held.withdrawn", file=receipt.file_name)
    if receipt.state != "applied":
        raise Conflict("held.unfinished", file=receipt.file_name)
    return receipt, _Act(actor.key, reason.strip()[:MOST_REASON], at)


def _chosen(receipt: Receipt, rows: Iterable[Place] | HeldFor) -> tuple[list[Place], list[DecidedBefore]]:
    """(places of the rows that wait, those among them that somebody has decided). Raises NotFound for any other."""
    if isinstance(rows, HeldFor):
        waiting = rows_held(receipt).filter(reason=rows.reason).order_by("sheet", "row_number")
        return list(waiting.values_list("sheet", "row_number")), []
    wanted = set(rows)
    held: list[Place] = []
    before: list[DecidedBefore] = []
    for some in _pieces(sorted(wanted)):
        found = ReceiptRow.objects.filter(
            receipt_key=receipt.key, row_number__in={number for _, number in some}
        )
        for row in found.order_by("sheet", "row_number"):
            place = (row.sheet, row.row_number)
            if place not in wanted:
                continue
            if row.outcome == HELD:
                held.append(place)
            elif row.reason in DECIDED:
                told = (row.params[name] for name in ("decided_by", "decided_at", "why"))
                before.append(DecidedBefore(place, row.outcome, *told))
    held = sorted(set(held))
    if missing := wanted - set(held) - {each.place for each in before}:
        sheet, number = min(missing)
        raise NotFound("held.no_such_row", row=str(number), sheet=sheet)
    return held, sorted(set(before), key=lambda each: each.place)


def _pieces(places: Sequence[Place]) -> Iterator[list[Place]]:
    for start in range(0, len(places), limits().batch_rows):
        yield list(places[start : start + limits().batch_rows])


def _stage(receipt: Receipt, places: Sequence[Place], act: _Act, actor: Actor) -> list[NotTaken]:
    """The rows that cannot be taken; the others lie staged, complete or not at all."""
    folder = folder_of(receipt.sha256, receipt.key)
    for left_over in folder.glob(".taking-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    with kept_file(folder, receipt.key, receipt.file_name) as path:
        temporary = Path(tempfile.mkdtemp(prefix=".taking-", dir=folder))
        try:
            rows, defects = held_stage(receipt, path, temporary, frozenset(places), actor=actor, at=act.at)
            told = {"actor": act.actor, "why": act.why, "at": act.at.isoformat(), "rows": rows}
            (temporary / _ACT).write_text(json.dumps(told, ensure_ascii=False))
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    if rows:
        os.replace(temporary, folder / TAKING)
        _STAGED.passed()
    else:
        shutil.rmtree(temporary)
    return [_not_taken(place, defect) for place, defect in sorted(defects.items())]


def _not_taken(place: Place, defect: Defect) -> NotTaken:
    return NotTaken(place, defect.reason, defect.column, defect.params)


def _finish_staged(receipt: Receipt) -> set[Place]:
    """The rows of a staging under way that are now taken; it is brought to its end, whoever began it."""
    home = folder_of(receipt.sha256, receipt.key)
    folder = home / TAKING
    if not (folder / _ACT).is_file():
        return set()
    told = json.loads((folder / _ACT).read_text())
    act = _Act(told["actor"], told["why"], datetime.fromisoformat(told["at"]))
    staged = StagedReceipt(folder, receipt.key)
    try:
        staged.data_key()
    except FangkongError:
        # A purge shut what was staged: the rows are held as before.
        shutil.rmtree(folder)
        return set()
    taken: set[Place] = set()
    shared_write(receipt, staged)
    bases = Bases(rulebook(), installation().area_code)
    for rows, facts in _chunks(staged, told["rows"]):
        taken |= _enter(receipt, staged, rows, facts, bases, act)
        _CHUNK_TAKEN.passed()
    receipt.refresh_from_db()
    match_candidates_find(receipt.key, actor=system_actor("matching"), at=act.at)
    _TAKEN.passed()
    _keep_facts(home, folder)
    _FACTS_KEPT.passed()
    # The key first, so that what a kill leaves is noise.
    staged.destroy_key()
    (folder / _ACT).unlink()
    shutil.rmtree(folder)
    return taken


def _chunks(staged: StagedReceipt, rows: Sequence[int]) -> Iterator[tuple[list[int], list[StagedFact]]]:
    """(rows, their facts) of each transaction, at most ``batch_rows`` rows; rows that only restate come last."""
    left = set(rows)
    for _, facts in staged.chunks(0):
        of_row: dict[int, list[StagedFact]] = {}
        for fact in facts:
            of_row.setdefault(fact.row, []).append(fact)
        numbers = sorted(of_row)
        left.difference_update(numbers)
        for start in range(0, len(numbers), limits().batch_rows):
            some = numbers[start : start + limits().batch_rows]
            yield some, [fact for number in some for fact in of_row[number]]
    rest = sorted(left)
    for start in range(0, len(rest), limits().batch_rows):
        yield rest[start : start + limits().batch_rows], []


def _enter(
    receipt: Receipt,
    staged: StagedReceipt,
    rows: Sequence[int],
    facts: list[StagedFact],
    bases: Bases,
    act: _Act,
) -> set[Place]:
    """The places of ``rows`` that are taken now: facts, rows and counts, in one transaction."""
    place_of = {number: _place(staged, number) for number in rows}
    identities = identities_opened(staged, facts)
    with audit.writing():
        still = {(row.sheet, row.row_number): row for row in _still_held(receipt, list(place_of.values()))}
        waiting = {number for number, place in place_of.items() if place in still}
        entered = facts_enter(
            receipt,
            staged,
            [fact for fact in facts if fact.row in waiting],
            [(fact, said) for fact, said in identities if fact.row in waiting],
            bases,
            actor=act.actor,
        )
        taken = {place_of[number] for number in waiting - set(entered.contradicting)}
        nameless = {place_of[fact.row] for fact in entered.nameless}
        _mark([still[place] for place in sorted(taken)], TAKEN, TAKEN_AS_IT_STANDS, act, nameless)
        if taken:
            Receipt.objects.filter(key=receipt.key).update(
                accepted=F("accepted") + len(taken),
                held=F("held") - len(taken),
                inserted=F("inserted") + entered.counted.inserted,
                revised=F("revised") + entered.counted.revised,
                unchanged=F("unchanged") + entered.counted.unchanged,
            )
            _note("receipt.rows_take", receipt, [still[place] for place in sorted(taken)], act)
            params = {"mapping": receipt.mapping}
            emit("receipt.applied", receipt.key, receipt.area_code, at=act.at, params=params)
    return taken


def _place(staged: StagedReceipt, number: int) -> Place:
    where = staged.manifest.place(number)
    return where["sheet"], where["row_number"]


def _still_held(receipt: Receipt, places: Sequence[Place]) -> list[ReceiptRow]:
    """The rows at ``places`` that nobody has decided yet, locked."""
    wanted = set(places)
    rows = rows_held(receipt).filter(row_number__in={number for _, number in wanted})
    return [
        row for row in locked(rows.order_by("sheet", "row_number")) if (row.sheet, row.row_number) in wanted
    ]


def _mark(
    rows: Sequence[ReceiptRow], outcome: str, reason: str, act: _Act, nameless: Iterable[Place] = ()
) -> None:
    without = set(nameless)
    for row in rows:
        row.params = act.told(row)
        if (row.sheet, row.row_number) in without:
            row.params["without_name"] = True
        row.outcome, row.reason = outcome, reason
    ReceiptRow.objects.bulk_update(rows, ["outcome", "reason", "params"], batch_size=200)


def _note(verb: str, receipt: Receipt, rows: Sequence[ReceiptRow], act: _Act) -> None:
    if rows:
        audit.note(
            actor=act.actor,
            verb=verb,
            object_kind="receipt",
            object_key=receipt.key,
            area_code=receipt.area_code,
            values=[[(row.sheet, row.row_number) for row in rows], act.why],
        )


def _keep_facts(home: Path, folder: Path) -> None:
    """Keep what was taken beside the receipt's own facts, without the sealed names: withdrawing looks there."""
    tables = [
        pq.read_table(path) for path in (home / TAKEN_FACTS, folder / "facts.parquet") if path.is_file()
    ]
    whole = pa.concat_tables(tables)
    place = whole.schema.get_field_index("sealed")
    whole = whole.set_column(place, FACTS.field("sealed"), pa.nulls(len(whole), pa.binary()))
    temporary = home / f"{TAKEN_FACTS}.part"
    pq.write_table(whole, temporary, compression="zstd")
    os.replace(temporary, home / TAKEN_FACTS)
