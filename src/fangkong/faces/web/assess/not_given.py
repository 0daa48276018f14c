"""Where no number is given, and why: every refusal of an area's page in words, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from fangkong.desks.assess.detecting import Unwatched
from fangkong.faces.web.areas import area_names
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.figures import disease_name, refused, sentence
from fangkong.science.epi.estimates import Refusal

from .figure_charts import nowcast_reasons
from .judgement import entries, label, week_ahead
from .reading import AreaReading
from .wordings import why

Line = dict[str, str]

_ESTIMATES = ("reproduction", "below_one", "growth", "change_time")


def refusals(reading: AreaReading, names: dict[str, str], severity: Sequence[dict[str, str]]) -> list[Line]:
    """[{label, text, instead}]: what is not given, why, and what to look at instead."""
    found = reading.found
    told = {code: value for code in _ESTIMATES if isinstance(value := getattr(found, code), Refusal)}
    lines = []
    for entry in entries(reading):
        if "value" in entry:
            continue
        refusal = told.get(entry["code"])
        text = sentence(why(refusal)) if refusal is not None else refused(entry)
        lines.append({"label": label(entry), "text": text, "instead": _instead(entry["code"])})
    ahead = week_ahead(reading.ahead)
    if isinstance(ahead, str):
        lines.append({"label": said("assess.chart.forecast"), "text": sentence(ahead), "instead": ""})
    lines += [
        {"label": said("assess.nowcast.title"), "text": sentence(reason), "instead": ""}
        for reason in nowcast_reasons(reading.nowcast)
    ]
    lines += [
        {"label": row["label"], "text": row["refused"], "instead": ""} for row in severity if "refused" in row
    ]
    return _grouped(lines) + _parts(reading, names)


def _grouped(lines: list[Line]) -> list[Line]:
    """Figures with the same reason in one line, in the order of the first."""
    groups: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        groups[line["text"]].append(line)
    return [
        {
            "label": said("frame.and").join(line["label"] for line in group),
            "text": text,
            "instead": next((line["instead"] for line in group if line["instead"]), ""),
        }
        for text, group in groups.items()
    ]


def _instead(code: str) -> str:
    return said("assess.instead.counts") if code in ("reproduction", "growth") else ""


def _parts(reading: AreaReading, names: dict[str, str]) -> list[Line]:
    """The parts of the area without an Rt, those with the same reason in one line."""
    groups: dict[str, list[str]] = defaultdict(list)
    for code, found in reading.parts.items():
        if isinstance(found.reproduction, Refusal) and code in names:
            groups[found.reproduction.code].append(names[code])
    return [
        {
            "label": said("assess.parts.rt", areas=said("frame.and").join(areas)),
            "text": sentence(said(f"assess.short.{code}")),
            "instead": said("assess.instead.whole"),
        }
        for code, areas in groups.items()
    ]


def unwatched_lines(found: Sequence[Unwatched]) -> list[Line]:
    """Series of which silence means nothing: by disease, method and reason, with the areas."""
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in found:
        groups[each.key.disease, each.watch, each.reason].append(each.key.area_code)
    names = area_names(sorted({code for codes in groups.values() for code in codes})) if groups else {}
    return [
        {
            "disease": disease_name(disease),
            "method": coded("alarm.watch", watch),
            "reason": sentence(coded("alarm.unwatched", reason)),
            "areas": said("frame.and").join(names[code] for code in dict.fromkeys(codes)),
            "n": str(len(codes)),
        }
        for (disease, watch, reason), codes in sorted(groups.items())
    ]
