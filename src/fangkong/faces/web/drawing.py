"""Geometry of the figures that the server draws as SVG: sparkline and case timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import word

SPARK_WIDTH, SPARK_HEIGHT, SPARK_PAD = 64.0, 26.0, 3.0

LANES = ("symptoms", "tests", "exposures", "measures")
LEFT, RIGHT, TOP, LANE = 76.0, 764.0, 24.0, 46.0
BAR_HEIGHT = 24.0
STACKED_HEIGHT = 16.0  # of a bar that shares its lane with another of the same days
LABEL_DROP = 4.0  # from the middle of a mark to the foot of its 12 px text
HEAD_LINE = 19.0  # foot of the text above the lanes
BARS = {"symptom", "exposure", "source", "measure"}
DOTS = {"positive": "dot-case", "negative": "ring-case", "pending": "ring-case", "report": "dot-measure"}
LEAST_LABEL_PX = 44.0  # width of "18 Apr" at 12 px, with air


def sparkline(values: Sequence[float | None]) -> dict[str, object]:
    """Path and last point of a sparkline of evenly spaced values; None breaks the line.

    Returns `path` (SVG path data), `last` (x and y of the last value, or None) and the box size. A constant
    series runs through the middle.
    """
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return {"path": "", "last": None, "width": SPARK_WIDTH, "height": SPARK_HEIGHT}
    low, high = min(known), max(known)
    step = (SPARK_WIDTH - 2 * SPARK_PAD) / (len(values) - 1)
    depth = SPARK_HEIGHT - 2 * SPARK_PAD
    path: list[str] = []
    last: dict[str, float] | None = None
    pen_down = False
    for index, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        share = (value - low) / (high - low) if high > low else 0.5
        x, y = round(SPARK_PAD + index * step, 1), round(SPARK_PAD + depth * (1 - share), 1)
        path.append(f"{'L' if pen_down else 'M'}{x} {y}")
        pen_down, last = True, {"x": x, "y": y}
    return {"path": "".join(path), "last": last, "width": SPARK_WIDTH, "height": SPARK_HEIGHT}


@dataclass
class Shape:
    """One mark of a lane: a bar or a dot, with its label when there is room for it."""

    css: str
    said: str
    x: float
    y: float
    width: float = 0.0
    label: str = ""
    label_x: float = 0.0
    label_y: float = 0.0
    label_css: str = "mid"
    is_bar: bool = False
    height: float = 0.0


@dataclass
class Lane:
    """One row of the timeline."""

    code: str
    y: float
    shapes: list[Shape] = field(default_factory=list)


def timeline(data: Mapping[str, Any]) -> dict[str, object]:
    """Lanes, ticks, window and now-line of a case timeline, in pixels of a 772-wide box.

    `data` has `from_on` and `to_on` (dates, both shown), `lanes` (lane code to marks) and, when known, `now`
    (datetime) and `window` (`from_at`, `to_at`, `text`). A mark is a mapping with `kind`, `text` and either
    `at` or `from_at` and `to_at`; bars are symptom, exposure, source, measure; dots are positive, negative,
    pending, report. Marks outside the shown days are cut to them. Raises `ValueError` for an unknown lane
    or kind, or when the last day is before the first.
    """
    first, last = data["from_on"], data["to_on"]
    if last < first:
        raise ValueError("a timeline's last day is before its first")
    days = (last - first).days + 1
    per_day = (RIGHT - LEFT) / days

    def across(value: date | datetime) -> float:
        return round(min(max(LEFT + (_day_number(value) - first.toordinal()) * per_day, LEFT), RIGHT), 1)

    lanes = [Lane(code, TOP + LANE * row) for row, code in enumerate(LANES)]
    marks: Mapping[str, Iterable[Mapping[str, Any]]] = data["lanes"]
    if unknown := set(marks) - set(LANES):
        raise ValueError(f"a timeline has no lane {', '.join(sorted(unknown))}; lanes are {', '.join(LANES)}")
    for lane in lanes:
        for mark in sorted(marks.get(lane.code, ()), key=lambda m: _day_number(m.get("from_at") or m["at"])):
            lane.shapes.append(_shape(mark, lane.y, across))
        _stack_bars(lane)
        _place_labels(lane.shapes)
    every = max(1, -(-int(LEAST_LABEL_PX) // max(1, int(per_day))))
    ticks = [
        {
            "x": round(LEFT + n * per_day, 1),
            "middle": round(LEFT + (n + 0.5) * per_day, 1),
            "text": formats.day(first + timedelta(days=n), get_language()),
        }
        for n in range(0, days, every)
    ]
    bottom = TOP + LANE * len(LANES)
    window = data.get("window")
    head = window and {
        "x": across(window["from_at"]),
        "width": round(across(window["to_at"]) - across(window["from_at"]), 1),
        "text": window["text"],
    }
    now = across(data["now"]) if data.get("now") else None
    return {
        "lanes": lanes,
        "ticks": ticks,
        "left": LEFT,
        "right": RIGHT,
        "top": TOP,
        "bottom": bottom,
        "bottom_text": bottom + 18,
        "height": bottom + 28,
        "depth": bottom - TOP,
        "head_line": HEAD_LINE,
        "now": now,
        "now_label": None if now is None else _now_label(now, word("frame.now", get_language()), head),
        "window": head,
    }


def _now_label(now: float, text: str, window: Mapping[str, Any] | None) -> dict[str, object]:
    """Where the word over the now-line stands: beside or on it, clear of the edges and the window's words."""
    width = _text_width(text) + 2
    taken = (window["x"] + 6, window["x"] + 6 + _text_width(window["text"])) if window else (0.0, 0.0)
    for low, x, css in (
        (now - width / 2, now, "a-mid"),
        (now + 2, now + 2, ""),
        (now - 2 - width, now - 2, "a-end"),
    ):
        if low >= LEFT and low + width <= RIGHT and (low + width <= taken[0] or low >= taken[1]):
            return {"x": round(x, 1), "css": css, "text": text}
    return {"x": RIGHT, "css": "a-end", "text": text}


