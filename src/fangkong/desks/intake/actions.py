"""Receiving a file: check, stage, decide, apply."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from fangkong.core.errors import FangkongError, InputError
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import Installation, installation
from fangkong.record.models import Receipt, ReceiptRow

from .apply import apply_receipt
from .bulletin_receiving import MAPPING as BULLETIN
from .bulletin_receiving import bulletin_receipt_key, bulletin_stage
from .bulletin_recognition import BulletinRead, bulletin_of
from .csv_rows import CsvTable, read_table
from .defects import MAY_PASS
from .facts import Receiving
from .file_checks import NO_FILE, CheckedFile, Progress, check_file, sha256_of
from .held_rows import rows_decided
from .mapping import FileMapping
from .matching import matches_pending_find
from .people import PeopleFinder
from .receiving_lock import one_at_a_time
from .receiving_order import in_receiving_order
from .recognition import choose_mapping
from .staged_files import StagedReceipt, folder_of, sealed_keys_remove
from .staging import known_at_limit, stage_file
from .table_receiving import (
    is_understood,
    mapping_code,
    table_check,
    table_receipt_key,
    table_stage,
)
from .waiting_links import waiting_links_apply
from .waiting_tables import brings_what_others_wait_for, opened_again, sender_of, waiting_tables

__all__ = ["in_receiving_order", "receive_file", "sealed_keys_remove"]

_CHECKED = kill_point("receive.checked")
_RECORDED = kill_point("receive.recorded")


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
    file: CheckedFile | None
    refused: InputError | None = None
    bulletin: BulletinRead | None = None
    if mapping or mapping_file:
        file = check_file(path, name, progress)
    else:
        file, refused = _mapped_file(path, name, progress)
        if file is None:
            bulletin = bulletin_of(path, name, office_area=place.area_code, today=place.today())
    _CHECKED.passed()
    sha256 = file.sha256 if file else sha256_of(path)
    with one_at_a_time():
        try:
            if file is not None:
                receipt = _receive(file, actor, place, mapping, mapping_file, known_at, progress)
            elif bulletin is not None:
                receipt = _receive_bulletin(bulletin, path, name, sha256, actor, place, known_at, progress)
            else:
                receipt = _receive_table(path, name, sha256, actor, place, known_at, refused, progress, again)
        except InputError as refusal:
            with audit.writing():
                audit.note(
                    actor=actor.key,
                    verb="receipt.refuse",
                    object_kind="file",
                    object_key=sha256,
                    values=[refusal.code, refusal.params],
                )
            raise
        if waiting_links_apply(actor=actor):
            receipt.refresh_from_db()
        if _waiting_receive(receipt, place):
            receipt.refresh_from_db()
        matches_pending_find(actor=system_actor("matching"))
        return receipt


def _mapped_file(
    path: Path, name: str, progress: Progress | None
) -> tuple[CheckedFile | None, InputError | None]:
    """(the file that a mapping knows, None), or (None, why none does) for one to be read as it comes.

    Raises InputError for a path that is no file at all.
    """
    try:
        file = check_file(path, name, progress)
        with file.path.open(encoding=file.encoding, newline="") as handle:
            choose_mapping(read_table(file, handle).columns, file.name)
    except InputError as refusal:
        if refusal.code in NO_FILE or refusal.code == "intake.two_mappings":
            raise
        return None, refusal
    return file, None


def _waiting_receive(receipt: Receipt, place: Installation) -> int:
    """How many rows of tables that waited for what ``receipt`` brought are now taken."""
    if not brings_what_others_wait_for(receipt):
        return 0
    taken, progress = 0, True
    while progress:
        progress = False
        for waiting in waiting_tables(receipt):
            known_at = waiting.known_at if waiting.known_basis == "option" else None
            sender = sender_of(waiting)
            if sender is None or table_receipt_key(waiting.sha256, known_at, sender) != waiting.key:
                continue
            with opened_again(waiting) as path:
                again = _receive_table(
                    path, waiting.file_name, waiting.sha256, sender, place, known_at, None, None
                )
            progress |= again.accepted > waiting.accepted
            taken += again.accepted - waiting.accepted
    return taken


def _receive_bulletin(
    read: BulletinRead,
    path: Path,
    name: str,
    sha256: str,
    actor: Actor,
    place: Installation,
    known_at: datetime | None,
    progress: Progress | None,
) -> Receipt:
    """The receipt of an official bulletin: a row for each sentence that bears a figure."""
    key = bulletin_receipt_key(sha256, known_at, actor)
    receipt = Receipt.objects.filter(key=key).first()
    applied = receipt if receipt is not None and receipt.state == "applied" else None
    waiting = _held_that_may_pass(key) if applied else set()
    if applied and not waiting:
        _key_destroyed(sha256, key)
        return applied
    staged = _staged(None if applied else receipt, sha256)
    if staged is None or receipt is None:
        staged = bulletin_stage(
            read,
            path,
            sha256,
            file_name=name,
            receipt_key=key,
            actor=actor,
            place=place,
            known_at=known_at,
        )
        if applied and len(staged.held(MAY_PASS)) == len(waiting):
            staged.destroy_key()
            return applied
        basis = "option" if known_at is not None else "mapping"
        root = read.area_code or place.area_code if actor.everywhere else actor.area_code
        file = CheckedFile(path, name, path.stat().st_size, sha256, "")
        receipt = _record(file, staged, BULLETIN, key, actor, place, basis, root)
        _RECORDED.passed()
    return apply_receipt(receipt, staged, progress)


def _key_destroyed(sha256: str, key: str) -> None:
    """Shut the sealed identities of an applied receipt for good: a kill after its last chunk left the key."""
    if (folder := folder_of(sha256, key)).is_dir():
        StagedReceipt(folder, key).destroy_key()


def _receive_table(
    path: Path,
    name: str,
    sha256: str,
    actor: Actor,
    place: Installation,
    known_at: datetime | None,
    refused: InputError | None,
    progress: Progress | None,
    again: bool = False,
) -> Receipt:
    """The receipt of a file that no mapping knows; ``refused`` is raised where nothing in it is understood."""
    key = table_receipt_key(sha256, known_at, actor)
    receipt = Receipt.objects.filter(key=key).first()
    applied = receipt if receipt is not None and receipt.state == "applied" and not again else None
    waiting = _held_that_may_pass(key) if applied else set()
    if applied and not waiting:
        _key_destroyed(sha256, key)
        return applied
    unfinished = None if applied else receipt
    staged = None if again else _staged(unfinished, sha256)
    if staged is None or receipt is None:
        # An unfinished receipt keeps the instant at which it was first received.
        now = unfinished.known_at if unfinished and unfinished.known_basis == "receipt" else place.now()
        checked = table_check(path, name, actor=actor, place=place, received_at=now)
        try:
            if refused is not None and not is_understood(checked, refused):
                raise refused
            staged = table_stage(
                checked,
                path,
                sha256,
                receipt_key=key,
                actor=actor,
                place=place,
                known_at=known_at,
                received_at=now,
            )
            code = mapping_code(checked)
            if applied and len(staged.held(MAY_PASS)) == len(waiting):
                staged.destroy_key()
                return applied
        finally:
            checked.close()
        basis = "option" if known_at is not None else "receipt"
        root = place.area_code if actor.everywhere else actor.area_code
        file = CheckedFile(path, name, path.stat().st_size, sha256, "")
        receipt = _record(file, staged, code, key, actor, place, basis, root)
        _RECORDED.passed()
    return apply_receipt(receipt, staged, progress)


def _receive(
    file: CheckedFile,
    actor: Actor,
    place: Installation,
    mapping: str | None,
    mapping_file: Path | None,
    known_at: datetime | None,
    progress: Progress | None,
) -> Receipt:
    with file.path.open(encoding=file.encoding, newline="") as handle:
        table = read_table(file, handle)
        chosen = choose_mapping(table.columns, file.name, code=mapping, file=mapping_file)
        scope = "" if actor.everywhere else actor.area_code
        key = stable_key("receipt", file.sha256, chosen.code, chosen.digest, known_at, scope)
        receipt = Receipt.objects.filter(key=key).first()
        applied = receipt if receipt is not None and receipt.state == "applied" else None
        held = _held_that_may_pass(key) if applied else set()
        if applied and not held:
            _key_destroyed(file.sha256, key)
            return applied
        unfinished = None if applied else receipt
        staged = _staged(unfinished, file.sha256)
        if staged is None or receipt is None:
            staged = _stage(file, table, handle, chosen, key, actor, place, known_at, unfinished, progress)
            if applied and held == staged.held(MAY_PASS):
                staged.destroy_key()
                return applied
            basis = "option" if known_at is not None else "mapping" if chosen.known else "receipt"
            root = place.area_code or chosen.area_root if actor.everywhere else actor.area_code
            receipt = _record(file, staged, chosen.code, key, actor, place, basis, root)
            _RECORDED.passed()
    return apply_receipt(receipt, staged, progress)


def _held_that_may_pass(receipt_key: str) -> set[tuple[int, str]]:
    """(row, reason) of the held rows that another file may have made takeable since."""
    if rows_decided(receipt_key).exists():
        # Nothing is read anew over the head of whoever decided: what waits now waits for a decision, too.
        return set()
    rows = ReceiptRow.objects.filter(receipt_key=receipt_key, reason__in=MAY_PASS)
    return set(rows.values_list("row_number", "reason"))


def _staged(receipt: Receipt | None, sha256: str) -> StagedReceipt | None:
    """The staged files of an unfinished receipt, when they are whole and their key still opens them."""
    if receipt is None:
        return None
    folder = folder_of(sha256, receipt.key)
    if not (folder / "manifest.json").is_file():
        return None
    staged = StagedReceipt(folder, receipt.key)
    try:
        staged.data_key()
    except FangkongError:
        # The master was rotated away or a purge destroyed the key meanwhile: the file itself is here again.
        return None
    return staged


def _stage(
    file: CheckedFile,
    table: CsvTable,
    handle: object,
    mapping: FileMapping,
    key: str,
    actor: Actor,
    place: Installation,
    known_at: datetime | None,
    unfinished: Receipt | None,
    progress: Progress | None,
) -> StagedReceipt:
    disease = mapping.disease or place.disease
    if not disease:
        raise InputError("intake.no_disease", file=file.name, mapping=mapping.code, command="fangkong init")
    work = Receiving(
        mapping=mapping,
        disease=disease,
        actor=actor,
        zone=place.zone,
        known_at=known_at,
        # An unfinished receipt keeps the instant at which it was first received.
        now=unfinished.known_at if unfinished and unfinished.known_basis == "receipt" else place.now(),
        receipt_key=key,
        office_area=place.area_code,
        people=PeopleFinder(key),
    )
    return stage_file(file, table, handle, work, place, progress)  # type: ignore[arg-type]


def _record(
    file: CheckedFile,
    staged: StagedReceipt,
    mapping: str,
    key: str,
    actor: Actor,
    place: Installation,
    basis: str,
    area_code: str,
) -> Receipt:
    """The receipt row: from here on the staged files are what will be applied."""
    manifest = staged.manifest
    with audit.writing():
        ReceiptRow.objects.filter(receipt_key=key).delete()
        receipt, _ = Receipt.objects.update_or_create(
            key=key,
            defaults={
                "sha256": file.sha256,
                "file_name": file.name[:200],
                "byte_count": file.byte_count,
                "mapping": mapping,
                "area_code": area_code,
                "state": "staged",
                "row_count": manifest.rows,
                "accepted": manifest.accepted,
                "held": manifest.held,
                "rejected": manifest.rejected,
                "inserted": 0,
                "revised": 0,
                "unchanged": manifest.unchanged,
                "applied_to": 0,
                "known_at": datetime.fromisoformat(manifest.known_at),
                "known_basis": basis,
                "first_day": date.fromisoformat(manifest.first_day) if manifest.first_day else None,
                "last_day": date.fromisoformat(manifest.last_day) if manifest.last_day else None,
                "received_at": place.now(),
                "received_by": actor.key,
            },
        )
        audit.note(
            actor=actor.key,
            verb="receipt.stage",
            object_kind="receipt",
            object_key=key,
            values=[file.sha256, manifest.rows, manifest.accepted, manifest.held, manifest.rejected],
        )
    return receipt
