"""Dates as senders type them, in a file filled in on Sunday 27 March 2022 at 20:00."""

from datetime import date, datetime, timedelta

import pytest

from fangkong.science.tables.values import Span

from .asking import FILLED, SHANGHAI, ask, codes, context


def on(day: int, month: int = 3, year: int = 2022) -> date:
    return date(year, month, day)


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2022, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-03-25", on(25)),
        ("2022/3/5", on(5)),
        ("2022.3.25", on(25)),
        ("2022. 3. 25", on(25)),
        ("20220325", on(25)),
        ("2022年3月25日", on(25)),
        ("2022年03月25号", on(25)),
        ("2022 年 3 月 25 日", on(25)),
        ("二〇二二年三月二十五日", on(25)),
        ("22年3月25日", on(25)),
        ("2022-03-25（周五）", on(25)),
        ("25 March 2022", on(25)),
        ("March 25, 2022", on(25)),
        ("25-Mar-2022", on(25)),
        ("25 Mar 22", on(25)),
    ],
)
def test_whole_dates_are_read_without_a_word(text, expected):
    value = ask("onset_on", text)
    assert value.value == expected
    assert codes(value) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-03-25 14:05", at(25, 14, 5)),
        ("2022/3/25 8:5", at(25, 8, 5)),
        ("2022-03-25T14:05:00", at(25, 14, 5)),
        ("2022年3月21日 14时30分许", at(21, 14, 30)),
        ("2022年3月21日下午3点半", at(21, 15, 30)),
        ("2022-03-25 晚8点", at(25, 20)),
        ("2022-03-25 上午9:30", at(25, 9, 30)),
        ("2022-03-25 2:30 PM", at(25, 14, 30)),
        ("20220325 14:05", at(25, 14, 5)),
    ],
)
def test_moments_are_aware(text, expected):
    value = ask("sampled_at", text)
    assert value.value == expected
    assert value.value.tzinfo is not None
    assert codes(value) == set()


def test_a_stated_offset_is_kept():
    value = ask("sampled_at", "2022-03-25T14:05:00Z")
    assert value.value.utcoffset() == timedelta(0)


