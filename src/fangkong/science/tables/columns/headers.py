"""What a header can mean: its plain form, its unit, and the fields that claim it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..values.text import clean
from ..values.units import is_unit

_BRACKETS = re.compile(r"[(\[【（<]([^)\]】）>]{0,80})[)\]】）>]")
_MARKS = re.compile(r"[\s_\-.·:：*/\\、,，;；'\"“”‘’?？!！|()（）\[\]【】<>]+")
_NUMBERED = re.compile(r"^(?:\d{1,2}|[一二三四五六七八九十])[.、)）]\s*")
#: Whose name or phone it is, where it is not the person's of the row.
_OTHERS = re.compile(
    r"联系人姓名|监护人|家长|母亲|父亲|紧急联系|填报|填表|调查|审核|负责人|经办|接诊|医生|采样员|检测人(?!数|次|员数)|送检人|报告人|登记人"
    r"|mother|father|guardian|emergency|reporting|reporter|clinician|doctor|owner|contactperson(?!name)|username|createdby|updatedby"
)
_HINTS = re.compile(r"必填|选填|可多选|格式|示例|如[:：]|例如|yyyy|mm/dd|dd/mm|m/d|d/m", re.IGNORECASE)


def plain_header(text: str) -> str:
    """``text`` for comparison: half width, small letters, no spaces, marks or brackets.

    >>> plain_header("  现住址\\n（户）"), plain_header("Date_of_Onset"), plain_header("person.firstName")
    ('现住址户', 'dateofonset', 'personfirstname')
    """
    folded = _NUMBERED.sub("", clean(text).text).casefold()
    return _MARKS.sub("", folded) or folded.strip()


def unit_in(text: str) -> str:
    """The unit that a header names in brackets, "" where none: "数量（万只）" → "万只"."""
    for found in _BRACKETS.finditer(clean(text).text):
        word = found[1].removeprefix("单位").strip(":： ")
        if is_unit(word):
            return word
    return ""


def date_order_in(text: str) -> str:
    """The order of day and month that a header asks for: "dmy", "mdy" or ""."""
    folded = text.casefold()
    if re.search(r"\bm{1,2}[/.-]d{1,2}[/.-]y{2,4}", folded):
        return "mdy"
    return "dmy" if re.search(r"\bd{1,2}[/.-]m{1,2}[/.-]y{2,4}", folded) else ""


class Claim(NamedTuple):
    """A field that may be meant: ``score`` 1 for the exact header, less for a part of it; ``basis`` says which."""

    field: str
    score: float
    basis: str


@cache
def _lexicon() -> tuple[dict[str, list[tuple[str, float]]], list[tuple[str, str]]]:
    """Exact plain header → (field, score); and (part, field), the longest part first.

    The words of a field stand in the order of preference: where 省 and 区 stand side by side, the field is 区's.
    """
    found: dict[str, dict[str, list[str]]] = tomllib.loads(
        (Path(__file__).parent / "headers.toml").read_text(encoding="utf-8")
    )
    exact: dict[str, list[tuple[str, float]]] = {}
    parts: list[tuple[str, str]] = []
    for field_name, entry in found.items():
        for place, word in enumerate(entry["exact"]):
            claimed = exact.setdefault(plain_header(word), [])
            if all(field_name != other for other, _ in claimed):
                claimed.append((field_name, 1.0 - 0.0005 * place))
        parts += [(plain_header(word), field_name) for word in entry.get("part", ())]
    parts.sort(key=lambda part: -len(part[0]))
    return exact, parts


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """(field, what its headers are made of), the more particular first."""
    found = tomllib.loads((Path(__file__).parent / "header_patterns.toml").read_text(encoding="utf-8"))
    return [(field_name, re.compile(pattern)) for field_name, pattern in found["pattern"]]


def _forms(text: str) -> list[str]:
    """The plain forms of a header: whole, and without what stands in brackets."""
    whole = plain_header(text)
    without = plain_header(_BRACKETS.sub("", text))
    forms = [whole, without] if without and without != whole else [whole]
    return forms[::-1] if _HINTS.search(text) else forms


@cache
def _claims_of(path: tuple[str, ...]) -> tuple[Claim, ...]:
    exact, parts = _lexicon()
    levels = [level for level in path if level.strip()]
    if not levels:
        return ()
    found: dict[str, Claim] = {}

    def claim(field_name: str, score: float, basis: str) -> None:
        if field_name not in found or found[field_name].score < score:
            found[field_name] = Claim(field_name, score, basis)

    texts = [(levels[-1], 1.0)]
    if len(levels) > 1:
        # "采样" over "时间" is the time of sampling; the joined header says more than the lower one alone.
        joined = "".join(levels[-2:])
        texts = [(joined, 1.0), (levels[-1], 0.97)]
    for text, weight in texts:
        for form in _forms(text):
            for field_name, score in exact.get(form, ()):
                claim(field_name, weight * score, "header")
    for text, weight in reversed(texts):
        for form in _forms(text):
            if _OTHERS.search(form) or form.startswith(_ASKING):
                continue
            said = _SAME.sub(lambda found: _SAYS[found[0]], form)
            made_up = [name for name, pattern in _patterns() if pattern.fullmatch(said)]
            for place, field_name in enumerate(dict.fromkeys(made_up)):
                claim(field_name, (_MADE_UP if place == 0 else _SECOND_THOUGHT) * weight, "header_part")
            taken = ""
            for part, field_name in parts:
                if part in form and part not in taken and len(form) <= len(part) + _AROUND:
                    claim(field_name, 0.75 * weight, "header_part")
                    taken = taken or part
    return tuple(sorted(found.values(), key=lambda one: -one.score))


#: Words that say the same in a header, and words of a question, whose answer is yes or no.
_SAYS = {"年月日": "日期", "日期时间": "时间", "时间点": "时间", "日期及时间": "时间"}
_SAME = re.compile("|".join(sorted(_SAYS, key=len, reverse=True)))
_ASKING = ("是否", "有无", "能否")

#: What a header that no list has is worth when its words say a field, and when they say another field first.
_MADE_UP, _SECOND_THOUGHT = 0.8, 0.7

#: A header longer than the word in it by more than this says something else.
_AROUND = 12


def claims(path: Sequence[str]) -> tuple[Claim, ...]:
    """The fields that a header (all its levels, from the top down) may mean, the likeliest first.

    >>> claims(("基本信息", "证件号码"))[0].field, claims(("采样", "时间"))[0].field
    ('id_number', 'sampled_at')
    """
    return _claims_of(tuple(path))
