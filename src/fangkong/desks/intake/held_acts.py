"""A decision on held rows: who, why, since when; and how it is marked at the rows and told in the audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fangkong.record import audit
from fangkong.record.locking import locked
from fangkong.record.models import Receipt, ReceiptRow

from .held_rows import Place, rows_held
from .limits import limits


@dataclass(frozen=True)
class Act:
    """A decision on rows: who, why, since when."""

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


def pieces_of(places: Sequence[Place]) -> Iterator[list[Place]]:
    """``places`` in pieces that one transaction takes."""
    for start in range(0, len(places), limits().batch_rows):
        yield list(places[start : start + limits().batch_rows])


def still_held(receipt: Receipt, places: Sequence[Place]) -> list[ReceiptRow]:
    """The rows at ``places`` that nobody has decided yet, locked."""
    wanted = set(places)
    rows = rows_held(receipt).filter(row_number__in={number for _, number in wanted})
    return [
        row for row in locked(rows.order_by("sheet", "row_number")) if (row.sheet, row.row_number) in wanted
    ]


def held_mark(
    rows: Sequence[ReceiptRow], outcome: str, reason: str, act: Act, nameless: Iterable[Place] = ()
) -> None:
    """The rows have ``outcome`` and ``reason`` by the decision; ``nameless`` are places whose name nobody may hold."""
    without = set(nameless)
    for row in rows:
        row.params = act.told(row)
        if (row.sheet, row.row_number) in without:
            row.params["without_name"] = True
        row.outcome, row.reason = outcome, reason
    ReceiptRow.objects.bulk_update(rows, ["outcome", "reason", "params"], batch_size=200)


def held_note(verb: str, receipt: Receipt, rows: Sequence[ReceiptRow], act: Act) -> None:
    """The decision on ``rows`` stands in the audit under ``verb``."""
    if rows:
        audit.note(
            actor=act.actor,
            verb=verb,
            object_kind="receipt",
            object_key=receipt.key,
            area_code=receipt.area_code,
            values=[[(row.sheet, row.row_number) for row in rows], act.why],
        )
