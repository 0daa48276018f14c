"""The published figures of Shanghai and the cases of the Korean outbreak, received as an office receives them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.actions import user_create

CITY = "shanghai_2022_city_daily_to_0410.csv"
DISTRICTS = "shanghai_2022_district_daily_by_source_to_0410.csv"
MERS = ("mers_korea_2015_linelist.csv", "mers_korea_2015_contacts.csv")

CLI = system_actor("cli")


@pytest.fixture
def shanghai(db, real_data: Path) -> Path:
    """The folder of the data, with both series of Shanghai in the record."""
    for name in (CITY, DISTRICTS):
        receive_file(real_data / name, actor=CLI)
    return real_data


@pytest.fixture
def korea(db, real_data: Path) -> Path:
    """The folder of the data, with the line list and the links of the Korean outbreak in the record."""
    for name in MERS:
        receive_file(real_data / name, actor=CLI)
    return real_data


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
