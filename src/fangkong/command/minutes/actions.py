"""Writes on minutes: received, their clauses decided, the report upward."""

from .changing import clause_edit, clause_reopen, clause_set_aside, clauses_merge
from .deciding import clause_confirm, clause_link, clauses_confirm
from .receiving import minutes_receive
from .upward import report_upward_draft, report_upward_send

__all__ = [
    "clause_confirm",
    "clause_edit",
    "clause_link",
    "clause_reopen",
    "clause_set_aside",
    "clauses_confirm",
    "clauses_merge",
    "minutes_receive",
    "report_upward_draft",
    "report_upward_send",
]
