"""Arrivals and checkpoints: one seat with two persons, one person in two places at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from ..parts import Issue
from .lexicon import lexicon
from .person_row import person_issues
from .person_rows import PersonRows, identity_of, person_of
from .rows import ReadRow, ReadTotal, Setting, day_of, digest, is_before, moment_of, plain

#: Where a person was, the most telling first.
PLACES = ("vehicle", "facility", "place", "sampling_point", "destination", "area_name", "street")


class Journeys:
    """The check of arrivals and of checkpoint passages."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._persons = PersonRows()
        self._seats: dict[int, list[tuple[int, int, str, str]]] = {}
        self._passages: dict[int, list[tuple[int, int, date | None, datetime | None, int]]] = {}

    def row(self, row: ReadRow) -> Iterator[Issue]:
        yield from person_issues(row, self._setting.reference)
        found = list(self._persons.row(row))
        yield from (one for one in found if one.code in _OF_PERSONS)
        starts, arrived = row.sure("starts_on"), row.sure("arrived_at")
        if (
            starts is not None
            and row.sure("release_on") is not None
            and is_before(row.sure("release_on"), starts)
        ):
            yield row.found("release_on", "INTERVAL_REVERSED")
        if any(one.code == "EXACT_DUPLICATE_ROW" for one in found):
            return
        day, moment = day_of(arrived), moment_of(arrived)
        yield from self._seat(row, day)
        yield from self._place(row, day, moment)

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        return iter(())

    def _seat(self, row: ReadRow, day: date | None) -> Iterator[Issue]:
        vehicle, seat = row.values.get("vehicle"), row.values.get("seat")
        if not vehicle or not seat or not any(sign.isdigit() for sign in str(seat)):
            return
        begins, ends = plain(row.values.get("origin") or ""), plain(row.values.get("destination") or "")
        sold = self._seats.setdefault(digest(plain(vehicle), plain(seat), day), [])
        who = person_of(row) or row.digest
        for number, other, other_begins, other_ends in sold:
            # A seat sold again for another stretch of the journey is no conflict.
            stretches = (begins and begins == other_ends) or (ends and ends == other_begins)
            if other != who and not stretches:
                yield row.found("seat", "SEAT_CONFLICT", first=number)
                break
        sold.append((row.number, who, begins, ends))

    def _place(self, row: ReadRow, day: date | None, moment: datetime | None) -> Iterator[Issue]:
        who = identity_of(row) or person_of(row)
        place = next((plain(text) for key in PLACES if (text := row.values.get(key) or row.text(key))), "")
        if not who or not place or day is None:
            return
        seat = plain(row.values.get("seat") or "")
        here = (row.number, digest(place), day, moment, digest(seat) if seat else 0)
        before = self._passages.setdefault(who, [])
        for number, other, other_day, other_moment, other_seat in before:
            same_place = other == here[1]
            if moment is not None and other_moment is not None:
                apart = timedelta(minutes=lexicon("journeys")["apart_minutes"]["value"])
                at_once = abs(_gap(moment, other_moment)) <= apart
            else:
                at_once = other_day == day
            two_seats = same_place and seat and other_seat and other_seat != here[4] and other_day == day
            if (at_once and not same_place) or two_seats:
                yield row.found("", "SAME_PERSON_TWO_PLACES", first=number)
                break
        before.append(here)


_OF_PERSONS = frozenset(
    {
        "EXACT_DUPLICATE_ROW",
        "SAME_ID_DIFFERENT_NAME",
        "NAME_VARIANT_SAME_PERSON",
        "POSSIBLE_DUPLICATE_NAME_PHONE",
    }
)


def _gap(first: datetime, second: datetime) -> timedelta:
    if (first.tzinfo is None) != (second.tzinfo is None):
        return first.replace(tzinfo=None) - second.replace(tzinfo=None)
    return first - second
