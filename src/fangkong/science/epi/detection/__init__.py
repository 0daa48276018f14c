"""Outbreak detection: which counts are higher than chance explains, and where a method could not have told.

Every method takes one series ``[time]`` or a matrix ``[series, time]`` and returns ``Alarms``.
"""

from fangkong.science.epi.detection.alarms import REASON_CODES, Alarms
from fangkong.science.epi.detection.cumulative import cusum
from fangkong.science.epi.detection.ears import ears
from fangkong.science.epi.detection.farrington import farrington, farrington_flexible
from fangkong.science.epi.detection.historical import bayes, rki
from fangkong.science.epi.detection.likelihood_ratio import glr_poisson
from fangkong.science.epi.detection.moving_percentile import fixed_threshold, moving_percentile
from fangkong.science.epi.detection.multiplicity import (
    AlarmRate,
    benjamini_hochberg,
    expected_alarms_per_week,
)
from fangkong.science.epi.detection.percentile_rules import published_rules

__all__ = [
    "REASON_CODES",
    "AlarmRate",
    "Alarms",
    "bayes",
    "benjamini_hochberg",
    "cusum",
    "ears",
    "expected_alarms_per_week",
    "farrington",
    "farrington_flexible",
    "fixed_threshold",
    "glr_poisson",
    "moving_percentile",
    "published_rules",
    "rki",
]
