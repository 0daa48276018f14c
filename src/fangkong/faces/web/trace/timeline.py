"""The timeline of a case as components/timeline.html draws it, from the desk's entries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.desks.trace.values import CLASSIFICATION, TimelineEntry
from fangkong.faces.web.control.presenting import coded, said

#: Days shown at most on either side of the report, so that a day stays wide enough to read.
BEFORE_DAYS, AFTER_DAYS = 14, 14


def timeline(entries: Sequence[TimelineEntry], *, reported_on: date, now: datetime) -> dict[str, Any] | None:
    """The data of ``drawing.timeline``; None when nothing is known.

    Marks outside the shown days are cut to them. ``now`` is drawn only when it lies within.
    """
    if not entries:
        return None
    first = min(entry.first_on for entry in entries)
    last = max(entry.last_on for entry in entries)
    shown_from = max(min(first, reported_on), reported_on - timedelta(days=BEFORE_DAYS))
    shown_to = max(min(last, reported_on + timedelta(days=AFTER_DAYS)), reported_on)
    tested = {entry.last_on for entry in entries if entry.code == "result"}
    lanes: dict[str, list[dict[str, Any]]] = {"symptoms": [], "tests": [], "exposures": [], "measures": []}
    for entry in entries:
        if entry.last_on < shown_from or entry.first_on > shown_to:
            continue
        # A result says more than the swab or the diagnosis of the same day: one mark, not three on one spot.
        if entry.code in ("sampled", "diagnosed") and entry.first_on in tested:
            continue
        lane = "measures" if entry.lane == CLASSIFICATION else entry.lane
        if mark := _mark(entry):
            lanes[lane].append(mark)
    inside = shown_from <= now.date() <= shown_to
    return {"from_on": shown_from, "to_on": shown_to, "lanes": lanes, "now": now if inside else None}


def _mark(entry: TimelineEntry) -> dict[str, Any] | None:
    params: dict[str, Any] = dict(entry.params)
    if entry.code == "result":
        text = coded("test", params["result"])
        if "cycle_threshold" in params:
            text += " " + said("test.ct", value=f"{params['cycle_threshold']:.1f}")
        kind = {"positive": "positive", "negative": "negative"}.get(params["result"], "pending")
        return {"kind": kind, "at": entry.last_on, "text": text}
    if entry.code == "contact":
        text = coded("setting", params["setting"] or "unknown")
        return {"kind": "exposure", "from_at": entry.first_on, "to_at": entry.last_on, "text": text}
    if entry.code == "order":
        if params["state"] not in ("approved", "lapsed"):
            return None
        text = coded("order.type", params["kind"])
        return {"kind": "measure", "from_at": entry.first_on, "to_at": entry.last_on, "text": text}
    if entry.code == "classified":
        return {"kind": "report", "at": entry.first_on, "text": coded("case.class", params["classification"])}
    if entry.code == "onset":
        return {
            "kind": "symptom",
            "from_at": entry.first_on,
            "to_at": entry.last_on,
            "text": said("case.onset"),
        }
    if entry.code == "outcome":
        return {
            "kind": "report",
            "at": entry.first_on,
            "text": coded("case.outcome", params["outcome"] or "unknown"),
        }
    kind = "pending" if entry.code == "sampled" else "report"
    return {"kind": kind, "at": entry.first_on, "text": said(f"case.{entry.code}")}
