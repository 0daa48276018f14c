"""Whether a file is an official bulletin, told by what it says, and in which areas it is to be read.

A text in sentences that tell how many were found on a day, most of whose numbers are understood: no name, heading or
layout is asked for. A table, a meeting's minutes or a ledger with a remark on the day's cases is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.areas import HOME_COUNTRY, ancestors, contains
from fangkong.core.errors import InputError
from fangkong.record.models import Area
from fangkong.science.bulletins import UNSTATED, Bulletin, Figure, read_bulletin
from fangkong.science.minutes.files import bytes_text

from .area_names import bare
from .bulletins import choices, unstated_code
from .mapping import area_table

#: Bytes that a character takes at most, beside the mark-up around it in a page.
_MOST_BYTES_A_CHARACTER = 24
_TABLE_LINE = re.compile(r"[\t|｜]")
_PROVINCE = 2


@dataclass(frozen=True)
class BulletinRead:
    """A bulletin as read, its text, and what its names mean.

    ``area_code`` is the publisher's, "" where the text does not tell; ``year_told`` is False where the page leaves the
    year out and it was taken to be of the latest such day; ``areas`` are all areas of the publisher by code.
    """

    text: str
    bulletin: Bulletin
    area_code: str
    year_told: bool
    areas: Mapping[str, Mapping[str, Any]]


def bulletin_of(path: Path, name: str, *, office_area: str, today: date) -> BulletinRead | None:
    """The bulletin that the file at ``path`` is, None for any other file.

    ``name`` is the file's name as its sender has it; it tells a page from plain text. ``office_area`` is whose
    bulletins are expected: those of the area, of what lies in it and of what it lies in; ``today`` bounds the year of
    a page that leaves it out.
    """
    text = _text(path, name)
    if text is None or _is_table(text):
        return None
    # An office that has no area yet may get a bulletin of any area of the country.
    expected = office_area or HOME_COUNTRY
    areas = _areas(expected)
    names = _names(areas.values(), expected)
    bulletin = read_bulletin(text, area_names=names)
    if not _tells(bulletin, text):
        return None
    year_told = True
    if any(figure.day is None for figure in bulletin.figures):
        dated = read_bulletin(text, area_names=names, published_on=today)
        since = today - timedelta(days=choices()["year_told_within_days"])
        if dated.day is not None and since <= dated.day <= today:
            bulletin, year_told = dated, False
    publisher = _publisher(bulletin, text, names, areas, office_area)
    inside = {code: area for code, area in areas.items() if publisher and contains(publisher, code)}
    return BulletinRead(text, bulletin, publisher, year_told, inside)


def _text(path: Path, name: str) -> str | None:
    most: int = choices()["most_characters"]
    try:
        if path.stat().st_size > most * _MOST_BYTES_A_CHARACTER:
            return None
        content = path.read_bytes()
        if content.startswith(b"%PDF"):
            return None
        found = bytes_text(content, name)
    except (InputError, OSError):
        return None
    return found.text if found.form in choices()["forms"] and len(found.text) <= most else None


def _is_table(text: str) -> bool:
    """Whether nearly all lines have as many separators as one another, or no line is left that could tell a figure."""
    lines = [line for line in text.splitlines() if line.strip()]
    # As `_tells` would say of it, without reading every cell as a sentence.
    if all(_TABLE_LINE.search(line) for line in lines):
        return True
    if len(lines) < choices()["least_table_lines"]:
        return False
    for separator in choices()["table_separators"]:
        counts = Counter(count for line in lines if (count := line.count(separator)))
        if counts and counts.most_common(1)[0][1] >= choices()["table_share"] * len(lines):
            return True
    return False


def _tells(bulletin: Bulletin, text: str) -> bool:
    """Whether a sentence tells the day's new infections, and most numbers of the page that count are understood."""
    stated = [figure for figure in bulletin.figures if figure.basis != "counted"]
    told = any(
        figure.measure in choices()["tells"] and not _TABLE_LINE.search(line_of(text, figure.span[0]))
        for figure in stated
    )
    return told and len(stated) >= choices()["least_read_share"] * (len(stated) + len(bulletin.held))


