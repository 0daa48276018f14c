"""The night's hand-over: drawn up from the close-out, signed out by who goes, signed in by who comes."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, Forbidden, NotFound
from fangkong.core.keys import stable_key
from fangkong.core.killpoints import kill_point
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import load, revise
from fangkong.record.locking import lock_name, locked_one
from fangkong.record.models import Task

from ..models import DutyShift, Handover
from ..tasks.actions import task_done
from ..tasks.states import STEPS
from ..timers.life import meet_all
from .closing import handover_hour, require_closer
from .open_items import office_eye, open_items
from .rows import CANCELLED, HANDED_OVER, HANDOVER, OWN, leads, locked_shift, shifts_of
from .tasks import close_out_task_key

DRAWN_UP, SIGNED_OUT, SIGNED = "drawn_up", "signed_out", "signed"

DRAWN = kill_point("duty.handover_drawn")

_NOTE_LENGTH = 2000


def handover_key_of(area_code: str, on: date) -> str:
    """The key of the hand-over of an office for the night of ``on``: one for each night."""
    return stable_key("handover", area_code, on)


def handover_draw_up(area_code: str, on: date, *, note: str = "", actor: Actor, at: datetime) -> str:
    """The key of the hand-over: every open line with its reason, as it stands now, from this shift to the next.

    Drawn up again before it is signed, it says what stands then. The task to close out the day is done by it.
    Raises Forbidden for whoever neither keeps the roster nor leads the shift; Conflict ``closeout.whys_missing``
    while a line has no reason, ``handover.no_shift`` or ``handover.no_next_shift`` where the roster has a hole
    there, ``handover.wrong_state`` once somebody has signed.
    """
    require_closer(area_code, actor, at)
    key = handover_key_of(area_code, on)
    with audit.writing():
        lock_name("handover", key)
        items = open_items(area_code, on, actor=office_eye(area_code), at=at)
        missing = sum(not item.why for item in items)
        if missing:
            raise Conflict("closeout.whys_missing", n=missing)
        going, coming = shifts_between(area_code, on)
        held = locked_one(Handover.objects.filter(key=key, known_to=FAR_FUTURE))
        row: dict[str, Any] = {
            "from_shift_key": going.key,
            "to_shift_key": coming.key,
            "open_items": [item.as_row() for item in items],
            "note": note.strip()[:_NOTE_LENGTH],
            "state": DRAWN_UP,
        }
        if held is None:
            row |= {"key": key, "area_code": area_code, "on": on}
            load(Handover, [row], actor=actor.key, source_key=actor.key, known_from=at)
            audit.note(
                actor=actor.key,
                verb="handover.draw_up",
                object_kind="handover",
                object_key=key,
                area_code=area_code,
                values=row,
            )
        else:
            _in(held, DRAWN_UP)
            if any(getattr(held, name) != value for name, value in row.items()):
                revise(held, at=at, actor=actor.key, verb="handover.draw_up", **row)
        DRAWN.passed()
        _task_done(area_code, on, actor, at)
    return key


def handover_sign_out(handover_key: str, *, seen: str = "", actor: Actor, at: datetime) -> None:
    """The chief or deputy of the going shift has signed; the same person again changes nothing.

    What came in or was done since it was drawn up is written beside it. Raises NotFound ``handover.unknown``;
    Forbidden without ``duty.own`` or ``handover.not_going``; Conflict ``handover.wrong_state``, and
    ``handover.changed_meanwhile`` when it was drawn up anew since the version ``seen``.
    """
    actor.require(OWN)
    with audit.writing():
        held = _locked(handover_key, actor)
        if not leads(locked_shift(held.from_shift_key, actor), actor.key):
            raise Forbidden("handover.not_going")
        if held.signed_out_by == actor.key:
            return
        _in(held, DRAWN_UP)
        if seen and seen != held.known_from.isoformat():
            raise Conflict("handover.changed_meanwhile", by=held.source_key)
        revise(
            held,
            at=at,
            actor=actor.key,
            verb="handover.sign_out",
            state=SIGNED_OUT,
            signed_out_by=actor.key,
            signed_out_at=at,
            open_items=_as_of_now(held, at),
        )


def handover_sign_in(handover_key: str, *, actor: Actor, at: datetime) -> None:
    """The chief or deputy of the coming shift has taken over: the hand-over is signed, the going shift is over.

    Never the one who signed out. The same person again changes nothing. Raises as :func:`handover_sign_out`;
    Forbidden ``handover.not_coming`` or ``handover.two_people``.
    """
    actor.require(OWN)
    with audit.writing():
        held = _locked(handover_key, actor)
        if not leads(locked_shift(held.to_shift_key, actor), actor.key):
            raise Forbidden("handover.not_coming")
        if held.signed_in_by == actor.key:
            return
        _in(held, SIGNED_OUT)
        if held.signed_out_by == actor.key:
            raise Forbidden("handover.two_people", permission=OWN, roles=roles_that_may(OWN))
        signed: dict[str, Any] = {"state": SIGNED, "signed_in_by": actor.key, "signed_in_at": at}
        revise(held, at=at, actor=actor.key, verb="handover.sign_in", **signed)
        going = locked_shift(held.from_shift_key, actor)
        if going.state not in (HANDED_OVER, CANCELLED):
            revise(going, at=at, actor=actor.key, verb="duty.hand_over", state=HANDED_OVER)
        meet_all([HANDOVER], handover_key, actor=actor, at=at)
        params = {"by": actor.key, "signed_out_by": held.signed_out_by, "n": len(held.open_items)}
        events.emit("handover.signed", handover_key, held.area_code, at=at, params=params)


def shifts_between(area_code: str, on: date) -> tuple[DutyShift, DutyShift]:
    """(going, coming): the shift that is on just before the hand-over hour, and the one that begins behind it.

    Raises Conflict ``handover.no_shift`` or ``handover.no_next_shift``.
    """
    hour = handover_hour(on)
    going = shifts_of(area_code, hour - timedelta(seconds=1), hour).last()
    if going is None:
        raise Conflict("handover.no_shift", at=hour.isoformat())
    later = shifts_of(area_code, hour, hour + timedelta(days=2)).filter(starts_at__gt=going.starts_at)
    coming = later.first()
    if coming is None:
        raise Conflict("handover.no_next_shift", at=hour.isoformat())
    return going, coming


def _as_of_now(held: Handover, at: datetime) -> list[dict[str, Any]]:
    """The lines as they were drawn up, those done since marked, and what came in since behind them."""
    now = {
        item.name: item
        for item in open_items(held.area_code, held.on, actor=office_eye(held.area_code), at=at)
    }
    drawn = {f"{row['kind']}|{row['key']}" for row in held.open_items}
    kept = [row | {"closed": f"{row['kind']}|{row['key']}" not in now} for row in held.open_items]
    return kept + [item.as_row() | {"since": True} for name, item in now.items() if name not in drawn]


def _task_done(area_code: str, on: date, actor: Actor, at: datetime) -> None:
    task = Task.objects.open().filter(key=close_out_task_key(area_code, on)).first()
    if task is None or task.state not in STEPS["done"]:
        return
    mine = task.owner_role == actor.role and task.owner_key in ("", actor.key)
    if mine or actor.may("task.write"):
        task_done(task.key, actor=actor, at=at)


def _locked(handover_key: str, actor: Actor) -> Handover:
    rows = Handover.objects.filter(key=handover_key, known_to=FAR_FUTURE)
    held = locked_one(visible(rows, actor))
    if held is None:
        raise NotFound("handover.unknown", key=handover_key)
    return held


def _in(held: Handover, state: str) -> None:
    if held.state != state:
        raise Conflict("handover.wrong_state", state=held.state, by=held.source_key)
