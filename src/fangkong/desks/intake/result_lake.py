"""The lake of test results: a folder for each day, a Parquet part in it for each receipt."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from fangkong.core.clock import civil_day

TOKEN_BYTES = 16

#: One row of the lake.
RESULTS = pa.schema(
    [
        ("row", pa.int32()),
        ("person", pa.binary(TOKEN_BYTES)),
        ("specimen", pa.string()),
        ("area_code", pa.dictionary(pa.int32(), pa.string())),
        ("result", pa.dictionary(pa.int32(), pa.string())),
        ("method", pa.dictionary(pa.int32(), pa.string())),
        ("laboratory", pa.dictionary(pa.int32(), pa.string())),
        ("cycle_threshold", pa.float32()),
        ("collected_at", pa.timestamp("s", tz="UTC")),
        ("resulted_at", pa.timestamp("s", tz="UTC")),
        ("known_from", pa.timestamp("us", tz="UTC")),
    ]
)


def lake() -> Path:
    """The folder of the lake's test results."""
    return Path(settings.HOME) / "lake" / "test_results"


class LakeParts:
    """The parts of one receipt, written into a folder aside and put into the lake when all of them are whole."""

    def __init__(self, folder: Path, zone: ZoneInfo) -> None:
        self._folder, self._zone = folder, zone
        self._writers: dict[date, pq.ParquetWriter] = {}

    @property
    def days(self) -> list[date]:
        """The days of the results."""
        return sorted(self._writers)

    def write(self, table: pa.Table) -> None:
        """Append the rows to the parts of their days."""
        if not table.num_rows:
            return
        instants = table.column("resulted_at").combine_chunks().cast(pa.int64())
        first, last = pc.min_max(instants).as_py().values()
        day = civil_day(datetime.fromtimestamp(first, UTC), self._zone)
        end = civil_day(datetime.fromtimestamp(last, UTC), self._zone)
        while day <= end:
            begins = datetime.combine(day, datetime.min.time(), self._zone).timestamp()
            closes = datetime.combine(day + timedelta(days=1), datetime.min.time(), self._zone).timestamp()
            inside = pc.and_(pc.greater_equal(instants, int(begins)), pc.less(instants, int(closes)))
            rows = table.filter(inside)
            if rows.num_rows:
                if day not in self._writers:
                    self._writers[day] = pq.ParquetWriter(self._part(day), RESULTS, compression="zstd")
                self._writers[day].write_table(rows)
            day += timedelta(days=1)

    def close(self) -> None:
        """End the parts."""
        for writer in self._writers.values():
            writer.close()

    def move(self, key: str) -> None:
        """Put the parts into the lake, in place of the earlier ones of the receipt ``key``."""
        target = f"{key}.parquet"
        for day in self.days:
            folder = lake() / f"day={day.isoformat()}"
            folder.mkdir(exist_ok=True, mode=0o700)
            os.replace(self._part(day), folder / target)
        for path in lake().glob(f"day=*/{target}"):
            if date.fromisoformat(path.parent.name.removeprefix("day=")) not in self._writers:
                path.unlink()

    def _part(self, day: date) -> Path:
        return self._folder / f"{day.isoformat()}.parquet"
