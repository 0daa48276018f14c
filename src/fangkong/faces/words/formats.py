"""Numbers, intervals, shares, dates and spans as the office writes them, in Chinese and English.

Each function takes the language as any tag (`zh-hans`, `en`) and returns text. At most three significant
digits, except whole numbers, which keep their digits unless `compact` is asked (tiles and axes).
"""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from fangkong.faces.words.catalogue import language

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
WEEKDAYS_ZH = "一二三四五六日"
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COMPACT_FROM = 10_000
COMPACT_UNITS = {
    "zh": ((10**8, "亿"), (10**4, "万")),
    "en": ((10**9, "bn"), (10**6, "M"), (10**3, "k")),
}


def _plain(value: float, places: int | None) -> str:
    """Digits of one number, sign apart: given places, or three significant digits and at most two places."""
    size = abs(value)
    if places is None and isinstance(value, int):
        text = f"{size:,}"
    elif places is not None:
        text = _half_up(size, places)
    elif size and size < 0.01:
        text = f"{size:.2g}"
    else:
        shown = _half_up(size, 0 if size >= 99.95 else 1 if size >= 9.995 else 2)
        text = shown.rstrip("0").rstrip(".") if "." in shown else shown
    zero = not any(c in "123456789" for c in text)
    return text if value >= 0 or zero else MINUS + text


def _half_up(size: float, places: int) -> str:
    # As people round on paper: 22.15 is 22.2, where binary floats and half-to-even would say 22.1.
    return f"{Decimal(repr(size)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):,f}"


def number(value: float, lang: str | None, *, compact: bool = False, places: int | None = None) -> str:
    """One number: `1,284`, `0.91`; with `compact`, from ten thousand on `1.86 万` or `18.6 k`.

    Arguments: the number; the language; `compact` for tiles and axes, never in sums that must add up;
    `places` fixes the decimals of a column. Raises `ValueError` for NaN or infinity: those are refusals,
    not figures.

    >>> number(18_600, "zh", compact=True), number(18_600, "en", compact=True), number(18_600, "en")
    ('1.86 万', '18.6 k', '18,600')
    """
    if not math.isfinite(value):
        raise ValueError("a figure that is not finite cannot be written; show the refusal instead")
    if compact and abs(value) >= COMPACT_FROM:
        for size, unit in COMPACT_UNITS[language(lang)]:
            # 999,600 would round up to "1,000 k": take the larger unit from half a step below it.
            if abs(value) >= size * 0.9995:
                return f"{_plain(value / size, None)} {unit}"
    return _plain(value, places)


def interval(low: float, high: float, lang: str | None, *, places: int | None = None) -> str:
    """An interval: `（47–58）` or `(47–58)`; with a negative end `−6.0 到 +2.4`, or `to`, so no dash meets a
    minus.

    >>> interval(47, 58, "zh"), interval(-6.0, 2.4, "en", places=1)
    ('（47–58）', '−6.0 to +2.4')
    """
    chinese = language(lang) == "zh"
    if low < 0:
        ends = [f"{'+' if end > 0 else ''}{number(end, lang, places=places)}" for end in (low, high)]
        return (" 到 " if chinese else " to ").join(ends)
    inner = f"{number(low, lang, places=places)}{DASH}{number(high, lang, places=places)}"
    return f"（{inner}）" if chinese else f"({inner})"


def per_cent_a_day(growth_rate: float) -> float:
    """Change from one day to the next in per cent, of an exponential growth rate per day: -100 % is the least there is.

    >>> round(per_cent_a_day(0.05), 2), round(per_cent_a_day(-1.036), 1)
    (5.13, -64.5)
    """
    return 100 * math.expm1(growth_rate)


def percent(part: float, whole: float) -> str:
    """A share as per cent, or per mille when it is above zero and under one per cent: `83%`, `0.31‰`.

    Raises `ValueError` when `whole` is not above zero.
    """
    if whole <= 0:
        raise ValueError("a share needs a denominator above zero; show the refusal instead")
    ratio = part / whole
    if 0 < ratio < 0.01:
        return f"{number(ratio * 1000, 'en')}‰"
    return f"{_half_up(ratio * 100, 0)}%"


def share(part: int, whole: int, lang: str | None) -> str:
    """A share with its counts: `83%，38 / 46` or `83%, 38 of 46`. Raises `ValueError` when `whole` is not
    above zero.

    >>> share(38, 46, "zh"), share(31, 100_000, "en")
    ('83%，38 / 46', '0.31‰, 31 of 100,000')
    """
    if language(lang) == "zh":
        return f"{percent(part, whole)}，{part:,} / {whole:,}"
    return f"{percent(part, whole)}, {part:,} of {whole:,}"


def rate(per_100k: float, lang: str | None) -> str:
    """A rate: `每 10 万人 5.9` or `5.9 per 100,000`."""
    return (
        f"每 10 万人 {number(per_100k, lang)}"
        if language(lang) == "zh"
        else f"{number(per_100k, lang)} per 100,000"
    )


def day(value: date, lang: str | None) -> str:
    """A day without its year: `04-18` or `18 Apr`."""
    return f"{value:%m-%d}" if language(lang) == "zh" else f"{value.day} {MONTHS_EN[value.month - 1]}"


def day_full(value: date, lang: str | None) -> str:
    """A day with its year: `2022-04-18 周一` or `18 Apr 2022`."""
    if language(lang) == "zh":
        return f"{value:%Y-%m-%d} 周{WEEKDAYS_ZH[value.weekday()]}"
    return f"{day(value, lang)} {value.year}"


def time(value: datetime) -> str:
    """The clock of an already local time, the same in both languages: `07:12`."""
    return f"{value:%H:%M}"


def moment(value: datetime, lang: str | None) -> str:
    """Day and clock of an already local time: `04-18 07:12` or `18 Apr 07:12`."""
    return f"{day(value, lang)} {time(value)}"


def span(left: timedelta, lang: str | None) -> str:
    """Time left, or time over when negative: `余 5 天 2 小时`, `超 26 小时`; `5 d 2 h left`, `26 h over`.

    Under an hour in minutes. What is over stays in hours until two days, since a duty officer counts it in
    hours.

    >>> span(timedelta(days=5, hours=2), "zh"), span(timedelta(hours=-26), "en")
    ('余 5 天 2 小时', '26 h over')
    """
    over = left < timedelta(0)
    minutes = int(abs(left).total_seconds() // 60)
    hours = minutes // 60
    units = ("天", "小时", "分") if language(lang) == "zh" else ("d", "h", "min")
    if minutes < 60:
        parts = [(minutes, units[2])]
    elif hours < (48 if over else 24):
        parts = [(hours, units[1])]
    else:
        parts = [(hours // 24, units[0])] + ([(hours % 24, units[1])] if hours % 24 else [])
    text = " ".join(f"{n:,} {unit}" for n, unit in parts)
    if language(lang) == "zh":
        return f"{'超' if over else '余'} {text}"
    return f"{text} {'over' if over else 'left'}"
