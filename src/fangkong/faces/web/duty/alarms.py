"""What the board warns of: stretches of the day that nobody is on duty for."""

from __future__ import annotations

from typing import Any

from fangkong.command.duty.queries import holes_of_the_day
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.viewing import Viewing


def duty_alarms(viewing: Viewing) -> list[dict[str, Any]]:
    """The holes in the rosters that the reader sees, now or within the office's notice, with the office's name."""
    found = holes_of_the_day(actor=viewing.actor, at=viewing.at)
    names = area_names(list(found)) if found else {}
    return [
        {"area": names.get(area, area), "since": since, "until": until}
        for area, holes in found.items()
        for since, until in holes
    ]
