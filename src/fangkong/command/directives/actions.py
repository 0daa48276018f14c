"""Writes on directives and standing duties."""

from .directed_tasks import directive_tasks_create
from .drafting import directive_carry_on, directive_draft, directive_redraft
from .duties import standing_duty_end, standing_duty_establish, standing_duty_keep
from .duty_tasks import duties_ask_for_review, duties_open_for_day
from .ending import directives_complete_due, directives_lapse_due
from .issuing import directive_complete, directive_issue, directive_withdraw
from .receiving import recipient_acknowledge, recipient_done, recipient_reply

__all__ = [
    "directive_carry_on",
    "directive_complete",
    "directive_draft",
    "directive_issue",
    "directive_redraft",
    "directive_tasks_create",
    "directive_withdraw",
    "directives_complete_due",
    "directives_lapse_due",
    "duties_ask_for_review",
    "duties_open_for_day",
    "recipient_acknowledge",
    "recipient_done",
    "recipient_reply",
    "standing_duty_end",
    "standing_duty_establish",
    "standing_duty_keep",
]
