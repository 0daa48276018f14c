"""The counts of a directive's or duty's tasks as its page shows them: found against expected, place by place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fangkong.command.directives.reckoning import reckoning
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.viewing import Viewing


def reckoned(kind: str, keys: Iterable[str], viewing: Viewing) -> dict[str, Any] | None:
    """{counts, rows [{row, area}]} for ``directives/reckoned.html``; None where no task asks for a count."""
    counts = reckoning(kind, keys, actor=viewing.actor, at=viewing.at)
    if counts is None:
        return None
    areas = area_names([row.area_code for row in counts.shown])
    rows = [{"row": row, "area": areas.get(row.area_code, row.area_code)} for row in counts.shown]
    return {"counts": counts, "rows": rows}
