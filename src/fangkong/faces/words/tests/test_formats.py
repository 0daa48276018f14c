"""Figures and dates read as the office writes them (design: the look, section 6)."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.faces.words import formats


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (1284, "1,284", "1,284"),
        (9999, "9,999", "9,999"),
        (18_600, "1.86 万", "18.6 k"),
        (310_000, "31 万", "310 k"),
        (22_150_000, "2,215 万", "22.2 M"),
        (134_000_000, "1.34 亿", "134 M"),
        (999_600, "100 万", "1 M"),
        (-18_600, "−1.86 万", "−18.6 k"),
        (0.913, "0.91", "0.91"),
        (20.44, "20.4", "20.4"),
    ],
)
def test_tiles_shorten_large_numbers(value: float, zh: str, en: str) -> None:
    assert formats.number(value, "zh-hans", compact=True) == zh
    assert formats.number(value, "en", compact=True) == en


def test_sums_keep_all_digits() -> None:
    assert formats.number(22_154_321, "zh") == "22,154,321"


def test_a_column_keeps_its_decimals() -> None:
    assert [formats.number(x, "en", places=1) for x in (6.0, 9.44)] == ["6.0", "9.4"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_a_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="refusal"):
        formats.number(value, "zh")


def test_intervals() -> None:
    assert formats.interval(47, 58, "zh") == "（47–58）"
    assert formats.interval(47, 58, "en") == "(47–58)"
    assert formats.interval(-6.0, 2.4, "zh", places=1) == "−6.0 到 +2.4"
    assert formats.interval(-6.0, 2.4, "en", places=1) == "−6.0 to +2.4"


def test_shares_carry_their_denominator() -> None:
    assert formats.share(38, 46, "zh") == "83%，38 / 46"
    assert formats.share(38, 46, "en") == "83%, 38 of 46"
    assert formats.share(31, 100_000, "zh") == "0.31‰，31 / 100,000"
    assert formats.share(0, 46, "en") == "0%, 0 of 46"
    with pytest.raises(ValueError, match="denominator"):
        formats.share(0, 0, "zh")


def test_rates() -> None:
    assert formats.rate(5.9, "zh") == "每 10 万人 5.9"
    assert formats.rate(5.9, "en") == "5.9 per 100,000"


def test_days_and_clocks() -> None:
    monday = date(2022, 4, 18)
    assert formats.day(monday, "zh") == "04-18"
    assert formats.day(monday, "en") == "18 Apr"
    assert formats.day_full(monday, "zh") == "2022-04-18 周一"
    assert formats.day_full(monday, "en") == "18 Apr 2022"
    assert formats.time(datetime(2022, 4, 18, 7, 12, tzinfo=UTC)) == "07:12"
    assert formats.moment(datetime(2022, 4, 18, 7, 12, tzinfo=UTC), "zh") == "04-18 07:12"


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (timedelta(days=5, hours=2), "余 5 天 2 小时", "5 d 2 h left"),
        (timedelta(days=3), "余 3 天", "3 d left"),
        (timedelta(hours=3, minutes=40), "余 3 小时", "3 h left"),
        (timedelta(minutes=48), "余 48 分", "48 min left"),
        (timedelta(hours=-26), "超 26 小时", "26 h over"),
        (timedelta(days=-3, hours=-2), "超 3 天 2 小时", "3 d 2 h over"),
    ],
)
def test_spans(left: timedelta, zh: str, en: str) -> None:
    assert formats.span(left, "zh") == zh
    assert formats.span(left, "en") == en


@given(st.floats(min_value=-1e12, max_value=1e12))
def test_a_written_number_is_within_half_of_its_last_digit(value: float) -> None:
    text = formats.number(value, "en", compact=True)
    size = {"k": 1e3, "M": 1e6, "bn": 1e9}
    digits, _, unit = text.replace(",", "").replace(formats.MINUS, "-").partition(" ")
    written = float(digits) * size.get(unit, 1)
    assert written == pytest.approx(value, rel=0.01, abs=0.0051)
