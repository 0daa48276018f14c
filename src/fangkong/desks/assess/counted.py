"""Daily figures counted from cases, for diseases and areas for which nobody publishes figures.

A case counts where it is counted (``Case.area_code``), not wherever its person has ties: an aggregate that
followed the ties would count a two-city life twice. The counts come from the two covering indexes of Case.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, Func, Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Substr

from fangkong.core.areas import HOME_COUNTRY, contains
from fangkong.core.clock import civil_day, days_between
from fangkong.record.access import Actor, inside_area
from fangkong.record.models import Case

from .parameters import parameters
from .values import REPORTED, DayFigures

#: Classifications that count as infections.
INFECTED = ("confirmed", "asymptomatic")
SUSPECTED = "suspected"

#: Code length of an area -> code length of the areas into which its cases are split.
_SPLIT = {4: 6, 6: 9, 9: 12, 12: 15, 15: 18}
_PROVINCE, _DISTRICT = 2, 6


def split_level(area_code: str) -> int | None:
    """The code length of the districts of an area; None for an area without any below it.

    >>> split_level("CN"), split_level("31"), split_level("9901"), split_level("KR")
    (2, 6, 6, None)
    """
    if area_code == HOME_COUNTRY:
        return _PROVINCE
    if not area_code.isdigit():
        return None
    return _DISTRICT if len(area_code) == _PROVINCE else _SPLIT.get(len(area_code))


def counted_scope(area_code: str, actor: Actor) -> str | None:
    """The part of ``area_code`` whose cases the actor may count: all of it, the actor's own part, or None."""
    if actor.sees(area_code):
        return area_code
    return actor.area_code if actor.area_code and contains(area_code, actor.area_code) else None


def counted_cases(disease: str, area_code: str, *, at: datetime) -> QuerySet[Case]:
    """The infections known at ``at`` and counted in the area."""
    known = Case.objects.known_at(at).filter(disease=disease, classification__in=INFECTED)
    return known.filter(inside_area(area_code))


def unclassified_count(disease: str, area_code: str, *, at: datetime, through: date) -> int:
    """How many suspected cases of the area, reported by ``through``, no figure counts; one query."""
    known = Case.objects.known_at(at).filter(
        inside_area(area_code), disease=disease, classification=SUSPECTED, reported_on__lte=through
    )
    return known.count()


def reported(since: date | None, through: date) -> Q:
    """The condition that a case was reported from ``since`` to ``through``.

    The days are listed one by one: then the index by day is entered once for each at the area asked for,
    where a span of days would read the cases of every area. Less than half the time for one district of six.
    """
    if since is None:
        return Q(reported_on__lte=through)
    return Q(reported_on__in=days_between(since, through))


Cell = Counter[tuple[str, str]]
#: Area -> day -> (classification, channel) -> cases. Codes shorter than the level asked for stand as they
#: are.
Counts = dict[str, dict[date, Cell]]


def count_by_day(
    disease: str, scope: str, *, at: datetime, through: date, since: date | None, level: int | None
) -> Counts:
    """Cases by area, day, classification and channel; one query.

    Areas are cut to ``level`` digits; without level all stand together under ``scope``.

    Grouping by all four makes the database sort every case. Grouped by day alone the index gives them in
    order, and the rest is tallied here: half the time on 100,000 cases.
    """
    rows = counted_cases(disease, scope, at=at).filter(reported(since, through))
    part = Value("") if level is None else Substr("area_code", 1, level)
    by_day = rows.order_by().values_list("reported_on")
    counts: Counts = defaultdict(lambda: defaultdict(Counter))
    for day, listed in by_day.annotate(listed=_Listed(_Joined(part, "classification", "channel"))):
        for code, n in Counter(listed.split(",")).items():
            area, classification, channel = code.split("|")
            counts[area if level is not None else scope][day][classification, channel] += n
    return counts


class _Joined(Func):
    """Codes joined by "|", which stands in no code."""

    template = "(%(expressions)s)"
    arg_joiner = " || '|' || "
    output_field = TextField()


class _Listed(Aggregate):
    """All values of a group, separated by commas."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """The same by PostgreSQL's name."""
        template = "STRING_AGG(%(expressions)s, ',')"
        return self.as_sql(compiler, connection, template=template, **more)


def total_by_day(counts: Counts) -> dict[date, Cell]:
    """The counts of all areas together."""
    total: dict[date, Cell] = defaultdict(Counter)
    for days in counts.values():
        for day, cell in days.items():
            total[day].update(cell)
    return total


def between(counts: Counts, since: date | None, through: date) -> Counts:
    """The counts of the days from ``since`` to ``through``; areas without a case on them are left out."""
    kept: Counts = {}
    for area, days in counts.items():
        inside = {
            day: cell for day, cell in days.items() if day <= through and (since is None or since <= day)
        }
        if inside:
            kept[area] = inside
    return kept