def _day_number(value: date | datetime) -> float:
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.toordinal() + (local.hour * 60 + local.minute) / 1440
    return float(value.toordinal())


def _close(value: date | datetime) -> date | datetime:
    """The end of a bar: a day means the whole day, so the bar runs to its close."""
    return value if isinstance(value, datetime) else value + timedelta(days=1)


def _noon(value: date | datetime) -> date | datetime:
    """Where a dot stands: the middle of the day when nothing finer is known."""
    return value if isinstance(value, datetime) else datetime.combine(value, time(12))


def _when(value: date | datetime) -> str:
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return formats.moment(local, get_language())
    return formats.day(value, get_language())


def _shape(mark: Mapping[str, Any], top: float, across: Any) -> Shape:
    kind = mark["kind"]
    middle = top + LANE / 2
    if kind in BARS:
        start, end = across(mark["from_at"]), across(_close(mark["to_at"]))
        said = f"{mark['text']} {_when(mark['from_at'])}{formats.DASH}{_when(mark['to_at'])}"
        return Shape(
            f"bar-{kind}",
            said,
            start,
            middle - BAR_HEIGHT / 2,
            max(round(end - start, 1), 3.0),
            label=mark["text"],
            label_y=middle + LABEL_DROP,
            is_bar=True,
            height=BAR_HEIGHT,
        )
    if kind in DOTS:
        return Shape(
            DOTS[kind],
            f"{mark['text']} {_when(mark['at'])}",
            across(_noon(mark["at"])),
            middle,
            label=mark["text"],
            label_y=middle + LABEL_DROP,
        )
    raise ValueError(f"a timeline has no mark {kind}; marks are {', '.join(sorted(BARS | set(DOTS)))}")


def _stack_bars(lane: Lane) -> None:
    """Draw bars of the same days above one another: two orders at once are two bars, not one."""
    ends: list[float] = []
    rows: list[tuple[Shape, int]] = []
    for bar in (shape for shape in lane.shapes if shape.is_bar):
        free = next((n for n, end in enumerate(ends) if bar.x >= end), len(ends))
        ends[free : free + 1] = [bar.x + bar.width]
        rows.append((bar, free))
    if len(ends) < 2:
        return
    step = (LANE - 2 - STACKED_HEIGHT) / (len(ends) - 1)
    for bar, row in rows:
        bar.height, bar.y = STACKED_HEIGHT, round(lane.y + 1 + row * step, 1)
        bar.label_y = bar.y + STACKED_HEIGHT / 2 + LABEL_DROP


def _text_width(text: str) -> float:
    """Pixels of 12 px text, near enough to keep labels apart: Chinese is 12 wide, Latin about 6.6."""
    return sum(12.0 if ord(c) > 0x2E7F else 6.6 for c in text)


def _place_labels(shapes: list[Shape]) -> None:
    """Put each label inside its bar, else right, else left of its mark; drop it when neither side is free.

    A dropped label is still read out and shown as the mark's title.
    """
    taken = [(s.x, s.x + s.width) if s.is_bar else (s.x - 6, s.x + 6) for s in shapes]
    for own, shape in enumerate(shapes):
        width = _text_width(shape.label)
        inside = (shape.x + 7, shape.x + 7 + width)
        beside = [s.label_y == shape.label_y or not (s.is_bar and shape.is_bar) for s in shapes]
        covered = any(
            inside[0] < b and a < inside[1]
            for n, (a, b) in enumerate(taken)
            if n != own and (n >= len(shapes) or beside[n])
        )
        if shape.is_bar and width + 12 <= shape.width and not covered:
            shape.label_x, shape.label_css = shape.x + 7, "t-on" if shape.css == "bar-measure" else "t-bar"
            continue
        start, end = taken[own]
        for low, high, css in (
            (end + 4, end + 4 + width, "mid"),
            (start - 4 - width, start - 4, "mid a-end"),
        ):
            others = (span for n, span in enumerate(taken) if n != own and (n >= len(shapes) or beside[n]))
            if low >= LEFT and high <= RIGHT and all(high <= a or low >= b for a, b in others):
                shape.label_x, shape.label_css = (high if "a-end" in css else low), css
                taken.append((low, high))
                break
        else:
            shape.label = ""
