"""Rules as data: which row of law or guidance is in force, and the plan that follows from it."""

from fangkong.science.rules.answers import Conflict, InForce, NoRuleInForce, NotInPack, Undecided
from fangkong.science.rules.asking import load, plan_for, resolve
from fangkong.science.rules.documents import DocumentInForce, documents_in_force
from fangkong.science.rules.packs import SHIPPED, Coverage, Document, Row, RulePack, jurisdiction_of, plain
from fangkong.science.rules.plan import Plan, RuleUse, StagePlan
from fangkong.science.rules.rejudging import Rejudgement, cut_at, rejudge
from fangkong.science.rules.resolver import RuleBook, load_rule_book, rule_book
from fangkong.science.rules.transitions import TransitionRule, transition_of
from fangkong.science.rules.validation import Problem, validate_folder

__all__ = [
    "SHIPPED",
    "Conflict",
    "Coverage",
    "Document",
    "DocumentInForce",
    "InForce",
    "NoRuleInForce",
    "NotInPack",
    "Plan",
    "Problem",
    "Rejudgement",
    "Row",
    "RuleBook",
    "RulePack",
    "RuleUse",
    "StagePlan",
    "TransitionRule",
    "Undecided",
    "cut_at",
    "documents_in_force",
    "jurisdiction_of",
    "load",
    "load_rule_book",
    "plain",
    "plan_for",
    "rejudge",
    "resolve",
    "rule_book",
    "transition_of",
    "validate_folder",
]
