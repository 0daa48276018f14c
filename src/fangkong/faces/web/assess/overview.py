"""The overview: the parts of an area in one table, the worst first, each figure with its interval or its refusal."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from fangkong.desks.assess.detecting import PERMISSION as DETECT
from fangkong.desks.assess.detecting import Unwatched, detect
from fangkong.desks.assess.outlook import outlook_of
from fangkong.desks.assess.values import COUNTED, Assessment, Incidence, Value
from fangkong.desks.monitor import queries as monitor
from fangkong.desks.monitor.alarms import ABERRATION
from fangkong.faces.web.control.presenting import coded, said
from fangkong.faces.web.figures import area_name, sentence
from fangkong.faces.web.viewing import Viewing
from fangkong.faces.words import formats
from fangkong.science.epi.estimates import Refusal

from .area_signals import READ
from .judgement import WeekAhead, expected_text, week_ahead
from .reading import AreaReading, known
from .wordings import between, count, counts, day, ends, number

#: Alarms that are looked through for their areas.
_MOST_ALARMS = 200


@dataclass(frozen=True)
class Watching:
    """What the methods said of the parts of an area: open alarms, and series of which silence means nothing."""

    alarms: Counter[str]
    unwatched: dict[str, list[Unwatched]]


def nothing_watched() -> Watching:
    """No alarm and no series, where the methods could not look."""
    return Watching(Counter(), {})


def watching(code: str, viewing: Viewing, parts: list[str]) -> Watching:
    """Alarms not closed and series without power, by part of the area."""
    alarms: Counter[str] = Counter()
    if viewing.actor.may(READ):
        page = monitor.signals_open(
            actor=viewing.actor, at=viewing.at, area_code=code, kind=ABERRATION, limit=_MOST_ALARMS
        )
        alarms.update(_part(row.area_code, parts) for row in page.rows)
    unwatched: dict[str, list[Unwatched]] = defaultdict(list)
    if viewing.actor.may(DETECT):
        for each in detect(code, **known(viewing)).unwatched:
            unwatched[_part(each.key.area_code, parts)].append(each)
    return Watching(alarms, unwatched)


def _part(code: str, parts: list[str]) -> str:
    return next((part for part in parts if code.startswith(part)), code)


def rows(reading: AreaReading, watched: Watching) -> list[dict[str, Any]]:
    """One row for each part of the area: most alarms first, then most cases of the week."""
    week = {row.area_code: row for row in reading.situation.week}
    curves = {curve.area_code: curve for curve in reading.situation.curves.districts}
    found = []
    for code, row in week.items():
        curve = curves.get(code)
        by_day = curve.by_day() if curve is not None else {}
        last = max((each for each, n in by_day.items() if n is not None), default=None)
        found.append(
            {
                "name": area_name(row),
                "href": reverse("assess_area", args=[code]),
                "outlook_href": reverse("assess_outlook", args=[code]),
                "new": by_day[last] if last else None,
                "day": day(last) if last else "",
                "week": row.cases,
                "rate": _rate(row),
                "rt": _estimate(reading.parts.get(code)),
                "growth": _growth(reading.parts.get(code)),
                "alarms": watched.alarms[code],
                "unwatched": _unwatched(watched.unwatched.get(code, [])),
                "order": (-watched.alarms[code], -(row.per_100k or 0), -(row.cases or 0), code),
            }
        )
    return sorted(found, key=lambda each: each["order"])


def _rate(row: Incidence) -> str:
    return number(row.per_100k) if row.per_100k is not None else ""


def _estimate(found: Assessment | None) -> dict[str, str]:
    if found is None or isinstance(found.reproduction, Refusal):
        return _why(found.reproduction if found is not None else None)
    rt = found.reproduction
    return {"value": number(rt.mean), "interval": between(*ends(rt)), "day": day(rt.last_day)}


def _growth(found: Assessment | None) -> dict[str, str]:
    if found is None or isinstance(found.growth, Refusal):
        return _why(found.growth if found is not None else None)
    growth: Value = found.growth
    return {
        "value": f"{number(formats.per_cent_a_day(growth.mean), places=1)}%",
        "interval": between(*map(formats.per_cent_a_day, ends(growth)), places=1),
        "day": day(growth.last_day),
    }


def _why(refusal: Value | Refusal | None) -> dict[str, str]:
    code = refusal.code if isinstance(refusal, Refusal) else "window_too_short"
    return {"refused": said(f"assess.short.{code}")}


def _unwatched(found: list[Unwatched]) -> str:
    reasons = Counter(each.reason for each in found)
    return said("frame.and").join(
        said("assess.table.unwatched", n=n, reason=coded("alarm.unwatched", reason))
        for reason, n in sorted(reasons.items())
    )


def outlook_cell(disease: str, code: str, origin: str, viewing: Viewing) -> list[dict[str, str]]:
    """[{label, text}]: what the last day will come to and what the next week may bring, for one row of the table."""
    reference = "report" if origin == COUNTED else ""
    outlook = outlook_of(disease, code, **known(viewing), reference=reference)
    nowcast, ahead = outlook.nowcast_days(), week_ahead(outlook.forecast())
    lines = []
    if nowcast.days:
        text = expected_text(nowcast, nowcast.days[-1], code="assess.table.expected")
        lines.append({"label": day(nowcast.days[-1]), "text": text})
    lines.append({"label": said("assess.table.week"), "text": _ahead(ahead)})
    return lines


def _ahead(ahead: WeekAhead | str) -> str:
    if isinstance(ahead, str):
        return sentence(ahead)
    return said("assess.table.ahead", n=count(ahead.median), interval=counts(ahead.lower, ahead.upper))
