"""Beds and admissions: established, open, occupied; and whether the day's movements add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ..parts import Issue
from .rows import ReadRow, ReadTotal, Setting, day_of, digest, number_of, plain
from .screening_crosstab import UNIT_FIELDS, fractions, negatives, repeated_unit


class Beds:
    """The check of a bed report, of one day or of several."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._units: dict[tuple[str, ...], int] = {}
        self._occupied: dict[int, tuple[date, float]] = {}

    def row(self, row: ReadRow) -> Iterator[Issue]:
        yield from repeated_unit(row, self._units)
        negative = yield from negatives(row)
        suspect = list(fractions(row))
        yield from suspect
        if negative or suspect:
            return
        established, opened, occupied = (
            number_of(row.sure(key)) for key in ("beds_established", "beds_open", "beds_occupied")
        )
        if opened is not None and established is not None and opened > established:
            yield row.found("beds_open", "OPEN_EXCEEDS_ESTABLISHED", open=opened, established=established)
        limit = opened if opened is not None else established
        if occupied is not None and limit is not None and occupied > limit:
            yield row.found("beds_occupied", "OCCUPIED_EXCEEDS_OPEN", occupied=occupied, open=limit)
        yield from self._movements(row, occupied)

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        return iter(())

    def _movements(self, row: ReadRow, occupied: float | None) -> Iterator[Issue]:
        """Occupied before + admitted − discharged = occupied now, where the file says what was before."""
        day = day_of(row.values.get("day"))
        facility = digest(*(plain(row.values.get(name) or "") for name in UNIT_FIELDS))
        before = number_of(row.sure("opening"))
        if before is None and day is not None:
            then, beds = self._occupied.get(facility, (day, 0.0))
            before = beds if day - then == timedelta(days=1) else None
        if occupied is not None and day is not None:
            self._occupied[facility] = (day, occupied)
        stated = occupied if occupied is not None else number_of(row.sure("closing"))
        admitted, discharged = number_of(row.sure("admitted")), number_of(row.sure("discharged"))
        if before is None or stated is None or admitted is None or discharged is None:
            return
        if before + admitted - discharged != stated:
            yield row.found(
                "beds_occupied", "BALANCE_ERROR", expected=before + admitted - discharged, stated=stated
            )
