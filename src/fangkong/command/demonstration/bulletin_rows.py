"""What the invented districts and their cities publish each day, as rows of the record.

A bulletin of day D counts as known at the close of D (docs/adr/0002); a correction is known when it came. One
district is silent about its last day: its rows are missing, and missing is not zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from fangkong.core.clock import end_of_day
from fangkong.core.keys import stable_key
from fangkong.record.load import Row
from fangkong.science.city import Case, City, DailyReport, Outbreak

SERIES = "official"
MEASURES = ("confirmed", "asymptomatic")
CHANNELS = ("controlled", "screening", "sought_care", "imported")
CITY_LEVEL, DISTRICT_LEVEL = 4, 6


@dataclass(frozen=True)
class Bulletins:
    """Rows of every bulletin known by ``now``, of districts and of their cities."""

    city: City
    outbreak: Outbreak
    disease: str
    now: datetime
    zone: ZoneInfo
    silent: tuple[str, date]
    document_key: str

    def rows(self) -> Iterator[Row]:
        """Figures by area, day, measure and channel; "" is the total over channels."""
        yield from self._reported()
        yield from self._screened()

    def _known_reports(self) -> list[DailyReport]:
        return [report for report in self.outbreak.reports if report.known_at <= self.now]

    def _reported(self) -> Iterator[Row]:
        cases: dict[tuple[str, date], list[Case]] = {}
        for case in self.outbreak.cases:
            if case.infected_on is not None:
                for length in (CITY_LEVEL, DISTRICT_LEVEL):
                    cases.setdefault((case.district[:length], case.reported_on), []).append(case)
        issued: dict[tuple[str, date], set[datetime]] = {}
        for report in self._known_reports():
            issued.setdefault((report.district[:CITY_LEVEL], report.reported_on), set()).add(report.known_at)
            if (report.district, report.reported_on) != self.silent:
                issued.setdefault((report.district, report.reported_on), set()).add(report.known_at)
        for (area_code, day), moments in sorted(issued.items()):
            first = min(moments)
            for moment in sorted(moments):
                known_from = end_of_day(day, self.zone) if moment == first else moment
                counted = cases.get((area_code, day), ())
                yield from self._bulletin(area_code, day, known_from, counted, moment)

    def _bulletin(
        self, area_code: str, day: date, known_from: datetime, cases: Sequence[Case], cutoff: datetime
    ) -> Iterator[Row]:
        counts = dict.fromkeys(((m, c) for m in MEASURES for c in ("", *CHANNELS)), 0)
        for case in cases:
            entries = [entry.classification for entry in case.history if entry.known_at <= cutoff]
            if entries and entries[-1] in MEASURES:
                counts[entries[-1], ""] += 1
                counts[entries[-1], case.channel] += 1
        if len(area_code) == CITY_LEVEL:
            # Nobody dies in this outbreak, and its cities say so.
            counts["deaths", ""] = 0
        for (measure, channel), value in counts.items():
            yield self._row(area_code, day, measure, channel, value, known_from)

    def _screened(self) -> Iterator[Row]:
        for screening in self.outbreak.screening:
            if screening.known_at <= self.now:
                about = (screening.district, screening.sampled_on)
                yield self._row(*about, "screened", "", screening.specimen_count, screening.known_at)
                yield self._row(*about, "screened_positive", "", screening.positive_count, screening.known_at)

    def _row(
        self, area_code: str, day: date, measure: str, channel: str, value: int, known_from: datetime
    ) -> Row:
        return {
            "key": stable_key("count", self.disease, SERIES, area_code, day, measure, channel),
            "known_from": known_from,
            "disease": self.disease,
            "area_code": area_code,
            "day": day,
            "measure": measure,
            "channel": channel,
            "series": SERIES,
            "value": value,
            "document_key": self.document_key,
        }
