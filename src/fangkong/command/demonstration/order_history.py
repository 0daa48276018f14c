"""The orders of the days before the morning: proposed by rule, decided by a person, lapsed in time.

Each civil day is one transaction that ends with an event of its own; a killed load therefore resumes at the
first day that is not there yet. What these events would set off has long been done, so their reactions are
recorded as done before the office opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fangkong.command.reactions.table import TABLE
from fangkong.core.clock import civil_day, start_of_day
from fangkong.core.killpoints import kill_point
from fangkong.desks.control.actions import (
    order_lapse_due,
    order_propose_for_positive,
    orders_propose_for_contacts,
)
from fangkong.record import audit, events
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import read_once
from fangkong.record.load import Row
from fangkong.record.models import Event, Reaction

from .deciding import decide, in_rounds
from .story import story

DAY_DONE = kill_point("demo.orders_day_done")

#: The event that closes a replayed day, and the outcome of the reactions that it spares.
DAY_CLOSED, BEFORE_OPENING = "demonstration.day_closed", "before_opening"


@dataclass(frozen=True)
class Cause:
    """A contact or a positive result for which the rules may ask for an order, and when it was known."""

    at: datetime
    key: str
    row: Row
    positive: bool

    @property
    def proposed_at(self) -> datetime:
        """When its order was proposed."""
        return self.at + timedelta(minutes=story().settings["orders"]["proposed_after_minutes"])


def replay_orders(
    causes: list[Cause], *, decider: Actor, zone: ZoneInfo, progress: Callable[[int, int | None], None]
) -> None:
    """Propose, decide and lapse the orders of ``causes``, day by day."""
    by_day = defaultdict(list)
    for cause in sorted(causes, key=lambda cause: (cause.at, cause.key)):
        by_day[civil_day(cause.at, zone)].append(cause)
    done = 0
    for day in sorted(by_day):
        _replay_day(by_day[day], start_of_day(day, zone), decider)
        done += len(by_day[day])
        progress(done, len(causes))
        DAY_DONE.passed()
    progress(len(causes), len(causes))


def _propose_and_decide(causes: list[Cause], hand: Actor, decider: Actor) -> None:
    """Propose the orders that the rules of the day give for ``causes`` of one round, and decide on the new ones."""
    after = timedelta(minutes=story().settings["orders"]["decided_after_minutes"])
    contacts = {cause.key: cause.proposed_at for cause in causes if not cause.positive}
    proposals = orders_propose_for_contacts(contacts, actor=hand, at=contacts)
    proposed = {each.order_key: contacts[key] + after for key, each in proposals.items() if each.new}
    for cause in causes:
        if cause.positive:
            row, at = cause.row, cause.proposed_at
            found = order_propose_for_positive(
                row["person_key"], row["disease"], row["area_code"], cause.key, actor=hand, at=at
            )
            if found.new:
                proposed[found.order_key] = at + after
    decide(proposed, actor=decider)


def _replay_day(causes: list[Cause], opened_at: datetime, decider: Actor) -> None:
    hand = system_actor("reaction")
    subject, area = opened_at.isoformat(), story().area_code
    if Event.objects.filter(kind=DAY_CLOSED, subject_key=subject).exists():
        return
    # Every action asks for the office's settings; a day replayed changes none of them.
    with read_once(), audit.writing():
        seen = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        order_lapse_due(opened_at + timedelta(minutes=1), actor=hand)
        for positions in in_rounds([cause.row["person_key"] for cause in causes]):
            _propose_and_decide([causes[position] for position in positions], hand, decider)
        fresh = Event.objects.filter(pk__gt=seen, kind__in=TABLE).values_list("key", "kind")
        Reaction.objects.bulk_create(
            [
                Reaction(event_key=key, name=name, outcome=BEFORE_OPENING)
                for key, kind in fresh
                for name, _ in TABLE[kind]
            ],
            batch_size=500,
        )
        events.emit(DAY_CLOSED, subject, area, at=opened_at)
