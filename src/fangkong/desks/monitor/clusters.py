"""Clusters known by the record: found by the rows in force, one signal for each occasion, which then grows.

An occasion is a run of cases in one unit. The first time that a row is met it raises a signal; a later case
of the unit within the row's window of days joins it. A signal that somebody closed takes no more cases: what
comes after it has to meet a row anew. A wider unit with no case beyond those of a narrower one says nothing new.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from fangkong.core.clock import FAR_FUTURE, civil_day
from fangkong.core.keys import stable_key
from fangkong.record import audit
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.load import revise
from fangkong.record.models import Case, Signal
from fangkong.record.rulebook import rulebook

from .actions import CLOSED, PERMISSION, signal_raise
from .cluster_rows import Definition, Definitions, definitions_in_force, signal_kinds
from .cluster_units import ClusterCase, Unit, UnitsOfCases, cases_in, cases_of, known_cases

CHANNEL = "case_reports"

#: A cluster that its cases show as of a day was reported within so many windows of days.
_WINDOWS_BACK = 2


@dataclass(frozen=True, slots=True)
class Cluster:
    """An occasion: its cases in one unit, and the rows that they meet."""

    signal: str
    unit: Unit
    word: str
    cases: frozenset[str]
    first_on: date
    last_on: date
    definitions: tuple[Definition, ...]


@dataclass
class ClustersWatched:
    """How many signals were raised, and how many have grown; ``unread`` are rows that no machine can apply."""

    raised: int = 0
    grown: int = 0
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Here:
    """One unit, what the rows in force ask of it, and its cases, the earliest first."""

    signal: str
    unit: Unit
    definitions: tuple[tuple[Definition, str], ...]
    cases: list[ClusterCase]

    @property
    def days(self) -> int:
        return max(definition.days for definition, _ in self.definitions)

    @property
    def width(self) -> int:
        return min(kind.width for definition, _ in self.definitions for kind in definition.choice)


def clusters_of_case(case_key: str, *, actor: Actor, at: datetime) -> ClustersWatched:
    """What became of the clusters that the case belongs to, as known at ``at``; a few queries for each unit.

    Raises Forbidden without ``signal.write`` in the area of a cluster.
    """
    rows = visible(Case.objects.known_at(at), actor, at=at).filter(key=case_key)
    disease = rows.values_list("disease", flat=True).first()
    if disease is None:
        return ClustersWatched()
    (case,) = cases_of(rows)
    book, today = rulebook(), civil_day(at, installation().zone)
    asked = definitions_in_force(book, disease=disease, on=today, area_code=case.area_code)
    done = ClustersWatched(unread=asked.unread)
    units = UnitsOfCases([case], at=at)
    here = []
    for (signal, unit), definitions in _asked_of(case, asked, units).items():
        since = case.day - timedelta(days=max(each.days for each, _ in definitions) - 1)
        held = [_emerged(held) for held in _signals(signal, disease, unit) if held.state != CLOSED]
        cases = cases_in(unit, disease, min([since, *held]), actor=actor, at=at)
        here.append(_Here(signal, unit, tuple(definitions), cases))
    _settle(here, disease, done, actor, at)
    return done


def clusters_watch(*, actor: Actor, at: datetime) -> ClustersWatched:
    """What became of every cluster that the cases of the last windows of days show as of ``at``.

    For each disease with a row in force: one query for its cases, a few for their units. Idempotent. Raises
    Forbidden without ``signal.write`` in the area of a cluster.
    """
    done = ClustersWatched()
    for disease, since in _windows(at):
        cases = cases_of(known_cases(disease, since, actor=actor, at=at))
        here, unread = _units_of(disease, cases, actor, at)
        done.unread = tuple(dict.fromkeys([*done.unread, *unread]))
        _settle(here, disease, done, actor, at)
    return done


def _windows(at: datetime) -> Iterator[tuple[str, date]]:
    """Each disease that has a defining row, and the first day on which the cases of today's clusters were reported."""
    today = civil_day(at, installation().zone)
    for disease in Case.objects.known_at(at).order_by("disease").values_list("disease", flat=True).distinct():
        areas = Case.objects.known_at(at).filter(disease=disease).order_by("area_code")
        found = [
            definition.days
            for code in areas.values_list("area_code", flat=True).distinct()
            for definition in definitions_in_force(
                rulebook(), disease=disease, on=today, area_code=code
            ).found
        ]
        if found:
            yield disease, today - timedelta(days=_WINDOWS_BACK * max(found) - 1)


