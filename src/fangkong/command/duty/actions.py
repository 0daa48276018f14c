"""Writes on duty: the roster, swaps, telephone tests, the close-out and the hand-over."""

from __future__ import annotations

from .closing import close_out_carry
from .handovers import handover_draw_up, handover_sign_in, handover_sign_out
from .pasted import roster_import
from .phone import phone_test_record
from .roster import (
    NewShift,
    RosterBroken,
    Team,
    roster_fill,
    shift_cancel,
    shift_change,
    shift_enter,
    shifts_enter,
)
from .swaps import swap_agree, swap_apply, swap_ask, swap_decline, swap_withdraw

__all__ = [
    "NewShift",
    "RosterBroken",
    "Team",
    "close_out_carry",
    "handover_draw_up",
    "handover_sign_in",
    "handover_sign_out",
    "phone_test_record",
    "roster_fill",
    "roster_import",
    "shift_cancel",
    "shift_change",
    "shift_enter",
    "shifts_enter",
    "swap_agree",
    "swap_apply",
    "swap_ask",
    "swap_decline",
    "swap_withdraw",
]
