"""Breaks in a published series, kept on the record: no fit runs through them and no alarm stands on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from fangkong.core.errors import InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import load, withdraw
from fangkong.record.models import SeriesBreak

ANNOTATE = "series.annotate"

#: What a break may be; each has its words in the faces.
KINDS = (
    "shifted_day",
    "renamed",
    "regrouped",
    "definition_change",
    "revision",
    "negative_step",
    "sum_differs",
    "missing",
)


@dataclass(frozen=True)
class NewBreak:
    """One break: where ("" for all areas or all measures), what kind, from which day to which (both counted)."""

    kind: str
    from_day: date
    to_day: date
    area_code: str = ""
    measure: str = ""
    params: dict[str, Any] = field(default_factory=dict)


def series_breaks_note(
    breaks: Iterable[NewBreak],
    *,
    disease: str,
    series: str,
    other_series: str = "",
    actor: Actor,
    at: datetime,
) -> list[str]:
    """The keys of the breaks, written in one act; the same break noted again changes nothing.

    Raises Forbidden without ``series.annotate``, InputError ``series.unknown_break`` or ``series.ends_before_start``.
    """
    actor.require(ANNOTATE)
    rows = []
    for each in breaks:
        if each.kind not in KINDS:
            raise InputError("series.unknown_break", kind=each.kind)
        if each.to_day < each.from_day:
            raise InputError("series.ends_before_start", day=each.from_day.isoformat())
        place = (series, disease, each.kind, each.area_code, each.measure)
        rows.append(
            {
                "key": stable_key("series_break", *place, each.from_day, each.to_day),
                "disease": disease,
                "area_code": each.area_code,
                "measure": each.measure,
                "series": series,
                "kind": each.kind,
                "from_day": each.from_day,
                "to_day": each.to_day,
                "other_series": other_series,
                "params": each.params,
                "noted_by": actor.key,
            }
        )
    with audit.writing():
        known = set(
            SeriesBreak.objects.open().filter(key__in=[r["key"] for r in rows]).values_list("key", flat=True)
        )
        fresh = [row for row in rows if row["key"] not in known]
        if fresh:
            load(SeriesBreak, fresh, actor=actor.key, source_key=actor.key, known_from=at)
            audit.note(
                actor=actor.key,
                verb="series.annotate",
                object_kind="seriesbreak",
                object_key=series,
                values=[row["key"] for row in fresh],
            )
            events.emit("series.broken", series, installation().area_code, at=at, params={"n": len(fresh)})
    return [str(row["key"]) for row in rows]


def series_break_withdraw(key: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """The break no longer stands, with a reason. Raises NotFound ``series.no_such_break``, InputError without one."""
    actor.require(ANNOTATE)
    if not reason.strip():
        raise InputError("series.reason_needed")
    with audit.writing():
        if not SeriesBreak.objects.open().filter(key=key).exists():
            raise NotFound("series.no_such_break", key=key)
        withdraw(SeriesBreak, [key], at=at, actor=actor.key, reason=reason.strip())


def series_breaks(
    *, disease: str, series: str = "", area_code: str = "", actor: Actor, at: datetime
) -> QuerySet[SeriesBreak]:
    """The breaks known at ``at``, by first day; ``area_code`` takes those of the area and of the whole series.

    Raises Forbidden without ``daily.read``.
    """
    actor.require("daily.read")
    found = SeriesBreak.objects.known_at(at).filter(disease=disease)
    if series:
        found = found.filter(series=series)
    if area_code:
        found = found.filter(Q(area_code=area_code) | Q(area_code=""))
    return found.order_by("from_day", "key")
