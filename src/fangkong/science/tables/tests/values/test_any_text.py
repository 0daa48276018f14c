"""Whatever stands in a cell: no crash, no endless reading, no doubtful value without its doubt."""

from datetime import date, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.science.tables.columns import fields
from fangkong.science.tables.parts import Cell
from fangkong.science.tables.values import Value, read_value
from fangkong.science.tables.values.value import State

from .asking import ask, codes, context, reading

FIELDS = sorted({found.kind: found.name for found in fields().values()}.values())
TYPED = st.sampled_from(
    "0123456789年月日时点分:：/.-—~ 至到约余万千人岁男女阴阳性+*Ee%()（）病例、，待查昨周五"
)
TEXTS = st.one_of(st.text(max_size=30), st.text(alphabet=TYPED, max_size=30))
CELLS = st.one_of(
    TEXTS.map(lambda text: Cell(text, text)),
    st.integers(-(10**20), 10**20).map(lambda n: Cell(n, str(n))),
    st.floats().map(lambda n: Cell(n, repr(n))),
    st.booleans().map(lambda b: Cell(b, str(b))),
    st.datetimes().map(lambda t: Cell(t, str(t))),
)
CONTEXT = context()
READINGS = [reading(name) for name in FIELDS]


@given(cell=CELLS)
def test_any_cell_is_read_in_any_column(cell):
    for reading_of in READINGS:
        value = read_value(cell, reading_of, CONTEXT, row=7, sheet="表")
        assert isinstance(value, Value)
        assert value.state in get_args(State)
        assert (value.value is None) == (value.state != "read")
        assert all(issue.row == 7 and issue.sheet == "表" for issue in value.issues)
        assert not (value.value is not None and any(issue.severity == "error" for issue in value.issues))
        assert len({issue.code for issue in value.issues}) == len(value.issues)


@given(day=st.dates(date(2022, 1, 1), date(2022, 3, 27)))
def test_a_date_that_reads_two_ways_never_comes_without_a_word(day):
    value = ask("onset_on", f"{day.day:02}/{day.month:02}/{day.year}")
    if day.day <= 12 and day.day != day.month:
        assert codes(value) == {"DATE_AMBIGUOUS_DM"}
    else:
        assert value.value == day


@given(day=st.dates(date(2021, 10, 1), date(2022, 3, 27)))
def test_every_way_of_writing_one_day_is_the_same_day(day):
    ways = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        f"{day.month}月{day.day}日",
        f"{day.month}.{day.day}",
        str((day - date(1899, 12, 30)).days),
        datetime(day.year, day.month, day.day),  # noqa: DTZ001 - as a spreadsheet holds it
    ]
    assert {ask("onset_on", way).value for way in ways} == {day}


@pytest.mark.parametrize(
    "text",
    [
        "1" * 5000,
        "(" * 5000,
        "母(" * 3000,
        "一" * 5000,
        "(" * 499,
        "1 " * 249,
        "约" * 499,
        "1-" * 3000,
        "年月日" * 2000,
        "约" * 5000,
        "2022-03-" * 1000,
        " " * 20000 + "1",
    ],
)
def test_long_texts_are_read_at_once(text, cpu_seconds):
    on = context()
    assert cpu_seconds(lambda: [read_value(Cell(text, text), kind, on) for kind in READINGS]) < 1
