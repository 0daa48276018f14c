"""Deciding on held rows, many at once: taken as they stand, or refused.

What is taken is read anew from the kept file, through the same check as of the day on which it came, staged in the same
form and entered by the same way. What a finding makes unreadable is left out, never put right; a row that then lacks
what the record needs stays held, and it is said why. What is taken is known since the decision: the reports of the days
before stay as they were. `held_taking` stages and enters them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F

from fangkong.core.errors import Conflict, InputError, NotFound
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.models import Receipt, ReceiptRow

from .defects import HELD, REJECTED
from .held_acts import Act, held_mark, held_note, pieces_of, still_held
from .held_rows import (
    DECIDE,
    DECIDED,
    REFUSED_BY_OFFICE,
    Place,
    rows_held,
    settled_by,
)
from .held_taking import staged_take, taking_stage
from .queries import receipt_get
from .receiving_lock import one_at_a_time
from .table_rows import code_of_kind

_CHUNK_REFUSED = kill_point("held.chunk_refused")

MOST_REASON = 200


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
        done = staged_take(receipt)
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
            defects = taking_stage(receipt, held, act, actor)
            not_taken += [
                NotTaken(place, defect.reason, defect.column, defect.params)
                for place, defect in sorted(defects.items())
            ]
            taken = staged_take(receipt)
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
        staged_take(receipt)
        held, before = _chosen(receipt, rows)
        count = 0
        for some in pieces_of(held):
            with audit.writing():
                still = still_held(receipt, some)
                held_mark(still, REJECTED, REFUSED_BY_OFFICE, act)
                Receipt.objects.filter(key=receipt.key).update(
                    held=F("held") - len(still), rejected=F("rejected") + len(still)
                )
                held_note("receipt.rows_refuse", receipt, still, act)
            count += len(still)
            _CHUNK_REFUSED.passed()
        return Decided(count, (), tuple(before))


def _begin(receipt_key: str, reason: str, actor: Actor, at: datetime) -> tuple[Receipt, Act]:
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
    return receipt, Act(actor.key, reason.strip()[:MOST_REASON], at)


def _chosen(receipt: Receipt, rows: Iterable[Place] | HeldFor) -> tuple[list[Place], list[DecidedBefore]]:
    """(places of the rows that wait, those among them that somebody has decided). Raises NotFound for any other."""
    if isinstance(rows, HeldFor):
        waiting = rows_held(receipt).filter(reason=rows.reason).order_by("sheet", "row_number")
        return list(waiting.values_list("sheet", "row_number")), []
    wanted = set(rows)
    held: list[Place] = []
    before: list[DecidedBefore] = []
    for some in pieces_of(sorted(wanted)):
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
