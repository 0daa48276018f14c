"""What the monitoring desk answers: the signals that still want somebody, those that are closed, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from fangkong.core.errors import InputError, NotFound
from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Signal

from .actions import CLOSED

PAGE_ROWS = 50


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal as a list shows it; ``state`` is open, verified, investigated or closed."""

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
    kind: str = "",
    after: str = "",
    limit: int = PAGE_ROWS,
) -> SignalPage:
    """The signals not yet closed at ``at`` that the actor sees, latest first; one query for a page.

    ``kind`` keeps those of one kind ("aberration": the alarms of the detection methods). Raises Forbidden
    without ``signal.read``, InputError for an ``after`` that is not of this list.
    """
    signals = _unclosed(actor=actor, at=at, disease=disease, area_code=area_code)
    return _page(signals.filter(kind=kind) if kind else signals, limit, after)


def signals_in(
    state: str, *, actor: Actor, at: datetime, after: str = "", limit: int = PAGE_ROWS
) -> SignalPage:
    """The signals that are in ``state`` at ``at``, closed ones too, latest first. Raises as :func:`signals_open`."""
    return _page(_readable(actor, at).filter(state=state), limit, after)


def signals_count_by_state(*, actor: Actor, at: datetime) -> dict[str, int]:
    """State -> how many signals are in it at ``at``; one query. Raises Forbidden without ``signal.read``."""
    counted = _readable(actor, at).order_by().values_list("state").annotate(n=Count("id"))
    return dict(counted)


def signal_get(signal_key: str, *, actor: Actor, at: datetime) -> SignalRow:
    """One signal, closed or not. Raises Forbidden without ``signal.read``, NotFound outside the scope."""
    signal = _readable(actor, at).filter(key=signal_key).first()
    if signal is None:
        raise NotFound("signal.not_found", signal_key=signal_key)
    return _row(signal)


def signal_history(signal_key: str, *, actor: Actor, at: datetime) -> list[tuple[datetime, str]]:
    """(since when known, state) of every state that the signal entered, the first one first.

    A signal that grew while it stayed in one state is one line. Raises as :func:`signal_get`.
    """
    signal_get(signal_key, actor=actor, at=at)
    versions = Signal.objects.filter(key=signal_key, known_from__lte=at).order_by("known_from")
    found: list[tuple[datetime, str]] = []
    for since, state in versions.values_list("known_from", "state"):
        if not found or found[-1][1] != state:
            found.append((since, state))
    return found


def signals_open_count(
    *, actor: Actor, at: datetime, disease: str | None = None, area_code: str | None = None
) -> int:
    """How many signals are not yet closed at ``at`` in the actor's scope; one query. Raises Forbidden."""
    return _unclosed(actor=actor, at=at, disease=disease, area_code=area_code).count()


def _readable(actor: Actor, at: datetime) -> QuerySet[Signal]:
    actor.require("signal.read")
    return visible(Signal.objects.known_at(at), actor, at=at)


def _page(signals: QuerySet[Signal], limit: int, after: str) -> SignalPage:
    if after:
        raised_at, key = _place(after)
        signals = signals.filter(Q(raised_at__lt=raised_at) | Q(raised_at=raised_at, key__gt=key))
    rows = list(signals.order_by("-raised_at", "key")[: limit + 1])
    more = f"{rows[limit - 1].raised_at.isoformat()}|{rows[limit - 1].key}" if len(rows) > limit else ""
    return SignalPage([_row(signal) for signal in rows[:limit]], more)


def _unclosed(*, actor: Actor, at: datetime, disease: str | None, area_code: str | None) -> QuerySet[Signal]:
    signals = _readable(actor, at).exclude(state=CLOSED)
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
