"""What the monitoring desk writes: a signal is raised once, verified, and closed with an outcome."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.load import load, revise
from fangkong.record.models import Signal

PERMISSION = "signal.write"
OPEN, VERIFIED, INVESTIGATED, CLOSED = "open", "verified", "investigated", "closed"
#: How a signal ends.
OUTCOMES = ("event", "false_alarm", "duplicate", "no_action")


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
    actor.require(PERMISSION, area_code)
    key = stable_key("signal", kind, disease, area_code, channel, subject_kind, subject_key)
    with audit.writing():
        if Signal.objects.filter(key=key).exists():
            return key
        row = {
            "key": key,
            "kind": kind,
            "channel": channel,
            "disease": disease,
            "area_code": area_code,
            "raised_at": at,
            "state": OPEN,
            "subject_kind": subject_kind,
            "subject_key": subject_key,
            "params": params or {},
        }
        load(Signal, [row], actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key, verb="signal.raise", object_kind="signal", object_key=key, area_code=area_code
        )
        events.emit("signal.raised", key, area_code, at=at, params={"kind": kind, "disease": disease})
    return key


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


def signal_close(signal_key: str, *, outcome: str, actor: Actor, at: datetime) -> None:
    """Close the signal as event, false_alarm, duplicate or no_action; the same again does nothing.

    Emits "signal.closed". Raises as :func:`signal_verify`, InputError for an unknown outcome, Conflict for a
    signal closed with another one.
    """
    if outcome not in OUTCOMES:
        raise InputError("signal.unknown_outcome", outcome=outcome, outcomes=list(OUTCOMES))
    with audit.writing():
        signal = _find(signal_key, actor=actor)
        if signal.state == CLOSED:
            if signal.params.get("outcome") != outcome:
                raise Conflict("signal.is_closed", signal_key=signal_key)
            return
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
