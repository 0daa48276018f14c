"""The alarms that oversight is shown, whatever became of them: whoever is looked at cannot make them vanish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from fangkong.core.errors import InputError
from fangkong.record.access import Actor, visible
from fangkong.record.models import Signal

READ = "protected.read"

#: The kinds of signals that are alarms about the office itself.
ALARMS = ("mass_change",)


@dataclass(frozen=True)
class AlarmPage:
    """Some alarms; ``after`` asks for the next ones and is "" on the last page."""

    rows: list[Signal]
    after: str


def alarms_list(*, actor: Actor, at: datetime, limit: int = 50, after: str = "") -> AlarmPage:
    """The alarms in the actor's scope, the latest first, closed ones too; one query.

    Raises Forbidden without ``protected.read``: they are for oversight, not for the office that they are
    about. InputError ``page.bad_place`` for a place that no page gave out.
    """
    actor.require(READ)
    alarms = visible(Signal.objects.known_at(at), actor, at=at).filter(kind__in=ALARMS)
    if after:
        raised_at, _, key = after.partition("|")
        try:
            before = datetime.fromisoformat(raised_at)
        except ValueError:
            raise InputError("page.bad_place", place=after) from None
        alarms = alarms.filter(Q(raised_at__lt=before) | Q(raised_at=before, key__gt=key))
    rows = list(alarms.order_by("-raised_at", "key")[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    return AlarmPage(rows[:limit], f"{last.raised_at.isoformat()}|{last.key}" if last else "")
