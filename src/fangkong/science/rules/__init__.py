"""Rules as data: which row of law or guidance is in force, and the contact plan that follows from it."""

from fangkong.science.rules.answers import Conflict, InForce, NoRuleInForce, NotInPack, Undecided
from fangkong.science.rules.documents import DocumentInForce, documents_in_force
from fangkong.science.rules.packs import Coverage, Document, Row, RulePack, jurisdiction_of, plain
from fangkong.science.rules.plan import Plan, RuleUse, StagePlan, quarantine_plan
from fangkong.science.rules.resolver import RuleBook, load_rule_book, rule_book
from fangkong.science.rules.validation import Problem, validate_folder

__all__ = [
    "Conflict",
    "Coverage",
    "Document",
    "DocumentInForce",
    "InForce",
    "NoRuleInForce",
    "NotInPack",
    "Plan",
    "Problem",
    "Row",
    "RuleBook",
    "RulePack",
    "RuleUse",
    "StagePlan",
    "Undecided",
    "documents_in_force",
    "jurisdiction_of",
    "load_rule_book",
    "plain",
    "quarantine_plan",
    "rule_book",
    "validate_folder",
]
