"""What the pages of the assessment read: every query of an area's page in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from fangkong.desks.assess import queries
from fangkong.desks.assess.breaks import PublishedBreaks, Stretch
from fangkong.desks.assess.estimates import estimate
from fangkong.desks.assess.outlook import Outlook, outlook_of
from fangkong.desks.assess.outlook_values import ForecastDays, NowcastDays
from fangkong.desks.assess.parameters import parameters
from fangkong.desks.assess.series import Figures, Window
from fangkong.desks.assess.severity import Severity, severity_of
from fangkong.desks.assess.values import COUNTED, PUBLISHED, AreaSeries, Assessment, Situation
from fangkong.faces.web.viewing import Viewing
from fangkong.science.epi.estimates import Refusal

#: Days drawn; estimates read as much of the past as they need.
CHART_DAYS = 60
#: Days read before the first drawn one, so that its estimate has a past.
RUN_IN_DAYS = 30


@dataclass(frozen=True)
class AreaReading:
    """One area as its page shows it; what few readers look at is read when it is asked for.

    Attributes:
        reference: by which day cases stand in nowcast and forecast, the same as in the curve: "report" where cases
            are counted, "" for published figures.
    """

    disease: str
    area_code: str
    viewing: Viewing
    situation: Situation

    @property
    def known(self) -> dict[str, Any]:
        """Whose reading, known when, up to which day."""
        return known(self.viewing)

    @property
    def found(self) -> Assessment:
        """The estimates of the area."""
        return self.situation.assessment

    @property
    def reference(self) -> str:
        return "report" if self.situation.series.origin == COUNTED else ""

    @cached_property
    def outlook(self) -> Outlook:
        """What nowcast, reproduction number and forecast rest on, read once."""
        return outlook_of(self.disease, self.area_code, **self.known, reference=self.reference)

    @cached_property
    def nowcast(self) -> NowcastDays:
        """What the last days will come to."""
        return self.outlook.nowcast_days()

    @cached_property
    def ahead(self) -> ForecastDays | Refusal:
        """What the next days may bring."""
        return self.outlook.forecast()

    @cached_property
    def severity(self) -> Severity:
        """How deadly it is."""
        return severity_of(self.disease, self.area_code, **self.known)

    @cached_property
    def parts(self) -> dict[str, Assessment]:
        """Area code -> the estimates of each part of the area."""
        return parts_assessed(self.disease, self.area_code, self.viewing, late=self.found.incomplete_days)

    @cached_property
    def breaks(self) -> list[Stretch]:
        """The breaks of the published series of the area, the first one first."""
        if self.situation.series.origin != PUBLISHED:
            return []
        window = _window(self.viewing, CHART_DAYS + RUN_IN_DAYS)
        figures = Figures(self.disease, self.area_code, window)
        publications = {self.disease: figures.series}
        held = PublishedBreaks(publications, at=window.at, through=window.through)
        return held.of(self.disease, self.area_code)


def known(viewing: Viewing) -> dict[str, Any]:
    """{actor, at, through} as every query of the desk takes them."""
    return {"actor": viewing.actor, "at": viewing.at, "through": viewing.through}


def area_read(disease: str, code: str, viewing: Viewing) -> AreaReading:
    """The reading of one area. Raises as ``queries.situation`` does: NotFound outside the scope."""
    since = viewing.through - timedelta(days=CHART_DAYS + RUN_IN_DAYS - 1)
    found = queries.situation(disease, code, **known(viewing), earlier_at=viewing.at, since=since)
    return AreaReading(disease, code, viewing, found)


def parts_assessed(disease: str, code: str, viewing: Viewing, *, late: int) -> dict[str, Assessment]:
    """Area code -> the estimates of each part of an area, from one reading of their figures.

    ``late`` last days of counted cases are left out, as the area as a whole leaves them out: the delay of so few
    cases teaches nothing.
    """
    window = _window(viewing, parameters("reproduction")["history_days"])
    series = queries.district_series(disease, code, **known(viewing), since=window.since)
    broken: PublishedBreaks | None = None
    if any(each.origin == PUBLISHED for each in series):
        publication = Figures(disease, code, window).district_publication
        broken = PublishedBreaks({disease: publication}, at=window.at, through=window.through)
    return {
        each.area_code: estimate(
            disease,
            each.area_code,
            each.days,
            origin=each.origin,
            through=viewing.through,
            incomplete_days=late if each.origin == COUNTED else 0,
            breaks=broken.of(disease, each.area_code) if broken and each.origin == PUBLISHED else (),
        )
        for each in series
    }


def drawn(series: AreaSeries) -> list[date]:
    """The days of a series that a chart shows."""
    return [day.day for day in series.days][-CHART_DAYS:]


def _window(viewing: Viewing, days: int) -> Window:
    return Window(viewing.actor, viewing.at, viewing.through, viewing.through - timedelta(days=days))
