"""When a file says that it was filled in: title, name, rows, and the receiver's day last."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from fangkong.science.tables.context import context_of

from .asking import table

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2022, 4, 2)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


def made(title=(), name="file.xlsx", rows=(), today=TODAY):
    headers = [f"列{i}" for i in range(len(rows[0]))] if rows else ["列"]
    found, sample = table(headers, rows, title=title, name=name)
    return context_of(found, today, SHANGHAI, sample=sample)


@pytest.mark.parametrize(
    ("line", "filled"),
    [
        (
            "填报单位：浦江区流调组   填报时间：2022年3月27日20时   填表人：测试员   单位：人",
            at(2022, 3, 27, 20),
        ),
        ("重点人群排摸日报表（截至3月27日17:00）", at(2022, 3, 27, 17)),
        ("防疫物资日报（3月28日）", at(2022, 3, 28)),
        ("统计日期：2022-03-27", at(2022, 3, 27)),
        ("截止2022.3.27 24时", at(2022, 3, 28)),
        ("上报时间 2022/3/27 下午5点", at(2022, 3, 27, 17)),
        ("As of 27 March 2022 17:00", at(2022, 3, 27, 17)),
        ("Report date: 2022-03-27", at(2022, 3, 27)),
        ("二〇二二年三月二十七日", at(2022, 3, 27)),
        ("2022年3月20日至27日接种登记", at(2022, 3, 27)),
    ],
)
def test_the_title_says_when(line, filled):
    context = made([line])
    assert context.filled_at == filled
    assert context.reference == context.latest == filled.date()
    assert context.basis == "title"


def test_a_title_of_december_read_in_january_is_of_last_year():
    assert made(["物资日报（12月30日）"], today=date(2022, 1, 3)).reference == date(2021, 12, 30)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("核酸结果导出_20220328.csv", date(2022, 3, 28)),
        ("台账2022-03-28.xlsx", date(2022, 3, 28)),
        ("2022年3月28日密接.xlsx", date(2022, 3, 28)),
        ("E_物资日报_0327.xls", date(2022, 3, 27)),
        ("密接3月27日.xlsx", date(2022, 3, 27)),
    ],
)
def test_else_the_name_of_the_file(name, day):
    context = made(name=name)
    assert context.reference == day
    assert context.filled_at is None
    assert context.basis == "file_name"


def test_else_the_rows():
    rows = [["2021-03-20"], ["2021-03-21"], ["3.22"], ["2021-03-22"]]
    context = made(rows=rows)
    assert context.default_year == 2021
    assert context.basis == "content"
    assert context.latest == TODAY


def test_else_the_receivers_day():
    context = made()
    assert (context.reference, context.basis) == (TODAY, "today")


def test_other_figures_in_a_name_are_no_day():
    assert made(name="province_daily_2019-12_2020-12.csv", rows=[["2020-03-01"]] * 3).reference == date(
        2020, 3, 1
    )
    assert made(name="99010119.csv").basis == "today"
