"""The alarms that oversight is shown, whatever became of them: whoever is looked at cannot make them vanish."""

from __future__ import annotations

from datetime import datetime

from fangkong.record.access import Actor, visible
from fangkong.record.models import Signal
from fangkong.record.paging import Page, keyset_page

READ = "protected.read"

#: The kinds of signals that are alarms about the office itself.
ALARMS = ("mass_change",)


def alarms_list(*, actor: Actor, at: datetime, limit: int = 50, after: str = "") -> Page[Signal]:
    """The alarms in the actor's scope, the oldest first, closed ones too. Raises Forbidden without

    ``protected.read``: they are for oversight, not for the office that they are about.
    """
    actor.require(READ)
    rows = visible(Signal.objects.known_at(at), actor, at=at).filter(kind__in=ALARMS)
    return keyset_page(rows, "raised_at", datetime.fromisoformat, limit=limit, after=after)
