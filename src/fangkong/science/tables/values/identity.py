"""Identity documents: resident numbers of 18 and 15 digits, passports, permits. Never repaired, never completed.

Upper case for the check character and half width for full width are ways of writing, not repairs. A number that is
masked, short, rounded by a spreadsheet or at odds with its own check character has no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from ..codes import issue
from ..context import Context
from ..parts import Cell, Issue
from .limits import date_words
from .text import bare, changes, clean, is_pending, is_placeholder, typed, words
from .value import EMPTY, Identity, Value

if TYPE_CHECKING:
    from ..columns.reading import ColumnReading

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
#: Sequence numbers of 15-digit numbers given to people who were a hundred when the numbers were first given out.
_CENTENARIANS = ("996", "997", "998", "999")
#: The digits a spreadsheet keeps of a number.
_KEPT_DIGITS = 15

_FULL = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD = re.compile(r"\d{15}", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?(\d{1,3})", re.ASCII)
_MASK = re.compile(r"[*●•■□※…]|X{2,}(?=.)|x{2,}|\?{2,}|#{2,}|后[四六]位|尾号")
_SEPARATORS = re.compile(r"[\s\-–—.·]")
_NOTE = re.compile(r"[(\[【（]([^)\]】）]*)[)\]】）]")
_ANOTHERS = re.compile(r"母|父|妈|爸|监护|家长|代|借用|亲属|丈夫|妻子|配偶|儿子|女儿")
_LABEL = re.compile(
    r"^(?P<label>居民身份证|身份证号?码?|证件号码?|护照号?码?|passport(?:\s*no\.?)?|港澳居民来往内地通行证|港澳通行证|回乡证|台湾居民来往大陆通行证|台胞证|id)"
    r"\s*(?:号码?)?\s*[:：]?\s*",
    re.IGNORECASE,
)
_DOCUMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("hkmo_permit", re.compile(r"[HM]\d{8}(?:\d{2})?", re.ASCII)),
    ("tw_permit", re.compile(r"\d{8}|T\d{8,9}|\d{10}(?:\([A-Z]\)|[A-Z])", re.ASCII)),
    # China: E, G, D, S, P with 8 digits, E and a letter with 7, SE/DE/PE with 7. Others: 1-2 letters and digits.
    (
        "passport",
        re.compile(r"E[A-Z]\d{7}|[A-Z]\d{7,8}|[A-Z]{2}\d{6,8}|\d{9}|[A-Z]\d{2}[A-Z]{2}\d{4}", re.ASCII),
    ),
    ("residence_permit", re.compile(r"[A-Z]{3}\d{12}", re.ASCII)),
)
_CODES = {
    "passport": "ID_TYPE_PASSPORT",
    "hkmo_permit": "ID_TYPE_HKMO_PERMIT",
    "tw_permit": "ID_TYPE_TW_PERMIT",
}


def check_character(body: str) -> str:
    """The last character of a resident identity number from its first 17 digits (GB 11643-1999, MOD 11-2).

    >>> check_character("99010119840226003")
    '0'
    """
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, body, strict=True)) % 11]


def birth_in(number: str) -> date | None:
    """The birth day inside an 18-digit number, None where the digits name no day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_in(number: str) -> str:
    """The sex inside an 18-digit number: its 17th digit is odd for men."""
    return "male" if int(number[16]) % 2 else "female"


def identity_reader(reading: ColumnReading, context: Context) -> Callable[[Cell], Value]:
    """A function from a cell to its `Identity`."""
    latest = max(context.latest, context.reference)
    first_year = latest.year - date_words().life_years

    def born(number: str) -> date | None:
        day = birth_in(number)
        return day if day and first_year <= day.year and day <= latest else None

    def read(cell: Cell) -> Value:
        stored = cell.value
        if type(stored) is str and len(stored) == 18 and _FULL.fullmatch(stored):
            day = born(stored)
            if day and check_character(stored[:17]) == stored[17]:
                return Value(Identity(stored, "resident", stored, day, sex_in(stored)), (), "read")
        return _slow(cell, reading, born)

    return read


