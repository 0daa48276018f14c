"""Severity: how deadly the disease is among the cases, adjusted for what is not known yet, the naive beside it."""

from fangkong.science.epi.severity.ascertainment import Ascertainment, estimate_ascertainment
from fangkong.science.epi.severity.fatality import FatalityRisk, delay_adjusted_cfr
from fangkong.science.epi.severity.proportion import exact_proportion
from fangkong.science.epi.severity.reasons import REASON_CODES
from fangkong.science.epi.severity.resolved import ResolvedFatality, resolved_cfr

__all__ = [
    "REASON_CODES",
    "Ascertainment",
    "FatalityRisk",
    "ResolvedFatality",
    "delay_adjusted_cfr",
    "estimate_ascertainment",
    "exact_proportion",
    "resolved_cfr",
]
