"""Supplies: what was there, came, went and is there; and whether today begins where yesterday ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ..parts import Issue
from .lexicon import lexicon
from .rows import ReadRow, ReadTotal, Setting, StockLine, day_of, digest, number_of
from .stock_days import StockRow, compare_days


class Supplies:
    """The check of a stock report. ``stock`` is its closing stock once the rows are through."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._rows: list[StockRow] = []
        self._seen: dict[int, int] = {}

    def row(self, row: ReadRow) -> Iterator[Issue]:
        first = self._seen.setdefault(digest(row.digest), row.number)
        if first != row.number:
            yield row.found("", "EXACT_DUPLICATE_ROW", first=first)
            return
        yield from balance(row)
        closing = number_of(row.values.get("closing"))
        day = day_of(row.values.get("day")) or self._setting.day
        expires = day_of(row.values.get("expires_on"))
        if expires is not None and expires < (day or self._setting.today) and closing != 0:
            yield row.found("expires_on", "EXPIRED_STOCK")
        if item := item_of(row):
            self._rows.append(
                StockRow(
                    number=row.number,
                    item=item,
                    unit=unit_of(row),
                    opening=number_of(row.values.get("opening")),
                    closing=closing,
                    day=day_of(row.values.get("day")),
                    columns=row.columns,
                )
            )

    def end(self, totals: Sequence[ReadTotal]) -> Iterator[Issue]:
        by_day: dict[date | None, list[StockRow]] = {}
        for row in self._rows:
            by_day.setdefault(row.day or self._setting.day, []).append(row)
        before = list(self._setting.stock)
        for day in sorted(by_day, key=lambda day: day or date.min):
            rows = by_day[day]
            if before and follows(before[0].day, day):
                yield from compare_days(before, rows)
            before = lines(rows, day)

    @property
    def stock(self) -> list[StockLine]:
        """The closing stock of the report's last day."""
        days = {row.day or self._setting.day for row in self._rows}
        last = max(days, key=lambda day: day or date.min, default=None)
        return lines([row for row in self._rows if (row.day or self._setting.day) == last], last)


def lines(rows: Sequence[StockRow], day: date | None) -> list[StockLine]:
    return [StockLine(row.item, row.unit, row.closing, day) for row in rows if row.closing is not None]


def follows(first: date | None, second: date | None) -> bool:
    """Whether a report of the second day opens with the first one's closing stock: the next day, or days unnamed."""
    return first is None or second is None or second - first == timedelta(days=1)


def balance(row: ReadRow) -> Iterator[Issue]:
    """BALANCE_ERROR and NEGATIVE_STOCK of one row: opening + received − issued = closing."""
    figures = {key: number_of(row.values.get(key)) for key in ("opening", "received", "issued", "closing")}
    for key, number in figures.items():
        if number is not None and number < 0:
            yield row.found(key, "NEGATIVE_STOCK", value=number)
            break
    opening, closing = figures["opening"], figures["closing"]
    if opening is None or closing is None or not ({"received", "issued"} & set(row.columns)):
        return
    if any(row.states.get(key) in ("pending", "unreadable", "masked") for key in ("received", "issued")):
        return
    expected = opening + (figures["received"] or 0) - (figures["issued"] or 0)
    # Decimals such as 12.5 - 4.3 are not exact in binary; a slip typed by hand is far larger.
    if abs(expected - closing) > 1e-6 * max(1.0, abs(opening), abs(closing)):
        yield row.found("closing", "BALANCE_ERROR", expected=round(expected, 6), stated=closing)


def item_of(row: ReadRow) -> str:
    """The item's name, with its specification where the sender keeps one; "" where the row has none."""
    item = str(row.values.get("item") or row.text("item") or "")
    if not item:
        return ""
    words = lexicon("supplies")["items"]["specification"]
    sizes = [
        text
        for key, text in row.texts.items()
        if key.startswith("other:") and any(word in key.casefold() for word in words)
    ]
    return " ".join((item, *sizes))


def unit_of(row: ReadRow) -> str:
    return str(row.text("unit") or row.values.get("unit") or "")
