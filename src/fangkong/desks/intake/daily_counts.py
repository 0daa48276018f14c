"""Published daily counts, from wide tables (a column a measure) and long ones (a row a figure)."""

from __future__ import annotations

from fangkong.core.keys import stable_key

from .defects import Defect, rejected
from .facts import DecidedRow, Decisions, Fact, ReadRow, Receiving


def decide_daily_counts(rows: list[ReadRow], work: Receiving) -> Decisions:
    """Each row with its counts, or with its defect."""
    for row in rows:
        try:
            yield row, _decide(row, work)
        except Defect as defect:
            yield row, defect


def _decide(row: ReadRow, work: Receiving) -> DecidedRow:
    day, area_code = row.values["day"], row.values["area_code"]
    known = work.known_from(row, day)
    subject: tuple[object, ...] = (area_code, day.isoformat(), known)
    if work.mapping.measures:
        figures = row.figures
    else:
        measure, channel = row.values["measure"], row.values.get("channel") or ""
        figures = [(measure, channel, row.values["value"])]
        subject += (measure, channel)
    if not figures:
        raise rejected("no_figures", work.mapping.measures[0].column)
    facts = []
    for measure, channel, value in figures:
        values = {
            "disease": work.disease,
            "area_code": area_code,
            "day": day,
            "measure": measure,
            "channel": channel,
            "series": work.mapping.series,
            "value": value,
        }
        key = stable_key("count", work.disease, work.mapping.series, area_code, day, measure, channel)
        facts.append(Fact("dailycount", key, known, values))
    return DecidedRow(row.number, facts, subject, [area_code], day)
