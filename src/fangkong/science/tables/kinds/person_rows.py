"""Rows on persons against one another: who stands there twice, and how.

A row is compared with the first row of the same person; what is kept of a row is its number, its name and a few
digests. A masked number or phone is no value and so never matches.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import opencc
import pypinyin

from ..parts import Issue
from .rows import ReadRow, digest, plain


@cache
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=4096)
def name_forms(name: str) -> frozenset[str]:
    """The forms a name is also written in: plain, in simplified script, in Latin letters.

    Two names that share a form may be one person's; that two Chinese names merely sound alike does not count.

    >>> bool(name_forms("測試 甲") & name_forms("测试甲")), bool(name_forms("测试甲") & name_forms("CESHI JIA"))
    (True, True)
    """
    simple = str(_simplifier().convert(plain(_without_note(name))))
    if not any("\u2e80" <= sign <= "\u9fff" or ord(sign) >= 0x20000 for sign in simple):
        words = [
            word for word in unicodedata.normalize("NFKC", name).casefold().replace(",", " ").split() if word
        ]
        return frozenset({"".join(sorted(words)), simple})
    sounds = pypinyin.lazy_pinyin(simple)
    # Given name before or after the family name, of one sign or of two (欧阳).
    latin = {"".join(sorted(("".join(sounds[:cut]), "".join(sounds[cut:])))) for cut in (1, 2)}
    return frozenset({simple, "".join(sounds), "".join(sorted(sounds)), *latin})


def _without_note(name: str) -> str:
    """A name without what stands in brackets behind it ("测试庚(儿童)")."""
    flat = unicodedata.normalize("NFKC", name)
    return flat.split("(")[0] or flat


def may_be_one_name(first: str, second: str) -> bool:
    """Whether two names are writings of one: script, spaces, Latin letters. Two Chinese names must have one plain
    form.
    """
    forms = name_forms(first) & name_forms(second)
    if not forms:
        return False
    return any(_is_chinese(form) for form in forms) or not (_is_chinese(first) and _is_chinese(second))


def _is_chinese(text: str) -> bool:
    return any("\u2e80" <= sign <= "\u9fff" or ord(sign) >= 0x20000 for sign in text)


class PersonRows:
    """Finds rows that concern one person or are one row.

    EXACT_DUPLICATE_ROW, SAME_ID_DIFFERENT_NAME, NAME_VARIANT_SAME_PERSON, SAME_PERSON_SECOND_CASE (with ``cases``)
    and POSSIBLE_DUPLICATE_NAME_PHONE, each at the later row. ``repeats`` are rows seen to be exact duplicates.
    """

    def __init__(self, *, cases: bool = False) -> None:
        self._cases = cases
        self._rows: dict[int, int] = {}
        self._by_number: dict[int, int] = {}
        self._by_phone: dict[int, int] = {}
        self._numbers = array("q")
        self._names: list[str] = []
        self._identities = array("q")
        self._relations: set[int] = set()

    def row(self, row: ReadRow) -> Iterator[Issue]:
        if (first := self.exact(row)) is not None:
            yield row.found("", "EXACT_DUPLICATE_ROW", first=first)
            return
        name = str(row.values.get("name") or "")
        identity = identity_of(row)
        here = len(self._numbers)
        phone = phone_of(row)
        by_number = self._by_number.get(identity) if identity else None
        by_phone = self._by_phone.get(digest(plain(name), phone)) if name and phone else None
        if by_number is not None:
            yield from self._same_number(row, name, by_number, identity)
        elif by_phone is not None and self._identities[by_phone] != identity:
            yield row.found("phone", "POSSIBLE_DUPLICATE_NAME_PHONE", first=self._numbers[by_phone])
        if by_number is not None and (by_phone is not None or not (name and phone)):
            return
        self._numbers.append(row.number)
        self._names.append(name)
        self._identities.append(identity)
        if identity and by_number is None:
            self._by_number[identity] = here
            if self._cases:
                self._relations.add(digest(identity, _case(row)))
        if name and phone:
            self._by_phone.setdefault(digest(plain(name), phone), here)

    def exact(self, row: ReadRow) -> int | None:
        """The number of the first row that says the same, None for a row that says something new."""
        first = self._rows.setdefault(row.digest, row.number)
        return first if first != row.number else None

    def _same_number(self, row: ReadRow, name: str, first: int, identity: int) -> Iterator[Issue]:
        other, number = self._names[first], self._numbers[first]
        if name and other and name != other:
            if may_be_one_name(name, other):
                yield row.found("name", "NAME_VARIANT_SAME_PERSON", first=number)
            else:
                yield row.found("name", "SAME_ID_DIFFERENT_NAME", first=number)
                return
        if self._cases and (case := _case(row)):
            relation = digest(identity, case)
            if relation not in self._relations:
                self._relations.add(relation)
                yield row.found("case_ref", "SAME_PERSON_SECOND_CASE", first=number)


def identity_of(row: ReadRow) -> int:
    """The digest of the person's document number, 0 where the row has no complete and sound one."""
    identity = row.sure("id_number")
    number = getattr(identity, "number", identity)
    return digest(str(number)) if number else 0


def phone_of(row: ReadRow) -> str:
    """The first phone number of the row, "" where it has none that is complete."""
    phone = row.sure("phone")
    if isinstance(phone, list | tuple | set | frozenset):
        return str(next(iter(phone), ""))
    return str(phone or "")


def person_of(row: ReadRow) -> int:
    """The digest of who the row is about: the document number, else name and phone; 0 where neither is there."""
    if identity := identity_of(row):
        return identity
    name, phone = row.values.get("name"), phone_of(row)
    return digest(plain(name), phone) if name and phone else 0


def _case(row: ReadRow) -> str:
    case = row.values.get("case_ref")
    if isinstance(case, list | tuple | set | frozenset):
        return "/".join(sorted(plain(part) for part in case))
    return plain(case) if case else ""
