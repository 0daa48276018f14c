"""An alarm of a detection method in words: what was seen, what was expected, by which method, on which days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from fangkong.desks.monitor.alarms import ABERRATION
from fangkong.desks.monitor.queries import SignalRow
from fangkong.faces.web.assess.age_names import age_name
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.words import formats

_SMALLEST_P = 0.001


def alarm_sentence(signal: SignalRow) -> str:
    """ "14 seen, 6.2 expected, upper bound 11"; "" for a signal that no method raised."""
    held = signal.params
    if signal.kind != ABERRATION or "says" not in held:
        return ""
    return said(
        held["says"],
        observed=_figure(held["observed"]),
        expected=_figure(held.get("expected")),
        upper=_figure(held["upper"]),
    )


def alarm_of_page(signal: SignalRow) -> dict[str, Any] | None:
    """{sentence, meaning, facts [(label, text, note)], area_href}: the alarm explained; None for other signals."""
    sentence = alarm_sentence(signal)
    if not sentence:
        return None
    held = signal.params
    facts = [
        ("alarm.fact.period", _period(held), ""),
        ("alarm.fact.method", coded("alarm.watch", held["watch"]), _variant(held["method"])),
        ("alarm.fact.certainty", *_certainty(held)),
        ("alarm.fact.series", said(f"assess.origin.{held['origin']}"), _stratum(held)),
    ]
    return {
        "sentence": sentence,
        "meaning": said(f"alarm.meaning.{held['says'].removeprefix('alarm.')}"),
        "facts": [{"label": said(label), "text": text, "note": note} for label, text, note in facts],
        "area_href": reverse("assess_area", args=[signal.area_code]),
    }


def _variant(method: str) -> str:
    return coded("alarm.method", method.lower())


def _period(held: dict[str, Any]) -> str:
    lang = get_language()
    first, last = (date.fromisoformat(held[name]) for name in ("first_day", "last_day"))
    if first == last:
        return formats.day_full(first, lang)
    n = (last - first + timedelta(days=1)).days
    return said("alarm.fact.days", first=formats.day(first, lang), last=formats.day_full(last, lang), n=n)


def _certainty(held: dict[str, Any]) -> tuple[str, str]:
    p = held.get("p_value")
    if p is None:
        return said("alarm.fact.no_p"), said("alarm.fact.no_p_note")
    shown = (
        said("alarm.fact.p_under", p=_plain(_SMALLEST_P))
        if p < _SMALLEST_P
        else said("alarm.fact.p", p=formats.number(p, get_language(), places=3))
    )
    return shown, said("alarm.fact.p_note")


def _stratum(held: dict[str, Any]) -> str:
    parts = []
    if held.get("age_group"):
        parts.append(age_name(held["age_group"]))
    if held.get("channel"):
        parts.append(coded("channel", held["channel"]))
    return said("frame.and").join(parts) or said("alarm.fact.all_cases")


def _plain(value: float) -> str:
    return formats.number(value, get_language(), places=3)


def _figure(value: float | None) -> str:
    """A count without decimals, an expectation with one."""
    if value is None:
        return ""
    if value == int(value):
        return formats.number(int(value), get_language())
    return formats.number(value, get_language(), places=1 if value >= 0.1 else 2)
