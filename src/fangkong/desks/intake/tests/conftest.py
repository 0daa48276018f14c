"""A city of two districts and mappings for its files, made here so that no real name is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.actions import areas_load, user_create
from fangkong.record.installation import installation_set

KNOWN = datetime(2022, 4, 20, 1, tzinfo=UTC)

MAPPING = """
code = "two-districts"
title_zh = "两区每日数字"
title_en = "Two districts a day"
target = "daily_counts"
disease = "made-up-fever"
area_root = "9901"
known = "day_close"
column = [
  { name = "day", field = "day", kind = "date" },
  { name = "where", field = "area_code", kind = "area_name" },
  { name = "what", field = "measure", kind = "code", values = { ill = "confirmed", found = "asymptomatic" } },
  { name = "n", field = "value", kind = "integer", minimum = 0 },
]
area = [
  { code = "9901", name_zh = "临江市", name_en = "Linjiang City" },
  { code = "990101", name_zh = "柳堤区", name_en = "Liudi District", aliases = ["老柳堤"] },
  { code = "990102", name_zh = "望海新区", name_en = "Wanghai New Area" },
]
"""
LINE_LIST = """
code = "made-up-cases"
title_zh = "病例一览"
title_en = "Line list"
target = "cases"
disease = "made-up-fever"
column = [
  { name = "case", field = "case_no" },
  { name = "reported", field = "reported_on", kind = "date" },
  { name = "area", field = "area_code", kind = "area_code" },
  { name = "id", field = "id_number", required = false },
  { name = "name", field = "name", required = false },
]
constants = { classification = "confirmed" }
"""


@pytest.fixture
def office(db) -> Actor:
    """The office of a city with two districts and one disease."""
    areas = [
        {"key": "9901", "name_zh": "临江市"},
        {"key": "990101", "name_zh": "柳堤区"},
        {"key": "990102", "name_zh": "望海新区"},
    ]
    areas_load(areas, actor="test", known_from=datetime(2020, 1, 1, tzinfo=UTC), source_key="test")
    installation_set(actor="test", area_code="9901", disease="made-up-fever")
    return system_actor("cli")


@pytest.fixture
def district_officer(office) -> Actor:
    """Somebody who may receive files for one district only."""
    return actor_of(
        user_create(
            "d", "x" * 12, role="district_officer", area_code="990101", display_name="d", actor="test"
        )
    )


@pytest.fixture
def counts_mapping(tmp_path: Path) -> Path:
    """The mapping of the two districts' daily counts."""
    return _written(tmp_path / "counts.toml", MAPPING)


@pytest.fixture
def cases_mapping(tmp_path: Path) -> Path:
    """The mapping of a small line list."""
    return _written(tmp_path / "cases.toml", LINE_LIST)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def sent(tmp_path: Path):
    """A function that writes a file as somebody sends it and gives its path."""

    def write(*lines: str, name: str = "sent.csv", encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / name
        path.write_bytes(("\n".join(lines) + end).encode(encoding))
        return path

    return write
