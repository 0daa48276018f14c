"""How good a forecast was: interval and quantile scores, coverage, calibration, bias and relative skill.

Scores are in the unit of the counts and smaller is better. The quantile axis stands first.
"""

from fangkong.science.epi.scoring.calibration import (
    PitHistogram,
    bias,
    interval_coverage,
    pit,
    pit_histogram,
)
from fangkong.science.epi.scoring.interval_scores import (
    IntervalScoreParts,
    crps_samples,
    interval_score,
    quantile_score,
    weighted_interval_score,
    weighted_interval_score_parts,
)
from fangkong.science.epi.scoring.skill import relative_skill

__all__ = [
    "IntervalScoreParts",
    "PitHistogram",
    "bias",
    "crps_samples",
    "interval_coverage",
    "interval_score",
    "pit",
    "pit_histogram",
    "quantile_score",
    "relative_skill",
    "weighted_interval_score",
    "weighted_interval_score_parts",
]
