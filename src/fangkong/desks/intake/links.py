"""Who infected whom: a row joins two cases that the record holds, or waits until it holds them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from fangkong.core.keys import stable_key

from .cases_known import KnownCases
from .defects import Defect, rejected
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving
from .line_lists import column_of


@dataclass(frozen=True)
class StatedLink:
    """A link as a row states it, by case numbers."""

    disease: str
    from_case_no: str
    to_case_no: str
    setting: str
    setting_text: str
    from_column: str
    to_column: str
    #: When the office knew the row; None: since it knows both cases.
    known: datetime | None

    @classmethod
    def of_kept(cls, kept: dict[str, Any]) -> StatedLink:
        """The link that was staged while it waits for its cases."""
        known = kept["known"]
        return cls(**{**kept, "known": datetime.fromisoformat(known) if known else None})

    def decided(self, row_number: int, cases: KnownCases) -> DecidedRow:
        """The row with its link. Raises Defect when a case is not in sight or is its own source."""
        source = cases.need(self.from_case_no, self.from_column)
        infected = cases.need(self.to_case_no, self.to_column)
        if source.key == infected.key:
            raise rejected("link_to_itself", self.to_column)
        known = self.known or max(source.known_from, infected.known_from)
        values = {
            "disease": self.disease,
            "from_case_key": source.key,
            "to_case_key": infected.key,
            "setting": self.setting,
            "setting_text": self.setting_text,
        }
        key = stable_key("link", self.disease, source.key, infected.key)
        fact = Fact("transmissionlink", key, known, values)
        return DecidedRow(row_number, [fact], (key, known), [infected.area_code])


def decide_links(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its link, or with its defect; a row without its case keeps what it states."""
    links: list[tuple[ReadRow, StatedLink | Defect]] = []
    for row in rows:
        try:
            links.append((row, _stated(row, work)))
        except Defect as defect:
            links.append((row, defect))
    stated = [link for _, link in links if isinstance(link, StatedLink)]
    numbers = {number for link in stated for number in (link.from_case_no, link.to_case_no)}
    cases = KnownCases(work.disease, numbers, work.actor)
    for row, link in links:
        if isinstance(link, Defect):
            yield row, link
            continue
        try:
            yield row, link.decided(row.number, cases)
        except Defect as defect:
            if defect.reason == "unknown_case":
                defect.kept = asdict(link)
            yield row, defect


def _stated(row: ReadRow, work: Receiving) -> StatedLink:
    by_cases = work.mapping.known == "cases" and work.known_at is None
    return StatedLink(
        disease=work.disease,
        from_case_no=row.values["from_case_no"],
        to_case_no=row.values["to_case_no"],
        setting=row.values.get("setting") or "",
        setting_text=row.values.get("setting_text") or "",
        from_column=column_of(work, "from_case_no"),
        to_column=column_of(work, "to_case_no"),
        known=None if by_cases else work.known_from(row, None),
    )
