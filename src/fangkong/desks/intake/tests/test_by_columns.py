"""What is decided by columns is what is decided row by row: same facts, same defects, same marks."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from fangkong.core.keys import own_part
from fangkong.desks.intake import staging
from fangkong.desks.intake.actions import receive_file
from fangkong.desks.intake.area_names import AreaNames
from fangkong.desks.intake.csv_rows import CsvRow, CsvTable
from fangkong.desks.intake.decide import RowReader, decide_one_by_one, decide_rows
from fangkong.desks.intake.facts import Receiving
from fangkong.desks.intake.mapping import read_mapping
from fangkong.desks.intake.people import PeopleFinder
from fangkong.desks.intake.staged_files import FactWriter, StagedReceipt
from fangkong.record.access import system_actor
from fangkong.record.bulk_keys import own_parts
from fangkong.record.installation import installation

MAPPING = """
code = "wide-cases"
title_zh = "病例一览"
title_en = "Line list"
target = "cases"
disease = "made-up-fever"
constants = { classification = "confirmed" }
column = [
  { name = "case", field = "case_no" },
  { name = "reported", field = "reported_on", kind = "date" },
  { name = "onset", field = "onset_on", kind = "date" },
  { name = "area", field = "area_code", kind = "area_code" },
  { name = "id", field = "id_number" },
  { name = "name", field = "name" },
  { name = "phone", field = "phone" },
  { name = "address", field = "address" },
  { name = "sex", field = "sex", kind = "code", values = { "男" = "M", "女" = "F" } },
  { name = "age", field = "age_years", kind = "integer", minimum = 0 },
  { name = "job", field = "occupation" },
  { name = "place", field = "place_name" },
]
"""
HEADER = ["case", "reported", "onset", "area", "id", "name", "phone", "address", "sex", "age", "job", "place"]

DAYS = st.sampled_from(
    ["2022-04-19", "2022/4/18", "20220417", "2022-02-30", "", "2031-01-01", " 2022-04-19 "]
)
TEXT = st.sampled_from(["", " ", '"', "\\", "Ａ１", "'0123", "长" * 210, "甲\t乙", "x"])
ROW = st.tuples(
    st.one_of(st.sampled_from(["C1", "C2", "C3", "known", "", "Ｃ１", "c" * 41]), st.uuids().map(str)),
    DAYS,
    DAYS,
    st.sampled_from(["990101", "990102", "990101001", "99", "880101", "", "x"]),
    st.one_of(TEXT, st.integers(0, 6).map(lambda n: f"99010119800101{n:04d}")),
    st.one_of(TEXT, st.sampled_from(["王小明", "重庆", "Ann Lee"])),
    st.one_of(TEXT, st.sampled_from(["10000000001", "10000000002"])),
    TEXT,
    st.sampled_from(["男", "女", "", "?"]),
    st.sampled_from(["30", "", "-1", "三", "30.0", "99999999999999"]),
    TEXT,
    st.sampled_from(["", "", "一医院"]),
).map(list)
ODD = st.sampled_from([HEADER, ["C9"], [*HEADER, ""], ["C9", *[""] * 11]])


class _Collected:
    """A sink that stages what it is told and keeps the rest as it came."""

    def __init__(self, folder: Path) -> None:
        self.tally = staging._Tally(FactWriter(folder, "receipt-x"))
        self.add, self.add_new = self.tally.add, self.tally.add_new

    def outcome(self) -> dict[str, Any]:
        tally = self.tally
        tally.reject_duplicates()
        tally.writer.close([], tally.manifest)
        staged = StagedReceipt(tally.writer.folder, "receipt-x")
        facts = pq.read_table(staged.folder / "facts.parquet").to_pylist()
        for fact in facts:
            if fact["sealed"]:
                (fact["sealed"],) = staged.opened([(fact["key"], fact["sealed"])])
        defects = [defect for piece in staged.defects() for defect in piece]
        return {
            "facts": sorted(facts, key=lambda fact: (fact["row"], fact["model"], fact["key"])),
            "defects": sorted(defects, key=lambda defect: defect["row"]),
            "counts": (tally.manifest.rows, tally.manifest.accepted, tally.manifest.held),
            "days": (tally.first_day, tally.last_day),
        }


@pytest.fixture
def mapping_path(tmp_path) -> Path:
    path = tmp_path / "wide.toml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


class TestByColumns:
    @given(rows=st.lists(st.one_of(ROW, ROW, ROW, ODD), min_size=1, max_size=12), everywhere=st.booleans())
    @how(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
    def test_any_rows_are_decided_alike(
        self, office, district_officer, sent, mapping_path, rows, everywhere, known_case
    ):
        found = []
        for decide in (decide_rows, decide_one_by_one):
            mapping, place = read_mapping(mapping_path), installation()
            work = Receiving(
                mapping=mapping,
                disease="made-up-fever",
                actor=system_actor("cli") if everywhere else district_officer,
                zone=place.zone,
                known_at=None,
                now=datetime(2022, 4, 21, tzinfo=UTC),
                receipt_key="receipt-x",
                office_area="9901",
                people=PeopleFinder("receipt-x"),
            )
            table = CsvTable(HEADER, iter([CsvRow(n + 2, list(row)) for n, row in enumerate(rows)]))
            areas = AreaNames(staging.areas_at_hand(mapping)["at_hand"], mapping.area_root)
            reader = RowReader(work, table, areas, date(2022, 4, 21))
            with tempfile.TemporaryDirectory() as folder:
                sink = _Collected(Path(folder))
                decide(table, reader, work, sink)
                found.append({**sink.outcome(), "shared": sorted(work.shared)})
        assert found[0] == found[1]

    @pytest.fixture
    def known_case(self, office, sent, mapping_path):
        """A case, a person and an ambiguous pair that the record knows before."""
        rows = [
            "known,2022-04-01,,990101,990101198001010003,赵一,10000000001,,男,30,,",
            "K2,2022-04-01,,990101,,王小明,10000000002,,男,30,,",
            "K3,2022-04-01,,990101,990101198001010004,王小明,10000000002,,男,30,,",
        ]
        receive_file(
            sent(",".join(HEADER), *rows, name="known.csv"),
            actor=office,
            mapping_file=mapping_path,
            known_at=datetime(2022, 4, 2, tzinfo=UTC),
        )
        assert settings.HOME

    @given(st.lists(st.tuples(st.text(max_size=5), st.integers()), min_size=1, max_size=20))
    def test_keys_in_bulk_are_the_keys_one_by_one(self, parts):
        from fangkong.core.keys import canonical

        assert own_parts([canonical(list(each)) for each in parts]) == [own_part(*each) for each in parts]