def test_real_date_cells():
    assert ask("onset_on", datetime(2022, 3, 20)).value == on(20)  # noqa: DTZ001 - spreadsheets know no zone
    assert ask("sampled_at", datetime(2022, 3, 20, 7, 5)).value == at(20, 7, 5)  # noqa: DTZ001
    assert ask("sampled_at", datetime(2022, 3, 20)).value == on(20)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("3月24日", "DATE_NO_YEAR", on(24)),
        ("3.24", "DATE_NO_YEAR", on(24)),
        ("3/23", "DATE_NO_YEAR", on(23)),
        ("3-23", "DATE_NO_YEAR", on(23)),
        ("三月二十日", "DATE_NO_YEAR", on(20)),
        ("24日", "DATE_NO_YEAR", on(24)),
        ("24 Mar", "DATE_NO_YEAR", on(24)),
        ("12.31", "YEAR_INFERRED_PREVIOUS", on(31, 12, 2021)),
        ("12月28日", "YEAR_INFERRED_PREVIOUS", on(28, 12, 2021)),
        ("昨天", "DATE_RELATIVE", on(26)),
        ("昨日", "DATE_RELATIVE", on(26)),
        ("前天", "DATE_RELATIVE", on(25)),
        ("大前天", "DATE_RELATIVE", on(24)),
        ("当日", "DATE_RELATIVE", FILLED),
        ("今天", "DATE_RELATIVE", FILLED),
        ("上周五", "DATE_RELATIVE", on(18)),
        ("本周三", "DATE_RELATIVE", on(23)),
        ("周五", "DATE_RELATIVE", on(25)),
        ("三天前", "DATE_RELATIVE", on(24)),
        ("3天前", "DATE_RELATIVE", on(24)),
        ("yesterday", "DATE_RELATIVE", on(26)),
        ("2 days ago", "DATE_RELATIVE", on(25)),
        ("44644", "DATE_SERIAL_AS_NUMBER", on(24)),
        (44644, "DATE_SERIAL_AS_NUMBER", on(24)),
        (44644.0, "DATE_SERIAL_AS_NUMBER", on(24)),
        ("27/3/22", "DATE_DMY_2DIGIT", FILLED),
        ("27.3.22", "DATE_DMY_2DIGIT", FILLED),
        ("22/3/27", "DATE_DMY_2DIGIT", FILLED),
        ("22.3.20", "DATE_DMY_2DIGIT", on(20)),
        ("20/03/22", "DATE_DMY_2DIGIT", on(20)),
        ("03/04/2022", "DATE_AMBIGUOUS_DM", on(4)),
        ("13/02/2022", "DATE_DAY_MONTH_SWAPPED", on(13, 2)),
        ("2022-25-03", "DATE_DAY_MONTH_SWAPPED", on(25)),
        ("1898-03-20", "DATE_BEFORE_1900", date(1898, 3, 20)),
        ("3.20-3.22", "DATE_RANGE_IN_DATE_FIELD", on(22)),
        ("3月20日-22日", "DATE_RANGE_IN_DATE_FIELD", on(22)),
        ("3月20日至3月22日", "DATE_RANGE_IN_DATE_FIELD", on(22)),
        ("2022-03-20~2022-03-22", "DATE_RANGE_IN_DATE_FIELD", on(22)),
        ("2022.3.20—3.22", "DATE_RANGE_IN_DATE_FIELD", on(22)),
        ("3.20、3.22", "DATE_RANGE_IN_DATE_FIELD", on(22)),
        ("2022年3月20日左右", "DATE_RANGE_IN_DATE_FIELD", on(20)),
        ("２０２２－０３－２２", "FULLWIDTH_NORMALISED", on(22)),
    ],
)
def test_a_doubtful_day_keeps_its_value_and_its_doubt(text, code, expected):
    value = ask("exposure_at", text)
    assert codes(value) == {code}
    assert value.value == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2022-02-30", "DATE_INVALID"),
        ("2.30", "DATE_INVALID"),
        ("2022-13-45", "DATE_INVALID"),
        ("2022年3月32日", "DATE_INVALID"),
        ("31/02/2022", "DATE_INVALID"),
        ("2022-00-10", "DATE_INVALID"),
        ("2022-13-05", "DATE_INVALID"),
        ("3月下旬", "DATE_INVALID"),
        ("2022年3月", "DATE_INVALID"),
        ("农历二月初二", "DATE_INVALID"),
        ("腊月廿三", "DATE_INVALID"),
        ("同住", "DATE_INVALID"),
        ("2022-04-25", "DATE_IN_FUTURE"),
        (datetime(2022, 6, 1), "DATE_IN_FUTURE"),  # noqa: DTZ001
        ("1022-03-20", "DATE_IMPLAUSIBLE"),
        ("2202-03-20", "DATE_IMPLAUSIBLE"),
        ("2002-03-20", "DATE_IMPLAUSIBLE"),
    ],
)
def test_what_cannot_be_a_day_of_this_file_has_no_value(text, code):
    value = ask("exposure_at", text)
    assert codes(value) == {code}
    assert value.value is None


def test_no_year_in_the_days_to_come_is_a_day_to_come():
    assert codes(ask("exposure_at", "4.25")) >= {"DATE_IN_FUTURE"}


def test_a_release_may_lie_ahead_and_next_year():
    assert codes(ask("release_on", "2022-04-08")) == set()
    december = context(default_year=2022, reference=date(2022, 12, 28), latest=date(2022, 12, 28))
    value = ask("release_on", "1月5日", on=december)
    assert value.value == date(2023, 1, 5)
    assert codes(value) == {"DATE_NO_YEAR"}


def test_the_days_and_months_of_a_column_settle_its_ambiguous_dates():
    assert codes(ask("reported_on", "03/04/2022", date_order="mdy")) == set()
    assert ask("reported_on", "03/04/2022", date_order="mdy").value == on(4)
    assert ask("reported_on", "03/04/2021", date_order="dmy").value == date(2021, 4, 3)
    assert codes(ask("reported_on", "13/02/2022", date_order="mdy")) == {"DATE_DAY_MONTH_SWAPPED"}
    assert codes(ask("reported_on", "13/02/2022", date_order="dmy")) == set()


def test_two_ways_that_both_fit_give_no_value():
    value = ask("onset_on", "02/03/2022")
    assert value.value is None
    assert codes(value) == {"DATE_AMBIGUOUS_DM"}
    assert ask("onset_on", "03/03/2022").value == on(3)


def test_a_date_cell_with_day_and_month_exchanged_is_named_beside_the_future():
    value = ask("onset_on", datetime(2022, 11, 3))  # noqa: DTZ001 - 3 November for 11 March
    assert codes(value) == {"DATE_IN_FUTURE", "DATE_DAY_MONTH_SWAPPED"}


