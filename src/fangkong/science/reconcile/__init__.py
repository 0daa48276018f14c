"""Two sources of the same figures compared day by day: where they disagree, and what kind of break explains it.

>>> from datetime import date, timedelta
>>> days = [date(2020, 1, 1) + timedelta(n) for n in range(20)]
>>> def source(name, late):
...     figures = [Figure(("North",), ("cases",), day + timedelta(late), n * n) for n, day in enumerate(days)]
...     return series_of(name, figures)
>>> [(found.kind, found.where, found.size) for found in reconcile(source("A", 0), source("B", 2)).findings]
[('shifted', 'b', 2.0)]
"""

from __future__ import annotations

from .findings import Break, DayDifference, Finding, Report, break_days, breaks
from .reading import read_source
from .reconcile import reconcile
from .series import Figure, Series, series_of
from .settings import Settings, settings

__all__ = [
    "Break",
    "DayDifference",
    "Figure",
    "Finding",
    "Report",
    "Series",
    "Settings",
    "break_days",
    "breaks",
    "read_source",
    "reconcile",
    "series_of",
    "settings",
]
