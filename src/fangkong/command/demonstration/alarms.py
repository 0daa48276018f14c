"""The alarms of the nights before the morning: raised as the detection step would have, and what became of them."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

from fangkong.core.clock import civil_day
from fangkong.desks.monitor.actions import signal_close, signal_investigate, signal_verify
from fangkong.desks.monitor.alarms import ABERRATION
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Signal

from ..detection import detection_run
from .story import story


def load_alarms(actors: dict[str, Actor]) -> None:
    """Look at each night of the last days with what was known then, and live what followed; ``actors`` are by role.

    Loading again changes nothing: an alarm is raised once, and a deed that was done is not done again.
    """
    told, here = story(), installation()
    given = tomllib.loads(Path(__file__).with_name("alarms.toml").read_text(encoding="utf-8"))
    last = civil_day(told.opens_at, here.zone) - timedelta(days=1)
    for back in range(given["days"] - 1, -1, -1):
        day = last - timedelta(days=back)
        detection_run(told.area_code, actor=system_actor("cycle"), at=here.close_of(day), through=day)
    # The key parts alarms of one night, so the order is the same on every machine.
    raised = list(Signal.objects.filter(kind=ABERRATION, state="open").order_by("raised_at", "key"))
    by = actors["investigation_group"]
    for n, alarm in enumerate(raised):
        ending = given["ending"][n % len(given["ending"])]
        steps = [given["verified_after"], given["investigated_after"], given["closed_after"]]
        verified_at, investigated_at, closed_at = (alarm.raised_at + timedelta(hours=h) for h in steps)
        held = Signal.objects.open().get(key=alarm.key)
        if held.state == "open" and verified_at < told.opens_at:
            signal_verify(alarm.key, actor=by, at=verified_at)
        if held.state in ("open", "verified") and investigated_at < told.opens_at:
            signal_investigate(alarm.key, finding=ending["finding"], actor=by, at=investigated_at)
        if held.state != "closed" and alarm is not raised[-1] and closed_at < told.opens_at:
            signal_close(alarm.key, outcome=ending["outcome"], actor=by, at=closed_at)
