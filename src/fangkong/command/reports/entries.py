"""Figures and refusals as a paper holds them: a figure with source and as-of, or the reason for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

Entry = dict[str, Any]


def figure(
    code: str,
    value: float,
    *,
    sources: Sequence[str],
    as_of: date,
    interval: tuple[float, float, float] | None = None,
    whole: int | None = None,
    params: Mapping[str, Any] | None = None,
) -> Entry:
    """A figure of ``code`` with its sources and the day that it speaks of.

    ``interval`` is (lower, upper, level); ``whole`` is the denominator when ``value`` is a part of it.
    """
    entry: Entry = {"code": code, "value": value, "sources": sorted(set(sources)), "as_of": as_of.isoformat()}
    if interval is not None:
        entry["interval"] = list(interval)
    if whole is not None:
        entry["of"] = whole
    if params:
        entry["params"] = dict(params)
    return entry


def refusal(code: str, why: str, **params: Any) -> Entry:
    """No figure of ``code``, and the code that says why."""
    return {"code": code, "refusal": why, "params": params}


def is_figure(entry: Entry) -> bool:
    """True for a figure, False for a refusal."""
    return "value" in entry
