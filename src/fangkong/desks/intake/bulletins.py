"""The figures of an official bulletin as counts of the record.

The record keeps one number for each area, day, measure and channel; its plain measures hold local infections where a
bulletin tells local from imported ones. So the total of both is left out where its parts are published, infections
caught elsewhere stand under measures of their own ("imported_confirmed"), and by country they stay in the document.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from fangkong.core.keys import stable_key
from fangkong.science.bulletins import UNSTATED, Bulletin, bulletin_rows

from .defects import Defect, held
from .facts import DecidedRow, Fact

_CONVERTED = "converted"

#: GB/T 2260 gives this number to no city; cases of no stated district are booked under it.
_CITY_UNSTATED = "00"


@cache
def choices() -> dict[str, Any]:
    """``bulletins.toml`` as it stands."""
    return tomllib.loads(Path(__file__).with_name("bulletins.toml").read_text(encoding="utf-8"))


def decide_bulletin(
    bulletin: Bulletin,
    *,
    area_code: str,
    disease: str,
    series: str,
    known: Callable[[date], datetime],
    unstated_code: str = "",
) -> Iterator[tuple[int, DecidedRow | Defect]]:
    """(row of ``bulletin_rows``, its count or its defect) for each figure that the record has a place for.

    ``area_code`` is the publisher's, "" where it is not known; ``known`` gives the instant from which the figures of a
    day were known; ``unstated_code`` is the area of cases whose district is not told, "" leaves them out. A figure
    without a day or with an area whose code is not known is held; what the reader itself held is in
    ``bulletin.held``. Confirmed cases that were asymptomatic before are counted under ``confirmed`` by channel and as
    ``converted``, as the compiled tables have them.
    """
    rows = bulletin_rows(bulletin)
    local = {_place(row) for row in rows if row["origin"] == "local"}
    for number, row in enumerate(rows, start=1):
        measure = _measure(row, local)
        if not measure:
            continue
        if row["area"] == UNSTATED:
            code = unstated_code
            if not code:
                continue
        else:
            code = row["area_code"] if row["area"] else area_code
        if row["day"] is None:
            yield number, held("missing_value", "day")
        elif not code:
            yield number, held("unknown_area", "area")
        else:
            counts = [(measure, row["channel"])]
            if row["channel"] == _CONVERTED and measure == "confirmed":
                counts.append((_CONVERTED, ""))
            facts = [_fact(row, code, what, way, disease, series, known(row["day"])) for what, way in counts]
            subject = (code, row["day"].isoformat(), measure, row["channel"])
            yield number, DecidedRow(number, facts, subject, [code], row["day"])


def unstated_code(area_code: str, known_codes: set[str]) -> str:
    """The code under which bulletins of ``area_code`` book cases of no stated district, "" where there is none.

    >>> unstated_code("31", {"31", "3100"}), unstated_code("990101", {"990101"})
    ('3100', '')
    """
    code = f"{area_code}{_CITY_UNSTATED}"
    return code if code in known_codes else ""


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["day"], row["area"], row["measure"], row["channel"]


def _measure(row: dict[str, Any], local: set[tuple[Any, ...]]) -> str:
    """The record's measure for a row, "" for one that the record has no place for."""
    measure = str(row["measure"])
    if row["source"]:
        return ""
    if row["origin"] == "local":
        return measure
    if row["origin"]:
        return f"{choices()['origin_prefix'][row['origin']]}{measure}"
    return "" if _place(row) in local else measure


def _fact(
    row: dict[str, Any],
    code: str,
    measure: str,
    channel: str,
    disease: str,
    series: str,
    known_from: datetime,
) -> Fact:
    values = {
        "disease": disease,
        "area_code": code,
        "day": row["day"],
        "measure": measure,
        "channel": channel,
        "series": series,
        "value": row["value"],
    }
    key = stable_key("count", disease, series, code, row["day"], measure, channel)
    return Fact("dailycount", key, known_from, values)
