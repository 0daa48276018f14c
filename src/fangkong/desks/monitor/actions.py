"""What the monitoring desk writes: a signal is raised once, verified, investigated, and closed with an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.load import load, revise
from fangkong.record.models import Signal

from .outcomes import FINDINGS, outcome_needs, outcomes_of

PERMISSION = "signal.write"
OPEN, VERIFIED, INVESTIGATED, CLOSED = "open", "verified", "investigated", "closed"
#: How a signal of a kind without outcomes of its own ends.
OUTCOMES = outcomes_of("any")
_ORDER = (OPEN, VERIFIED, INVESTIGATED, CLOSED)


def signal_raise(
    kind: str,
    *,
    disease: str,
    area_code: str,
    subject_kind: str = "",
    subject_key: str = "",
    channel: str = "",
    params: dict[str, Any] | None = None,
    actor: Actor,
    at: datetime,
) -> str:
    """The key of the signal, raised when nobody has raised it before.

    The same kind, disease, area, channel and subject are the same signal, whatever became of it: name the
    occasion in ``subject_key`` (a result, a case, "area|day"). ``params`` hold codes and figures. Emits
    "signal.raised". Raises Forbidden without ``signal.write`` in the area.
    """
    new = NewSignal(kind, disease, area_code, subject_kind, subject_key, channel, params or {})
    signals_raise([new], actor=actor, at=at)
    return new.key


@dataclass(frozen=True)
class NewSignal:
    """What :func:`signals_raise` is told of one signal; the fields are those of :func:`signal_raise`."""

    kind: str
    disease: str
    area_code: str
    subject_kind: str
    subject_key: str
    channel: str
    params: dict[str, Any]

    @property
    def key(self) -> str:
        """The key of the occasion: the same one however often it is raised."""
        parts = (self.kind, self.disease, self.area_code, self.channel, self.subject_kind, self.subject_key)
        return stable_key("signal", *parts)


def signals_raise(given: Sequence[NewSignal], *, actor: Actor, at: datetime) -> list[str]:
    """The keys of those signals that nobody had raised before, in one transaction and one bulk write.

    As :func:`signal_raise`, many at once. Raises Forbidden without ``signal.write`` in the area of any of them.
    """
    for area_code in sorted({each.area_code for each in given}):
        actor.require(PERMISSION, area_code)
    asked = {each.key: each for each in given}
    if not asked:
        return []
    with audit.writing():
        held = set(Signal.objects.filter(key__in=asked).values_list("key", flat=True))
        new = {key: each for key, each in asked.items() if key not in held}
        if not new:
            return []
        rows = [
            {
                "key": key,
                "kind": each.kind,
                "channel": each.channel,
                "disease": each.disease,
                "area_code": each.area_code,
                "raised_at": at,
                "state": OPEN,
                "subject_kind": each.subject_kind,
                "subject_key": each.subject_key,
                "params": each.params,
            }
            for key, each in new.items()
        ]
        load(Signal, rows, actor=actor.key, source_key=actor.key, known_from=at)
        happened = []
        for key, each in new.items():
            audit.note(
                actor=actor.key,
                verb="signal.raise",
                object_kind="signal",
                object_key=key,
                area_code=each.area_code,
            )
            told = {"kind": each.kind, "disease": each.disease}
            happened.append(events.Happening("signal.raised", key, each.area_code, at, told))
        events.emit_all(happened)
    return list(new)


def signal_verify(signal_key: str, *, actor: Actor, at: datetime) -> None:
    """Write down that the signal is real; it then waits for an investigation. Verifying again does nothing.

    Emits "signal.verified". Raises Forbidden without ``signal.write`` and ``signal.about_you`` for an alarm
    about the actor's own deeds, NotFound outside the scope, Conflict for a signal that is closed.
    """
    with audit.writing():
        signal = _find(signal_key, actor=actor)
        if signal.state == CLOSED:
            raise Conflict("signal.is_closed", signal_key=signal_key)
        if signal.state != OPEN:
            return
        revise(signal, at=at, actor=actor.key, verb="signal.verify", state=VERIFIED)
        events.emit("signal.verified", signal_key, signal.area_code, at=at, params={"kind": signal.kind})


def signal_investigate(signal_key: str, *, finding: str, actor: Actor, at: datetime) -> None:
    """Write down what the investigation of a verified signal found (``FINDINGS``); it then waits for its outcome.

    The same finding again does nothing. Emits "signal.investigated". Raises as :func:`signal_verify`, InputError for
    an unknown finding, Conflict for a signal that nobody has verified or that has another finding.
    """
    if finding not in FINDINGS:
        raise InputError("signal.unknown_finding", finding=finding, findings=list(FINDINGS))
    with audit.writing():
        signal = _find(signal_key, actor=actor)
        if signal.state == CLOSED:
            raise Conflict("signal.is_closed", signal_key=signal_key)
        if signal.state == OPEN:
            raise Conflict("signal.not_verified", signal_key=signal_key)
        if signal.state == INVESTIGATED:
            if signal.params.get("finding") != finding:
                raise Conflict("signal.is_investigated", signal_key=signal_key)
            return
        params = signal.params | {"finding": finding}
        revise(signal, at=at, actor=actor.key, verb="signal.investigate", state=INVESTIGATED, params=params)
        told = {"kind": signal.kind, "finding": finding}
        events.emit("signal.investigated", signal_key, signal.area_code, at=at, params=told)


def signal_close(signal_key: str, *, outcome: str, actor: Actor, at: datetime) -> None:
    """Close the signal with one of the outcomes of its kind (``outcomes_of``); the same again does nothing.

    Emits "signal.closed". Raises as :func:`signal_verify`, InputError for an unknown outcome, Conflict for a
    signal closed with another one, and for an outcome that asks for an investigation before there was one.
    """
    with audit.writing():
        signal = _find(signal_key, actor=actor)
        outcomes = outcomes_of(signal.kind)
        if outcome not in outcomes:
            raise InputError("signal.unknown_outcome", outcome=outcome, outcomes=list(outcomes))
        if signal.state == CLOSED:
            if signal.params.get("outcome") != outcome:
                raise Conflict("signal.is_closed", signal_key=signal_key)
            return
        needed = outcome_needs(signal.kind, outcome)
        if needed and _ORDER.index(signal.state) < _ORDER.index(needed):
            raise Conflict(f"signal.not_{needed}", signal_key=signal_key)
        params = signal.params | {"outcome": outcome}
        revise(signal, at=at, actor=actor.key, verb="signal.close", state=CLOSED, params=params)
        told = {"kind": signal.kind, "outcome": outcome}
        events.emit("signal.closed", signal_key, signal.area_code, at=at, params=told)


def _find(signal_key: str, *, actor: Actor) -> Signal:
    actor.require(PERMISSION)
    signal = visible(Signal.objects.open().filter(key=signal_key), actor).first()
    if signal is None:
        raise NotFound("signal.not_found", signal_key=signal_key)
    if signal.params.get("signed_by") == actor.key:
        raise Forbidden("signal.about_you")
    return signal
