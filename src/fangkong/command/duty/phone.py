"""The telephone test: somebody else calls chief and deputy within the office's limit and records the answer."""

from __future__ import annotations

from datetime import datetime

from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.record import audit
from fangkong.record.access import Actor
from fangkong.record.load import fact_of, revise

from ..models import DutyShift
from ..timers.life import meet_all
from .rows import CANCELLED, HANDED_OVER, PHONE, WRITE, check_seen, leads, locked_shift, planned


def phone_test_record(
    shift_key: str, user_key: str, *, answered: bool, seen: str = "", actor: Actor, at: datetime
) -> bool:
    """True once chief and deputy have both answered: then the limit is met. An unanswered call leaves it running.

    Somebody who has answered already is not recorded again. Raises NotFound; Forbidden without ``duty.write``
    or ``duty.phone_own`` for one's own telephone; InputError ``duty.phone_nobody`` for somebody who is not on
    the shift; Conflict ``duty.phone_not_on`` before the shift begins or when it is over, and
    ``duty.changed_meanwhile``.
    """
    with audit.writing():
        shift = locked_shift(shift_key, actor)
        actor.require(WRITE, shift.area_code)
        if user_key not in planned(shift).people:
            raise InputError("duty.phone_nobody")
        if user_key == actor.key:
            raise Forbidden("duty.phone_own")
        if shift.state in (CANCELLED, HANDED_OVER) or not shift.starts_at <= at:
            raise Conflict("duty.phone_not_on", state=shift.state)
        tests = list(fact_of(shift)["phone_tests"])
        if user_key not in _answered(tests):
            check_seen(shift, seen)
            tests.append({"user_key": user_key, "at": at.isoformat(), "answered": answered, "by": actor.key})
            revise(shift, at=at, actor=actor.key, verb="duty.phone_test", phone_tests=tests)
        whole = reached(shift, tests)
        if whole:
            meet_all([PHONE], shift_key, actor=actor, at=at)
    return whole


def reached(shift: DutyShift, tests: list[dict[str, object]] | None = None) -> bool:
    """True when everybody who leads the shift has answered a call."""
    there = _answered(shift.phone_tests if tests is None else tests)
    named = [key for key in (shift.chief_key, shift.deputy_key) if leads(shift, key)]
    return bool(named) and there.issuperset(named)


def _answered(tests: list[dict[str, object]]) -> set[object]:
    return {test["user_key"] for test in tests if test["answered"]}
