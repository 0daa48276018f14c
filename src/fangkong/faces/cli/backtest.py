"""``fangkong backtest``: a method run on every past day of real data with only what was known then, and its scores."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
from rich.console import Console

from fangkong.core.errors import InputError
from fangkong.faces.words.catalogue import word
from fangkong.faces.words.errors import error_text
from fangkong.science.epi.backtests import BACKTESTS, BacktestReport

from .backtest_tables import show_report, with_section

#: Names the folder of the real data sets; they are not part of the package.
DATA_VARIABLE = "FANGKONG_REAL_DATA"
#: Where they lie beside a checkout, as the tests find them: read when nothing else is named and the folder is there.
BESIDE = Path("..") / "shared" / "data"
#: Wide enough for a row of figures where the output is no terminal.
PLAIN_WIDTH = 160


@click.command("backtest")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help=f"Folder of the real data sets; by default what {DATA_VARIABLE} names.",
)
@click.option(
    "--write",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Put the figures in this page (Markdown), in place of those of an earlier run; without NAME of all.",
)
@click.pass_obj
def command(lang: str, name: str | None, as_json: bool, data: Path | None, page: Path | None) -> int:
    """Run a back-test on real data and print how it scored; without NAME list the back-tests there are.

    Every estimate is made with only what was known on its day. Exit code 1 when the data are not there, or when a
    target is missed.
    """
    if name is None and page is None:
        if as_json:
            click.echo(json.dumps(sorted(BACKTESTS)))
            return 0
        for each in sorted(BACKTESTS):
            title = word(f"backtests.title.{each.replace('-', '_')}", lang)
            click.echo(f"{each}  {title}")
        return 0
    try:
        reports = [_run(each, data) for each in ([name] if name else sorted(BACKTESTS))]
    except InputError as refusal:
        click.echo(error_text(refusal, lang), err=True)
        return 1
    if page is not None:
        text = page.read_text(encoding="utf-8") if page.is_file() else ""
        for report in reports:
            text = with_section(text, report)
        page.write_text(text, encoding="utf-8")
    if as_json:
        told = [report.as_json() for report in reports]
        click.echo(json.dumps(told[0] if name else told, ensure_ascii=False, indent=1))
    else:
        console = Console()
        for report in reports:
            show_report(report, lang, console if console.is_terminal else Console(width=PLAIN_WIDTH))
    return 0 if all(report.met for report in reports) else 1


def _run(name: str, data: Path | None) -> BacktestReport:
    """The report of one back-test.

    Raises InputError ``backtests.unknown``, ``backtests.no_folder``, ``backtests.no_file``.
    """
    if name not in BACKTESTS:
        raise InputError("backtests.unknown", name=name, known=", ".join(sorted(BACKTESTS)))
    folder = data or Path(os.environ.get(DATA_VARIABLE) or BESIDE)
    if not folder.is_dir():
        raise InputError("backtests.no_folder", variable=DATA_VARIABLE, option="--data")
    try:
        return BACKTESTS[name](folder.resolve())
    except FileNotFoundError as absent:
        missing = Path(absent.filename).name if absent.filename else str(absent)
        raise InputError("backtests.no_file", name=missing, folder=str(folder)) from absent
