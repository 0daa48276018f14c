"""The clocks of an alarm: verified, investigated, closed, each within the office's own limit."""

from __future__ import annotations

from fangkong.desks.monitor.alarms import ABERRATION
from fangkong.record.access import Actor
from fangkong.record.models import Event, Signal

from ..office_clocks import office_clock
from ..timers.life import cancel_all, meet_all
from ..timers.office import office_timer_start

#: The limits of an alarm, one after the other.
VERIFY, INVESTIGATE, OUTCOME = "alarm_verify", "alarm_investigate", "alarm_outcome"

#: Event -> (the limits that it meets, the limit that it starts).
_STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "signal.raised": ((), VERIFY),
    "signal.verified": ((VERIFY,), INVESTIGATE),
    "signal.investigated": ((INVESTIGATE,), OUTCOME),
    "signal.closed": ((VERIFY, OUTCOME), ""),
}


def follow_alarm(event: Event, actor: Actor) -> str:
    """``no_alarm`` for any other signal; else the limit that the event met, and the next one running.

    An alarm that is closed at once, as a data error or a known event, was verified by that; an investigation that
    nobody needs any more has no limit.
    """
    if event.params.get("kind") != ABERRATION:
        return "no_alarm"
    met, starts = _STEPS[event.kind]
    kept = meet_all(met, event.subject_key, actor=actor, at=event.at)
    if starts:
        signal = Signal.objects.known_at(event.at).get(key=event.subject_key)
        office_timer_start(
            office_clock(starts),
            {event.subject_key: event.area_code},
            subject_kind="signal",
            disease=signal.disease,
            actor=actor,
            at=event.at,
        )
        return f"met:{kept} started:1"
    cancel_all([INVESTIGATE], event.subject_key, actor=actor, at=event.at)
    return f"met:{kept} started:0"
