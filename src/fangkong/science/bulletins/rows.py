"""A bulletin as rows of daily counts, one for each thing counted."""

from __future__ import annotations

from typing import Any

from .checks import unique
from .parts import Bulletin

_QUOTE = 200


def bulletin_rows(bulletin: Bulletin) -> list[dict[str, Any]]:
    """One row for each thing that the bulletin counts: the stated figure before one worked out or counted.

    Keys: day (date or None), area (name, "" for the bulletin's own), area_code ("" where unknown), measure, channel,
    origin, source, value, basis, quote (the sentence, an exact piece of the text, its beginning where it is long),
    span (the number's place in the text).

    >>> from fangkong.science.bulletins import read_bulletin
    >>> rows = bulletin_rows(read_bulletin("2031年5月3日，无新增本土确诊病例。", area_names={}))
    >>> [(row["day"].isoformat(), row["measure"], row["origin"], row["value"], row["basis"]) for row in rows]
    [('2031-05-03', 'confirmed', 'local', 0, 'stated')]
    """
    return [
        {
            "day": figure.day,
            "area": figure.area,
            "area_code": figure.area_code,
            "measure": figure.measure,
            "channel": figure.channel,
            "origin": figure.origin,
            "source": figure.source,
            "value": figure.value,
            "basis": figure.basis,
            "quote": figure.sentence[:_QUOTE],
            "span": figure.span,
        }
        for figure in unique(bulletin.figures).values()
    ]
