"""Pages follow one another without a gap or a repeat, whatever their size."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from fangkong.core.errors import InputError
from fangkong.record.load import load
from fangkong.record.models import DailyCount
from fangkong.record.paging import keyset_page


@pytest.fixture
def rows(db) -> list[str]:
    """Seven rows on three days, so that places fall between equals too."""
    found = [
        {
            "key": f"k{n}",
            "disease": "d",
            "area_code": "990101",
            "day": date(2022, 4, 1 + n // 3),
            "measure": "m",
            "value": n,
        }
        for n in range(7)
    ]
    load(DailyCount, found, actor="t", source_key="s", known_from=datetime(2022, 5, 1, tzinfo=UTC))
    return [row["key"] for row in found]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_the_pages_together_are_the_list(rows, limit):
    seen, after = [], ""
    while True:
        page = keyset_page(DailyCount.objects.open(), "day", date.fromisoformat, limit=limit, after=after)
        assert page.total == 7
        seen += [row.key for row in page.rows]
        after = page.after
        if not after:
            break
    assert seen == rows


def test_a_place_that_no_page_gave_out_is_refused(rows):
    with pytest.raises(InputError, match="bad_place"):
        keyset_page(DailyCount.objects.open(), "day", date.fromisoformat, limit=2, after="yesterday|k1")