def _units_of(
    disease: str, cases: list[ClusterCase], actor: Actor, at: datetime
) -> tuple[list[_Here], tuple[str, ...]]:
    """The units that may hold a cluster with their cases, and the rows that no machine can apply."""
    book, today = rulebook(), civil_day(at, installation().zone)
    units = UnitsOfCases(cases, at=at)
    asked: dict[str, Definitions] = {}
    groups: dict[tuple[str, Unit], list[ClusterCase]] = defaultdict(list)
    definitions: dict[tuple[str, Unit], list[tuple[Definition, str]]] = {}
    for case in cases:
        if case.area_code not in asked:
            asked[case.area_code] = definitions_in_force(
                book, disease=disease, on=today, area_code=case.area_code
            )
        for place, found in _asked_of(case, asked[case.area_code], units).items():
            groups[place].append(case)
            definitions[place] = found
    running = {
        (held.kind, held.subject_kind, held.subject_key.rpartition("|")[0]): _emerged(held)
        for held in Signal.objects.open().filter(kind__in=signal_kinds(), disease=disease)
        if held.state != CLOSED
    }
    here = []
    for (signal, unit), members in groups.items():
        emerged = running.get((signal, unit.by, unit.key))
        if emerged is not None and emerged < members[0].day:
            members = cases_in(unit, disease, emerged, actor=actor, at=at)
        elif emerged is None and len(members) < min(each.total for each, _ in definitions[signal, unit]):
            continue
        here.append(_Here(signal, unit, tuple(definitions[signal, unit]), members))
    return here, tuple(row for each in asked.values() for row in each.unread)


def _asked_of(
    case: ClusterCase, asked: Definitions, units: UnitsOfCases
) -> dict[tuple[str, Unit], list[tuple[Definition, str]]]:
    """(kind of signal, unit of the case) -> what the rows ask there, with the row's word for the unit."""
    found: dict[tuple[str, Unit], list[tuple[Definition, str]]] = defaultdict(list)
    for definition in asked.found:
        for kind in definition.choice:
            unit = units.find(case, kind)
            if unit is not None:
                found[definition.signal, unit].append((definition, kind.word))
                break
    return found


def _settle(here: Iterable[_Here], disease: str, done: ClustersWatched, actor: Actor, at: datetime) -> None:
    """Let running signals grow and raise those of new occasions, the narrowest units first."""
    told: dict[tuple[str, str], list[frozenset[str]]] = defaultdict(list)
    for place in sorted(here, key=lambda each: (each.width, each.unit.by, each.unit.key)):
        with audit.writing():
            held = _signals(place.signal, disease, place.unit)
            free = place.cases
            for signal in held:
                first_on, last_on = _emerged(signal), date.fromisoformat(signal.params["last_on"])
                if signal.state != CLOSED:
                    first_on, last_on = _reach(place.cases, first_on, last_on, place.days)
                inside = [case for case in place.cases if first_on <= case.day <= last_on]
                free = [case for case in free if not first_on <= case.day <= last_on]
                if signal.state != CLOSED and inside:
                    cluster = _cluster(place, inside, first_on, last_on)
                    done.grown += _grow(signal, cluster, actor, at)
                    _tell(told, cluster)
            for cluster in _clusters(place, free):
                if any(cluster.cases <= narrower for narrower in told[place.signal, min(cluster.cases)]):
                    continue
                held.append(_raise(cluster, disease, len(held) + 1, actor, at))
                done.raised += 1
                _tell(told, cluster)


def _tell(told: dict[tuple[str, str], list[frozenset[str]]], cluster: Cluster) -> None:
    for key in cluster.cases:
        told[cluster.signal, key].append(cluster.cases)


