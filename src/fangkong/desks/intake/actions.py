"""Receiving a file: what it is decides the way in which it is read; what others wait for enters with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from fangkong.core.errors import InputError
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import Installation, installation
from fangkong.record.models import Receipt

from .bulletin_receiving import bulletin_way
from .bulletin_recognition import bulletin_of
from .csv_rows import columns_of
from .file_checks import NO_FILE, CheckedFile, Progress, check_file, sha256_of
from .mapped_receiving import mapped_way
from .match_pairs import matches_pending_find
from .receipt_making import Arrival, Way, receipt_make
from .receiving_lock import one_at_a_time
from .receiving_order import in_receiving_order
from .recognition import choose_mapping
from .staged_files import sealed_keys_remove
from .staging import known_at_limit
from .table_receiving import table_way
from .waiting_links import waiting_links_apply
from .waiting_tables import brings_what_others_wait_for, opened_again, sender_of, waiting_tables

__all__ = ["in_receiving_order", "receive_file", "sealed_keys_remove"]

_CHECKED = kill_point("receive.checked")


def receive_file(
    path: Path | str,
    *,
    actor: Actor,
    mapping: str | None = None,
    mapping_file: Path | None = None,
    known_at: datetime | None = None,
    progress: Progress | None = None,
    file_name: str | None = None,
    again: bool = False,
) -> Receipt:
    """The receipt of the file at ``path``: rows in = accepted + held + rejected.

    ``mapping`` names a mapping by its code and ``mapping_file`` a file that holds one; without either the
    columns decide. ``known_at`` (aware) says when the office knew the rows, whatever the mapping declares: a
    correction carries the time at which it was published. ``file_name`` is the name that the sender gave to
    an uploaded file. ``again`` reads a file that no mapping knows anew, though its receipt is there. ``progress`` is
    told (done, of how many): bytes while reading, facts while applying.

    Receiving the same file under the same mapping and ``known_at`` again returns the same receipt and changes
    nothing, unless rows that were held (a contact whose case was not known) can be taken now; one that a kill
    left unfinished is finished. Links that waited for the cases of this file enter with it. Raises Forbidden
    when the actor may not receive, and InputError when the whole file is refused: then nothing of it is in
    the record.
    """
    actor.require("file.receive")
    path, place = Path(path), installation()
    name = file_name or path.name
    if known_at is not None:
        if known_at.tzinfo is None:
            raise ValueError("known_at needs a time zone")
        if known_at > known_at_limit(place):
            raise InputError("intake.known_in_future", file=name, option="--known-at")
    if mapping or mapping_file:
        file, way_of = _named(check_file(path, name, progress), mapping, mapping_file)
    else:
        file, way_of = _recognised(path, name, place, progress, again)
    _CHECKED.passed()
    arrival = Arrival(path, name, file.sha256 if file else sha256_of(path), actor, place, known_at, progress)
    with one_at_a_time():
        try:
            receipt = receipt_make(arrival, way_of(arrival))
        except InputError as refusal:
            with audit.writing():
                audit.note(
                    actor=actor.key,
                    verb="receipt.refuse",
                    object_kind="file",
                    object_key=arrival.sha256,
                    values=[refusal.code, refusal.params],
                )
            raise
        if waiting_links_apply(actor=actor):
            receipt.refresh_from_db()
        if _waiting_receive(receipt, place):
            receipt.refresh_from_db()
        matches_pending_find(actor=system_actor("matching"))
        return receipt


def _named(
    file: CheckedFile, code: str | None, mapping_file: Path | None
) -> tuple[CheckedFile | None, Callable[[Arrival], Way]]:
    """(the file, the way in which it is read) where its sender names the mapping; one that does not fit refuses it."""
    return file, lambda arrival: mapped_way(
        file, choose_mapping(columns_of(file), file.name, code=code, file=mapping_file), arrival
    )


def _recognised(
    path: Path, name: str, place: Installation, progress: Progress | None, again: bool
) -> tuple[CheckedFile | None, Callable[[Arrival], Way]]:
    """(the file where it is text, the way in which it is read): as a mapping says, as a bulletin, or as it comes.

    Raises InputError for a path that is no file at all, and where two mappings fit equally well.
    """
    file: CheckedFile | None = None
    try:
        file = check_file(path, name, progress)
        return file, partial(mapped_way, file, choose_mapping(columns_of(file), name))
    except InputError as refusal:
        if refusal.code in NO_FILE or refusal.code == "intake.two_mappings":
            raise
        refused = refusal
    read = bulletin_of(path, name, office_area=place.area_code, today=place.today())
    if read is not None:
        return file, partial(bulletin_way, read)
    return file, partial(table_way, refused=refused, anew=again)


def _waiting_receive(receipt: Receipt, place: Installation) -> int:
    """How many rows of tables that waited for what ``receipt`` brought are now taken."""
    if not brings_what_others_wait_for(receipt):
        return 0
    taken, progress = 0, True
    while progress:
        progress = False
        for waiting in waiting_tables(receipt):
            sender = sender_of(waiting)
            if sender is None:
                continue
            known_at = waiting.known_at if waiting.known_basis == "option" else None
            with opened_again(waiting) as path:
                arrival = Arrival(path, waiting.file_name, waiting.sha256, sender, place, known_at)
                way = table_way(arrival)
                if way.receipt_key != waiting.key:
                    continue
                again = receipt_make(arrival, way)
            progress |= again.accepted > waiting.accepted
            taken += again.accepted - waiting.accepted
    return taken
