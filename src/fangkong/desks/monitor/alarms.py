"""Alarms of the detection methods: signals of one kind, and how many of each method's were worth the walk."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fangkong.record.access import Actor, inside_area, visible
from fangkong.record.models import Signal

from .actions import CLOSED, INVESTIGATED, VERIFIED, NewSignal
from .outcomes import CONFIRMED, FALSE, KNOWN, outcome_counts

#: The kind of signal that an aberration of a series becomes, its channel, and what it is about.
ABERRATION = "aberration"
CHANNEL = "case_reports"
SERIES = "series"

#: Two-sided 95 %: the quantile of the normal distribution.
_Z = 1.959963984540054


@dataclass(frozen=True, slots=True)
class MethodYield:
    """What became of the alarms of one entry of ``detection.toml``.

    Attributes:
        watch, method: the entry, and the code of its method.
        raised: alarms in all. verified: those that somebody found to be real figures, whatever came after.
        confirmed, false, known: closed as an outbreak, as none (not confirmed, or wrong data), as a known event.
        open: not closed yet.
        share: confirmed among those closed; None while none is. lower, upper: its 95 % interval (Wilson, 1927).
        by_disease: disease -> the same figures; empty inside.
    """

    watch: str
    method: str
    raised: int
    verified: int
    confirmed: int
    false: int
    known: int
    open: int
    share: float | None
    lower: float | None
    upper: float | None
    by_disease: Mapping[str, MethodYield]


def alarm_of(disease: str, area_code: str, subject_key: str, params: dict[str, Any]) -> NewSignal:
    """The signal of an aberration; ``subject_key`` names entry, series and period, so it is raised once."""
    return NewSignal(ABERRATION, disease, area_code, SERIES, subject_key, CHANNEL, params)


def method_yield(
    *,
    actor: Actor,
    at: datetime,
    area_code: str = "",
    disease: str = "",
    since: datetime | None = None,
) -> list[MethodYield]:
    """What became, by ``at``, of the alarms of each method in the actor's scope; one query.

    ``since`` leaves out those raised before it. Raises Forbidden without ``signal.read``.
    """
    actor.require("signal.read")
    versions = visible(Signal.objects.filter(kind=ABERRATION, known_from__lte=at), actor, at=at)
    if area_code:
        versions = versions.filter(inside_area(area_code))
    if disease:
        versions = versions.filter(disease=disease)
    if since is not None:
        versions = versions.filter(raised_at__gte=since)
    last: dict[str, tuple[str, str, dict[str, Any]]] = {}
    verified: set[str] = set()
    rows = versions.order_by("key", "known_from").values_list("key", "disease", "state", "params")
    for key, of, state, params in rows:
        last[key] = (of, state, params)
        if state in (VERIFIED, INVESTIGATED):
            verified.add(key)
    tallies: dict[tuple[str, str], dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for key, (of, state, params) in last.items():
        what = outcome_counts(ABERRATION, params.get("outcome", "")) if state == CLOSED else "open"
        told = tallies[params["watch"], params["method"]][of]
        told.update(["raised", what, *(["verified"] if key in verified else [])])
    return [
        _yield(
            *name,
            sum(parts.values(), Counter()),
            {of: _yield(*name, parts[of], {}) for of in sorted(parts)},
        )
        for name, parts in sorted(tallies.items())
    ]


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share. Raises ValueError without a trial. Source: Wilson (1927), JASA 22:209-212.

    >>> [round(end, 3) for end in wilson_interval(8, 10)]
    [0.49, 0.943]
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError("a share needs at least one trial, and no more successes than trials")
    share, weight = successes / trials, _Z * _Z / trials
    centre = (share + weight / 2) / (1 + weight)
    half = _Z * math.sqrt(share * (1 - share) / trials + weight / (4 * trials)) / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


def _yield(watch: str, method: str, told: Counter[str], by_disease: dict[str, MethodYield]) -> MethodYield:
    closed = told[CONFIRMED] + told[FALSE] + told[KNOWN]
    lower, upper = wilson_interval(told[CONFIRMED], closed) if closed else (None, None)
    return MethodYield(
        watch=watch,
        method=method,
        raised=told["raised"],
        verified=told["verified"],
        confirmed=told[CONFIRMED],
        false=told[FALSE],
        known=told[KNOWN],
        open=told["open"],
        share=told[CONFIRMED] / closed if closed else None,
        lower=lower,
        upper=upper,
        by_disease=by_disease,
    )
