"""The figures that the server draws stay inside their box and keep the order of time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from fangkong.faces.web import drawing
from fangkong.faces.web.templatetags.fk import split
from fangkong.faces.web.tests import samples

NUMBERS = st.none() | st.floats(min_value=-1e6, max_value=1e6)


@given(st.lists(NUMBERS, min_size=2, max_size=30))
def test_a_sparkline_stays_in_its_box(values: list[float | None]) -> None:
    drawn = drawing.sparkline(values)
    for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", str(drawn["path"])):
        assert 0 <= float(x) <= drawing.SPARK_WIDTH
        assert 0 <= float(y) <= drawing.SPARK_HEIGHT


def test_higher_values_are_drawn_higher_and_a_gap_breaks_the_line() -> None:
    path = str(drawing.sparkline([1, 3, None, 2])["path"])
    assert [c for c in path if c.isalpha()] == ["M", "L", "M"]
    heights = [float(y) for y in re.findall(r" ([\d.]+)", path)]
    assert heights[1] < heights[2] < heights[0]


def test_one_value_makes_no_line() -> None:
    assert drawing.sparkline([3, None])["path"] == ""


def test_a_moment_stands_at_its_local_hour() -> None:
    data = {
        "from_on": date(2022, 4, 16),
        "to_on": date(2022, 4, 17),
        "lanes": {"tests": [{"kind": "positive", "at": datetime(2022, 4, 16, 4, tzinfo=UTC), "text": "x"}]},
    }
    with timezone.override("Asia/Shanghai"):
        lanes = drawing.timeline(data)["lanes"]
    shape = lanes[1].shapes[0]  # type: ignore[index]
    quarter = drawing.LEFT + (drawing.RIGHT - drawing.LEFT) / 4
    assert shape.x == pytest.approx(quarter, abs=0.1), "12:00 local on the first of two days"


def test_labels_of_a_lane_never_overlap() -> None:
    for lane in drawing.timeline(samples.case_timeline())["lanes"]:  # type: ignore[attr-defined]
        spans = []
        for shape in lane.shapes:
            if shape.label and shape.label_css.startswith("mid"):
                width = drawing._text_width(shape.label)
                low = shape.label_x - (width if "a-end" in shape.label_css else 0)
                spans.append((low, low + width))
        spans.sort()
        assert all(a[1] <= b[0] for a, b in pairwise(spans))


def two_orders() -> dict[str, object]:
    first, last = date(2022, 4, 16), date(2022, 4, 30)
    bar = {"kind": "measure", "from_at": first, "to_at": last}
    return {
        "from_on": first,
        "to_on": last,
        "lanes": {"measures": [bar | {"text": "isolation"}, bar | {"text": "quarantine"}]},
    }


def test_two_orders_of_the_same_days_are_two_bars_with_their_names() -> None:
    lane = drawing.timeline(two_orders())["lanes"][3]  # type: ignore[index]
    upper, lower = sorted(lane.shapes, key=lambda bar: bar.y)
    assert upper.y + upper.height <= lower.y
    assert lane.y <= upper.y
    assert lower.y + lower.height <= lane.y + drawing.LANE
    assert {upper.label, lower.label} == {"isolation", "quarantine"}


@given(st.integers(0, 14 * 24 - 1))
def test_the_word_now_stands_at_its_line_and_inside_the_box(hours: int) -> None:
    now = datetime(2022, 4, 16, tzinfo=UTC) + timedelta(hours=hours)
    with timezone.override(UTC):
        drawn = drawing.timeline({**two_orders(), "now": now})
    label, line = drawn["now_label"], drawn["now"]
    width = drawing._text_width(label["text"])
    low = label["x"] - {"a-mid": width / 2, "a-end": width, "": 0}[label["css"]]
    assert low + 0.1 >= drawing.LEFT
    assert low + width <= drawing.RIGHT + 0.1
    assert low - 5 <= line <= low + width + 5


def test_what_the_timeline_does_not_know_is_refused() -> None:
    base = {"from_on": date(2022, 4, 1), "to_on": date(2022, 4, 2)}
    with pytest.raises(ValueError, match="no lane rumours"):
        drawing.timeline({**base, "lanes": {"rumours": []}})
    with pytest.raises(ValueError, match="no mark guess"):
        drawing.timeline(
            {**base, "lanes": {"tests": [{"kind": "guess", "at": date(2022, 4, 1), "text": "x"}]}}
        )
    with pytest.raises(ValueError, match="before its first"):
        drawing.timeline({"from_on": date(2022, 4, 2), "to_on": date(2022, 4, 1), "lanes": {}})


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=4))
def test_a_split_bar_fills_its_width_and_shows_the_smallest_part(counts: list[int]) -> None:
    parts = split("x", **{f"f{n}": count for n, count in enumerate(counts)})["parts"]
    assert isinstance(parts, list)
    assert len(parts) == sum(count > 0 for count in counts)
    if parts:
        assert parts[-1]["x"] + parts[-1]["width"] == pytest.approx(100, abs=0.1)
        assert min(part["width"] for part in parts) > 0.5
