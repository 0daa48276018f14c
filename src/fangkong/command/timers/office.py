"""Limits of the office's own (``office_clocks.toml``) as timers beside those of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fangkong.core.clock import FAR_FUTURE
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.installation import installation
from fangkong.record.load import fact_of, load
from fangkong.record.locking import locked
from fangkong.record.models import Timer

from ..office_clocks import OfficeClock
from .life import CANCELLED, RUNNING, start_rows, timer_key_of


def office_timer_start(
    clock: OfficeClock,
    subjects: Mapping[str, str],
    *,
    subject_kind: str,
    due_at: datetime | None = None,
    disease: str = "",
    actor: Actor,
    at: datetime,
) -> list[str]:
    """The keys of the timers of ``clock`` about ``subjects`` (key -> area code), each started once.

    They are due at ``due_at``, else when the clock says; ``disease`` is the installation's unless it is given.
    One transaction and one bulk write; whoever calls has checked ``actor``. The role that the clock names hears
    of each that is missed.
    """
    disease = disease or installation().disease
    rows = [
        {
            "key": timer_key_of(clock.name, subject_kind, subject),
            "clock": clock.name,
            "disease": disease,
            "area_code": area_code,
            "subject_kind": subject_kind,
            "subject_key": subject,
            "started_at": at,
            "due_at": due_at or clock.due(at),
            "rule_row": clock.rule_row,
            "target": False,
            "escalated_to": clock.escalates_to,
            "state": RUNNING,
        }
        for subject, area_code in subjects.items()
    ]
    return start_rows(rows, actor=actor, at=at)


def office_timer_cancel(name: str, subject_keys: list[str], *, actor: Actor, at: datetime) -> int:
    """How many running timers of the limit ``name`` about ``subject_keys`` were cancelled, in one bulk write."""
    with audit.writing():
        held = Timer.objects.filter(
            known_to=FAR_FUTURE, clock=name, subject_key__in=subject_keys, state=RUNNING
        )
        timers = locked(held.order_by("key"))
        if timers:
            rows = [fact_of(timer) | {"state": CANCELLED} for timer in timers]
            load(Timer, rows, actor=actor.key, source_key=actor.key, known_from=at)
            for timer in timers:
                audit.note(
                    actor=actor.key,
                    verb="timer.cancel",
                    object_kind="timer",
                    object_key=timer.key,
                    area_code=timer.area_code,
                )
    return len(timers)
