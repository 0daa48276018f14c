"""Writes on response levels, contingency plans and their runs."""

from .level_facts import level_record
from .levels import level_declare, level_end, level_keep, level_propose, level_reject
from .offers import level_offer_take
from .plan_runs import plan_end, plan_start
from .plans import plan_approve, plan_draft, plan_reject, plan_retire
from .yielding import site_add, yields_refresh, yields_suspend

__all__ = [
    "level_declare",
    "level_end",
    "level_keep",
    "level_offer_take",
    "level_propose",
    "level_record",
    "level_reject",
    "plan_approve",
    "plan_draft",
    "plan_end",
    "plan_reject",
    "plan_retire",
    "plan_start",
    "site_add",
    "yields_refresh",
    "yields_suspend",
]
