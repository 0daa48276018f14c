"""Breaks annotated on a published series: no estimate is fitted through one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from fangkong.record.models import SeriesBreak

from . import published
from .series import Figures
from .values import DayFigures

_INFECTIONS = ("confirmed", "asymptomatic", "converted")

#: After these a figure does not mean what it meant before. A renamed or missing day is seen in the figures
#: themselves, and sums that differ from another source's leave each source whole.
BREAKING = ("shifted_day", "regrouped", "definition_change", "revision", "negative_step")

#: The measures that infections are made of: estimates are fitted to these, and run through the breaks of others.
FITTED = ("", *(f"{measure}{kind}" for measure in _INFECTIONS for kind in ("", published.CUMULATIVE)))


#: Those that a share of deaths among cases is made of besides.
_DEATHS = ("deaths", "deaths" + published.CUMULATIVE)


@dataclass(frozen=True)
class Stretch:
    """The days, both counted, on which a series does not mean what it meant before."""

    first: date
    last: date


def breaks_of(figures: Figures, *, deaths: bool = False) -> list[Stretch]:
    """The breaks, known at the window's instant, of the publication that the area's figures come from; one query.

    Those of its cases; with ``deaths`` those of its deaths too.
    """
    found = SeriesBreak.objects.known_at(figures.window.at).filter(
        Q(area_code=figures.area_code) | Q(area_code=""),
        disease=figures.disease,
        series=figures.series,
        measure__in=(*FITTED, *_DEATHS) if deaths else FITTED,
        kind__in=BREAKING,
        from_day__lte=figures.window.through,
    )
    return [Stretch(*days) for days in found.order_by("from_day").values_list("from_day", "to_day")]


class PublishedBreaks:
    """The breaks, known at one instant, of several publications; one query, none without a publication.

    ``publications`` is disease -> the publication that its figures come from.
    """

    def __init__(self, publications: Mapping[str, str], *, at: datetime, through: date) -> None:
        self._found: dict[tuple[str, str], list[Stretch]] = defaultdict(list)
        names = {name for name in publications.values() if name}
        if not names:
            return
        rows = SeriesBreak.objects.known_at(at).filter(
            series__in=names, measure__in=FITTED, kind__in=BREAKING, from_day__lte=through
        )
        for disease, name, area, *days in rows.values_list(
            "disease", "series", "area_code", "from_day", "to_day"
        ):
            if publications.get(disease) == name:
                self._found[disease, area].append(Stretch(*days))

    def of(self, disease: str, area_code: str) -> list[Stretch]:
        """The breaks of one series, those of every area of its publication too, in their order."""
        own = self._found.get((disease, area_code), []) if area_code else []
        return sorted([*self._found.get((disease, ""), []), *own], key=lambda each: each.first)


def since_break(
    days: Sequence[DayFigures], breaks: Iterable[Stretch]
) -> tuple[list[DayFigures], Stretch | None]:
    """(the days with those up to the end of the last break unknown, that break); the days as they are without one.

    >>> from datetime import date, datetime
    >>> days = [DayFigures(date(2020, 2, day), confirmed=day) for day in (11, 12, 13)]
    >>> kept, jump = since_break(days, [Stretch(date(2020, 2, 12), date(2020, 2, 12))])
    >>> [day.confirmed for day in kept]
    [None, None, 13]
    """
    if not days:
        return [], None
    inside = [each for each in breaks if days[0].day <= each.last and each.first <= days[-1].day]
    if not inside:
        return list(days), None
    last = max(inside, key=lambda each: each.last)
    return [DayFigures(day.day) if day.day <= last.last else day for day in days], last
