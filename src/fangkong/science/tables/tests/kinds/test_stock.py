"""Stock within a day and from one day to the next."""

from __future__ import annotations

from datetime import date, timedelta

from fangkong.science.tables.kinds.rows import StockLine

from .rows_made import DAY, found, row

BEFORE = DAY - timedelta(days=1)


def line(
    number: int, item: str, unit: str, opening: float, received: float, issued: float, closing: float, **more
):
    return row(
        number,
        item=item,
        unit=unit,
        opening=opening,
        received=received,
        issued=issued,
        closing=closing,
        **more,
    )


def had(item: str, unit: str, closing: float) -> StockLine:
    return StockLine(item, unit, closing, BEFORE)


def test_what_was_there_came_and_went_is_what_is_left() -> None:
    rows = [line(3, "防护服", "套", 4400, 600, 900, 4100), line(4, "采样管", "支", 4400, 600, 900, 4000)]
    assert found("supplies", rows) == {(4, "BALANCE_ERROR")}
    assert found("supplies", [line(3, "口罩", "万只", 12.5, 3.0, 4.3, 11.2)]) == set()


def test_a_stock_below_nought_is_reported_once() -> None:
    assert found("supplies", [line(3, "抗原", "万人份", 18, 0, 19, -1)]) == {(3, "NEGATIVE_STOCK")}


def test_a_day_opens_with_what_the_day_before_closed_with() -> None:
    rows = [line(3, "防护服", "套", 4300, 0, 0, 4300)]
    assert found("supplies", rows, stock=[had("防护服", "套", 4400)]) == {(3, "OPENING_NOT_CLOSING")}
    assert found("supplies", rows, stock=[had("防护服", "套", 4300)]) == set()


def test_an_older_report_says_nothing_about_today() -> None:
    rows = [line(3, "防护服", "套", 4300, 0, 0, 4300)]
    assert found("supplies", rows, stock=[StockLine("防护服", "套", 4400, date(2022, 4, 1))]) == set()


def test_a_unit_may_change_its_size_its_name_or_its_meaning() -> None:
    stock = [
        had("口罩", "万只", 11),
        had("防护服", "件", 40),
        had("采样管", "支", 3800),
        had("面屏", "万只", 2),
    ]
    rows = [
        line(3, "口罩", "只", 110000, 0, 0, 110000),
        line(4, "防护服", "套", 40, 0, 0, 40),
        line(5, "采样管", "箱", 38, 0, 0, 38),
        line(6, "面屏", "只", 2000, 0, 0, 2000),
    ]
    assert found("supplies", rows, stock=stock) == {
        (3, "UNIT_CHANGED_BETWEEN_DAYS"),
        (4, "UNIT_SYNONYM"),
        (5, "UNIT_NOT_CONVERTIBLE"),
        (6, "UNIT_CHANGE_INCONSISTENT"),
    }


def test_items_are_merged_and_split() -> None:
    merged = [line(3, "N95/KN95", "只", 9300, 0, 0, 9300)]
    apart = [had("N95", "只", 8500), had("KN95口罩", "只", 800)]
    assert found("supplies", merged, stock=apart) == {(3, "ITEMS_MERGED_BETWEEN_DAYS")}
    split = [line(3, "消毒液（大瓶）", "瓶", 200, 0, 0, 200), line(4, "消毒液（小瓶）", "瓶", 300, 0, 0, 300)]
    assert found("supplies", split, stock=[had("消毒液", "瓶", 500)]) == {(3, "ITEMS_SPLIT_BETWEEN_DAYS")}


def test_merged_items_still_have_to_add_up() -> None:
    merged = [line(3, "N95/KN95", "只", 9000, 0, 0, 9000)]
    apart = [had("N95", "只", 8500), had("KN95口罩", "只", 800)]
    assert found("supplies", merged, stock=apart) == {
        (3, "ITEMS_MERGED_BETWEEN_DAYS"),
        (3, "OPENING_NOT_CLOSING"),
    }


def test_a_new_item_is_no_split() -> None:
    rows = [line(3, "护目镜", "副", 0, 50, 0, 50), line(4, "防护服", "套", 40, 0, 0, 40)]
    assert found("supplies", rows, stock=[had("防护服", "套", 40)]) == set()


def test_days_in_one_file_follow_one_another() -> None:
    rows = [
        line(3, "防护服", "套", 10, 5, 0, 15, day=BEFORE),
        line(4, "防护服", "套", 14, 0, 0, 14, day=DAY),
    ]
    assert found("supplies", rows) == {(4, "OPENING_NOT_CLOSING")}


def test_expired_goods_on_the_shelf() -> None:
    rows = [
        line(3, "酒精", "瓶", 5, 0, 0, 5, expires_on=date(2022, 4, 9)),
        line(4, "碘伏", "瓶", 5, 0, 5, 0, expires_on=date(2022, 4, 9)),
    ]
    assert found("supplies", rows) == {(3, "EXPIRED_STOCK")}
