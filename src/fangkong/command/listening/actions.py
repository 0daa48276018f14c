"""Writes on what comes from below: proposals, new problems, citizens' concerns."""

from .concerns import (
    Pasted,
    concern_answer,
    concern_enter,
    concern_set_outside,
    concern_sort,
    concern_split,
    concerns_merge,
    concerns_paste,
)
from .problems import problem_answer, problem_raise, problem_study
from .proposals import proposal_adopt, proposal_decline, proposal_make, proposal_tried

__all__ = [
    "Pasted",
    "concern_answer",
    "concern_enter",
    "concern_set_outside",
    "concern_sort",
    "concern_split",
    "concerns_merge",
    "concerns_paste",
    "problem_answer",
    "problem_raise",
    "problem_study",
    "proposal_adopt",
    "proposal_decline",
    "proposal_make",
    "proposal_tried",
]
