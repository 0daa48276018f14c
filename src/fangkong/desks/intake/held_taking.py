"""Held rows taken: staged anew from the kept file, entered in transactions, their facts kept beside the receipt's own.

Killed anywhere, the same call goes on: the staged rows lie complete in the receipt's ``taking`` folder or not at all,
and each transaction moves its rows, their facts and the receipt's counts together.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import F

from fangkong.core.errors import FangkongError
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.events import emit
from fangkong.record.installation import installation
from fangkong.record.models import Receipt
from fangkong.record.retention.collecting import Bases
from fangkong.record.rulebook import rulebook

from .defects import Defect
from .facts_entering import facts_enter, identities_opened, shared_write
from .held_acts import Act, held_mark, held_note, still_held
from .held_rows import TAKEN, TAKEN_AS_IT_STANDS, Place
from .held_staging import held_stage
from .kept_files import kept_file
from .limits import limits
from .match_pairs import match_candidates_find
from .staged_files import FACTS, TAKEN_FACTS, TAKING, StagedFact, StagedReceipt, folder_of

_STAGED = kill_point("held.staged")
_CHUNK_TAKEN = kill_point("held.chunk_taken")
_TAKEN = kill_point("held.taken")
_FACTS_KEPT = kill_point("held.facts_kept")

#: Who decided what, why and when, beside a staging under way.
_ACT = "act.json"


def taking_stage(receipt: Receipt, places: Sequence[Place], act: Act, actor: Actor) -> dict[Place, Defect]:
    """The rows that cannot be taken, each with why; the others lie staged, complete or not at all."""
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
    return defects


def staged_take(receipt: Receipt) -> set[Place]:
    """The rows of a staging under way that are now taken; it is brought to its end, whoever began it."""
    home = folder_of(receipt.sha256, receipt.key)
    folder = home / TAKING
    if not (folder / _ACT).is_file():
        return set()
    told = json.loads((folder / _ACT).read_text())
    act = Act(told["actor"], told["why"], datetime.fromisoformat(told["at"]))
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
    act: Act,
) -> set[Place]:
    """The places of ``rows`` that are taken now: facts, rows and counts, in one transaction."""
    place_of = {number: _place(staged, number) for number in rows}
    identities = identities_opened(staged, facts)
    with audit.writing():
        still = {(row.sheet, row.row_number): row for row in still_held(receipt, list(place_of.values()))}
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
        held_mark([still[place] for place in sorted(taken)], TAKEN, TAKEN_AS_IT_STANDS, act, nameless)
        if taken:
            Receipt.objects.filter(key=receipt.key).update(
                accepted=F("accepted") + len(taken),
                held=F("held") - len(taken),
                inserted=F("inserted") + entered.counted.inserted,
                revised=F("revised") + entered.counted.revised,
                unchanged=F("unchanged") + entered.counted.unchanged,
            )
            held_note("receipt.rows_take", receipt, [still[place] for place in sorted(taken)], act)
            params = {"mapping": receipt.mapping}
            emit("receipt.applied", receipt.key, receipt.area_code, at=act.at, params=params)
    return taken


def _place(staged: StagedReceipt, number: int) -> Place:
    where = staged.manifest.place(number)
    return where["sheet"], where["row_number"]


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
