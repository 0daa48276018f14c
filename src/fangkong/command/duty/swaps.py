"""Swaps: one officer asks another to take a post on a shift; the other agrees; the roster's keeper applies it."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.core.keys import stable_key
from fangkong.record import audit, events
from fangkong.record.access import Actor, visible
from fangkong.record.access.actor import roles_that_may
from fangkong.record.load import Row, load, revise
from fangkong.record.locking import locked_one

from ..models import DutyShift, ShiftSwap
from .roster import shift_revise
from .rows import OWN, PLANNED, POSTS, WRITE, check_state, locked_shift, officers

ASKED, AGREED, APPLIED, DECLINED, WITHDRAWN = "asked", "agreed", "applied", "declined", "withdrawn"

#: States in which a swap still waits for somebody.
WAITING = (ASKED, AGREED)

_REASON_LENGTH = 200


def swap_ask(shift_key: str, *, post: str, to_key: str, reason: str = "", actor: Actor, at: datetime) -> str:
    """The key of the swap: the actor asks ``to_key`` to take their ``post`` on a shift that has not begun.

    Asked again while it waits, it stays as it is. Raises NotFound ``duty.unknown``; Forbidden without
    ``duty.own``; InputError ``duty.swap_not_yours``, ``duty.swap_nobody`` (no active officer of the office) or
    ``duty.swap_self``; Conflict ``duty.wrong_state`` or ``duty.swap_begun``.
    """
    actor.require(OWN)
    with audit.writing():
        shift = locked_shift(shift_key, actor)
        if post not in POSTS or actor.key not in holders(shift, post):
            raise InputError("duty.swap_not_yours")
        _still_to_come(shift, at)
        if to_key == actor.key:
            raise InputError("duty.swap_self")
        officer = officers(shift.area_code, [to_key]).get(to_key)
        if officer is None or not (officer.active and officer.of_office and officer.does_duty):
            raise InputError("duty.swap_nobody")
        key = stable_key("swap", shift_key, post, actor.key, to_key)
        held = locked_one(ShiftSwap.objects.open().filter(key=key))
        if held is not None and held.state in WAITING:
            return key
        row: Row = {
            "key": key,
            "shift_key": shift_key,
            "area_code": shift.area_code,
            "post": post,
            "from_key": actor.key,
            "to_key": to_key,
            "reason": reason.strip()[:_REASON_LENGTH],
            "state": ASKED,
        }
        if held is None:
            load(ShiftSwap, [row], actor=actor.key, source_key=actor.key, known_from=at)
            audit.note(
                actor=actor.key,
                verb="swap.ask",
                object_kind="shiftswap",
                object_key=key,
                area_code=shift.area_code,
                values=row,
            )
        else:
            changes = {"state": ASKED, "reason": row["reason"], "decided_by": ""}
            revise(held, at=at, actor=actor.key, verb="swap.ask", **changes)
        params = {"by": actor.key, "shift_key": shift_key}
        events.emit("shift.swap_asked", key, shift.area_code, at=at, params=params)
    return key


def swap_agree(swap_key: str, *, actor: Actor, at: datetime) -> None:
    """The one who was asked agrees; a second time changes nothing. Raises as :func:`swap_decline`."""
    _answer(swap_key, AGREED, "swap.agree", actor, at)


def swap_decline(swap_key: str, *, actor: Actor, at: datetime) -> None:
    """The one who was asked declines; a second time changes nothing.

    Raises NotFound ``duty.swap_unknown``, Forbidden ``duty.swap_not_asked`` for anybody else, Conflict
    ``duty.swap_wrong_state``.
    """
    _answer(swap_key, DECLINED, "swap.decline", actor, at)


def swap_withdraw(swap_key: str, *, actor: Actor, at: datetime) -> None:
    """Whoever asked takes it back before it is applied; a second time changes nothing. Raises as above."""
    with audit.writing():
        swap = _locked(swap_key, actor)
        if actor.key != swap.from_key:
            raise Forbidden("duty.swap_not_asked")
        if swap.state != WITHDRAWN:
            _in(swap, *WAITING)
            revise(swap, at=at, actor=actor.key, verb="swap.withdraw", state=WITHDRAWN)


def swap_apply(swap_key: str, *, knowingly: str = "", actor: Actor, at: datetime) -> None:
    """The roster's keeper puts the other officer on the shift; a second time by the same keeper changes nothing.

    Neither of the two applies it themselves. The roster is checked as for every edit. Raises Forbidden without
    ``duty.write`` or ``duty.swap_two_people``; Conflict ``duty.swap_wrong_state`` until the other has agreed,
    ``duty.swap_shift_changed`` when the shift changed hands meanwhile, ``duty.swap_begun``; RosterBroken.
    """
    with audit.writing():
        swap = _locked(swap_key, actor)
        actor.require(WRITE, swap.area_code)
        if actor.key in (swap.from_key, swap.to_key):
            raise Forbidden("duty.swap_two_people", permission=WRITE, roles=roles_that_may(WRITE))
        if swap.state == APPLIED and swap.decided_by == actor.key:
            return
        _in(swap, AGREED)
        shift = locked_shift(swap.shift_key, actor)
        _still_to_come(shift, at)
        if swap.from_key not in holders(shift, swap.post):
            raise Conflict("duty.swap_shift_changed", by=shift.source_key)
        shift_revise(
            shift, _exchanged(shift, swap), verb="swap.shift", knowingly=knowingly, actor=actor, at=at
        )
        revise(swap, at=at, actor=actor.key, verb="swap.apply", state=APPLIED, decided_by=actor.key)
        params = {"by": actor.key, "shift_key": swap.shift_key}
        events.emit("shift.swap_applied", swap_key, swap.area_code, at=at, params=params)


def holders(shift: DutyShift, post: str) -> list[str]:
    """The people in ``post`` on the shift, by key."""
    return {
        "chief": [shift.chief_key],
        "deputy": [shift.deputy_key],
        "expert": list(shift.expert_keys),
    }[post]


def _exchanged(shift: DutyShift, swap: ShiftSwap) -> Row:
    if swap.post == "expert":
        return {"expert_keys": [swap.to_key if key == swap.from_key else key for key in shift.expert_keys]}
    return {f"{swap.post}_key": swap.to_key}


def _answer(swap_key: str, state: str, verb: str, actor: Actor, at: datetime) -> None:
    with audit.writing():
        swap = _locked(swap_key, actor)
        if actor.key != swap.to_key:
            raise Forbidden("duty.swap_not_asked")
        if swap.state != state:
            _in(swap, ASKED)
            revise(swap, at=at, actor=actor.key, verb=verb, state=state, decided_by=actor.key)


def _locked(swap_key: str, actor: Actor) -> ShiftSwap:
    rows = ShiftSwap.objects.filter(key=swap_key, known_to=FAR_FUTURE)
    swap = locked_one(visible(rows, actor))
    if swap is None:
        raise NotFound("duty.swap_unknown", key=swap_key)
    return swap


def _in(swap: ShiftSwap, *states: str) -> None:
    if swap.state not in states:
        raise Conflict("duty.swap_wrong_state", key=swap.key, state=swap.state, by=swap.source_key)


def _still_to_come(shift: DutyShift, at: datetime) -> None:
    check_state(shift, PLANNED)
    if shift.starts_at <= at:
        raise Conflict("duty.swap_begun")
