"""A day names the files that are not wholly in the record, and those whose held rows wait beyond the office's limit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.command.office_clocks import office_clock
from fangkong.command.reports.file_entries import CLOCK, file_entries, files_open
from fangkong.record.access import system_actor
from fangkong.record.installation import installation, installation_set
from fangkong.record.models import Receipt

pytestmark = pytest.mark.django_db

AREA = "9901"


@pytest.fixture
def now():
    installation_set(actor="test", area_code=AREA, disease="made-up-fever")
    return installation().now()


def file(key: str, came, state: str = "applied", held: int = 0, area: str = AREA) -> None:
    Receipt.objects.create(
        key=key,
        sha256=key,
        file_name="密接台账.csv",
        byte_count=1,
        mapping="table:contact_ledger",
        area_code=area,
        state=state,
        row_count=3,
        accepted=3 - held,
        held=held,
        known_at=came,
        known_basis="receipt",
        received_at=came,
        received_by="test",
    )


def entries(at):
    found = file_entries(AREA, actor=system_actor("report"), at=at, as_of=at.date())
    return {entry["code"]: entry for entry in found}


def test_a_day_whose_files_are_done_with_says_nothing_of_them(now):
    file("done", now - timedelta(days=3))
    assert entries(now + timedelta(hours=1)) == {}


def test_a_file_under_way_is_named(now):
    file("under-way", now - timedelta(minutes=1), "applying")
    file("other-city", now - timedelta(minutes=1), "applying", area="8801")
    told = entries(now + timedelta(hours=1))["files_unfinished"]
    assert (told["value"], told["sources"]) == (1, ["under-way"])


def test_held_rows_are_named_once_their_time_is_over(now):
    limit = office_clock(CLOCK).within
    file("late", now - limit - timedelta(minutes=5), held=2)
    file("in-time", now - limit + timedelta(minutes=5), held=1)
    told = entries(now + timedelta(hours=1))["files_held_late"]
    assert (told["value"], told["sources"], told["params"]) == (1, ["late"], {"rows": 2})


def test_a_day_gone_by_reads_the_same_whatever_is_decided_today(now):
    file("late", now - timedelta(days=9), held=2)
    before = entries(now - timedelta(days=2))
    Receipt.objects.update(held=0, accepted=3)
    assert entries(now - timedelta(days=2)) == before == {}


def test_what_came_later_and_what_was_withdrawn_is_not_told_of(now):
    file("later", now + timedelta(hours=1), "staged")
    file("withdrawn", now - timedelta(days=9), held=2)
    Receipt.objects.filter(key="withdrawn").update(withdrawn_at=now)
    found = files_open(AREA, actor=system_actor("report"), at=now)
    assert (found.unfinished, found.held_late) == ((), ())
