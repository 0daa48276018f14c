"""The nouns that only command needs: meetings, directives, duty, levels and plans, reviews, listening."""

from .directives import Directive, DirectiveRecipient, StandingDuty
from .duty import CarryOver, DutyShift, Handover, ShiftSwap
from .listening import Concern, GrassrootsProposal, NewProblem
from .meetings import Clause, Meeting
from .notifications import Delivery, Notification
from .response import Plan, PlanRun, ResponseLevel
from .reviews import Gap, Review

__all__ = [
    "CarryOver",
    "Clause",
    "Concern",
    "Delivery",
    "Directive",
    "DirectiveRecipient",
    "DutyShift",
    "Gap",
    "GrassrootsProposal",
    "Handover",
    "Meeting",
    "NewProblem",
    "Notification",
    "Plan",
    "PlanRun",
    "ResponseLevel",
    "Review",
    "ShiftSwap",
    "StandingDuty",
]
