"""The sentences that open the board, with the figures in bold."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from fangkong.desks.assess.values import DAYS_MISSING
from fangkong.faces.papers.phrases import reason_of, shown_param
from fangkong.faces.web.control.presenting import said
from fangkong.faces.web.figures import area_name
from fangkong.faces.words.catalogue import language

from .reading import Reading

_OPEN, _SHUT = "\x01", "\x02"
#: Parameters that are figures, and so stand in bold.
_FIGURES = {"n", "control_share", "value", "before", "now", "overdue"}


def lead(reading: Reading) -> SafeString:
    """What came in, where most of it was, and which way it goes; each sentence says what it cannot say."""
    sentences = [_sentence(f"report.lead.{each['code']}", each["params"]) for each in reading.lead]
    if most := _most(reading):
        sentences.insert(1, most)
    sentences += _standing(reading)
    space = " " if language(get_language()) == "en" else ""
    text = escape(space.join(sentences)).replace(_OPEN, "<b>").replace(_SHUT, "</b>")
    return mark_safe(text)  # noqa: S308 (escaped above; only our own <b> is put in)


def _sentence(code: str, params: dict[str, Any]) -> str:
    lang, given = language(get_language()), dict(params)
    if "why" in given:
        why = given.pop("why")
        given["reason"] = reason_of(why, given.pop("of"), lang) if why else ""
    shown = {name: shown_param(name, value, lang) for name, value in given.items()}
    bold = {name: f"{_OPEN}{_plain(v)}{_SHUT}" if name in _FIGURES else v for name, v in shown.items()}
    return said(code, **bold)


def _standing(reading: Reading) -> list[str]:
    """Who has not reported, and what waits for a decision: the two things to act on before anything else."""
    comma, sentences = said("frame.and"), []
    if silent := [area_name(row) for row in reading.week if row.refusal == DAYS_MISSING]:
        sentences.append(said("page.lead.silent", areas=comma.join(silent), n=len(silent)))
    waiting = reading.orders_total + reading.signals_total
    if waiting or reading.overdue_total:
        sentences.append(_sentence("page.lead.waiting", {"n": waiting, "overdue": reading.overdue_total}))
    return sentences


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _most(reading: Reading) -> str:
    """The district with most infections on the last day, where several are known."""
    last: list[tuple[int, str]] = []
    final = max((curve.days[-1] for curve in reading.curves.districts if curve.days), default=None)
    for curve in reading.curves.districts:
        found = curve.by_day().get(final) if final else None
        if found:
            last.append((found, curve.area_code))
    if len(last) < 2:
        return ""
    n, code = max(last, key=lambda each: (each[0], each[1]))
    names = {row.area_code: area_name(row) for row in reading.week}
    return _sentence("page.lead.most", {"area": names.get(code, code), "n": n})
