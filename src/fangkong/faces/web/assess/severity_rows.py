"""How deadly it is, said three ways that always stand together: of all cases, of the resolved, adjusted for delay."""

from __future__ import annotations

import math
from typing import Any

from fangkong.desks.assess.severity import FITTED, DelayToDeath, Severity
from fangkong.desks.assess.values import COUNTED
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import sentence
from fangkong.science.epi.estimates import Refusal

from .wordings import because, number, risk, why

_LEVEL = "95%"


def severity_panel(found: Severity) -> dict[str, Any]:
    """{rows [{label, value, interval, basis, refused}], notes}: rows are the three risks, always all of them."""
    resolved = found.resolved
    rows = [
        _row(
            "naive",
            (resolved.naive, resolved.naive_lower, resolved.naive_upper),
            _code(resolved.naive_reason, found),
            said("assess.severity.of", k=found.deaths, n=found.cases),
        ),
        _row(
            "resolved",
            (resolved.estimate, resolved.lower, resolved.upper),
            "recoveries_unknown" if found.recovered is None else resolved.reason_at(),
            ""
            if found.recovered is None
            else said("assess.severity.of", k=found.deaths, n=found.deaths + found.recovered),
        ),
        _adjusted(found),
    ]
    return {"rows": rows, "notes": _notes(found)}


def _code(reason: Any, found: Severity) -> str:
    return "no_cases" if not found.cases else found.resolved.reason_at() if int(reason) else ""


def _adjusted(found: Severity) -> dict[str, Any]:
    if isinstance(found.delay, Refusal):
        return _label("adjusted") | {"refused": sentence(why(found.delay))}
    if found.adjusted is None:
        return _row("adjusted", (math.nan,) * 3, "no_cases", "")
    if reason := found.adjusted.reason_at():
        return _row("adjusted", (math.nan,) * 3, reason, "")
    return _row(
        "adjusted",
        (found.adjusted.estimate, found.adjusted.lower, found.adjusted.upper),
        "",
        said(
            "assess.severity.known",
            k=int(float(found.adjusted.deaths)),
            n=number(float(found.adjusted.known_outcomes), places=0),
        ),
    )


def _row(code: str, values: tuple[Any, Any, Any], reason: str, basis: str) -> dict[str, Any]:
    value, low, high = (float(each) for each in values)
    row = _label(code)
    if reason or not math.isfinite(value):
        return row | {"refused": sentence(because(reason or "no_known_outcomes", {}))}
    ends = said("assess.severity.ends", low=risk(low), high=risk(high), level=_LEVEL)
    return row | {"value": risk(value), "interval": ends, "basis": basis}


def _label(code: str) -> dict[str, Any]:
    return {"label": said(f"assess.severity.{code}"), "note": said(f"assess.severity.{code}_note")}


def _notes(found: Severity) -> list[str]:
    notes = []
    if found.open_cases:
        resolved = found.resolved
        notes.append(
            said(
                "assess.severity.open",
                n=found.open_cases,
                low=risk(float(resolved.if_open_recover)),
                high=risk(float(resolved.if_open_die)),
            )
        )
    delay = found.delay
    if isinstance(delay, DelayToDeath):
        days = number(float(delay.delay.mean), places=1)
        if delay.origin == FITTED:
            notes.append(said("assess.severity.delay_fitted", days=days, n=delay.deaths))
        else:
            mark = said(f"assess.confidence.{delay.confidence}")
            notes.append(
                said("assess.severity.delay_published", days=days, source=delay.source, confidence=mark)
            )
    if found.undated:
        notes.append(said("assess.severity.undated", n=found.undated))
    notes.append(said("assess.severity.counted" if found.origin == COUNTED else "assess.severity.published"))
    return notes
