"""Writes on meetings: called, held, decided in, minuted, signed, followed below."""

from .calling import agenda_item_add, meeting_call, meeting_cancel, meeting_follow, papers_refresh
from .deciding import decision_confirm, decision_enter, decision_strike, dissent_record
from .holding import meeting_hold
from .writing import minutes_correct, minutes_sign, minutes_write

__all__ = [
    "agenda_item_add",
    "decision_confirm",
    "decision_enter",
    "decision_strike",
    "dissent_record",
    "meeting_call",
    "meeting_cancel",
    "meeting_follow",
    "meeting_hold",
    "minutes_correct",
    "minutes_sign",
    "minutes_write",
    "papers_refresh",
]
