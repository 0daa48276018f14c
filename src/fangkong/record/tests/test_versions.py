"""Nothing is overwritten: what the office knew on a day can always be read as it was known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fangkong.core.clock import FAR_FUTURE
from fangkong.record.digest import record_digest
from fangkong.record.load import load, revise, withdraw
from fangkong.record.models import AuditRow, DailyCount

T0 = datetime(2022, 4, 1, tzinfo=UTC)


def count(value: int, *, day: int = 1, known: datetime = T0, key: str | None = None) -> dict:
    return {
        "key": key or f"count-{day}",
        "known_from": known,
        "disease": "d",
        "area_code": "990101",
        "day": date(2022, 4, day),
        "measure": "confirmed",
        "value": value,
    }


def put(*rows: dict, back_fill: bool = False):
    return load(DailyCount, rows, actor="test", source_key="s", back_fill=back_fill)


def value_at(instant: datetime, key: str = "count-1") -> int | None:
    return DailyCount.objects.known_at(instant).filter(key=key).values_list("value", flat=True).first()


@pytest.mark.django_db
class TestLoad:
    def test_a_correction_leaves_the_earlier_reading_as_it_was(self):
        put(count(5))
        before = record_digest(T0 + timedelta(days=1))
        outcome = put(count(7, known=T0 + timedelta(days=3)))
        assert (outcome.inserted, outcome.revised) == (0, 1)
        assert value_at(T0 + timedelta(days=2)) == 5
        assert value_at(T0 + timedelta(days=3)) == 7
        assert record_digest(T0 + timedelta(days=1)) == before

    def test_twice_changes_nothing(self):
        rows = [count(n, day=n) for n in range(1, 20)]
        put(*rows)
        before, audited = record_digest(), AuditRow.objects.count()
        assert put(*rows).unchanged == 19
        assert record_digest() == before
        assert AuditRow.objects.count() == audited

    def test_an_earlier_version_received_later_takes_its_place_in_time(self):
        put(count(9, known=T0 + timedelta(days=5)))
        put(count(4, known=T0))
        assert value_at(T0 + timedelta(days=1)) == 4
        assert value_at(T0 + timedelta(days=5)) == 9
        assert DailyCount.objects.open().count() == 1

    def test_a_live_list_sent_whole_every_day_does_not_grow_the_record(self):
        put(count(5))
        assert put(count(5, known=T0 + timedelta(days=1))).unchanged == 1
        assert DailyCount.objects.count() == 1

    def test_two_truths_since_the_same_instant_contradict(self):
        put(count(5))
        outcome = put(count(6))
        assert outcome.contradictions == [0]
        assert value_at(T0) == 5

    def test_a_withdrawal_closes_without_a_successor(self):
        put(count(5))
        assert (
            withdraw(DailyCount, ["count-1"], at=T0 + timedelta(days=1), actor="test", reason="mistyped") == 1
        )
        assert value_at(T0) == 5
        assert value_at(T0 + timedelta(days=1)) is None

    def test_revise_keeps_the_other_fields(self):
        put(count(5))
        revise(DailyCount.objects.get(), at=T0 + timedelta(days=1), actor="test", verb="count.fix", value=6)
        assert DailyCount.objects.open().get().measure == "confirmed"
        assert value_at(T0) == 5

    def test_one_open_version_per_key_holds_in_the_database_itself(self):
        put(count(5))
        with pytest.raises(IntegrityError), transaction.atomic():
            DailyCount.objects.create(**count(6, known=T0 + timedelta(days=1)))

    def test_an_unknown_field_is_refused_whole(self):
        with pytest.raises(ValueError, match="colour"):
            put(count(1), {**count(2, day=2), "colour": "red"})
        assert DailyCount.objects.count() == 0

    def test_chunks_and_one_piece_give_the_same_record(self):
        rows = [count(n, day=1 + n % 28, key=f"k{n:03}") for n in range(60)]
        load(DailyCount, rows[:37], actor="test", source_key="s", chunk_rows=5)
        load(DailyCount, rows, actor="test", source_key="s", chunk_rows=7)
        in_chunks = record_digest()["dailycount"]
        DailyCount.objects.all().delete()
        put(*rows)
        assert record_digest()["dailycount"] == in_chunks


class TestOrderOfArrival(TestCase):
    @settings(max_examples=40, derandomize=True, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 8), st.integers(0, 3)),
            min_size=1,
            max_size=6,
            unique_by=lambda pair: pair[0],
        ),
        st.randoms(use_true_random=False),
    )
    def test_any_order_of_arrival_reads_the_same(self, versions, order):
        """The slow, readable reference: the last value known at or before the instant."""
        DailyCount.objects.all().delete()
        shuffled = list(versions)
        order.shuffle(shuffled)
        for hours, value in shuffled:
            put(count(value, known=T0 + timedelta(hours=hours)), back_fill=True)
        for hour in range(10):
            known = [value for hours, value in sorted(versions) if hours <= hour]
            assert value_at(T0 + timedelta(hours=hour)) == (known[-1] if known else None)
        assert DailyCount.objects.filter(known_to=FAR_FUTURE).count() == 1
