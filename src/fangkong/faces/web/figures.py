"""Figures of a report as tiles and strips: value, unit, interval, source, as-of; or the refusal in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language

from fangkong.faces.papers.phrases import (
    LAWFUL_PERSON_DAYS,
    LAWFUL_PERSONS,
    REGISTERS,
    SHARES,
    per_cent,
    reason_of,
    register_name,
)
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import language

Entry = Mapping[str, Any]


def sentence(text: str) -> str:
    """``text`` with a capital and a full stop, as a sentence of the page's language."""
    stop = "." if language(get_language()) == "en" else "。"
    return text[:1].upper() + text[1:] + ("" if text.endswith((stop, "！", "!", "？", "?")) else stop)


def refused(entry: Entry) -> str:
    """Why there is no figure, as a sentence."""
    return sentence(reason_of(entry["refusal"], entry.get("params", {}), language(get_language())))


def source_of(entry: Entry) -> str:
    """Where a figure comes from, short enough for a tile."""
    keys: Sequence[str] = entry.get("sources", ())
    if not keys:
        return said("page.source.register")
    if receipts := [key for key in keys if key.startswith("receipt")]:
        return said("page.source.receipts", n=len(receipts))
    return register_name(keys[0], language(get_language()))


def as_of(entry: Entry) -> str:
    """The day a figure speaks of."""
    params = entry.get("params", {})
    return formats.day(date.fromisoformat(params.get("last_day", entry["as_of"])), get_language())


def parts_of(entry: Entry) -> dict[str, str]:
    """``value``, ``unit`` and ``interval`` of a figure as text; ``interval`` is "" where it has none."""
    lang = language(get_language())
    value, code = entry["value"], entry["code"]
    if entry.get("of"):
        shown = formats.percent(value, entry["of"])
        counted = said("board.tile.share_note", k=value, n=entry["of"])
        if "interval" in entry:
            low, high, level = entry["interval"]
            ends = formats.interval(low * 100, high * 100, lang, places=1).strip("（）()")
            ends = said("board.tile.interval_note", level=formats.percent(level, 1), value=f"{ends}%")
            counted = said("precision.tile_share", counted=counted, interval=ends)
            # In the unit of its interval: no per mille beside per cent.
            shown = f"{formats.number(100 * value / entry['of'], lang, places=1)}%"
        return {"value": shown[:-1], "unit": shown[-1], "interval": counted}
    number = (
        formats.number(per_cent(code, value), lang, places=1)
        if code in SHARES
        else formats.number(value, lang, compact=True)
    )
    interval = ""
    if "interval" in entry:
        low, high, level = entry["interval"]
        if code in SHARES:
            low, high = per_cent(code, low), per_cent(code, high)
        ends = formats.interval(low, high, lang).strip("（）()")
        interval = said("board.tile.interval_note", level=formats.percent(level, 1), value=ends)
    unit = "%" if code in SHARES else _unit(code, value)
    return {"value": number, "unit": unit, "interval": interval}


_UNITS = {
    "frame.unit_case": ("new_", "total_"),
    "frame.unit_person": ("people_", "contacts", *LAWFUL_PERSONS),
    "frame.unit_day": ("doubling_time", "halving_time", "restricted_days"),
    "frame.unit_hour": ("laboratory_turnaround",),
    "page.unit.person_day": ("person_days", *LAWFUL_PERSON_DAYS),
    "page.unit.item": ("orders_", "tasks_", "measures_", "tests", *REGISTERS),
}


def _unit(code: str, value: float) -> str:
    return next((said(word, n=value) for word, starts in _UNITS.items() if code.startswith(starts)), "")


def tile(
    entry: Entry,
    label: str,
    *,
    day: str,
    note: str = "",
    spark: Sequence[float | None] | None = None,
    state: str = "",
    href: str = "",
) -> dict[str, Any]:
    """The context of components/tile.html for a figure or a refusal.

    ``label`` is a word code; ``note`` is what stands in the place of the interval where the figure has none;
    ``day`` is the day that a refusal speaks of; ``href`` leads to the figure's method.
    """
    if "value" not in entry:
        return {"label": said(label), "refusal": refused(entry), "source": "", "as_of": day, "href": href}
    parts = parts_of(entry)
    return {
        "label": said(label),
        **parts,
        "interval": parts["interval"] or note,
        "source": source_of(entry),
        "as_of": as_of(entry),
        "spark": spark,
        "state": state,
        "href": href,
    }


def area_name(area: Any) -> str:
    """The name of anything with ``name_zh`` and ``name_en`` in the page's language, or its code."""
    english = language(get_language()) == "en"
    name = (area.name_en or area.name_zh) if english else (area.name_zh or area.name_en)
    return str(name or getattr(area, "area_code", "") or getattr(area, "key", ""))


def disease_name(code: str) -> str:
    """The disease in words; a disease of the office's own pack keeps its code."""
    return coded("report.disease", code.replace("-", "_")) if code else ""
