"""The signals of an area on its page: what each says, how far it is, and its next limit."""

from __future__ import annotations

from typing import Any

from fangkong.desks.monitor import queries as monitor
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded
from fangkong.faces.web.figures import disease_name
from fangkong.faces.web.monitor.alarm_words import alarm_sentence
from fangkong.faces.web.monitor.clocks import clocks_of
from fangkong.faces.web.monitor.subjects import subjects_of
from fangkong.faces.web.viewing import Viewing

#: Rows before "n more".
ROWS = 6
READ = "signal.read"


def area_signals(code: str, viewing: Viewing) -> dict[str, Any] | None:
    """{rows, more, total}: the signals of an area that are not closed, the latest first; None for whoever may not."""
    actor, at = viewing.actor, viewing.at
    if not actor.may(READ):
        return None
    page = monitor.signals_open(actor=actor, at=at, area_code=code, limit=ROWS)
    total = len(page.rows)
    if page.after:
        total = monitor.signals_open_count(actor=actor, at=at, area_code=code)
    areas = area_names([row.area_code for row in page.rows])
    clocks = clocks_of(page.rows, actor=actor, at=at)
    subjects = subjects_of(page.rows, actor=actor, at=at)
    rows = [
        {
            "signal": row,
            "kind": coded("signal.kind", row.kind),
            "area": areas[row.area_code],
            "disease": disease_name(row.disease),
            "says": alarm_sentence(row) or subjects.get(row.key, {}).get("text", ""),
            "clocks": clocks[row.key],
            "next": next((clock for clock in clocks[row.key] if clock["runs"]), None),
        }
        for row in page.rows
    ]
    return {"rows": rows, "more": total - len(page.rows), "total": total}