def _clusters(place: _Here, cases: list[ClusterCase]) -> list[Cluster]:
    """The occasions among ``cases``: windows that meet a row, joined where they share a day."""
    spans = sorted(
        span
        for definition, _ in place.definitions
        for span in _spans([case for case in cases if case.classification in definition.statuses], definition)
    )
    merged: list[tuple[date, date]] = []
    for first_on, last_on in spans:
        if merged and first_on <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last_on))
        else:
            merged.append((first_on, last_on))
    return [_cluster(place, cases, first_on, last_on) for first_on, last_on in merged]


def _spans(cases: list[ClusterCase], definition: Definition) -> Iterator[tuple[date, date]]:
    """First and last day of each run of cases within the window that meets the definition."""
    inside: Counter[str] = Counter()
    start = 0
    for case in cases:
        inside[case.classification] += 1
        while (case.day - cases[start].day).days >= definition.days:
            inside[cases[start].classification] -= 1
            start += 1
        if _met(inside, definition):
            yield cases[start].day, case.day


def _met(inside: Counter[str], definition: Definition) -> bool:
    return all(sum(inside[status] for status in statuses) >= count for statuses, count in definition.needs)


def _cluster(place: _Here, cases: list[ClusterCase], first_on: date, last_on: date) -> Cluster:
    counted = {status for definition, _ in place.definitions for status in definition.statuses}
    inside = [case for case in cases if first_on <= case.day <= last_on and case.classification in counted]
    met = tuple(
        definition
        for definition, _ in place.definitions
        if any(_spans([case for case in inside if case.classification in definition.statuses], definition))
    )
    keys = frozenset(case.key for case in inside)
    return Cluster(place.signal, place.unit, place.definitions[0][1], keys, first_on, last_on, met)


def _reach(cases: list[ClusterCase], first_on: date, last_on: date, days: int) -> tuple[date, date]:
    """The days of an occasion with every case that lies within the window of it, one after another."""
    for case in cases:
        if last_on < case.day < last_on + timedelta(days=days):
            last_on = case.day
    for case in reversed(cases):
        if first_on - timedelta(days=days) < case.day < first_on:
            first_on = case.day
    return first_on, last_on


def _raise(cluster: Cluster, disease: str, number: int, actor: Actor, at: datetime) -> Signal:
    key = signal_raise(
        cluster.signal,
        disease=disease,
        area_code=cluster.unit.area_code,
        subject_kind=cluster.unit.by,
        subject_key=f"{cluster.unit.key}|{number}",
        channel=CHANNEL,
        params=_params(cluster, {}),
        actor=actor,
        at=at,
    )
    return Signal.objects.get(key=key, known_to=FAR_FUTURE)


def _grow(signal: Signal, cluster: Cluster, actor: Actor, at: datetime) -> int:
    """1 when the signal's figures are others now; its kind, its area and its clocks stay as they are."""
    params = _params(cluster, signal.params)
    if params == signal.params:
        return 0
    actor.require(PERMISSION, signal.area_code)
    revise(signal, at=at, actor=actor.key, verb="signal.grow", params=params)
    return 1


def _params(cluster: Cluster, held: dict[str, Any]) -> dict[str, Any]:
    """What the signal says; the rows that were met once stay named."""
    met = cluster.definitions
    rows = [*held.get("rule_rows", ()), *(definition.rule_row for definition in met)]
    keys = [*held.get("rule_keys", ()), *(definition.key for definition in met)]
    return {
        **held,
        "unit": held.get("unit", cluster.word),
        "cases": len(cluster.cases),
        "emerged_on": cluster.first_on.isoformat(),
        "last_on": cluster.last_on.isoformat(),
        "rule_rows": list(dict.fromkeys(rows)),
        "rule_keys": list(dict.fromkeys(keys)),
    }


def _signals(kind: str, disease: str, unit: Unit) -> list[Signal]:
    """The signals of the unit, the first occasion first: found by key, however many signals there are."""
    found: list[Signal] = []
    while True:
        subject = f"{unit.key}|{len(found) + 1}"
        key = stable_key("signal", kind, disease, unit.area_code, CHANNEL, unit.by, subject)
        signal = Signal.objects.open().filter(key=key).first()
        if signal is None:
            return found
        found.append(signal)


def _emerged(signal: Signal) -> date:
    return date.fromisoformat(signal.params["emerged_on"])
