"""The published figures of Shanghai and the cases of the Korean outbreak, received as an office would."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.actions import user_create

CITY = "shanghai_2022_city_daily_to_0410.csv"
DISTRICTS = "shanghai_2022_district_daily_by_source_to_0410.csv"
MERS = ("mers_korea_2015_linelist.csv", "mers_korea_2015_contacts.csv")

CLI = system_actor("cli")


@pytest.fixture(scope="module")
def _received(real_data: Path, django_db_setup: None, django_db_blocker: Any) -> Iterator[Path]:
    """All four files in the record for the tests of one module; each test rolls back to this state."""
    with django_db_blocker.unblock(), transaction.atomic():
        for name in (CITY, DISTRICTS, *MERS):
            receive_file(real_data / name, actor=CLI)
        yield real_data
        transaction.set_rollback(True)


@pytest.fixture
def shanghai(_received: Path, db: None) -> Path:
    """The folder of the data, with both series of Shanghai in the record (and the Korean outbreak beside)."""
    return _received


@pytest.fixture
def korea(_received: Path, db: None) -> Path:
    """The folder of the data, with the Korean line list and links in the record (and Shanghai beside)."""
    return _received


@pytest.fixture
def published(real_data: Path) -> dict[date, tuple[int, int]]:
    """Day -> (confirmed, asymptomatic) of the city, straight from the published file."""
    with (real_data / CITY).open(encoding="utf-8-sig") as file:
        return {
            datetime.strptime(row["时间"], "%Y%m%d").replace(tzinfo=UTC).date(): (
                int(row["确诊病例"]),
                int(row["无症状感染者"]),
            )
            for row in csv.DictReader(file)
        }


@pytest.fixture
def officer(db) -> Callable[[str, str], Actor]:
    """Makes the actor of a role in an area."""

    def make(role: str, area_code: str) -> Actor:
        name = f"{role}-{area_code}"
        user = user_create(
            name, "long-enough-password", role=role, area_code=area_code, display_name=name, actor="test"
        )
        return actor_of(user)

    return make