def line_of(text: str, place: int) -> str:
    """The physical line of ``text`` in which ``place`` stands."""
    end = text.find("\n", place)
    return text[text.rfind("\n", 0, place) + 1 : end if end >= 0 else len(text)]


@cache
def _packaged() -> tuple[Mapping[str, Any], ...]:
    names = sorted(path.stem for path in (Path(__file__).parent / "areas").glob("*.toml"))
    return tuple(area for name in names if name != "naming" for area in area_table(name))


def _areas(office_area: str) -> dict[str, Mapping[str, Any]]:
    """Code → the area, of all in the province or country of the office: the record's own before the packaged."""
    widest = office_area[:_PROVINCE]
    found = {area["code"]: area for area in _packaged() if contains(widest, area["code"])}
    recorded = Area.objects.open().values_list("key", "name_zh", "name_en", "aliases")
    for code, name_zh, name_en, aliases in recorded:
        if contains(widest, code):
            found[code] = {"code": code, "name_zh": name_zh, "name_en": name_en, "aliases": aliases}
    return found


def area_labels(area: Mapping[str, Any]) -> set[str]:
    """Every name of an area."""
    return {area["name_zh"], area.get("name_en", ""), *(area.get("aliases") or ())} - {""}


def _names(areas: Iterable[Mapping[str, Any]], office_area: str) -> dict[str, str]:
    """Name → code; of two areas of one name the one in the office's area, of two there neither."""
    codes: dict[str, set[str]] = {}
    for area in areas:
        # "Other" is a name in tables; in a sentence it is a word.
        if not _is_unstated(area["code"]):
            for name in area_labels(area):
                codes.setdefault(name, set()).add(area["code"])
    found = {}
    for name, several in codes.items():
        own = {code for code in several if contains(office_area, code)} or several
        if len(own) == 1:
            found[name] = next(iter(own))
    return found


def _publisher(
    bulletin: Bulletin,
    text: str,
    names: Mapping[str, str],
    areas: Mapping[str, Mapping[str, Any]],
    office_area: str,
) -> str:
    """Whose bulletin it is: the area that it names as its own, else the narrowest around all whose figures it tells.

    A text that tells of no part is the office's, where it speaks of the office's area and not of a wider one. "" for a
    name that nobody knows, and where the text does not tell.
    """
    if bulletin.area:
        return _named(bulletin.area, names)
    told = {figure.area_code for figure in bulletin.figures if _is_part(figure)}
    if told:
        around = [code for code in ancestors(min(told)) if code in areas or code == office_area]
        return next((code for code in around if all(contains(code, each) for each in told - {code})), "")
    if not office_area:
        return ""
    wider = [code for code in ancestors(office_area) if code != HOME_COUNTRY]
    own, others = _spoken_of(text, [office_area], areas), _spoken_of(text, wider, areas)
    if own is None:
        return office_area
    inner = [code for code in areas if contains(office_area, code) and office_area != HOME_COUNTRY]
    return office_area if not others and (own or _spoken_of(text, inner, areas)) else ""


def _spoken_of(text: str, codes: Iterable[str], areas: Mapping[str, Mapping[str, Any]]) -> bool | None:
    """Whether the name of one of ``codes`` stands in the text; None where no name is known."""
    labels = {label for code in codes if code in areas for label in area_labels(areas[code])}
    known = {name for label in labels for name in (label, bare(label)) if len(name) > 1}
    return any(name in text for name in known) if known else None


def _is_unstated(code: str) -> bool:
    """Whether the code stands for cases of no stated district."""
    return len(code) > _PROVINCE and code == unstated_code(code[:_PROVINCE], {code})


def _is_part(figure: Figure) -> bool:
    return figure.area not in ("", UNSTATED) and bool(figure.area_code)


def _named(name: str, names: Mapping[str, str]) -> str:
    wanted = bare(name)
    return names.get(name) or next((code for each, code in names.items() if bare(each) == wanted), "")
