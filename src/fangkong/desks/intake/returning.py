"""What is still done with a file once it is received: opened for its sender, read anew under a confirmed mapping."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from fangkong.core.errors import Conflict
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.models import Receipt

from .actions import receive_file
from .file_checks import Progress
from .kept_files import is_kept, kept_file
from .queries import receipt_get
from .readings_kept import ColumnRead, TableRead, readings_read
from .recognition import mappings
from .staged_files import StagedReceipt, folder_of
from .table_rows import code_of_kind

#: Below this a table's kind is doubtful, and a person is asked to confirm how it was read.
DOUBTFUL = 0.6


def receipt_readings(receipt: Receipt) -> list[TableRead]:
    """How the file was read, table by table: by what the reader understood, or by the columns of its mapping."""
    folder = folder_of(receipt.sha256, receipt.key)
    if kept := readings_read(folder):
        return kept
    mapping = next((each for each in mappings() if each.code == receipt.mapping), None)
    if mapping is None:
        return []
    columns = [ColumnRead(each.name, each.field, 1.0, "mapping") for each in mapping.columns]
    columns += [ColumnRead(each.column, each.measure, 1.0, "mapping") for each in mapping.measures]
    ignored = (
        StagedReceipt(folder, receipt.key).manifest.ignored_columns
        if (folder / "manifest.json").is_file()
        else ()
    )
    columns += [ColumnRead(name, "", 1.0, "mapping") for name in ignored]
    return [TableRead("", mapping.target, 1.0, "", tuple(columns))]


def is_doubtful(table: TableRead) -> bool:
    """Whether a person should say what the table is: nobody could tell, or hardly, and nobody has said so yet."""
    return table.kind == "unknown" or (table.confidence < DOUBTFUL and not table.confirmed)


def is_in_record(receipt: Receipt) -> bool:
    """Whether something in the record rests on the file as it was read."""
    return bool(receipt.inserted or receipt.revised)


def may_reread(receipt: Receipt) -> bool:
    """Whether the file can be read anew: it is kept, no mapping of the office read it, and nothing rests on it."""
    kept = receipt.withdrawn_at is None and is_kept(folder_of(receipt.sha256, receipt.key))
    return kept and _is_table(receipt) and not is_in_record(receipt)


def _is_table(receipt: Receipt) -> bool:
    return receipt.mapping.startswith(code_of_kind(""))


@contextmanager
def receipt_open(key: str, *, actor: Actor) -> Iterator[tuple[Receipt, Path]]:
    """(the receipt, the path of its file as it came) for the time of the block; the opening is audited.

    Raises Forbidden without ``file.receive``, NotFound for a receipt outside the actor's area or a file that is no
    longer kept.
    """
    actor.require("file.receive")
    receipt = receipt_get(key, actor=actor)
    with kept_file(folder_of(receipt.sha256, key), key, receipt.file_name) as path:
        with audit.writing():
            audit.note(actor=actor.key, verb="receipt.open", object_kind="receipt", object_key=key)
        yield receipt, path


def receipt_reread(key: str, *, actor: Actor, progress: Progress | None = None) -> Receipt:
    """The receipt of the same file, read anew under what was confirmed of its columns since.

    Raises Forbidden and NotFound as `receipt_open`, Conflict ``receipt.in_record`` while something rests on the file
    as it was read: it is withdrawn first, and sent again.
    """
    with receipt_open(key, actor=actor) as (receipt, kept):
        if is_in_record(receipt) or not _is_table(receipt):
            raise Conflict("receipt.in_record", file=receipt.file_name)
        # Out of the receipt's own folder, which reading anew replaces.
        with TemporaryDirectory(prefix=".opened-", dir=Path(settings.HOME) / "receipts") as opened:
            path = Path(opened) / kept.name
            shutil.move(kept, path)
            return receive_file(
                path,
                actor=actor,
                known_at=receipt.known_at if receipt.known_basis == "option" else None,
                file_name=receipt.file_name,
                progress=progress,
                again=True,
            )
