"""Carries out reactions: each (event, reaction) once, in one transaction with the row that says so.

Events are walked in the order in which they were written, so what a reaction itself emits is reached in the
same walk. A reaction that raises leaves nothing behind, is logged, does not block the others and is tried
again at the next run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError
from django.db.models import Max, Q

from fangkong.core.errors import FangkongError
from fangkong.core.killpoints import kill_point
from fangkong.record import audit
from fangkong.record.access import Actor, system_actor
from fangkong.record.models import Event, Reaction, machine_now

from .table import TABLE, Reacts

ONE_DONE = kill_point("reactions.one_done")
BEFORE_ROW = kill_point("reactions.before_row")

#: Events read at once.
_BATCH = 200

#: An event may become visible this long after events with higher numbers: no walk skips younger ones.
_SETTLING = timedelta(minutes=10)

log = logging.getLogger(__name__)


@dataclass
class _Settled:
    """In this process: everything up to this event is done, and none below can still appear."""

    event_id: int = 0


_settled = _Settled()
_told: set[tuple[str, str, str]] = set()


@dataclass(frozen=True)
class Reacted:
    """How many reactions were carried out, and how many raised and wait for the next run."""

    done: int
    failed: int


def run_reactions(*, actor: Actor, limit: int | None = None) -> int:
    """How many reactions were carried out; arguments and errors as in :func:`react`."""
    return react(actor=actor, limit=limit).done


def react(*, actor: Actor, limit: int | None = None) -> Reacted:
    """Carry out every missing reaction, at most ``limit``, and say how many were done and how many raised.

    ``actor`` starts the run and needs ``cycle.run``; what is written is written by the office's own hand
    (``system:reaction``), whoever turned the crank, so the record is the same. Call it outside
    ``audit.writing()``: each reaction commits by itself.
    """
    actor.require("cycle.run")
    hand, done, failed, first_failed = system_actor("reaction"), 0, 0, 0
    for event, name, reacts in _missing(_settled.event_id):
        if limit is not None and done >= limit:
            return Reacted(done, failed)
        if _carry_out(event, name, reacts, hand):
            done += 1
            ONE_DONE.passed()
        else:
            failed += 1
            first_failed = first_failed or event.pk
    _settle(first_failed)
    return Reacted(done, failed)


def pending_count() -> int:
    """How many reactions are still to be carried out (the whole table is read: for pages and tests)."""
    count = 0
    for kind, reactions in TABLE.items():
        events = Event.objects.filter(kind=kind)
        names = [name for name, _ in reactions]
        keys = events.values("key")
        count += (
            events.count() * len(names) - Reaction.objects.filter(event_key__in=keys, name__in=names).count()
        )
    return count


def _missing(after_id: int) -> Iterator[tuple[Event, str, Reacts]]:
    """(event, name, function) still to be carried out, in the order of the events."""
    while True:
        events = list(Event.objects.filter(pk__gt=after_id, kind__in=TABLE).order_by("pk")[:_BATCH])
        if not events:
            return
        done = set(
            Reaction.objects.filter(event_key__in=[event.key for event in events]).values_list(
                "event_key", "name"
            )
        )
        for event in events:
            for name, reacts in TABLE[event.kind]:
                if (event.key, name) not in done:
                    yield event, name, reacts
        after_id = events[-1].pk


def _carry_out(event: Event, name: str, reacts: Reacts, hand: Actor) -> bool:
    """True when the reaction is in the record, by this run or by another that was faster."""
    try:
        with audit.writing():
            outcome = reacts(event, hand)
            BEFORE_ROW.passed()
            Reaction.objects.create(event_key=event.key, name=name, outcome=outcome)
    except IntegrityError:
        if Reaction.objects.filter(event_key=event.key, name=name).exists():
            return True
        _tell(event, name, "integrity")
        return False
    except FangkongError as refused:
        _tell(event, name, refused.code)
        return False
    except Exception as failure:  # One bad event must not stop the office.
        _tell(event, name, type(failure).__name__)
        return False
    return True


def _tell(event: Event, name: str, code: str) -> None:
    """Log a failure with its trace, once in this process: it comes back every second until it is mended."""
    if (event.key, name, code) not in _told:
        _told.add((event.key, name, code))
        log.exception(
            "reaction %s of %s (%s) failed: %s; it will be tried again", name, event.key, event.kind, code
        )


def _settle(first_failed: int) -> None:
    """Remember how far this process need not look again."""
    old = Event.objects.filter(Q(recorded_at__lt=machine_now() - _SETTLING))
    if first_failed:
        old = old.filter(pk__lt=first_failed)
    reached = old.filter(pk__gt=_settled.event_id).aggregate(top=Max("pk"))["top"]
    _settled.event_id = reached or _settled.event_id
