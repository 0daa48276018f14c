"""What stood in the cells of held rows, opened from the kept file for somebody who may see names, and audited."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from fangkong.core.errors import FangkongError, Forbidden, InputError
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.identities import PURPOSES
from fangkong.science.tables.hostile import FileRefused
from fangkong.science.tables.layout import tables_of
from fangkong.science.tables.workbook import open_workbook

from .held_rows import DECIDE, Place, rows_held
from .kept_files import kept_file
from .queries import receipt_get
from .staged_files import StagedReceipt, folder_of

#: Rows whose cells one act opens.
MOST_OPENED = 10


def may_open(actor: Actor) -> bool:
    """Whether the actor may see what stood in the cells."""
    return actor.may("person.unmask") and actor.named != "no" and actor.may(DECIDE)


def held_cells_open(
    receipt_key: str,
    places: Collection[Place],
    *,
    purpose: str,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Mapping[Place, tuple[tuple[str, str], ...]]:
    """Place → (column, text as it was sent) of each filled cell, of rows that are held; the opening is audited.

    Raises Forbidden without ``person.unmask`` or ``receipt.decide`` in the receipt's area, NotFound outside the scope
    or when the file is no longer kept, InputError ``held.why_needed`` or ``held.too_many_opened``, FangkongError for
    an unknown purpose.
    """
    receipt = receipt_get(receipt_key, actor=actor)
    actor.require("person.unmask", receipt.area_code)
    actor.require(DECIDE, receipt.area_code)
    if actor.named == "no":
        raise Forbidden("access.not_your_role", permission="person.unmask", roles=[])
    if purpose not in PURPOSES:
        raise FangkongError("identity.unknown_purpose", purpose=purpose)
    if not reason.strip():
        raise InputError("held.why_needed")
    if len(set(places)) > MOST_OPENED:
        raise InputError("held.too_many_opened", most=MOST_OPENED)
    held = set(rows_held(receipt).values_list("sheet", "row_number")) & set(places)
    folder = folder_of(receipt.sha256, receipt.key)
    found: dict[Place, tuple[tuple[str, str], ...]] = {}
    with kept_file(folder, receipt.key, receipt.file_name) as path:
        with audit.writing():
            audit.note(
                actor=actor.key,
                verb="receipt.rows_open",
                object_kind="receipt",
                object_key=receipt.key,
                area_code=receipt.area_code,
                purpose=purpose,
                values=[sorted(held), reason.strip(), at.isoformat()],
            )
        sheets = StagedReceipt(folder, receipt.key).manifest.sheets
        try:
            for table in tables_of(open_workbook(path, receipt.file_name)):
                sheet = table.sheet[:40] if sheets else ""
                for row in table.rows:
                    if (place := (sheet, row.number)) in held:
                        cells = zip(table.columns, row.cells, strict=False)
                        found[place] = tuple(
                            (column.name, text) for column, cell in cells if (text := cell.text.strip())
                        )
        except FileRefused as refusal:
            issue = refusal.issue
            raise InputError(
                "intake.table_refused", file=receipt.file_name, row=issue.row or 1, issue=issue.code
            ) from None
    return found