def test_a_number_format_against_the_column():
    among = ask("onset_on", datetime(2022, 3, 4), number_format="mm/dd/yyyy", format_order="dmy")  # noqa: DTZ001
    assert codes(among) == {"DATE_FORMAT_CONFLICT"}
    same = ask("onset_on", datetime(2022, 3, 4), number_format="dd/mm/yyyy", format_order="dmy")  # noqa: DTZ001
    assert codes(same) == set()
    locale = ask("onset_on", datetime(2022, 3, 4), number_format="mm-dd-yy", format_order="ymd")  # noqa: DTZ001
    assert codes(locale) == set()
    odd = ask("onset_on", datetime(2022, 3, 4), number_format="yyyy-dd-mm", format_order="ymd")  # noqa: DTZ001
    assert codes(odd) == {"DATE_FORMAT_CONFLICT"}


def test_a_part_of_the_day_is_no_doubt():
    assert ask("exposure_at", "2022-03-25晚").value == on(25)
    assert codes(ask("exposure_at", "昨天下午")) == {"DATE_RELATIVE"}


def test_a_time_without_its_day_is_no_mistake_in_a_track():
    value = ask("track_at", "14:05-14:50")
    assert value.value is None
    assert codes(value) == set()


def test_midnight_written_as_24_00():
    value = ask("sampled_at", "2022-03-26 24:00")
    assert value.value == at(27, 0)
    assert codes(value) == {"TIME_24_00"}


@pytest.mark.parametrize(
    "text",
    [
        "2022-03-25 23:30(+1)",
        "2022-03-25 次日23:30",
        "2022-03-25 23:30 +1天",
        "2022年3月25日 23时30分（次日）",
    ],
)
def test_the_next_day_of_a_timetable(text):
    value = ask("track_at", text)
    assert value.value == at(26, 23, 30)
    assert codes(value) == {"TIME_NEXT_DAY"}


def test_a_flight_between_day_and_time_is_kept():
    value = ask("track_at", "2022-03-25 MU9999 21:30")
    assert value.value == at(25, 21, 30)
    assert dict(value.also) == {"vehicle": "MU9999"}


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("3月20日14:05-14:50", at(20, 14, 5), at(20, 14, 50), set()),
        ("3月26日23:50-00:20", at(26, 23, 50), at(27, 0, 20), {"INTERVAL_CROSSES_MIDNIGHT"}),
        ("2022-03-24 22:00~次日01:30", at(24, 22), at(25, 1, 30), {"TIME_NEXT_DAY"}),
        ("2022-03-20 9:00 至 2022-03-21 10:00", at(20, 9), at(21, 10), set()),
        ("3月19日8时30分至9时", at(19, 8, 30), at(19, 9), set()),
    ],
)
def test_a_track_is_a_span(text, start, end, expected):
    value = ask("track_at", text)
    assert value.value == Span(start, end)
    assert codes(value) == expected


@pytest.mark.parametrize("text", ["3月19日9:00—8:30", "2022-03-22至2022-03-20", "3月19日 15:00-14:00"])
def test_a_span_that_ends_before_it_begins(text):
    value = ask("track_at", text)
    assert value.value is None
    assert codes(value) == {"INTERVAL_REVERSED"}


def test_a_zone_missing_among_zoned_times():
    assert codes(ask("sampled_at", "2022-03-25T10:00:00", zoned=True)) == {"TIMEZONE_MISSING"}
    assert codes(ask("sampled_at", "2022-03-25T10:00:00+08:00", zoned=True)) == set()
    assert codes(ask("sampled_at", "2022-03-25T10:00:00")) == set()


def test_old_files_keep_their_days():
    old = context(default_year=1861, reference=date(1861, 12, 11), latest=date(2022, 3, 28))
    value = ask("onset_on", "1861-11-21", on=old, historic=True)
    assert value.value == date(1861, 11, 21)
    assert codes(value) == set()


@pytest.mark.parametrize("text", ["/", "无", "不详", "——", "N/A", " "])
def test_nothing_is_nothing(text):
    value = ask("onset_on", text)
    assert value.value is None
    assert codes(value) == set()
    assert value.state in ("placeholder", "empty")


def test_not_yet():
    assert codes(ask("onset_on", "待核实")) == {"VALUE_PENDING"}
