"""Counts, quantities, shares and units as typed."""

from datetime import datetime

import pytest

from fangkong.science.tables.values.units import factor, is_unit, same_unit

from .asking import ask, codes


@pytest.mark.parametrize(
    ("stored", "number", "code"),
    [
        (120, 120, set()),
        (120.0, 120, set()),
        ("120", 120, set()),
        ("98人", 98, {"NUMBER_WITH_UNIT"}),
        ("98 例", 98, {"NUMBER_WITH_UNIT"}),
        ("1.2万", 12000, {"NUMBER_WITH_UNIT"}),
        ("2万人", 20000, {"NUMBER_WITH_UNIT"}),
        ("3人（含1名儿童）", 3, {"NUMBER_WITH_UNIT"}),
        ("共120人", 120, {"NUMBER_WITH_UNIT"}),
        ("约200", 200, {"APPROXIMATE_NUMBER"}),
        ("200余", 200, {"APPROXIMATE_NUMBER"}),
        ("200多人", 200, {"APPROXIMATE_NUMBER", "NUMBER_WITH_UNIT"}),
        ("近百", 100, {"APPROXIMATE_NUMBER"}),
        ("200左右", 200, {"APPROXIMATE_NUMBER"}),
        (">100", 100, {"APPROXIMATE_NUMBER"}),
        ("100+", 100, {"APPROXIMATE_NUMBER"}),
        ("100-120", None, {"APPROXIMATE_NUMBER"}),
        ("数十", None, {"APPROXIMATE_NUMBER"}),
        ("5,000", 5000, {"NUMBER_AS_TEXT"}),
        ("1，234", 1234, {"NUMBER_AS_TEXT"}),
        ("一百二十", 120, {"NUMBER_AS_TEXT"}),
        ("１２０", 120, {"FULLWIDTH_NORMALISED"}),
        ("/", None, {"PLACEHOLDER_SLASH"}),
        ("—", None, {"PLACEHOLDER_SLASH"}),
        ("无", None, {"PLACEHOLDER_SLASH"}),
        ("待定", None, {"VALUE_PENDING"}),
        ("待核实", None, {"VALUE_PENDING"}),
        (-3, None, {"NEGATIVE_COUNT"}),
        ("-3", None, {"NEGATIVE_COUNT"}),
        (0.02, None, {"UNIT_SUSPECT"}),
        ("#REF!", None, {"CELL_ERROR_VALUE"}),
        ("见附件", None, {"VOCABULARY_UNKNOWN"}),
        ("", None, set()),
    ],
)
def test_counts(stored, number, code):
    value = ask("due_count", stored)
    assert value.value == number
    assert codes(value) == code


def test_the_units_of_a_cell_are_kept():
    assert dict(ask("due_count", "98人").also) == {"unit": "人"}
    assert dict(ask("closing", "12.5万只").also) == {"unit": "只"}
    assert ask("closing", "12.5万只").value == 125000


def test_a_header_in_ten_thousands():
    assert ask("due_count", 0.02, unit="万人").value == 200
    assert codes(ask("due_count", 1.5, unit="万人")) == set()


def test_text_among_numbers_is_said_only_where_the_others_are_numbers():
    assert codes(ask("due_count", "2", numeric=True)) == {"NUMBER_AS_TEXT"}
    assert codes(ask("due_count", "2")) == set()


def test_a_date_where_a_figure_should_be():
    value = ask("due_count", datetime(1900, 4, 29))  # noqa: DTZ001 - 120 shown with a date's format
    assert value.value is None
    assert codes(value) == {"DATE_FORMAT_CONFLICT"}


def test_stocks_may_be_fractions_and_their_sign_is_the_balances_affair():
    assert ask("closing", 11.5).value == 11.5
    assert ask("closing", -1).value == -1
    assert codes(ask("received", -5)) == {"NEGATIVE_COUNT"}
    assert ask("closing", 4.5 + 6.4999999999999).value == 11


@pytest.mark.parametrize(
    ("stored", "form", "share", "code"),
    [
        ("95%", "percent", 0.95, set()),
        (0.95, "fraction", 0.95, set()),
        (95, "hundred", 0.95, set()),
        ("98.5", "hundred", 0.985, set()),
        ("95%", "fraction", 0.95, {"PERCENT_SCALE_MIXED"}),
        (95, "fraction", 0.95, {"PERCENT_SCALE_MIXED"}),
        (0.95, "hundred", 0.95, {"PERCENT_SCALE_MIXED"}),
        ("0.95", "percent", 0.95, {"PERCENT_SCALE_MIXED"}),
        (1.02, "fraction", 1.02, set()),
        (0, "hundred", 0, set()),
        ("100%", "percent", 1.0, set()),
        ("/", "percent", None, {"PLACEHOLDER_SLASH"}),
    ],
)
def test_shares(stored, form, share, code):
    value = ask("percent", stored, percent_form=form)
    assert value.value == pytest.approx(share)
    assert codes(value) == code


def test_a_percent_format_shows_a_percentage():
    assert codes(ask("percent", 0.95, number_format="0.0%", percent_form="percent")) == set()


def test_units():
    assert same_unit("件", "套")
    assert same_unit("万只", "个")
    assert not same_unit("支", "箱")
    assert factor("万只", "只") == 10_000
    assert factor("只", "万只") == pytest.approx(1e-4)
    assert factor("公斤", "斤") == 2
    assert factor("箱", "支") is None
    assert is_unit("万人份")
    assert not is_unit("浦江区")
