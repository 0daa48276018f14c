"""The close-out of the day (事不过夜): why each open thing stays open, who has it, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from fangkong.core.clock import civil_day
from fangkong.core.errors import Forbidden, InputError
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.access.actor import roles_that_may
from fangkong.record.installation import installation
from fangkong.record.load import Row, load
from fangkong.record.locking import lock_name

from ..models import CarryOver
from .open_items import office_eye, open_items
from .rows import HANDOVER, OWN, WRITE, hour_of, leads, shifts_of

_WHY_LENGTH = 400


def close_out_day(at: datetime) -> date:
    """The day that is being closed at ``at``: until the hand-over hour of a morning it is still the day before."""
    today = civil_day(at, installation().zone)
    return today if at >= hour_of(HANDOVER, today) else today - timedelta(days=1)


def handover_hour(on: date) -> datetime:
    """The instant at which the night of ``on`` is handed over: the hand-over hour of the next morning."""
    return hour_of(HANDOVER, on + timedelta(days=1))


def require_closer(area_code: str, actor: Actor, at: datetime) -> None:
    """Nothing for a keeper of the office's roster, or whoever leads the shift that is on. Raises Forbidden."""
    if actor.may(WRITE):
        actor.require(WRITE, area_code)
        return
    actor.require(OWN, area_code)
    if not any(leads(shift, actor.key) for shift in shifts_of(area_code, at, at + timedelta(seconds=1))):
        raise Forbidden("duty.not_on", permission=WRITE, roles=roles_that_may(WRITE))


def close_out_carry(
    names: Sequence[str],
    *,
    area_code: str,
    on: date,
    why: str,
    until_at: datetime,
    actor: Actor,
    at: datetime,
) -> int:
    """How many lines (``kind|key``) go over the night with this reason; said again, the last reason counts.

    Raises Forbidden for whoever neither keeps the roster nor leads the shift; InputError ``closeout.none_ticked``,
    ``closeout.why_needed`` without a reason, ``closeout.until_past``, ``closeout.not_open`` for a line that is
    not open any more.
    """
    require_closer(area_code, actor, at)
    if not names:
        raise InputError("closeout.none_ticked")
    if not why.strip():
        raise InputError("closeout.why_needed", n=len(names))
    if until_at <= at:
        raise InputError("closeout.until_past")
    with audit.writing():
        lock_name("close_out", area_code, on.isoformat())
        open_now = {item.name: item for item in open_items(area_code, on, actor=office_eye(area_code), at=at)}
        gone = [name for name in names if name not in open_now]
        if gone:
            raise InputError("closeout.not_open", n=len(gone))
        rows: list[Row] = [
            {
                "key": stable_key("carry_over", area_code, on, open_now[name].kind, open_now[name].key),
                "area_code": area_code,
                "on": on,
                "item_kind": open_now[name].kind,
                "item_key": open_now[name].key,
                "why": why.strip()[:_WHY_LENGTH],
                "until_at": until_at,
                "said_by": actor.key,
            }
            for name in dict.fromkeys(names)
        ]
        load(CarryOver, rows, actor=actor.key, source_key=actor.key, known_from=at)
        audit.note(
            actor=actor.key,
            verb="closeout.carry",
            object_kind="carryover",
            object_key=rows[0]["key"],
            area_code=area_code,
            values=[len(rows), sorted(row["key"] for row in rows)],
        )
    return len(rows)