def deaths_by_day(
    disease: str, scope: str, *, at: datetime, through: date, since: date | None, level: int | None
) -> dict[str, Counter[date]]:
    """Deaths by area (as in ``count_by_day``) and day of death; one query."""
    rows = counted_cases(disease, scope, at=at).filter(outcome="dead", outcome_on__lte=through)
    if since is not None:
        rows = rows.filter(outcome_on__gte=since)
    part = Value(scope) if level is None else Substr("area_code", 1, level)
    deaths: dict[str, Counter[date]] = defaultdict(Counter)
    for area, day, n in rows.order_by().values_list(part, "outcome_on").annotate(n=Count("pk")):
        deaths[area][day] += n
    return deaths


def first_report_on(disease: str, scope: str, *, at: datetime) -> date | None:
    """The first day on which a case of the area was reported; None without a case."""
    cases = counted_cases(disease, scope, at=at).order_by("reported_on")
    return cases.values_list("reported_on", flat=True).first()


def count_figures(
    counts: dict[date, Counter[tuple[str, str]]], deaths: Counter[date] | None, days: Iterable[date]
) -> list[DayFigures]:
    """The figures of ``days``; a day without a case is zero, for the register was open on it.

    Each case stands once, under its present classification, so none of the confirmed is a conversion to net
    out.
    """
    return [_day(day, counts.get(day, Counter()), deaths) for day in days]


def _instant(text: str) -> datetime:
    """An instant that the database wrote as text: SQLite without, PostgreSQL with its offset, both in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _day(day: date, cell: Counter[tuple[str, str]], deaths: Counter[date] | None) -> DayFigures:
    by_class: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    for (classification, channel), n in cell.items():
        by_class[classification] += n
        channels[channel] += n
    return DayFigures(
        day=day,
        confirmed=by_class["confirmed"],
        asymptomatic=by_class["asymptomatic"],
        deaths=None if deaths is None else deaths[day],
        converted=0,
        status=REPORTED,
        channels=dict(channels),
    )


def counted_days(first: date | None, *, through: date, since: date | None) -> list[date]:
    """The days of a counted series: from the first report (or ``since``) to ``through``."""
    if first is None:
        return []
    return days_between(first if since is None else max(first, since), through)


def sources(disease: str, scope: str, *, at: datetime, first: date, last: date) -> list[str]:
    """The keys of the receipts and actors behind the cases reported on some days; one query."""
    cases = counted_cases(disease, scope, at=at).filter(reported(first, last))
    return sorted(cases.order_by().values_list("source_key", flat=True).distinct())


def incomplete_days(disease: str, scope: str, *, at: datetime, through: date, zone: ZoneInfo) -> int:
    """How many last days are not complete yet, learnt from how late cases became known; one query.

    The smallest number of days after which the share of cases in ``parameters.toml`` was known. Only cases
    old enough to show a delay of ``longest_days`` teach; with too few of them the default holds.
    """
    given = parameters("reporting_delay")
    longest = timedelta(days=given["longest_days"])
    last = through - longest
    versions = Case.objects.filter(
        inside_area(scope),
        reported(last - timedelta(days=given["sample_days"]), last),
        disease=disease,
        classification__in=INFECTED,
        known_from__lte=at,
    ).order_by("-reported_on")
    # As text the instants sort like themselves and only the first of each case has to be made a datetime.
    first_known: dict[str, tuple[str, date]] = {}
    for key, known_from, reported_on in versions.values_list(
        "key", Cast("known_from", TextField()), "reported_on"
    )[: given["sample_rows"]]:
        held = first_known.get(key)
        if held is None or known_from < held[0]:
            first_known[key] = (known_from, reported_on)
    delays = sorted(
        max(0, (civil_day(_instant(known), zone) - reported_on).days)
        for known, reported_on in first_known.values()
    )
    return days_until_complete(delays)


def incomplete_days_by_disease(scope: str, *, at: datetime, through: date, zone: ZoneInfo) -> dict[str, int]:
    """Disease -> as :func:`incomplete_days`, for every disease with cases in the days that teach; one query.

    The limit on the versions that are read is left out: the database finds the first of each case.
    """
    given = parameters("reporting_delay")
    last = through - timedelta(days=given["longest_days"])
    versions = Case.objects.filter(
        inside_area(scope),
        reported(last - timedelta(days=given["sample_days"]), last),
        classification__in=INFECTED,
        known_from__lte=at,
    )
    delays: dict[str, list[int]] = defaultdict(list)
    first_known = (
        versions.order_by()
        .values_list("disease", "key")
        .annotate(known=Min("known_from"), day=Min("reported_on"))
    )
    for disease, _, known, day in first_known:
        delays[disease].append(max(0, (civil_day(known, zone) - day).days))
    return {disease: days_until_complete(sorted(found)) for disease, found in delays.items()}


def days_until_complete(delays: Iterable[int]) -> int:
    """The fewest days after which the share in ``parameters.toml`` of cases with these delays was known.

    The default holds for too few of them.
    """
    given = parameters("reporting_delay")
    longest = int(given["longest_days"])
    # A delay beyond the longest is a file of the past taken in afterwards, not a late report.
    taught = [delay for delay in delays if delay <= longest]
    if len(taught) < given["minimum_cases"]:
        return int(given["default_days"])
    return next(
        days
        for days in range(longest + 1)
        if sum(delay <= days for delay in taught) >= given["complete_share"] * len(taught)
    )
