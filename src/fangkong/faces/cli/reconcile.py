"""``fangkong reconcile``: two sources of the same figures, what they disagree on and what explains it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from fangkong.core.errors import InputError
from fangkong.desks.intake.recorded_series import (
    COMPILATION,
    OFFICIAL,
    RECEIPT,
    RecordedSeries,
    breaks_annotate,
    recorded_series,
)
from fangkong.faces.words.catalogue import word
from fangkong.faces.words.errors import error_text
from fangkong.record.access import system_actor
from fangkong.record.installation import installation
from fangkong.science.reconcile import Report, Series, read_source, reconcile

from .instants import instant_of
from .reconcile_tables import show_report

#: Wide enough for a line a finding where the output is no terminal.
PLAIN_WIDTH = 160

Source = Series | RecordedSeries


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
@click.option("--disease", default="", metavar="CODE", help="Which disease, where a source has several.")
@click.option(
    "--annotate",
    is_flag=True,
    help="Put the breaks found in series of the record on record: no estimate runs through them.",
)
@click.option(
    "--known-at",
    metavar="ISO",
    help="With --annotate: since when the office knew of the breaks; by default since now.",
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
    disease: str,
    annotate: bool,
    known_at: str | None,
    whole: bool,
    as_json: bool,
) -> int:
    """Compare two sources of daily figures day by day, and say what breaks explain the differences.

    A SOURCE is a CSV file (also gzipped); else the name of a series in the record, such as "official", or receipt:KEY.
    Nothing is stored without --annotate. Exit code 1 when a source cannot be read.
    """
    ranks = {"a": (OFFICIAL, COMPILATION), "b": (COMPILATION, OFFICIAL)}.get(official or "", (None, None))
    try:
        a, b = (_source(text, rank, disease) for text, rank in zip((source_a, source_b), ranks, strict=True))

        def compared(one: Source, other: Source) -> Report:
            return reconcile(
                _figures(one),
                _figures(other),
                tolerance=tolerance,
                relative_tolerance=relative_tolerance,
            )

        report = compared(a, b)
        noted: dict[str, int] = {}
        if annotate:
            at = instant_of(known_at, lang, "--known-at") if known_at else installation().now()
            noted = _annotate(a, b, report, at, compared)
    except InputError as refusal:
        click.echo(error_text(refusal, lang), err=True)
        return 1
    if as_json:
        told = report.as_json() | ({"annotated": noted} if annotate else {})
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return 0
    console = Console()
    show_report(report, lang, console if console.is_terminal else Console(width=PLAIN_WIDTH), whole=whole)
    for name, count in noted.items():
        click.echo(word("reconcile.annotated", lang, series=name, n=count))
    return 0


def _annotate(
    a: Source, b: Source, report: Report, at: datetime, compared: Callable[[Source, Source], Report]
) -> dict[str, int]:
    """Series of the record → how many of its breaks are on record now.

    Raises InputError ``reconcile.nothing_to_annotate`` where neither source is of the record.
    """
    if isinstance(a, Series) and isinstance(b, Series):
        raise InputError("reconcile.nothing_to_annotate", option="--annotate")
    actor = system_actor("cli")
    sides: list[tuple[Source, Source, Literal["a", "b"], Report]] = [(a, b, "a", report)]
    if isinstance(a, Series):
        # What lies between the two is told in the names of the first: the record's are wanted.
        sides = [(b, a, "a", compared(b, a))]
    elif isinstance(b, RecordedSeries):
        sides.append((b, a, "b", report))
    noted = {}
    for source, other, where, found in sides:
        assert isinstance(source, RecordedSeries)
        keys = breaks_annotate(found, source, where=where, other=_figures(other).name, actor=actor, at=at)
        noted[source.series] = len(keys)
    return noted


def _figures(source: Source) -> Series:
    return source.figures if isinstance(source, RecordedSeries) else source


def _source(text: str, rank: str | None, disease: str) -> Source:
    """A file where there is one of that name, else figures in the record."""
    path = Path(text)
    if path.is_file():
        return read_source(path, rank=rank or "unstated")
    if path.suffix and not text.startswith(RECEIPT):
        raise InputError("reconcile.not_opened", name=path.name)
    return recorded_series(text, rank=rank, disease=disease, actor=system_actor("cli"))
