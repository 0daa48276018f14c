"""The methods that watch: their parameters and sources, what to expect of them, and what came of their alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fangkong.desks.assess.alarm_rates import ExpectedAlarms
from fangkong.desks.assess.detection_rules import GROUPS, DetectionRules, Watch, detection_rules
from fangkong.desks.monitor.alarms import MethodYield
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.figures import disease_name
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word

from .wordings import between, number


def method_rows(
    rules: DetectionRules, watched: Mapping[str, int], yields: Sequence[MethodYield]
) -> list[dict[str, Any]]:
    """One row for each entry, those switched on first: what it watches, with which settings, and its yield."""
    told: dict[str, list[MethodYield]] = {}
    for each in yields:
        told.setdefault(each.watch, []).append(each)
    entries = sorted(rules.watches.values(), key=lambda watch: (not watch.on, watch.name))
    return [
        {
            "name": watch_name(watch.name),
            "on": watch.on,
            "diseases": _diseases(watch),
            "unit": said(f"assess.unit.{watch.unit}"),
            "settings": _settings(watch),
            "source": watch.source,
            "series": watched.get(watch.name),
            "yields": [_yield(each) for each in told.get(watch.name, [])],
        }
        for watch in entries
    ]


def watch_name(name: str) -> str:
    """What an entry is called; the office's own one by its own name."""
    return coded("alarm.watch", name)


def _diseases(watch: Watch) -> str:
    if isinstance(watch.diseases, str):
        assert watch.diseases in GROUPS
        return said(f"assess.watches.{watch.diseases}")
    return said("frame.and").join(disease_name(code) for code in watch.diseases)


def _settings(watch: Watch) -> list[dict[str, str]]:
    """[{label, value}]: the numbers that a reader has to know to repeat the method."""
    shown: list[tuple[str, Any]] = [
        ("history", watch.history),
        ("look_back", watch.look_back),
        ("period", said(f"assess.unit.{watch.period}")),
    ]
    if watch.false_discovery_rate:
        shown.append(("false_discovery_rate", formats.percent(watch.false_discovery_rate, 1)))
    if watch.by:
        shown.append(("by", said("frame.and").join(said(f"assess.by.{name}") for name in watch.by)))
    shown += sorted(watch.settings.items())
    return [{"label": coded("assess.setting", name), "value": _value(value)} for name, value in shown]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return said("assess.yes" if value else "assess.no")
    if isinstance(value, list | tuple):
        return said("frame.and").join(_value(each) for each in value)
    if isinstance(value, int | float):
        return number(value) if isinstance(value, float) else f"{value:,}"
    code = f"assess.value.{str(value).lower()}"
    return said(code) if has_word(code) else str(value)


def _yield(found: MethodYield) -> dict[str, Any]:
    row: dict[str, Any] = {
        "raised": found.raised,
        "open": found.open,
        "confirmed": found.confirmed,
        "false": found.false,
        "known": found.known,
    }
    if found.share is None or found.lower is None or found.upper is None:
        return row | {"share": "", "interval": ""}
    ends = between(found.lower, found.upper, scale=100, places=0)
    return row | {"share": formats.percent(found.share, 1), "interval": ends}


def expected_rows(found: Sequence[ExpectedAlarms]) -> list[dict[str, Any]]:
    """One row for each entry: alarms a week that chance alone would raise in this city."""
    on = {name: watch.on for name, watch in detection_rules().watches.items()}
    rows = []
    for each in sorted(found, key=lambda row: (not on.get(row.watch, False), row.watch)):
        row: dict[str, Any] = {
            "name": watch_name(each.watch),
            "on": each.on,
            "series": each.series,
            "districts": each.districts,
            "diseases": each.diseases,
        }
        if each.per_week is None:
            row["refused"] = said("assess.expected.none")
        else:
            low, high = _ends(each)
            row |= {
                "value": number(each.per_week),
                "interval": between(low, high),
                "at_most": each.at_most,
                "power": formats.percent(each.power_share, 1) if each.power_share is not None else "",
            }
        rows.append(row)
    return rows


def _ends(found: ExpectedAlarms) -> tuple[float, float]:
    """The 95 % interval of the simulation, in alarms a week."""
    assert found.rate is not None
    assert found.per_week is not None
    scale = found.per_week / found.rate.per_week if found.rate.per_week else 1.0
    half = 1.96 * found.rate.standard_error * scale
    return max(0.0, found.per_week - half), found.per_week + half
