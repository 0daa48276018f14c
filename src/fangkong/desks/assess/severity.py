"""How deadly a disease is in an area: of all cases, of those resolved, and adjusted for the delay to death.

The three always stand together, each with its interval or its reason: while an outbreak grows the first is too low,
the second may be too high, and their distance is the message.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Count

from fangkong.core.clock import days_between
from fangkong.core.errors import NotFound
from fangkong.record.access import Actor, inside_area
from fangkong.record.models import Case
from fangkong.science.epi.delays import Delay, choose_delay
from fangkong.science.epi.estimates import SERIES_BREAK, Refusal
from fangkong.science.epi.severity import FatalityRisk, ResolvedFatality, delay_adjusted_cfr, resolved_cfr

from .breaks import Stretch, breaks_of
from .counted import counted_scope
from .parameters import parameters
from .series import Figures, Window
from .strata import FloatArray
from .values import COUNTED, PUBLISHED

PERMISSION = "board.read"

#: Where a delay to death comes from.
FITTED, FROM_PAPER = "fitted", "published"

_CONFIRMED = "confirmed"
_DEAD, _RECOVERED = "dead", "recovered"


@dataclass(frozen=True, slots=True)
class DelayToDeath:
    """The delay from onset to death that an adjusted risk rests on.

    ``origin`` is "fitted" (to so many ``deaths`` of the record, cut off at the last day) or "published"; ``source`` is
    the publication, "" for a fitted one; ``confidence`` as in ``delays.toml``.
    """

    delay: Delay
    origin: str
    deaths: int
    source: str
    confidence: str


@dataclass(frozen=True)
class Severity:
    """The fatality risks of one disease in one area as of one day.

    Attributes:
        cases, deaths, recovered, open_cases: confirmed cases by what is known of their outcome. ``recovered`` is None
            where nobody says who recovered: of published figures, and of cases of which none has recovered on record.
        undated: cases without a day of onset; they count in ``resolved`` and not in ``adjusted``.
        resolved: deaths over resolved cases, and (``naive``) over all cases, with the bounds that open cases leave.
        adjusted: for the delay to death, with its own naive risk of the same days; None where there is no delay.
        rolling: the same for every day so far, ``days`` being its last axis; None likewise.
        delay: what it rests on, or why there is none: ``series_break`` where the published cases or deaths were
            redefined or revised, since deaths of a revision did not happen on its day.
        origin: "counted" cases by onset, or "published" figures by the day they were given.
    """

    disease: str
    area_code: str
    as_of: date
    cases: int
    deaths: int
    recovered: int | None
    open_cases: int | None
    undated: int
    resolved: ResolvedFatality
    adjusted: FatalityRisk | None
    rolling: FatalityRisk | None
    days: list[date]
    delay: DelayToDeath | Refusal
    origin: str


def severity_of(
    disease: str,
    area_code: str,
    *,
    actor: Actor,
    at: datetime,
    through: date,
    since: date | None = None,
) -> Severity:
    """The fatality risk of confirmed cases as known at ``at``: naive, of the resolved, adjusted for delay.

    Counted cases are taken by onset; their delay to death is fitted to the record's own deaths, with right truncation,
    and where those are too few a published one stands in (``delays.toml``). Where the area publishes daily figures
    with deaths and no case is known, those are taken: of running totals the last one, whatever its steps. One query for
    cases, six more for published figures. Raises
    Forbidden without ``board.read``, NotFound outside the scope.
    """
    actor.require(PERMISSION)
    if counted_scope(area_code, actor) != area_code:
        raise NotFound("assess.area_not_found", area_code=area_code)
    found = _counted(disease, area_code, at, through, since)
    if not found.cases:
        published = _published(disease, area_code, actor, at, through, since)
        found = published or found
    return _severity(disease, area_code, through, found)


@dataclass
class _Counts:
    """What the record says of outcomes."""

    origin: str
    cases: int
    deaths: int
    recovered: int | None
    undated: int
    days: list[date]
    new_cases: FloatArray
    new_deaths: FloatArray
    #: (onset, death) -> people, of those who have both.
    pairs: Counter[tuple[date, date]]
    #: The last break of published cases or deaths.
    broken: Stretch | None = None


def _counted(disease: str, area_code: str, at: datetime, through: date, since: date | None) -> _Counts:
    rows = Case.objects.known_at(at).filter(
        inside_area(area_code), disease=disease, classification=_CONFIRMED, reported_on__lte=through
    )
    if since is not None:
        rows = rows.filter(reported_on__gte=since)
    onsets: Counter[date] = Counter()
    dead_on: Counter[date] = Counter()
    pairs: Counter[tuple[date, date]] = Counter()
    cases = deaths = recovered = undated = 0
    grouped = rows.order_by().values_list("onset_on", "outcome", "outcome_on").annotate(n=Count("pk"))
    for onset, outcome, outcome_on, n in grouped:
        known = outcome_on is None or outcome_on <= through
        cases += n
        deaths += n * (outcome == _DEAD and known)
        recovered += n * (outcome == _RECOVERED and known)
        if onset is None or onset > through:
            undated += n
            continue
        onsets[onset] += n
        if outcome == _DEAD and outcome_on is not None and known:
            dead_on[max(outcome_on, onset)] += n
            pairs[onset, outcome_on] += n
    days = days_between(min(onsets), through) if onsets else []
    return _Counts(
        origin=COUNTED,
        cases=cases,
        deaths=deaths,
        # A list that never says who recovered and one of which nobody has look the same: all dead of those resolved.
        recovered=recovered or None,
        undated=undated,
        days=days,
        new_cases=np.array([float(onsets[day]) for day in days]),
        new_deaths=np.array([float(dead_on[day]) for day in days]),
        pairs=pairs,
    )


def _published(
    disease: str, area_code: str, actor: Actor, at: datetime, through: date, since: date | None
) -> _Counts | None:
    figures = Figures(disease, area_code, Window(actor, at, through, since))
    days, origin = figures.area_days(since, deaths=True)
    if origin != PUBLISHED or all(day.deaths is None for day in days):
        return None
    new_cases = np.array([np.nan if day.confirmed is None else float(day.confirmed) for day in days])
    new_deaths = np.array([np.nan if day.deaths is None else float(day.deaths) for day in days])
    # Before the first death was published there is no figure of deaths: such days are left out, not called zero.
    known = ~np.isnan(new_deaths)
    first = int(known.argmax())
    breaks = breaks_of(figures, deaths=True)
    totals = figures.totals() if since is None else {}
    return _Counts(
        origin=PUBLISHED,
        cases=totals.get("confirmed", int(np.nansum(new_cases[first:]))),
        deaths=totals.get("deaths", int(np.nansum(new_deaths[first:]))),
        recovered=None,
        undated=0,
        days=[day.day for day in days[first:]],
        new_cases=new_cases[first:],
        new_deaths=new_deaths[first:],
        pairs=Counter(),
        broken=max((each for each in breaks if each.last >= days[first].day), key=_last, default=None),
    )


def _last(stretch: Stretch) -> date:
    return stretch.last


def _severity(disease: str, area_code: str, through: date, found: _Counts) -> Severity:
    dead, recovered = float(found.deaths), found.recovered
    left = None if recovered is None else found.cases - found.deaths - recovered
    if recovered is None or left is None:
        # Nobody said who recovered: the risk of all cases stands, that of the resolved does not.
        resolved = _without_resolved(dead, float(found.cases))
    else:
        resolved = resolved_cfr(dead, float(recovered), float(left))
    delay = _delay(disease, found, through)
    adjusted = rolling = None
    if isinstance(delay, DelayToDeath) and found.days:
        adjusted = delay_adjusted_cfr(found.new_cases, found.new_deaths, delay.delay)
        rolling = delay_adjusted_cfr(found.new_cases, found.new_deaths, delay.delay, kind="rolling")
    return Severity(
        disease=disease,
        area_code=area_code,
        as_of=through,
        cases=found.cases,
        deaths=found.deaths,
        recovered=found.recovered,
        open_cases=left,
        undated=found.undated,
        resolved=resolved,
        adjusted=adjusted,
        rolling=rolling,
        days=found.days,
        delay=delay,
        origin=found.origin,
    )


def _without_resolved(dead: float, cases: float) -> ResolvedFatality:
    whole, unknown = resolved_cfr(dead, 0.0, cases - dead), resolved_cfr(dead, np.nan, np.nan)
    return replace(
        whole,
        estimate=unknown.estimate,
        lower=unknown.lower,
        upper=unknown.upper,
        reason=unknown.reason,
        recovered=unknown.recovered,
    )


def _delay(disease: str, found: _Counts, through: date) -> DelayToDeath | Refusal:
    """The delay fitted to the record's own deaths, else the published one, else why there is none."""
    if found.broken is not None:
        return Refusal(SERIES_BREAK, {"first_day": found.broken.first, "last_day": found.broken.last})
    pairs = sorted(found.pairs.elements())
    given = parameters("severity")
    choice = choose_delay(
        [(onset - through).days for onset, _ in pairs],
        [(died - through).days for _, died in pairs],
        families=given["families"],
        # The last day is whole: what happened on it had come by its end.
        observed_until=1.0,
        minimum_records=given["minimum_deaths"],
        leave_out_impossible=True,
    )
    if not isinstance(choice, Refusal):
        return DelayToDeath(choice.best.delay, FITTED, choice.best.records, "", "")
    entry = _published_delays().get(disease)
    if entry is None:
        return choice
    delay = Delay(entry["family"], *entry["parameters"])
    return DelayToDeath(delay, FROM_PAPER, len(pairs), entry["source"], entry["confidence"])


@cache
def _published_delays() -> dict[str, dict[str, Any]]:
    text = Path(__file__).with_name("delays.toml").read_text(encoding="utf-8")
    return dict(tomllib.loads(text)["onset_to_death"])
