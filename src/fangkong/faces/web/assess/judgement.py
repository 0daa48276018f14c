"""The judgement of an area in one sentence, and the strip of figures behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import get_language

from fangkong.command.reports import direction, spread
from fangkong.command.reports.entries import Entry
from fangkong.desks.assess.outlook_values import ForecastDays, NowcastDays
from fangkong.desks.assess.values import Assessment, Value
from fangkong.faces.papers.phrases import CHANGE_TIME, label_of
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import as_of, parts_of, refused, sentence, source_of
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import language
from fangkong.science.epi.estimates import Refusal

from .reading import AreaReading
from .wordings import because, between, count, counts, day, ends, number, share, why

#: Days that the forecast is summed over.
WEEK = 7
#: The ends of the 90 % interval.
LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True)
class WeekAhead:
    """What the next week may bring in all: median and ends of the 90 % interval.

    Of paths whose days belong together, so that the interval is that of the sum.
    """

    median: float
    lower: float
    upper: float
    made_on: date


def week_ahead(ahead: ForecastDays | Refusal) -> WeekAhead | str:
    """The next seven days together, or why nothing is said of them."""
    if isinstance(ahead, Refusal):
        return why(ahead)
    refusal = next((reason for reason in ahead.reasons[:WEEK] if reason), "")
    if refusal:
        return because(refusal, {})
    median, lower, upper = ahead.total(WEEK, (0.5, LOW, HIGH))
    return WeekAhead(median, lower, upper, ahead.made_on)


def expected_text(nowcast: NowcastDays, on: date, *, code: str = "assess.nowcast.expected") -> str:
    """What the reports of a day will come to with the 90 % interval, or why that is not known."""
    if on not in nowcast.days:
        return ""
    place = nowcast.days.index(on)
    middle, low, high = (float(nowcast.at(level)[place]) for level in (0.5, LOW, HIGH))
    if not math.isfinite(middle):
        return said("assess.nowcast.none", reason=because(nowcast.reasons[place] or "nothing_known", {}))
    if not nowcast.incomplete[place]:
        return said("assess.nowcast.complete")
    return said(code, n=count(middle), interval=counts(low, high))


def judgement(name: str, found: Assessment) -> str:
    """What rises or falls with how much certainty, or why nothing can be said: one sentence to read aloud."""
    rt, below = found.reproduction, found.below_one
    if isinstance(rt, Value) and isinstance(below, Value):
        line, chance = rt.level, below.mean
        way = "falling" if chance >= line else "rising" if chance <= 1 - line else "unclear"
        return said(
            f"assess.lead.{way}",
            area=name,
            rt=number(rt.mean),
            interval=between(*ends(rt)),
            chance=share(1 - chance if way == "rising" else chance, line=line),
            line=formats.percent(line, 1),
            day=day(rt.last_day),
        )
    growth = found.growth
    if isinstance(growth, Value):
        lower, upper = ends(growth)
        way = "falling" if upper < 0 else "rising" if lower > 0 else "unclear"
        return said(
            f"assess.lead.growth_{way}",
            area=name,
            rate=f"{number(formats.per_cent_a_day(growth.mean), places=1)}%",
            interval=between(*map(formats.per_cent_a_day, ends(growth)), places=1),
            level=formats.percent(growth.level, 1),
            day=day(growth.last_day),
        )
    assert isinstance(rt, Refusal), "a number is a value or a refusal"
    return said("assess.lead.unknown", area=name, reason=why(rt))


def strip(reading: AreaReading) -> list[dict[str, Any]]:
    """The six figures of the area, each with interval and day, or its refusal."""
    last = spread.last_reported(reading.situation.series)
    found = {entry["code"]: entry for entry in direction.spread_entries(reading.found)}
    change = next(entry for code, entry in found.items() if code in (*CHANGE_TIME, "change_time"))
    return [
        _new(spread.new_entries(last)[0], reading),
        _estimate(found["reproduction"], reading.found.reproduction),
        _chance(found["below_one"], reading.found),
        _plain(spread.control_share_entry(last)),
        _week(week_ahead(reading.ahead)),
        _change(change, reading.found),
    ]


def entries(reading: AreaReading) -> list[Entry]:
    """The figures of the strip and the growth rate, as entries: what is refused among them is listed."""
    last = spread.last_reported(reading.situation.series)
    new, control = spread.new_entries(last)[0], spread.control_share_entry(last)
    return [new, control, *direction.spread_entries(reading.found)]


def label(entry: Entry) -> str:
    """What a figure is called."""
    return label_of(entry["code"], language(get_language()))


def _refused(entry: Entry, text: str = "") -> dict[str, Any]:
    return {"label": label(entry), "refused": True, "note": text or refused(entry)}


def _plain(entry: Entry) -> dict[str, Any]:
    if "value" not in entry:
        return _refused(entry)
    parts = parts_of(entry)
    cell = {"label": label(entry), "value": parts["value"], "unit": parts["unit"]}
    return cell | {"note": parts["interval"] or source_of(entry), "as_of": as_of(entry)}


def _new(entry: Entry, reading: AreaReading) -> dict[str, Any]:
    cell = _plain(entry)
    if "value" in entry:
        expected = expected_text(reading.nowcast, date.fromisoformat(entry["as_of"]))
        cell["note"] = expected or cell["note"]
    return cell


def _estimate(entry: Entry, value: Value | Refusal) -> dict[str, Any]:
    return _refused(entry, sentence(why(value))) if isinstance(value, Refusal) else _plain(entry)


def _chance(entry: Entry, found: Assessment) -> dict[str, Any]:
    below, rt = found.below_one, found.reproduction
    if isinstance(below, Refusal) or isinstance(rt, Refusal):
        return _refused(entry, sentence(why(below if isinstance(below, Refusal) else rt)))  # type: ignore[arg-type]
    reached = max(below.mean, 1 - below.mean) >= rt.level
    line = formats.percent(rt.level, 1)
    note = said("assess.line.reached" if reached else "assess.line.not_reached", line=line)
    return {
        "label": label(entry),
        "value": share(below.mean, line=rt.level),
        "unit": "",
        "note": note,
        "as_of": as_of(entry),
    }


def _week(ahead: WeekAhead | str) -> dict[str, Any]:
    title = said("assess.strip.week")
    if isinstance(ahead, str):
        return {"label": title, "refused": True, "note": sentence(ahead)}
    return {
        "label": title,
        "value": count(ahead.median),
        "unit": said("frame.unit_case", n=2),
        "note": said("assess.week.interval", interval=counts(ahead.lower, ahead.upper)),
        "as_of": day(ahead.made_on),
    }


def _change(entry: Entry, found: Assessment) -> dict[str, Any]:
    growth, change = found.growth, found.change_time
    if isinstance(growth, Refusal) or isinstance(change, Refusal):
        refusal = growth if isinstance(growth, Refusal) else change
        assert isinstance(refusal, Refusal)
        return _refused({"code": "change_time"}, sentence(why(refusal)))
    rate = said(
        "assess.growth",
        rate=f"{number(formats.per_cent_a_day(growth.mean), places=1)}%",
        interval=between(*map(formats.per_cent_a_day, ends(growth)), places=1),
    )
    if "value" not in entry or "interval" not in entry:
        # A time without both ends may be a doubling as well as a halving: the rate says what is known.
        return _refused({"code": "change_time"}, sentence(said("assess.why.spans_zero", rate=rate)))
    cell = _plain(entry)
    return cell | {"note": said("assess.two", first=cell["note"], second=rate)}
