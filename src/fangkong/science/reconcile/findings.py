"""What a comparison found: findings as codes, figures and evidence; the sentences are made by the faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Confidence = Literal["high", "medium", "low"]
#: Which of the two sources a finding lies in; "both" where it lies between them.
Where = Literal["a", "b", "both"]

#: The kinds, in the order in which a reader needs them: what changes the meaning of a series comes first.
KINDS = (
    "definition_change",
    "revision",
    "regrouped",
    "renamed",
    "shifted",
    "sum_differs",
    "differs",
    "negative_step",
    "missing_days",
    "column_gap",
    "area_gap",
    "duplicate",
    "no_code",
    "only_in",
)

#: The kinds that make the days before and after not comparable, so that nothing may be fitted through them.
BREAKING = ("definition_change", "revision", "regrouped", "shifted", "negative_step")


@dataclass(frozen=True, slots=True)
class DayDifference:
    """One day on which the two disagree; ``b_on`` is the day of B's figure, another one inside a shift."""

    day: date
    a: float
    b: float
    b_on: date


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, once however many days it lasts.

    ``area`` and ``measure`` are paths in the source's own names, "" for the whole or for all. ``size`` is in
    the unit that the kind has: days of a shift, persons of a step or difference, the ratio of a changed definition,
    parts of a regrouping, days missing. ``evidence`` holds what the words and a checker need.
    """

    kind: str
    where: Where
    area: str
    measure: str
    first_on: date | None
    last_on: date | None
    size: float | None
    confidence: Confidence
    evidence: Mapping[str, Any] = field(default_factory=dict)
    days: tuple[DayDifference, ...] = ()

    @property
    def code(self) -> str:
        """The code of the words for its kind."""
        return f"reconcile.kind.{self.kind}"

    def as_json(self) -> dict[str, Any]:
        """The finding with stable keys and days in ISO form."""
        return {
            "kind": self.kind,
            "where": self.where,
            "area": self.area,
            "measure": self.measure,
            "first_day": _iso(self.first_on),
            "last_day": _iso(self.last_on),
            "size": self.size,
            "confidence": self.confidence,
            "evidence": dict(self.evidence),
            "days": [
                {"day": str(each.day), "a": each.a, "b": each.b, "b_day": str(each.b_on)}
                for each in self.days
            ],
        }


@dataclass(frozen=True, slots=True)
class ShiftInCommon:
    """``series`` of a source run ``days`` behind the other's; ``from_first_day`` of them from ``first_on`` on."""

    where: Where
    days: int
    series: int
    first_on: date
    from_first_day: int


@dataclass(frozen=True, slots=True)
class Report:
    """Two sources compared: what was compared, what was found, and which of the two to read and why.

    ``read`` is "a", "b" or "either"; ``reason`` is the code "rank", "behind", "days", "steps" or
    "equal" for why. ``top_a`` and ``top_b`` name what all areas of a source lie in, "" where it names nothing: it is
    what an empty area of a finding stands for.
    ``days_agreeing`` of ``days_compared`` figures were equal on their own day, before any shift was allowed for.
    """

    a: str
    b: str
    rank_a: str
    rank_b: str
    top_a: str
    top_b: str
    series_compared: int
    days_compared: int
    days_agreeing: int
    read: Literal["a", "b", "either"]
    reason: str
    findings: tuple[Finding, ...]

    def of(self, kind: str) -> list[Finding]:
        """The findings of a kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    def shifts_in_common(self) -> list[ShiftInCommon]:
        """The shifts that several series share, those of most series first."""
        firsts: dict[tuple[Where, float], Counter[date]] = {}
        for each in self.of("shifted"):
            if each.first_on is not None:
                firsts.setdefault((each.where, each.size or 0.0), Counter())[each.first_on] += 1
        shared = [
            ShiftInCommon(where, int(days), counts.total(), *counts.most_common(1)[0])
            for (where, days), counts in firsts.items()
            if counts.total() > 1
        ]
        return sorted(shared, key=lambda each: -each.series)

    def as_json(self) -> dict[str, Any]:
        """The report with stable keys."""
        return {
            "schema": "reconcile/1",
            "a": {"name": self.a, "rank": self.rank_a, "top": self.top_a},
            "b": {"name": self.b, "rank": self.rank_b, "top": self.top_b},
            "series_compared": self.series_compared,
            "figures_compared": self.days_compared,
            "figures_agreeing": self.days_agreeing,
            "read": self.read,
            "reason": self.reason,
            "shifts_in_common": [
                {
                    "where": each.where,
                    "days": each.days,
                    "series": each.series,
                    "first_day": each.first_on.isoformat(),
                    "series_from_first_day": each.from_first_day,
                }
                for each in self.shifts_in_common()
            ],
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Break:
    """Days through which a series must not be fitted and on which it must not alarm.

    ``area`` is a path as in ``Finding``, or what all areas of the source lie in; ``note`` the code of the words that
    say why; ``source`` the name of the source whose series is broken.
    """

    area: str
    measure: str
    day_from: date
    day_to: date
    kind: str
    note: str
    source: str


def breaks(report: Report) -> list[Break]:
    """The breaks of a report, for the record to annotate: one for each source and series that a finding breaks.

    A definition change, a revision and a negative step break one day. A shift and a regrouping break their first
    day (the series changes its meaning there) and, where it changes back before the series ends, the day after
    their last. Findings of low confidence are left out: a break silences alarms, and a real surge must not be
    silenced on a guess.
    """
    found: dict[Break, None] = {}
    for finding in report.findings:
        if finding.kind not in BREAKING or finding.confidence == "low":
            continue
        for name, top in _sources(report, finding):
            for first, last in break_days(finding):
                area = finding.area or top
                found[Break(area, finding.measure, first, last, finding.kind, finding.code, name)] = None
    return list(found)


def break_days(finding: Finding) -> list[tuple[date, date]]:
    """(first day, last day) of each stretch that a finding concerns, both counted; none for one without a day.

    A kind that breaks a series does so on single days: where it changes its meaning, and where it changes back.
    """
    if finding.first_on is None:
        return []
    if finding.kind not in BREAKING:
        return [(finding.first_on, finding.last_on or finding.first_on)]
    edges = [finding.first_on]
    if "back_on" in finding.evidence:
        edges.append(date.fromisoformat(finding.evidence["back_on"]))
    return [(day, day) for day in edges]


def _sources(report: Report, finding: Finding) -> list[tuple[str, str]]:
    a, b = (report.a, report.top_a), (report.b, report.top_b)
    return {"a": [a], "b": [b], "both": [a, b]}[finding.where]


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
