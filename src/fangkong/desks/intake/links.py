"""Who infected whom: a row joins two cases that the record holds."""

from __future__ import annotations

from fangkong.core.keys import stable_key

from .cases_known import KnownCases
from .defects import Defect, rejected
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .line_lists import column_of


def decide_links(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its link, or with its defect."""
    numbers = {row.values[name] for row in rows for name in ("from_case_no", "to_case_no")}
    cases = KnownCases(work.disease, numbers, work.actor)
    for row in rows:
        try:
            yield row, _decide(row, work, cases)
        except Defect as defect:
            yield row, defect


def _decide(row: ReadRow, work: Receiving, cases: KnownCases) -> DecidedRow:
    values = row.values
    source = cases.need(values["from_case_no"], column_of(work, "from_case_no"))
    infected = cases.need(values["to_case_no"], column_of(work, "to_case_no"))
    if source.key == infected.key:
        raise rejected("link_to_itself", column_of(work, "to_case_no"))
    if work.mapping.known == "cases" and work.known_at is None:
        known = max(source.known_from, infected.known_from)
    else:
        known = work.known_from(row, None)
    fact = {
        "disease": work.disease,
        "from_case_key": source.key,
        "to_case_key": infected.key,
        "setting": values.get("setting") or "",
        "setting_text": values.get("setting_text") or "",
    }
    key = stable_key("link", work.disease, source.key, infected.key)
    return DecidedRow(
        row.number, [Fact("transmissionlink", key, known, fact)], (key, known), [infected.area_code]
    )
