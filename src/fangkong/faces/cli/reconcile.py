"""``fangkong reconcile``: two sources of the same figures, what they disagree on and what explains it."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from pathlib import Path

import click
from rich.console import Console

from fangkong.core.areas import ancestors
from fangkong.core.errors import InputError
from fangkong.faces.words.errors import error_text
from fangkong.record.access import Actor, system_actor, visible
from fangkong.record.models import DailyCount
from fangkong.science.reconcile import Figure, Series, read_source, reconcile, series_of

from .reconcile_tables import show_report

OFFICIAL = "official"
COMPILATION = "compilation"
RECEIPT = "receipt:"
CUMULATIVE = "_cumulative"
#: Wide enough for a line a finding where the output is no terminal.
PLAIN_WIDTH = 160


@click.command("reconcile")
@click.argument("source_a")
@click.argument("source_b")
@click.option(
    "--official",
    type=click.Choice(["a", "b"]),
    help="Which source is an official bulletin: it outranks the other.",
)
@click.option(
    "--tolerance", type=click.FloatRange(min=0), help="Figures this far apart still agree (persons)."
)
@click.option(
    "--relative-tolerance",
    type=click.FloatRange(min=0, max=1),
    help="The same as a share of the larger figure.",
)
@click.option("--all", "whole", is_flag=True, help="List every finding, not only the first of each kind.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print the report as JSON, with the days of each finding."
)
@click.pass_obj
def command(
    lang: str,
    source_a: str,
    source_b: str,
    official: str | None,
    tolerance: float | None,
    relative_tolerance: float | None,
    whole: bool,
    as_json: bool,
) -> int:
    """Compare two sources of daily figures day by day, and say what breaks explain the differences.

    A SOURCE is a CSV file (also gzipped); else the name of a series in the record, such as "official", or receipt:KEY.
    Nothing is stored. Exit code 1 when a source cannot be read.
    """
    ranks = {"a": (OFFICIAL, COMPILATION), "b": (COMPILATION, OFFICIAL)}.get(official or "", (None, None))
    try:
        a, b = (_source(text, rank) for text, rank in zip((source_a, source_b), ranks, strict=True))
    except InputError as refusal:
        click.echo(error_text(refusal, lang), err=True)
        return 1
    report = reconcile(a, b, tolerance=tolerance, relative_tolerance=relative_tolerance)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    else:
        console = Console()
        show_report(report, lang, console if console.is_terminal else Console(width=PLAIN_WIDTH), whole=whole)
    return 0


def _source(text: str, rank: str | None) -> Series:
    """A file where there is one of that name, else figures in the record."""
    path = Path(text)
    if path.is_file():
        return read_source(path, rank=rank or "unstated")
    if path.suffix and not text.startswith(RECEIPT):
        raise InputError("reconcile.not_opened", name=path.name)
    return _recorded(text, rank, system_actor("cli"))


def _recorded(text: str, rank: str | None, actor: Actor) -> Series:
    """The figures of a series as the record holds them now, or all that one receipt brought."""
    rows = visible(DailyCount.objects.all(), actor)
    if text.startswith(RECEIPT):
        rows = rows.filter(source_key=text.removeprefix(RECEIPT))
    else:
        rows = rows.open().filter(series=text)
    by_channel: dict[tuple[str, str, date], dict[str, int]] = defaultdict(dict)
    series = set()
    listed = rows.order_by("known_from").values_list(
        "series", "area_code", "measure", "day", "channel", "value"
    )
    for name, area_code, measure, day, channel, value in listed.iterator():
        by_channel[area_code, measure, day][channel] = value
        series.add(name)
    if not by_channel:
        known = DailyCount.objects.open().order_by("series").values_list("series", flat=True).distinct()
        raise InputError("reconcile.no_source", name=text, known=list(known))
    figures = [
        Figure(
            (*reversed(ancestors(area_code)), area_code),
            (measure,),
            day,
            # A figure for all channels stands for itself; without one the channels are added up.
            channels[""] if "" in channels else sum(channels.values()),
            area_code,
        )
        for (area_code, measure, day), channels in by_channel.items()
    ]
    return series_of(
        text,
        figures,
        rank=rank or (OFFICIAL if series == {OFFICIAL} else COMPILATION),
        cumulative={measure: measure.endswith(CUMULATIVE) for _, measure, _ in by_channel},
    )
