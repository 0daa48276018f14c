"""What a column's cells look like, whatever its header says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from ..parts import Cell
from ..values.dates import format_order
from ..values.numbers import percent_form
from ..values.text import clean, is_placeholder
from ..values.vocabulary import knows
from .reading import Traits

_ID = re.compile(r"'?\d{17}[\dXx]|\d{6}[\d*]{8,9}\d{3}[\dXx]|\d{15}|\d\.\d+E\+17")
_PHONE = re.compile(r"'?(?:\+?86[ -]?)?1\d{10}|0\d{2,3}-\d{7,8}|1\d{2}[*xX]{4}\d{4}")
_DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[ T]?\d{1,2}[:：点时].*)?|(?:19|20)\d{6}"
    r"|\d{1,2}月\d{1,2}日.*|\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})(?: .*)?"
)
_TIME = re.compile(r"\d{1,2}[:点时]\d{2}(?:[:分]\d{0,2}秒?)?(?:\s*[-~—至]\s*\d{1,2}[:点时]\d{2})?")
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{2,4}[(（].*[)）]")
_CODE = re.compile(r"[A-Za-z]{0,4}\d{9,20}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
#: Days counted from one that the sender knows ("day 23"), no dates: a date without its year has two parts.
_ORDINAL = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares in [0, 1] of the ``filled`` cells of a column that look like each kind; ``distinct`` of them differ."""

    filled: int
    id: float = 0.0
    phone: float = 0.0
    date: float = 0.0
    name: float = 0.0
    code: float = 0.0
    number: float = 0.0
    time: float = 0.0
    ordinal: float = 0.0
    distinct: float = 0.0


def profile(cells: Sequence[Cell]) -> Profile:
    """The profile of a column's cells."""
    counts: Counter[str] = Counter()
    texts: set[str] = set()
    filled = 0
    for cell in cells:
        if not cell:
            continue
        text = clean(cell.text).text
        if is_placeholder(text):
            continue
        filled += 1
        texts.add(text)
        if isinstance(cell.value, datetime | date):
            counts["date"] += 1
            continue
        if isinstance(cell.value, time) or _TIME.fullmatch(text):
            counts["time"] += 1
        if _NUMBER.fullmatch(text):
            counts["number"] += 1
            counts["ordinal"] += bool(_ORDINAL.fullmatch(text))
        if _ID.fullmatch(text):
            counts["id"] += 1
        elif _PHONE.fullmatch(text):
            counts["phone"] += 1
        elif _DATE.fullmatch(text):
            counts["date"] += 1
        elif _NAME.fullmatch(text):
            counts["name"] += 1
        if _CODE.fullmatch(text):
            counts["code"] += 1
    if not filled:
        return Profile(0)
    shares = {
        kind: counts[kind] / filled
        for kind in ("id", "phone", "date", "name", "code", "number", "time", "ordinal")
    }
    return Profile(filled, **shares, distinct=len(texts) / filled)


_SLASHED = re.compile(r"\s*(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})(?:\D.*)?")
_YEARLESS = re.compile(
    r"\s*\d{1,2}\s*(?:月|[./-])\s*\d{1,2}\s*[日号]?(?:\s*\d{1,2}\s*[:：点时].*|\s*[-~—至到].*|(?![./-]?\d).*)?"
)
_ZONED = re.compile(r".*T?\d{1,2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})\s*$")


def date_traits(cells: Sequence[Cell], hint: str) -> Traits:
    """How most dates of a column are written; ``hint`` is the order that its header asks for, "" for none."""
    texts = [cell.text for cell in cells if cell and not isinstance(cell.value, date)]
    stored = [cell for cell in cells if isinstance(cell.value, date)]
    filled = len(texts) + len(stored)
    if not filled:
        return Traits(date_order=hint)
    slashed = [found for text in texts if (found := _SLASHED.fullmatch(clean(text).text))]
    order = hint
    if len(slashed) * 2 >= filled:
        order = _order(slashed) or hint
    orders = Counter(shown for cell in stored if (shown := format_order(cell.number_format)))
    usual, times = orders.most_common(1)[0] if orders else ("", 0)
    early = sum(1 for cell in stored if _year(cell) < 1900) + sum(
        1 for t in texts if re.match(r"\s*1[0-8]\d\d\D", t)
    )
    return Traits(
        date_order=order,
        no_year=sum(1 for text in texts if _YEARLESS.fullmatch(text)) * 5 >= filled * 3,
        zoned=sum(1 for text in texts if _ZONED.match(text)) * 2 >= filled,
        historic=early * 5 >= filled * 3,
        format_order=usual if times >= 3 and times * 5 >= len(stored) * 3 else "",
    )


def _year(cell: Cell) -> int:
    return cell.value.year if isinstance(cell.value, date) else 9999


def _order(slashed: Sequence[re.Match[str]]) -> str:
    """ "dmy" or "mdy" where some can only be read so and hardly any the other way, "" else."""
    dmy = mdy = 0
    for found in slashed:
        first, second = int(found[1]), int(found[3])
        if len(found[4]) == 2 and first > 12:
            continue  # 22/3/27 may begin with the year
        dmy += first > 12 >= second
        mdy += second > 12 >= first
    if dmy > 3 * mdy:
        return "dmy"
    return "mdy" if mdy > 3 * dmy else ""


def code_traits(cells: Sequence[Cell]) -> Traits:
    """The usual length of a column's barcodes, and whether they begin with a zero."""
    codes = [text for cell in cells if cell and (text := clean(cell.text).text).isalnum()]
    if len(codes) < 3:
        return Traits()
    width, times = Counter(map(len, codes)).most_common(1)[0]
    if times * 5 < len(codes) * 3:
        return Traits()
    usual = [code for code in codes if len(code) == width]
    return Traits(width=width, leading_zero=sum(code[0] == "0" for code in usual) * 2 >= len(usual))


def percent_traits(cells: Sequence[Cell]) -> Traits:
    """How most percentages of a column are written."""
    forms = Counter(form for cell in cells if cell and (form := percent_form(cell)))
    if not forms:
        return Traits()
    form, times = forms.most_common(1)[0]
    return Traits(percent_form=form if times * 2 > forms.total() else "")


def number_traits(cells: Sequence[Cell]) -> Traits:
    """Whether a column's figures are stored as numbers."""
    filled = [cell for cell in cells if cell]
    stored = sum(isinstance(cell.value, int | float) for cell in filled)
    return Traits(numeric=stored * 3 >= len(filled) and stored > 0)


def word_traits(cells: Sequence[Cell], vocabulary: str) -> Traits:
    """The words that at least a fifth of the filled cells share, and whether most are not of the list at all."""
    words = Counter(clean(cell.text).text for cell in cells if cell)
    least = max(3, words.total() / 5)
    strange = [word for word in words if not is_placeholder(word) and not knows(vocabulary, word)]
    return Traits(
        usual=frozenset(word for word, times in words.items() if times >= least),
        # Two strange words are two slips; five different ones, most of the column, are a way of writing.
        free=len(strange) >= 5 and 2 * sum(words[word] for word in strange) > words.total(),
    )
