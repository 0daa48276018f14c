"""From a file that came to its receipt: the one sequence that every way of reading a file goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from fangkong.core.errors import FangkongError
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import Installation
from fangkong.record.models import Receipt, ReceiptRow

from .apply import apply_receipt
from .defects import MAY_PASS
from .file_checks import Progress
from .held_rows import rows_decided
from .staged_files import StagedReceipt, folder_of

_RECORDED = kill_point("receive.recorded")


@dataclass(frozen=True)
class Arrival:
    """A file that came: where it lies, its name as the sender has it, who sent it, when the office knew its rows."""

    path: Path
    name: str
    sha256: str
    actor: Actor
    place: Installation
    known_at: datetime | None
    progress: Progress | None = None

    @property
    def scope(self) -> str:
        """The area to which the sender is bound, "" for one who may speak of any."""
        return "" if self.actor.everywhere else self.actor.area_code


@dataclass(frozen=True)
class Way:
    """How an arrived file is read."""

    receipt_key: str
    #: Where the instants of knowledge come from when the sender names none: ``mapping``, the file itself says them;
    #: ``receipt``, they are that of its coming.
    known_basis: str
    #: The receipt's area, where its sender may speak of any.
    area_code: str
    #: (its staged form, the code of how it was read), as of the instant at which it was first received. Raises
    #: InputError when the whole file is refused.
    stage: Callable[[datetime], tuple[StagedReceipt, str]]
    #: Whether it is read again though its receipt is there.
    anew: bool = False


def receipt_make(arrival: Arrival, way: Way) -> Receipt:
    """The receipt of the file, all its staged facts in the record; goes on where an earlier run stopped.

    One that is there already comes back unchanged, unless rows that were held can be taken now.
    """
    key = way.receipt_key
    receipt = Receipt.objects.filter(key=key).first()
    applied = receipt if receipt is not None and receipt.state == "applied" and not way.anew else None
    held = _held_that_may_pass(key) if applied else set()
    if applied and not held:
        _key_destroyed(arrival.sha256, key)
        return applied
    staged = None if applied or way.anew else _staged(receipt, arrival.sha256)
    if staged is None or receipt is None:
        # An unfinished receipt keeps the instant at which it was first received.
        kept = receipt is not None and applied is None and receipt.known_basis == "receipt"
        staged, code = way.stage(receipt.known_at if receipt is not None and kept else arrival.place.now())
        if applied and held == staged.held(MAY_PASS):
            staged.destroy_key()
            return applied
        receipt = _record(arrival, way, staged, code)
        _RECORDED.passed()
    return apply_receipt(receipt, staged, arrival.progress)


def _held_that_may_pass(receipt_key: str) -> set[tuple[str, int, str]]:
    """(sheet, row, reason) of the held rows that another file may have made takeable since."""
    if rows_decided(receipt_key).exists():
        # Nothing is read anew over the head of whoever decided: what waits now waits for a decision, too.
        return set()
    rows = ReceiptRow.objects.filter(receipt_key=receipt_key, reason__in=MAY_PASS)
    return set(rows.values_list("sheet", "row_number", "reason"))


def _key_destroyed(sha256: str, key: str) -> None:
    """Shut the sealed identities of an applied receipt for good: a kill after its last chunk left the key."""
    if (folder := folder_of(sha256, key)).is_dir():
        StagedReceipt(folder, key).destroy_key()


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


def _record(arrival: Arrival, way: Way, staged: StagedReceipt, code: str) -> Receipt:
    """The receipt row: from here on the staged files are what will be applied."""
    manifest, actor = staged.manifest, arrival.actor
    with audit.writing():
        ReceiptRow.objects.filter(receipt_key=way.receipt_key).delete()
        receipt, _ = Receipt.objects.update_or_create(
            key=way.receipt_key,
            defaults={
                "sha256": arrival.sha256,
                "file_name": arrival.name[:200],
                "byte_count": arrival.path.stat().st_size,
                "mapping": code,
                "area_code": way.area_code if actor.everywhere else actor.area_code,
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
                "known_basis": "option" if arrival.known_at is not None else way.known_basis,
                "first_day": date.fromisoformat(manifest.first_day) if manifest.first_day else None,
                "last_day": date.fromisoformat(manifest.last_day) if manifest.last_day else None,
                "received_at": arrival.place.now(),
                "received_by": actor.key,
            },
        )
        audit.note(
            actor=actor.key,
            verb="receipt.stage",
            object_kind="receipt",
            object_key=way.receipt_key,
            values=[arrival.sha256, manifest.rows, manifest.accepted, manifest.held, manifest.rejected],
        )
    return receipt