def _slow(cell: Cell, reading: ColumnReading, born: Callable[[str], date | None]) -> Value:
    name = reading.name
    if isinstance(cell.value, int | float) and not isinstance(cell.value, bool):
        digits = cell.text.strip().removesuffix(".0")
        if not digits.isdigit() or len(digits) > _KEPT_DIGITS:
            return _refused(name, "ID_NUMERIC_PRECISION_LOST")
        return _judged(digits, digits, reading, born, ())
    cleaned = clean(typed(cell.text))
    if not cleaned.text:
        return EMPTY
    text = cleaned.text
    if is_placeholder(text) or bare(text) in words()["no_document"]:
        return Value(None, (), "placeholder")
    if is_pending(text):
        return Value(None, (issue(None, name, "VALUE_PENDING"),), "pending")
    if (found := _SCIENTIFIC.fullmatch(text.upper())) and (
        int(found[1]) >= _KEPT_DIGITS or "E+" in text.upper()
    ):
        return _refused(name, "ID_NUMERIC_PRECISION_LOST")
    if note := _NOTE.search(text[8:]):
        if _ANOTHERS.search(note[1]):
            # A number lent to a child or an old person is another person's number.
            return _refused(name, "ID_MISSING")
        if not (len(note[1]) == 1 and note[1].isascii()):
            text = (text[:8] + text[8:].replace(note[0], "")).strip()
    if label := _LABEL.match(text):
        text = text[label.end() :]
    if _MASK.search(text):
        return Value(None, (issue(None, name, "ID_MASKED"),), "masked")
    number = _SEPARATORS.sub("", text).upper()
    # Any separator inside a number counts as a space: what matters is that the number itself is whole.
    spaced = cleaned.spaced or len(number) != len(text)
    return _judged(number, text, reading, born, changes(name, cleaned, spaced))


def _refused(name: str, code: str, info: tuple[Issue, ...] = ()) -> Value:
    return Value(None, (issue(None, name, code), *info), "unreadable")


def _judged(
    number: str,
    as_sent: str,
    reading: ColumnReading,
    born: Callable[[str], date | None],
    info: tuple[Issue, ...],
) -> Value:
    name = reading.name
    if _FULL.fullmatch(number):
        day = born(number)
        if check_character(number[:17]) != number[17]:
            if number.endswith("000") and day is not None:
                # What a spreadsheet leaves of 18 digits: the last three are zeros.
                return _refused(name, "ID_NUMERIC_PRECISION_LOST", info)
            return _refused(name, "ID_CHECKSUM" if day else "ID_BIRTHDATE_INVALID", info)
        if day is None:
            return _refused(name, "ID_BIRTHDATE_INVALID", info)
        return Value(Identity(number, "resident", as_sent, day, sex_in(number)), info, "read")
    if _OLD.fullmatch(number):
        century = "18" if number[12:] in _CENTENARIANS else "19"
        body = number[:6] + century + number[6:]
        day = birth_in(body)
        if day is None:
            return _refused(name, "ID_BIRTHDATE_INVALID", info)
        found = Identity(body + check_character(body), "resident", as_sent, day, sex_in(body))
        return Value(found, (issue(None, name, "ID_15_DIGIT"), *info), "read")
    for kind, form in _DOCUMENTS:
        if form.fullmatch(number):
            code = _CODES.get(kind)
            issues = (issue(None, name, code), *info) if code else info
            return Value(Identity(number, kind, as_sent), issues, "read")
    digits = sum(character.isdigit() for character in number)
    if len(number) == 18 and digits >= 15:
        return _refused(name, "ID_CHECKSUM", info)
    return _refused(name, "ID_LENGTH", info)
