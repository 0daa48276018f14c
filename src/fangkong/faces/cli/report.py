"""``fangkong report``: the figures of a day as JSON, or its situation report on screen, as PDF or as Word."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fangkong.command.reports import figures_json, report_current
from fangkong.core.errors import InputError
from fangkong.faces.papers import paper_view, situation_docx, situation_pdf
from fangkong.faces.words import catalogue
from fangkong.record.access import system_actor
from fangkong.record.installation import installation

from .days import Day


@click.command("report")
@click.option("--as-of", "as_of", type=Day(), required=True, help="The business day, e.g. 2022-03-27.")
@click.option("--json", "as_json", is_flag=True, help="Print the open figures as JSON.")
@click.option("--disease", help="Disease code; default: what the installation speaks of.")
@click.option("--area", help="Area code, e.g. 31; default: the installation's jurisdiction.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the paper.")
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as PDF.")
@click.option("--docx", type=click.Path(dir_okay=False, path_type=Path), help="Write the report for Word.")
@click.pass_context
def command(
    ctx: click.Context,
    as_of: date,
    as_json: bool,
    disease: str | None,
    area: str | None,
    lang: str | None,
    pdf: Path | None,
    docx: Path | None,
) -> None:
    """The situation report of one day, as it was known when that day closed."""
    lang = lang or ctx.obj
    actor = system_actor("cli")
    here = installation()
    if as_of > here.today():
        raise InputError("report.future_day", as_of=as_of.isoformat(), today=here.today().isoformat())
    if as_json:
        figures = figures_json(as_of, actor=actor, disease=disease, area_code=area)
        click.echo(json.dumps(figures, ensure_ascii=False, indent=1))
    if as_json and not (pdf or docx):
        return
    content = report_current(as_of, actor=actor, at=here.now(), disease=disease, area_code=area)
    if pdf is not None:
        _write(pdf, situation_pdf, content, lang)
    if docx is not None:
        _write(docx, situation_docx, content, lang)
    if not (as_json or pdf or docx):
        show_report(content, lang, Console())


def _write(path: Path, render: Callable[[Mapping[str, Any], str], bytes], content: Any, lang: str) -> None:
    paper = render(content, lang)
    try:
        path.write_bytes(paper)
    except OSError as error:
        raise InputError(
            "report.cannot_write", path=str(path), reason=error.strerror or str(error)
        ) from error
    click.echo(catalogue.word("report.written", lang, path=str(path)), err=True)


def show_report(content: Mapping[str, Any], lang: str, console: Console) -> None:
    """Print the report: title, lead sentences, then each section as a short table."""
    view = paper_view(content, lang)
    console.print(view["title"], style="bold", highlight=False)
    console.print("  ".join(view["meta"]), style="dim", highlight=False)
    for sentence in view["lead"]:
        console.print(sentence, highlight=False, markup=False)
    for section in [*view["sections"], *view["annex"]]:
        if section["title"]:
            console.print()
            console.print(section["title"], style="bold", highlight=False)
        _show_section(section, console)


def _show_section(section: Mapping[str, Any], console: Console) -> None:
    if section["kind"] == "list":
        for item in section["items"]:
            console.print(f"- {item}", highlight=False, markup=False)
        return
    table = Table(box=None, show_header=section["kind"] == "table", pad_edge=False)
    if section["kind"] == "figures":
        for column in ("label", "value", "basis"):
            table.add_column(style="dim" if column == "basis" else None, overflow="fold")
        for row in section["rows"]:
            table.add_row(_plain(row["label"]), _plain(row["value"]), _plain(row["basis"]))
    else:
        for head, side in zip(section["head"], section["align"], strict=True):
            table.add_column(_plain(head), justify=side)
        for row in section["rows"]:
            table.add_row(*map(_plain, row))
    console.print(table, highlight=False)


def _plain(text: str) -> str:
    # Square brackets are rich's markup; a digest or a mapping may hold them.
    return text.replace("[", r"\[")
