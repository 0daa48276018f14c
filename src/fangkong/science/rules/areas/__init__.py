"""Areas under the rules: who may sign, the smallest lawful unit, a risk area's life, over-reach, precision."""

from fangkong.science.rules.areas.designation import Designation, Ground, may_designate
from fangkong.science.rules.areas.draft import Draft, DraftStage, VehicleFacts
from fangkong.science.rules.areas.overreach import Finding, overreach_findings
from fangkong.science.rules.areas.precision import (
    NoShare,
    Precision,
    RestrictedSet,
    precision,
    restricted_person_days,
)
from fangkong.science.rules.areas.proportion import Share, exact_share
from fangkong.science.rules.areas.ranks import Authority, NoPower, Signature, may_sign, signing_authority
from fangkong.science.rules.areas.risk_life import AreaFacts, Condition, Step, step_due
from fangkong.science.rules.areas.smallest_unit import (
    AllowedUnits,
    AvertedCases,
    Comparison,
    NoAverted,
    ScreeningRound,
    Unit,
    allowed_units,
    compare,
    smallest_lawful_set,
)

__all__ = [
    "AllowedUnits",
    "AreaFacts",
    "Authority",
    "AvertedCases",
    "Comparison",
    "Condition",
    "Designation",
    "Draft",
    "DraftStage",
    "Finding",
    "Ground",
    "NoAverted",
    "NoPower",
    "NoShare",
    "Precision",
    "RestrictedSet",
    "ScreeningRound",
    "Share",
    "Signature",
    "Step",
    "Unit",
    "VehicleFacts",
    "allowed_units",
    "compare",
    "exact_share",
    "may_designate",
    "may_sign",
    "overreach_findings",
    "precision",
    "restricted_person_days",
    "signing_authority",
    "smallest_lawful_set",
    "step_due",
]
