"""Estimates in words: a number with its interval, a refusal with its reason."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language

from fangkong.desks.assess.values import Value
from fangkong.faces.papers.phrases import reason_of
from fangkong.faces.web.control.presenting import said
from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word, language
from fangkong.science.epi.estimates import TOO_FEW_CASES, Refusal

#: A probability this near to the line of a judgement is written with a decimal.
_NEAR = 0.01


def number(value: float, *, places: int | None = None) -> str:
    """A figure of an estimate; a count of ten or more without decimals."""
    return formats.number(float(value), get_language(), places=places)


def count(value: float) -> str:
    """A count of cases that was estimated: whole from ten on, one decimal below, so that 0.4 is not none.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     count(34.4), count(0.4), count(0.01)
    ('34', '0.4', '0')
    """
    places = 0 if abs(value) >= 9.95 or abs(value - round(value)) < 0.05 else 1
    return number(value, places=places)


def counts(low: float, high: float) -> str:
    """An interval of counts: （29–40） or (29–40)."""
    return said("assess.interval", low=count(max(low, 0.0)), high=count(max(high, 0.0)))


def between(low: float, high: float, *, scale: float = 1.0, places: int | None = None) -> str:
    """An interval in brackets, across zero too."""
    text = formats.interval(low * scale, high * scale, get_language(), places=places)
    if text[0] in "（(":
        return text
    return f"（{text}）" if language(get_language()) == "zh" else f"({text})"


def ends(value: Value) -> tuple[float, float]:
    """The ends of an estimate's interval; estimates have one, probabilities do not and are not asked."""
    assert value.lower is not None, "an estimate has its interval"
    assert value.upper is not None, "an estimate has its interval"
    return value.lower, value.upper


def share(value: float, *, line: float | None = None) -> str:
    """A probability or share as per cent; one that is all but certain is said to be above 99 %.

    So near to a ``line`` that rounding would put it on the other side it has a decimal.

    >>> from django.utils import translation
    >>> with translation.override("en"):
    ...     share(0.824), share(0.9991)
    ('82%', 'over 99%')
    >>> with translation.override("en"):
    ...     share(0.9462), share(0.9462, line=0.95)
    ('95%', '94.6%')
    """
    if line is not None and abs(value - line) < _NEAR:
        # Cut, not rounded: 94.97 % has not reached 95 %.
        return f"{number(math.floor(1000 * value) / 10, places=1)}%"
    if value > 0.995:
        return said("assess.over", share="99%")
    if value < 0.005:
        return said("assess.under", share="1%")
    return formats.percent(value, 1)


def risk(value: float) -> str:
    """A fatality risk as per cent with one decimal."""
    return f"{number(100 * value, places=1)}%"


def day(value: date) -> str:
    """A day without its year."""
    return formats.day(value, get_language())


def why(refusal: Refusal) -> str:
    """Why there is no number, with the figures that the reason rests on; no full stop."""
    if refusal.code == TOO_FEW_CASES and {"minimum_cases", "first_day"} <= set(refusal.params):
        return because("few_cases_of", refusal.params)
    return because(refusal.code, refusal.params)


def because(code: str, params: Mapping[str, object]) -> str:
    """The reason of a code, from this desk's words where it has them, else from those of the report."""
    shown = {name: _shown(value) for name, value in params.items()}
    if has_word(f"assess.why.{code}"):
        return said(f"assess.why.{code}", **shown)
    # The reason of one cell of an array comes without days and numbers: the short words ask for none.
    if not params and has_word(f"assess.short.{code}"):
        return said(f"assess.short.{code}")
    if has_word(f"assess.refusal.{code}"):
        return said(f"assess.refusal.{code}", **shown)
    plain = {k: v.isoformat() if isinstance(v, date) else v for k, v in params.items()}
    return reason_of(code, plain, language(get_language()))


def _shown(value: object) -> Any:
    if isinstance(value, date):
        return day(value)
    if isinstance(value, float):
        return number(int(value) if value == int(value) else value) if math.isfinite(value) else ""
    return value
