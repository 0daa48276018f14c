"""Codes, figures and days of a report put into words: one entry, one refusal, one lead sentence at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from fangkong.faces.words import formats
from fangkong.faces.words.catalogue import has_word, word

Entry = Mapping[str, Any]

#: Figures of the orders in force and of the smallest lawful set.
LAWFUL_PERSONS = ("lawful_ordered_persons", "lawful_smallest_persons")
LAWFUL_PERSON_DAYS = (
    "lawful_ordered_person_days",
    "lawful_smallest_person_days",
    "lawful_area_person_days",
    "lawful_area_smallest_person_days",
    "lawful_excess_person_days",
)
#: Figures of the office's own registers, counted by the piece.
REGISTERS = (
    "directives_",
    "receipts_",
    "reviews_",
    "gaps_",
    "problems_",
    "permits_",
    "appeals_open",
    "alarms_",
    "levels_",
    "risk_areas_",
    "limits_due",
    "care_refused",
    "emergencies",
    "complaints",
)
#: Why there is no figure of what nobody reports: such fields are named together, in one line of their block.
UNREPORTED = ("no_desk_yet", "none_recorded")
#: The unit in which a figure is written; what is not here is a bare number.
UNITS = {
    "case": ("new_", "total_", "in_treatment", "severe", "critical", "discharged", "linked_cases"),
    "person": ("under_observation", "people_restricted", "contacts", *LAWFUL_PERSONS),
    "result": ("tests",),
    "day": ("doubling_time", "halving_time", "restricted_days"),
    "hour": ("laboratory_turnaround",),
    "person_day": ("person_days", *LAWFUL_PERSON_DAYS),
    "item": ("measures_in_force", "tasks_", "orders_", *REGISTERS),
}
#: Times that have no interval when the growth rate's includes zero.
CHANGE_TIME = ("doubling_time", "halving_time")
#: Shares that stand without a denominator of their own.
SHARES = ("below_one", "growth")


def per_cent(code: str, value: float) -> float:
    """A figure of ``SHARES`` in per cent: a growth rate as the change from one day to the next."""
    return formats.per_cent_a_day(value) if code == "growth" else 100 * value


def label_of(code: str, lang: str) -> str:
    """What a figure is called."""
    return word(f"report.entry.{code}", lang)


def value_of(entry: Entry, lang: str) -> str:
    """A figure with unit and interval, or the refusal with its reason."""
    if "value" not in entry:
        return word("report.refused", lang, reason=reason_of(entry["refusal"], entry["params"], lang))
    value, code = entry["value"], entry["code"]
    if entry.get("of"):
        shown = formats.share(value, entry["of"], lang)
        if "interval" in entry:
            low, high, _ = entry["interval"]
            ends = formats.interval(low * 100, high * 100, lang, places=1).strip("（）()")
            return shown + _bracketed(f"（{ends}%）" if lang == "zh" else f"({ends}%)", lang)
        return shown
    if code in SHARES:
        shown = f"{formats.number(per_cent(code, value), lang, places=1)}%"
    else:
        shown = _with_unit(code, value, lang)
    if "interval" in entry:
        low, high, _ = entry["interval"]
        if code in SHARES:
            low, high = per_cent(code, low), per_cent(code, high)
            return shown + _bracketed(formats.interval(low, high, lang, places=1), lang)
        shown += _bracketed(formats.interval(low, high, lang), lang)
    return shown


def _with_unit(code: str, value: float, lang: str) -> str:
    shown = formats.number(value, lang)
    unit = next((name for name, codes in UNITS.items() if code.startswith(codes)), None)
    if unit is None:
        return shown
    return word(f"report.unit.{unit}", lang, n=value, value=shown)


def _bracketed(text: str, lang: str) -> str:
    """An interval behind its figure: one with a negative end comes without brackets of its own."""
    if lang == "zh":
        return text if text.startswith("（") else f"（{text}）"
    return f" {text}" if text.startswith("(") else f" ({text})"


def basis_of(entry: Entry, numbers: Mapping[str, int], lang: str) -> str:
    """Day or window, level of the interval, gaps and source numbers of a figure; "" for a refusal."""
    if "value" not in entry:
        return ""
    params = entry.get("params", {})
    parts = []
    if "first_day" in params:
        ends = {name: day_of(params[name], lang) for name in ("first_day", "last_day")}
        parts.append(word("report.note.window", lang, **ends))
    else:
        parts.append(word("report.note.as_of", lang, day=day_of(entry["as_of"], lang)))
    if "since" in params:
        parts.append(word("report.note.since", lang, day=day_of(params["since"], lang)))
    if params.get("days_missing"):
        parts.append(word("report.note.days_missing", lang, n=params["days_missing"]))
    if entry["code"].endswith(CHANGE_TIME) and "interval" not in entry:
        parts.append(word("report.note.no_interval", lang))
    if "interval" in entry:
        parts.append(word("report.note.level", lang, share=formats.percent(entry["interval"][2], 1)))
    if "quantile" in params:
        parts.append(word("report.note.quantile", lang, quantile=params["quantile"], n=params["n"]))
    if entry["sources"]:
        listed = ranges_of([numbers[key] for key in entry["sources"]])
        parts.append(word("report.note.source", lang, numbers=listed))
    return word("frame.and", lang).join(parts) if lang == "en" else "，".join(parts)


def reason_of(code: str, params: Mapping[str, Any], lang: str) -> str:
    """Why there is no figure."""
    shown = {name: shown_param(name, value, lang) for name, value in params.items()}
    # The words of the report's own reasons are shorter; what it seldom meets has the words of the assessment.
    place = "report.why" if has_word(f"report.why.{code}") else "assess.refusal"
    return word(f"{place}.{code}", lang, **shown)


def unreported_lines(entries: Sequence[Entry], lang: str) -> list[tuple[str, str]]:
    """(names of the fields, why) for each reason of ``UNREPORTED`` among refused ``entries``, in that order."""
    lines = []
    for why in UNREPORTED:
        names = [label_of(entry["code"], lang) for entry in entries if entry.get("refusal") == why]
        if names:
            lines.append((_names(list(dict.fromkeys(names)), lang), reason_of(why, {}, lang)))
    return lines


def _names(names: Sequence[str], lang: str) -> str:
    """Names of fields as one list; they may hold commas, and in English only the first keeps its capital."""
    if lang == "zh":
        return "、".join(names)
    first, *others = names
    return "; ".join([first[:1].upper() + first[1:], *(_lowered(name) for name in others)])


def _lowered(name: str) -> str:
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def lead_of(sentence: Mapping[str, Any], lang: str) -> str:
    """One lead sentence."""
    params = dict(sentence["params"])
    if "why" in params:
        params["reason"] = reason_of(params.pop("why"), params.pop("of"), lang)
    if sentence["code"].startswith("growth_"):
        params["rate_interval"] = [formats.per_cent_a_day(end) for end in params["rate_interval"]]
        params["rate"] = f"{formats.number(formats.per_cent_a_day(params['rate']), lang, places=1)}%"
    shown = {name: shown_param(name, value, lang) for name, value in params.items()}
    return word(f"report.lead.{sentence['code']}", lang, **shown)


def shown_param(name: str, value: Any, lang: str) -> Any:
    """A parameter as a sentence takes it: days, lists of days, shares, intervals and numbers in words."""
    if name == "days" and isinstance(value, list):
        return days_of([date.fromisoformat(each) for each in value], lang)
    if name.endswith("day") and isinstance(value, str):
        return day_of(value, lang)
    if name == "level_share":
        return formats.percent(*value)
    if name.endswith("_share"):
        return formats.share(value[0], value[1], lang)
    if name.endswith("interval"):
        return _bracketed(formats.interval(value[0], value[1], lang), lang).strip()
    return formats.number(value, lang) if isinstance(value, float) else value


def day_of(iso: str, lang: str) -> str:
    """A day without its year, from its ISO form."""
    return formats.day(date.fromisoformat(iso), lang)


def days_of(days: Sequence[date], lang: str) -> str:
    """Days as the office writes a list: neighbours joined to spans.

    >>> days_of([date(2022, 3, 1), date(2022, 3, 2), date(2022, 3, 18)], "zh")
    '03-01 至 03-02、03-18'
    """
    spans: list[list[date]] = []
    for day in sorted(days):
        if spans and day - spans[-1][-1] == timedelta(days=1):
            spans[-1].append(day)
        else:
            spans.append([day])
    to = " 至 " if lang == "zh" else " to "
    # Days of another year than the first are written with their year, or a gap of years would read as days.
    years = {day.year for day in days}
    write = formats.day if len(years) == 1 else _dated
    shown = [
        to.join([write(s[0], lang), write(s[-1], lang)] if len(s) > 1 else [write(s[0], lang)]) for s in spans
    ]
    return word("frame.and", lang).join(shown)


def _dated(day: date, lang: str) -> str:
    return day.isoformat() if lang == "zh" else formats.day_full(day, lang)


def ranges_of(numbers: Sequence[int]) -> str:
    """Source numbers with neighbours joined: ``1–3, 5``."""
    spans: list[list[int]] = []
    for number in sorted(set(numbers)):
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(str(s[0]) if len(s) == 1 else f"{s[0]}\N{EN DASH}{s[-1]}" for s in spans)


def register_name(key: str, lang: str) -> str:
    """What a source inside the platform is called: the register or the document behind a source key."""
    name = "document" if key.startswith("document") else key.removeprefix("record.")
    code = f"page.source.{name}"
    return word(code if has_word(code) else "report.source.record", lang)


def disease_name(code: str, lang: str) -> str:
    """The disease in words; a disease of the office's own pack keeps its code."""
    name = f"report.disease.{code.replace('-', '_')}"
    return word(name, lang) if has_word(name) else code


def area_name(area: Mapping[str, Any], lang: str) -> str:
    """The area's name in the language of the page, or the one that it has, or its code."""
    return str(area.get(f"name_{lang}") or area.get("name_zh") or area["code"])
