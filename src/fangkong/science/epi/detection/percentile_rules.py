"""Which percentile, or which fixed number of cases, raises a signal for a disease in China's alert system (CIDARS).

The values are data: ``moving_percentiles.toml`` beside this module, each with its source and how far it was checked.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

SCHEMA = "moving_percentiles/1"
CONFIDENCES = ("verified", "secondary", "unverified")
NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class PercentileRule:
    """The percentile of one disease in one area, with its source."""

    disease: str
    area: str
    percentile: float
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class SingleCaseRule:
    """The fixed number of cases of one disease that raises a signal, with its source."""

    disease: str
    cases: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class PercentileRules:
    """All rules: baseline (``years`` of ``2 half_window + 1`` weeks), percentiles and single-case diseases."""

    years: int
    half_window: int
    percentiles: tuple[PercentileRule, ...]
    single_cases: tuple[SingleCaseRule, ...]

    def rule_for(self, disease: str, area: str = NATIONAL) -> PercentileRule | SingleCaseRule:
        """The rule of a disease: its fixed number, else its percentile in the area, else the national one.

        Raises:
            KeyError: when the disease has no rule; the text lists those that have.

        >>> published_rules().rule_for("cholera").cases, published_rules().rule_for("mumps").percentile
        (1, 80)
        """
        for single in self.single_cases:
            if single.disease == disease:
                return single
        for wanted in (area, NATIONAL):
            for rule in self.percentiles:
                if (rule.disease, rule.area) == (disease, wanted):
                    return rule
        known = sorted(
            {rule.disease for rule in self.percentiles} | {one.disease for one in self.single_cases}
        )
        raise KeyError(
            f"no rule for {disease!r} in {area!r}; give a percentile, or use one of {', '.join(known)}"
        )


@cache
def published_rules() -> PercentileRules:
    """The rules that the data file beside this module holds."""
    return read_rules(
        resources.files(__package__).joinpath("moving_percentiles.toml").read_text(encoding="utf-8")
    )


def read_rules(text: str) -> PercentileRules:
    """The rules that a TOML text holds, checked.

    Raises:
        ValueError: naming the entry and what is wrong with it: a missing or unknown field, no source, an unknown
            confidence, a percentile not between 0 and 100, fewer than one case, a rule given twice.
    """
    document = tomllib.loads(text)
    if document.get("schema") != SCHEMA:
        raise ValueError(f"moving percentiles: schema is {document.get('schema')!r}; expected {SCHEMA!r}")
    method = document.get("method", {})
    _sourced("method", method)
    percentiles = tuple(_percentile(row) for row in document.get("percentile", []))
    singles = tuple(_single(row) for row in document.get("single_case", []))
    keys = [(rule.disease, rule.area) for rule in percentiles] + [(rule.disease, "") for rule in singles]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"moving percentiles: {key[0]} {key[1]} stands twice".rstrip())
    return PercentileRules(int(method["years"]), int(method["half_window"]), percentiles, singles)


def _sourced(name: str, row: dict[str, Any]) -> None:
    if not row.get("source"):
        raise ValueError(f"moving percentiles: {name} has no source")
    if row.get("confidence") not in CONFIDENCES:
        raise ValueError(
            f"moving percentiles: {name}: confidence is {row.get('confidence')!r}; use one of {', '.join(CONFIDENCES)}"
        )


def _percentile(row: dict[str, Any]) -> PercentileRule:
    name = str(row.get("disease", "?"))
    _sourced(name, row)
    try:
        rule = PercentileRule(**row)
    except TypeError as error:
        raise ValueError(f"moving percentiles: {name}: {error}") from error
    if not 0 < rule.percentile < 100:
        raise ValueError(
            f"moving percentiles: {name}: percentile is {rule.percentile}; it lies between 0 and 100"
        )
    return rule


def _single(row: dict[str, Any]) -> SingleCaseRule:
    name = str(row.get("disease", "?"))
    _sourced(name, row)
    try:
        rule = SingleCaseRule(**row)
    except TypeError as error:
        raise ValueError(f"moving percentiles: {name}: {error}") from error
    if rule.cases < 1:
        raise ValueError(f"moving percentiles: {name}: cases is {rule.cases}; a signal needs at least one")
    return rule
