"""What a meeting heard, and from whom."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from .lexicon import lexicon


@dataclass(frozen=True)
class Hearing:
    """``subjects`` of the reports heard and the units that gave them, as the text names both."""

    subjects: tuple[str, ...]
    by: tuple[str, ...]


_HEARD = re.compile(
    r"听取了?(?P<what>[^。！？\n]{1,160}?)(?:的)?(?:汇报|报告|介绍|通报)(?:[，、。；]|和|并|后|$)"
)
_GAVE = re.compile(
    r"(?:^|(?<=[。！？\n]))(?:会上，)?(?P<by>[^。！？\n]{2,160}?)(?:等)?(?:分别|先后|逐一|依次|作了|进行了|就)?"
    r"(?:汇报了?|作了?汇报)(?P<what>[^。！？\n，]{0,40})"
)
_GAVE_ABOUT = re.compile(
    r"(?:^|(?<=[。！？\n]))(?:会上，)?(?P<by>[^。！？\n]{2,120}?)就(?P<what>[^。！？\n]{2,80}?)(?:分别)?(?:进行了?|作了?)汇报"
)
_ABOUT = re.compile(r"关于|就")
#: A comma of a list, not one inside brackets.
_COMMA = r"(?:、|，)(?![^（]*）)"


def hearing(own: str) -> Hearing:
    """The reports that the meeting told of in ``own`` heard.

    >>> hearing("会议听取市指挥部办公室、市公安局关于隔离、物资等情况汇报。")
    Hearing(subjects=('隔离', '物资'), by=('市指挥部办公室', '市公安局'))
    """
    if match := _HEARD.search(own):
        return _heard(match["what"])
    if (match := _GAVE_ABOUT.search(own)) and (by := _units(match["by"])):
        return Hearing(_subjects(match["what"]), by)
    if (match := _GAVE.search(own)) and (by := _units(match["by"])):
        subject = match["what"].strip("。 ") or "情况汇报"
        return Hearing((subject + "汇报" if subject == "情况" else subject,), by)
    return Hearing((), ())


def _heard(what: str) -> Hearing:
    about = _ABOUT.search(what)
    if about:
        return Hearing(_subjects(what[about.end() :]), _units(what[: about.start()]))
    items = re.split(_COMMA, what)
    by: list[str] = []
    while items:
        unit = _unit_at_start(items[0])
        if unit is None:
            break
        by.append(unit)
        rest = items[0][len(unit) :]
        items = ([rest] if rest else []) + items[1:] if rest else items[1:]
        if rest:
            break
    return Hearing(_subjects("、".join(items)), tuple(_split(by)))


def _units(text: str) -> tuple[str, ...]:
    together = re.search(rf"等(?:{_ends()}|地)$", text.strip())  # 甲、乙、丙等市: each is one
    if together:
        return tuple(_items(text.strip()[: together.start()]))
    return tuple(unit for item in _items(text) if (unit := _trimmed(item)) and _unit_end().search(unit))


def _split(units: list[str]) -> list[str]:
    return [part for unit in units for part in _items(unit)]


def _items(text: str) -> list[str]:
    """The units of a list; 和 inside a unit's own name (…资源和…厅) does not divide it."""
    units = "局委部办室组厅心门位市县区州镇乡道家院司班校关场团面"
    parts = re.split(rf"{_COMMA}|(?<=[{units}])(?:以及|及|和)", text)
    return [part for part in parts if part]


def _unit_at_start(item: str) -> str | None:
    """The unit at the beginning of an item, which may go straight over into the subject (…部门相关工作)."""
    whole = _trimmed(item)
    if whole and _unit_end().search(whole) and not item.endswith("情况"):
        return whole if item.startswith(whole) else None
    match = re.match(rf"(.{{1,24}}?(?:{_ends()}))(?=等|相关|有关|近期|当前|工作)", item)
    return match[1] if match else None


def _trimmed(item: str) -> str:
    item = item.strip()
    for word in lexicon("words/meetings")["report_fillers"]:
        item = item.removesuffix(word)
    return item


def _subjects(text: str) -> tuple[str, ...]:
    text = re.sub(r"^等|^了", "", text)
    text = (
        re.sub(r"等?(?:方面)?(?:工作)?情况的?$", "", text)
        if re.search(r"、|等", text)
        else text.removesuffix("的")
    )
    return tuple(part for item in re.split(_COMMA, text) if (part := re.sub(r"等$", "", item.strip())))


@cache
def _ends() -> str:
    ends = sorted(lexicon("words/meetings")["reporting_ends"], key=len, reverse=True)
    return "|".join(ends)


@cache
def _unit_end() -> re.Pattern[str]:
    return re.compile(rf"(?:{_ends()})$")
