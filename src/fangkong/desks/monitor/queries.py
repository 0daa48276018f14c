"""What the monitoring desk answers: the signals that still want somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from fangkong.core.errors import InputError
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Signal

from .actions import CLOSED

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal as a list shows it; ``state`` is open, verified or investigated."""

    key: str
    kind: str
    channel: str
    disease: str
    area_code: str
    raised_at: datetime
    state: str
    subject_kind: str
    subject_key: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SignalPage:
    """Some signals; ``after`` asks for the next ones and is "" on the last page."""

    rows: list[SignalRow]
    after: str


def signals_open(
    *,
    actor: Actor,
    at: datetime,
    disease: str | None = None,
    area_code: str | None = None,
    after: str = "",
    limit: int = PAGE_ROWS,
) -> SignalPage:
    """The signals not yet closed at ``at`` that the actor sees, latest first; one query for a page.

    Raises Forbidden without ``signal.read``, InputError for an ``after`` that is not of this list.
    """
    signals = _unclosed(actor=actor, at=at, disease=disease, area_code=area_code)
    if after:
        raised_at, key = _place(after)
        signals = signals.filter(Q(raised_at__lt=raised_at) | Q(raised_at=raised_at, key__gt=key))
    rows = list(signals.order_by("-raised_at", "key")[: limit + 1])
    more = f"{rows[limit - 1].raised_at.isoformat()}|{rows[limit - 1].key}" if len(rows) > limit else ""
    return SignalPage([_row(signal) for signal in rows[:limit]], more)


def signals_open_count(
    *, actor: Actor, at: datetime, disease: str | None = None, area_code: str | None = None
) -> int:
    """How many signals are not yet closed at ``at`` in the actor's scope; one query. Raises Forbidden."""
    return _unclosed(actor=actor, at=at, disease=disease, area_code=area_code).count()


def _unclosed(*, actor: Actor, at: datetime, disease: str | None, area_code: str | None) -> QuerySet[Signal]:
    actor.require("signal.read")
    signals = visible(Signal.objects.known_at(at), actor, at=at).exclude(state=CLOSED)
    if disease:
        signals = signals.filter(disease=disease)
    if area_code:
        signals = signals.filter(inside_area(area_code))
    return signals


def _row(signal: Signal) -> SignalRow:
    return SignalRow(
        key=signal.key,
        kind=signal.kind,
        channel=signal.channel,
        disease=signal.disease,
        area_code=signal.area_code,
        raised_at=signal.raised_at,
        state=signal.state,
        subject_kind=signal.subject_kind,
        subject_key=signal.subject_key,
        params=signal.params,
    )


def _place(after: str) -> tuple[datetime, str]:
    raised_at, _, key = after.rpartition("|")
    try:
        return datetime.fromisoformat(raised_at), key
    except ValueError:
        raise InputError("signal.bad_page", after=after) from None
