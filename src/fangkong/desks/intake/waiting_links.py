"""Links that were received before the line list of their cases enter the record once the cases are there.

A sender's files arrive in any order. What a held link states (two case numbers and a setting, nobody's
identity) is staged with its defect; whatever file is received next, the links whose cases the record then
holds are applied, and their receipts say so.
"""

from __future__ import annotations

import json
from typing import Any

from fangkong.core.keys import canonical
from fangkong.record.access import Actor
from fangkong.record.models import Receipt, ReceiptRow

from .apply import apply_waiting
from .cases_known import KnownCases
from .defects import REJECTED, Defect
from .facts import DecidedRow
from .limits import limits
from .links import StatedLink
from .staged_files import StagedFact, StagedReceipt, folder_of


def waiting_links_apply(*, actor: Actor) -> int:
    """How many links that waited for their cases are now in the record."""
    waiting = ReceiptRow.objects.filter(reason="unknown_case").order_by("receipt_key", "row_number")
    rows: dict[str, list[int]] = {}
    for receipt_key, row_number in waiting.values_list("receipt_key", "row_number"):
        rows.setdefault(receipt_key, []).append(row_number)
    return sum(_apply(receipt_key, numbers, actor) for receipt_key, numbers in sorted(rows.items()))


def _apply(receipt_key: str, numbers: list[int], actor: Actor) -> int:
    receipt = Receipt.objects.filter(key=receipt_key, state="applied").first()
    if receipt is None or not actor.sees(receipt.area_code):
        return 0
    kept = _kept(receipt, frozenset(numbers))
    count = 0
    for start in range(0, len(kept), limits().batch_rows):
        count += _apply_batch(receipt, kept[start : start + limits().batch_rows], actor)
    return count


def _kept(receipt: Receipt, numbers: frozenset[int]) -> list[tuple[int, StatedLink]]:
    folder = folder_of(receipt.sha256, receipt.key)
    if not (folder / "manifest.json").is_file():
        return []
    return [
        (defect["row"], StatedLink.of_kept(json.loads(defect["kept"])))
        for defects in StagedReceipt(folder, receipt.key).defects()
        for defect in defects
        if defect["kept"] and defect["row"] in numbers
    ]


def _apply_batch(receipt: Receipt, links: list[tuple[int, StatedLink]], actor: Actor) -> int:
    numbers = {number for _, link in links for number in (link.from_case_no, link.to_case_no)}
    cases = KnownCases(links[0][1].disease, numbers, actor)
    facts: list[StagedFact] = []
    defects: dict[int, Defect] = {}
    first: dict[tuple[Any, ...], tuple[int, str]] = {}
    for row_number, link in links:
        try:
            fact = _fact(link.decided(row_number, cases), first)
        except Defect as defect:
            if defect.reason != "unknown_case":
                defects[row_number] = defect
        else:
            facts.append(fact)
    if not facts and not defects:
        return 0
    return apply_waiting(receipt, facts, defects)


def _fact(row: DecidedRow, first: dict[tuple[Any, ...], tuple[int, str]]) -> StagedFact:
    """The fact as it would have been staged. Raises Defect when an earlier row that waited has its subject."""
    (fact,) = row.facts
    text = canonical(fact.values)
    first_row, said = first.setdefault(row.subject, (row.number, text))
    if first_row != row.number:
        reason = "duplicate_row" if said == text else "duplicate_conflict"
        raise Defect(REJECTED, reason, first_row=first_row)
    row_said: dict[str, Any] = {**json.loads(text), "key": fact.key, "known_from": fact.known_from}
    return StagedFact(row.number, fact.model, fact.key, row_said, None)
