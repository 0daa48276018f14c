"""Epidemic assessment as pure functions on arrays: serial intervals, reproduction, growth, curves, detection."""

from fangkong.science.epi.detection import (
    AlarmRate,
    Alarms,
    bayes,
    benjamini_hochberg,
    cusum,
    ears,
    expected_alarms_per_week,
    farrington,
    farrington_flexible,
    fixed_threshold,
    glr_poisson,
    moving_percentile,
    rki,
)

__all__ = [
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
    "rki",
]
