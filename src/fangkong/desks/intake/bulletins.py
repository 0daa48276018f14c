"""The figures of an official bulletin as counts of the record.

The record keeps one number for each area, day, measure and channel; its plain channel holds local infections where a
bulletin tells local from imported ones. So the total of both is left out where its parts are published, imported
infections stand under the channel "imported", and by country they stay in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from fangkong.core.keys import stable_key
from fangkong.science.bulletins import UNSTATED, Bulletin, bulletin_rows

from .defects import Defect, held
from .facts import DecidedRow, Fact

_CONVERTED = "converted"


def decide_bulletin(
    bulletin: Bulletin,
    *,
    area_code: str,
    disease: str,
    series: str,
    known: Callable[[date], datetime],
) -> Iterator[tuple[int, DecidedRow | Defect]]:
    """(row number, its count or its defect) for each figure of ``bulletin`` that the record has a place for.

    ``area_code`` is the publisher's; ``known`` gives the instant from which the figures of a day were known. A figure
    without a day or with an area whose code is not known is held; what the reader itself held is in
    ``bulletin.held``. Confirmed cases that were asymptomatic before are counted under ``confirmed`` by channel and as
    ``converted``, as the compiled tables have them.
    """
    rows = bulletin_rows(bulletin)
    local = {_place(row) for row in rows if row["origin"] == "local"}
    for number, row in enumerate(rows, start=1):
        channel = _channel(row, local)
        if channel is None or row["area"] == UNSTATED:
            continue
        code = row["area_code"] if row["area"] else area_code
        if row["day"] is None:
            yield number, held("missing_value", "day")
        elif not code:
            yield number, held("unknown_area", "area")
        else:
            counts = [(row["measure"], channel)]
            if channel == _CONVERTED and row["measure"] == "confirmed":
                counts.append((_CONVERTED, ""))
            facts = [
                _fact(row, code, measure, way, disease, series, known(row["day"])) for measure, way in counts
            ]
            subject = (code, row["day"].isoformat(), row["measure"], channel)
            yield number, DecidedRow(number, facts, subject, [code], row["day"])


def _place(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["day"], row["area"], row["measure"], row["channel"]


def _channel(row: dict[str, Any], local: set[tuple[Any, ...]]) -> str | None:
    """The record's channel for a row, None for one that the record has no place for."""
    if row["source"]:
        return None
    if row["origin"] == "local":
        return str(row["channel"])
    if row["origin"]:
        return None if row["channel"] else str(row["origin"])
    return None if _place(row) in local else str(row["channel"])


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
