"""Which published serial interval holds for a disease on a day.

The values are data: ``intervals.toml`` beside this module, each with its source and how far it was checked.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from fangkong.science.epi.estimates import NO_SERIAL_INTERVAL, Refusal
from fangkong.science.epi.serial_interval import ShiftedGammaInterval

SCHEMA = "intervals/1"
KINDS = ("serial_interval", "generation_interval")
CONFIDENCES = ("verified", "secondary", "unverified")


@dataclass(frozen=True, slots=True)
class PublishedInterval:
    """A published serial or generation interval with its source and its days of use.

    Attributes:
        disease, variant: codes.
        mean_days, sd_days: in days.
        kind: "serial_interval" or "generation_interval".
        effective_from, effective_to: days of use, both included; None for no limit.
        default: whether the date alone may choose it.
        source: the publication.
        confidence: "verified", "secondary" or "unverified", of the weaker of the two numbers.
        remark: what a user of the number should know.
    """

    disease: str
    variant: str
    mean_days: float
    sd_days: float
    kind: str
    effective_from: date | None
    effective_to: date | None
    default: bool
    source: str
    confidence: str
    remark: str

    @property
    def interval(self) -> ShiftedGammaInterval:
        """The interval in the form that ``estimate_reproduction`` takes."""
        return ShiftedGammaInterval(self.mean_days, self.sd_days)

    def in_effect(self, on: date) -> bool:
        """Whether ``on`` lies within the days of use."""
        after_start = self.effective_from is None or self.effective_from <= on
        return after_start and (self.effective_to is None or on <= self.effective_to)


def serial_interval_for(
    disease: str,
    on: date,
    *,
    variant: str | None = None,
    intervals: Sequence[PublishedInterval] | None = None,
) -> PublishedInterval | Refusal:
    """The interval to use for a disease on a day, or a refusal when none is held.

    Arguments:
        disease: code, as "covid-19", "mers", "measles", "sars", "influenza".
        on: the civil day that the estimate is for; it chooses among variants that followed one another.
        variant: code of a variant; given, it alone decides and the day does not.
        intervals: entries to choose from, default those shipped.

    Returns:
        The entry, or ``no_serial_interval`` with the disease, the day and the variant.

    >>> serial_interval_for("covid-19", date(2022, 4, 1)).variant
    'omicron'
    >>> serial_interval_for("unknown-pneumonia", date(2022, 4, 1)).code
    'no_serial_interval'
    """
    held = published_intervals() if intervals is None else intervals
    for entry in held:
        if entry.disease != disease:
            continue
        if entry.variant == variant if variant is not None else entry.default and entry.in_effect(on):
            return entry
    return Refusal(NO_SERIAL_INTERVAL, {"disease": disease, "on": on, "variant": variant})


@cache
def published_intervals() -> tuple[PublishedInterval, ...]:
    """Every interval shipped in ``intervals.toml``, checked."""
    text = resources.files("fangkong.science.epi").joinpath("intervals.toml").read_text(encoding="utf-8")
    return read_intervals(text)


def read_intervals(text: str) -> tuple[PublishedInterval, ...]:
    """The intervals in a TOML text of schema ``intervals/1``.

    Raises:
        ValueError: naming the entry and what is wrong with it: a missing or unknown field, moments that a
            shifted gamma cannot have, an unknown kind or confidence, a code used twice, or two defaults of
            one disease on the same day.
    """
    document = tomllib.loads(text)
    if document.get("schema") != SCHEMA:
        raise ValueError(f"intervals: schema is {document.get('schema')!r}; expected {SCHEMA!r}")
    entries = tuple(_entry(row) for row in document.get("interval", []))
    for i, one in enumerate(entries):
        for other in entries[:i]:
            if one.disease != other.disease:
                continue
            if one.variant == other.variant:
                raise ValueError(f"intervals: {one.disease} {one.variant} stands twice")
            if one.default and other.default and _overlap(one, other):
                raise ValueError(
                    f"intervals: {one.disease} {other.variant} and {one.variant} are default on the same days"
                )
    return entries


def _entry(row: Mapping[str, Any]) -> PublishedInterval:
    name = f"{row.get('disease', '?')} {row.get('variant', '?')}"
    optional = {"effective_from": None, "effective_to": None, "remark": ""}
    try:
        entry = PublishedInterval(**{**optional, **row})
        entry.interval.weights(2)
    except (TypeError, ValueError) as error:
        raise ValueError(f"intervals: {name}: {error}") from error
    if entry.kind not in KINDS:
        raise ValueError(f"intervals: {name}: kind is {entry.kind!r}; use one of {', '.join(KINDS)}")
    if entry.confidence not in CONFIDENCES:
        raise ValueError(
            f"intervals: {name}: confidence is {entry.confidence!r}; use one of {', '.join(CONFIDENCES)}"
        )
    if not entry.source:
        raise ValueError(f"intervals: {name}: no source; a number without a source is not shipped")
    if entry.effective_from and entry.effective_to and entry.effective_to < entry.effective_from:
        raise ValueError(f"intervals: {name}: effective_to lies before effective_from")
    return entry


def _overlap(one: PublishedInterval, other: PublishedInterval) -> bool:
    starts = max(one.effective_from or date.min, other.effective_from or date.min)
    ends = min(one.effective_to or date.max, other.effective_to or date.max)
    return starts <= ends
