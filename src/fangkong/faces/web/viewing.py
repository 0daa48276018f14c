"""Who is looking, and at which knowledge: every view's first argument to every query.

A signed-in request carries ``request.viewing``. Live, the office's clock is the knowledge instant and the
last closed day is the day shown. Looking back at day D, the knowledge instant is the close of D, the as-of
line turns amber, and nothing can be changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from fangkong.core.errors import Conflict
from fangkong.record.access import Actor, actor_of
from fangkong.record.installation import Installation, installation, read_once
from fangkong.record.models import CycleStep

SESSION_KEY = "look_back_on"


@dataclass(frozen=True)
class Viewing:
    """One request's actor, installation, knowledge instant and day."""

    actor: Actor
    installation: Installation
    #: The knowledge instant that every query of the request takes.
    at: datetime
    #: The last closed day that figures are shown for.
    through: date
    #: The day on which the office stands: today, or the day looked back at.
    day: date
    looking_back: bool

    def by(self) -> dict[str, Any]:
        """{actor, at} of what is done now, as every action takes it: ``action(key, **viewing.by())``."""
        return {"actor": self.actor, "at": self.installation.now()}

    def require_live(self) -> None:
        """Nothing when live. Raises Conflict on a past day: what is done is done now, not then."""
        if self.looking_back:
            raise Conflict("view.looking_back", day=self.day.isoformat())


def viewing_of(request: HttpRequest) -> Viewing:
    """The viewing of a signed-in ``request``."""
    setup = installation()
    actor = actor_of(request.user)
    today, now = setup.today(), setup.now()
    chosen = request.session.get(SESSION_KEY)
    back = date.fromisoformat(chosen) if chosen else _last_cycle_if_old(today)
    if back is not None and back < today:
        return Viewing(actor, setup, setup.close_of(back), back, back, True)
    return Viewing(actor, setup, now, today - timedelta(days=1), today, False)


def _last_cycle_if_old(today: date) -> date | None:
    """The last day worked, when it is so long ago that today's board would be empty: history was loaded."""
    last = CycleStep.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    return last if last is not None and last < today - timedelta(days=7) else None


class ViewingMiddleware:
    """Puts ``request.viewing`` on signed-in requests; costs three small queries.

    The settings are read once for the whole request: every desk asks for the office's time zone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewing = None
        with read_once():
            if request.user.is_authenticated and not request.path.startswith("/static/"):
                viewing = viewing_of(request)
                request.viewing = viewing
                timezone.activate(viewing.installation.zone)
            return self.get_response(request)
