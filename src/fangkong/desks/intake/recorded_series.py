"""A published series of the record as a source that can be compared with another, and its breaks put on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from fangkong.core.areas import ancestors
from fangkong.core.errors import InputError
from fangkong.record.access import Actor, visible
from fangkong.record.installation import installation
from fangkong.record.models import DailyCount
from fangkong.science.reconcile import Figure, Finding, Report, Series, break_days, series_of

from .series_breaks import NewBreak, series_breaks_note

OFFICIAL, COMPILATION = "official", "compilation"
RECEIPT = "receipt:"
CUMULATIVE = "_cumulative"

#: What a finding of a comparison is called as a break of a series; the others are no breaks.
BREAK_OF = {
    "definition_change": "definition_change",
    "revision": "revision",
    "regrouped": "regrouped",
    "renamed": "renamed",
    "shifted": "shifted_day",
    "sum_differs": "sum_differs",
    "negative_step": "negative_step",
    "missing_days": "missing",
}

#: Evidence that is kept with a break: numbers and words, no long lists.
_SHORT = (int, float, str)


@dataclass(frozen=True)
class RecordedSeries:
    """A source of the record: its figures, under which name the record has them, and of which disease they are."""

    figures: Series
    series: str
    disease: str


def recorded_series(text: str, *, rank: str | None = None, disease: str = "", actor: Actor) -> RecordedSeries:
    """The figures of a series as the record holds them now, or all that one receipt brought.

    ``text`` is the name of a series, or ``receipt:KEY``; ``rank`` as for `series_of`, by default that of an official
    bulletin or of a compilation. ``disease`` chooses where there are several, by default the office's own. Raises
    InputError ``reconcile.no_source`` with the series there are, ``reconcile.several_diseases``.
    """
    rows = visible(DailyCount.objects.all(), actor)
    if text.startswith(RECEIPT):
        rows = rows.filter(source_key=text.removeprefix(RECEIPT))
    else:
        rows = rows.open().filter(series=text)
    chosen = _disease(text, sorted(rows.order_by().values_list("disease", flat=True).distinct()), disease)
    by_channel: dict[tuple[str, str, date], dict[str, int]] = defaultdict(dict)
    names = set()
    listed = rows.filter(disease=chosen).order_by("known_from")
    for name, area_code, measure, day, channel, value in listed.values_list(
        "series", "area_code", "measure", "day", "channel", "value"
    ).iterator():
        by_channel[area_code, measure, day][channel] = value
        names.add(name)
    paths = {area_code: (*reversed(ancestors(area_code)), area_code) for area_code, _, _ in by_channel}
    figures = [
        Figure(
            paths[area_code],
            (measure,),
            day,
            # A figure for all channels stands for itself; without one the channels are added up.
            channels[""] if "" in channels else sum(channels.values()),
            area_code,
        )
        for (area_code, measure, day), channels in by_channel.items()
    ]
    return RecordedSeries(
        series_of(
            text,
            figures,
            rank=rank or (OFFICIAL if names == {OFFICIAL} else COMPILATION),
            cumulative={measure: measure.endswith(CUMULATIVE) for _, measure, _ in by_channel},
        ),
        min(names),
        chosen,
    )


def _disease(text: str, diseases: list[str], asked: str) -> str:
    if not diseases:
        known = DailyCount.objects.open().order_by("series").values_list("series", flat=True).distinct()
        raise InputError("reconcile.no_source", name=text, known=list(known))
    wanted = asked or (diseases[0] if len(diseases) == 1 else installation().disease)
    if wanted not in diseases:
        raise InputError("reconcile.several_diseases", name=text, diseases=diseases, option="--disease")
    return wanted


def breaks_annotate(
    report: Report,
    source: RecordedSeries,
    *,
    where: Literal["a", "b"],
    other: str,
    actor: Actor,
    at: datetime,
) -> list[str]:
    """The keys of the breaks that ``report`` finds in ``source``, its side ``where``; now on the record, each once.

    ``other`` names what it was compared with. A break of a running total is a break of its steps as well. Findings of
    low confidence are left out: a break silences alarms. Raises Forbidden without ``series.annotate``.
    """
    found: dict[tuple[Any, ...], NewBreak] = {}
    for finding in report.findings:
        for each in _breaks(finding, report, where, set(source.figures.codes.values())):
            found.setdefault((each.kind, each.from_day, each.to_day, each.area_code, each.measure), each)
    return series_breaks_note(
        found.values(),
        disease=source.disease,
        series=source.series,
        other_series=other[:_OTHER_CHARACTERS],
        actor=actor,
        at=at,
    )


#: As long as the record's field for the other source.
_OTHER_CHARACTERS = 40


def _breaks(finding: Finding, report: Report, where: str, codes: set[str]) -> Iterator[NewBreak]:
    kind = BREAK_OF.get(finding.kind)
    if kind is None or finding.confidence == "low" or finding.where not in (where, "both"):
        return
    area, measure = finding.area, finding.measure
    if finding.where == "both" and where == "b" and finding.kind == "renamed":
        # What the two have under different names is told in those of A.
        if area:
            area = finding.evidence["new_name"]
        elif measure:
            measure = finding.evidence["new_name"]
    code = area.rsplit("/", 1)[-1]
    if not code and finding.measure:
        # A measure of the whole: of what all areas of the source lie in.
        code = report.top_a if where == "a" else report.top_b
    if code and code not in codes and not any(code in ancestors(each) for each in codes):
        return
    measures = [measure]
    if measure.endswith(CUMULATIVE):
        measures.append(measure.removesuffix(CUMULATIVE))
    for first, last in break_days(finding):
        for each in measures:
            yield NewBreak(kind, first, last, code, each, _params(finding))


def _params(finding: Finding) -> dict[str, Any]:
    evidence: Mapping[str, Any] = finding.evidence
    short = {name: value for name, value in evidence.items() if isinstance(value, _SHORT)}
    return {**short, "size": finding.size, "confidence": finding.confidence}
