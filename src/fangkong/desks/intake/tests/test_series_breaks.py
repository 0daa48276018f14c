"""A break is noted once, stands as of its own day, and ends with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fangkong.core.errors import Forbidden, InputError, NotFound
from fangkong.desks.intake.series_breaks import (
    NewBreak,
    series_break_withdraw,
    series_breaks,
    series_breaks_note,
)
from fangkong.record.digest import record_digest

AT = datetime(2022, 5, 1, 8, tzinfo=UTC)
JUMP = NewBreak("definition_change", date(2022, 3, 5), date(2022, 3, 5), "990101", "confirmed", {"size": 120})
SHIFT = NewBreak("shifted_day", date(2022, 3, 1), date(2022, 3, 31))


def note(*breaks, actor, at=AT):
    return series_breaks_note(
        breaks, disease="made-up-fever", series="official", other_series="paper", actor=actor, at=at
    )


def read(actor, at=AT, **where):
    return [row.kind for row in series_breaks(disease="made-up-fever", actor=actor, at=at, **where)]


def test_the_same_break_noted_again_changes_nothing(office):
    keys = note(JUMP, SHIFT, actor=office)
    before = record_digest()
    assert note(SHIFT, JUMP, actor=office, at=AT + timedelta(hours=1)) == keys[::-1]
    assert record_digest() == before


def test_a_break_of_the_whole_series_is_a_break_of_every_area(office):
    note(JUMP, SHIFT, actor=office)
    assert read(office) == ["shifted_day", "definition_change"]
    assert read(office, area_code="990102") == ["shifted_day"]
    assert read(office, series="paper") == []


def test_a_break_withdrawn_still_stood_the_day_before(office):
    (key,) = note(JUMP, actor=office)
    with pytest.raises(InputError):
        series_break_withdraw(key, reason=" ", actor=office, at=AT + timedelta(days=2))
    series_break_withdraw(key, reason="同一口径", actor=office, at=AT + timedelta(days=2))
    assert read(office, at=AT + timedelta(days=1)) == ["definition_change"]
    assert read(office, at=AT + timedelta(days=3)) == []
    with pytest.raises(NotFound):
        series_break_withdraw(key, reason="同一口径", actor=office, at=AT + timedelta(days=3))


def test_what_is_no_break_is_refused_whole(office):
    with pytest.raises(InputError):
        note(SHIFT, NewBreak("odd", date(2022, 3, 1), date(2022, 3, 1)), actor=office)
    with pytest.raises(InputError):
        note(SHIFT, NewBreak("missing", date(2022, 3, 2), date(2022, 3, 1)), actor=office)
    assert read(office) == []


def test_a_district_officer_annotates_nothing(district_officer):
    with pytest.raises(Forbidden):
        note(JUMP, actor=district_officer)
