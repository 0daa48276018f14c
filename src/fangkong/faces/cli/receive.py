"""``fangkong receive``: files in, a receipt for each: rows in = accepted + held + rejected."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fangkong.core.clock import end_of_day
from fangkong.core.errors import FangkongError, InputError
from fangkong.desks.intake.actions import in_receiving_order, receive_file
from fangkong.desks.intake.queries import ignored_columns, mappings_at_hand, receipt_rows
from fangkong.faces.words.catalogue import word
from fangkong.faces.words.errors import error_text
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Receipt, ReceiptRow

#: How far a file steps back behind the console: where both want one core, pages get three quarters of it. No
#: further: on a busy machine a file that hardly runs would hold the database's one writer all the longer.
NICENESS = 5

#: Rows that are listed for each file before "and N more".
LISTED = 20

COUNTS = ("accepted", "held", "rejected", "inserted", "revised", "unchanged")


@click.command("receive")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--mapping", metavar="CODE", help="The mapping to use, when the columns alone do not decide.")
@click.option("--mapping-file", type=click.Path(path_type=Path), help="A mapping of your own, as TOML.")
@click.option(
    "--known-at", metavar="ISO", help="When the office knew it: 2022-04-12T09:30 or 2022-04-12 (its close)."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the receipts as JSON, with every held and rejected row."
)
@click.pass_obj
def command(
    lang: str,
    files: tuple[Path, ...],
    mapping: str | None,
    mapping_file: Path | None,
    known_at: str | None,
    as_json: bool,
) -> int:
    """Receive FILES. Exit code 1 when any file is refused; a refused file leaves nothing behind."""
    # A file of 50,000 rows keeps one core busy for a minute; officers must not wait for it at their pages.
    if hasattr(os, "nice"):  # Windows has none
        os.nice(NICENESS)
    actor = system_actor("cli")
    instant = _instant(known_at, lang) if known_at else None
    results: list[dict[str, Any]] = []
    for path in in_receiving_order(files, mapping=mapping, mapping_file=mapping_file):
        try:
            with _shown(path, lang) as progress:
                receipt = receive_file(
                    path,
                    actor=actor,
                    mapping=mapping,
                    mapping_file=mapping_file,
                    known_at=instant,
                    progress=progress,
                )
        except InputError as refusal:
            text = refusal_text(refusal, lang)
            results.append(
                {"file": path.name, "refused": {"code": refusal.code, "params": refusal.params, "text": text}}
            )
            if not as_json:
                click.echo(word("cli.receive.refused", lang, text=text), err=True)
            continue
        results.append(_as_dict(receipt, path, actor) if as_json else {"file": path.name})
        if not as_json:
            _print(receipt, path, actor, lang)
    if as_json:
        click.echo(json.dumps({"files": results}, ensure_ascii=False, indent=1, default=str))
    return 1 if any("refused" in result for result in results) else 0


def _instant(text: str, lang: str) -> datetime:
    zone = installation().zone
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        example = "2022-04-12T09:30"
        raise click.UsageError(
            word("cli.receive.bad_time", lang, option="--known-at", example=example)
        ) from None
    if len(text) <= len("2022-04-12"):
        return end_of_day(moment.date(), zone)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


@contextmanager
def _shown(path: Path, lang: str) -> Iterator[Any]:
    """A progress bar on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(word("cli.receive.reading", lang, file=path.name), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


#: Parameters that say where something stands: no quantities, so no separators between thousands.
PLACES = frozenset({"row", "byte", "first_row"})


def refusal_text(refusal: FangkongError, lang: str) -> str:
    """Why a file is refused: its name, the row and column, what is wrong and what to do."""
    return error_text(type(refusal)(refusal.code, **_with_places(refusal.params)), lang)


def _with_places(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if name in PLACES else value for name, value in params.items()}


def _as_dict(receipt: Receipt, path: Path, actor: Actor) -> dict[str, Any]:
    return {
        "file": path.name,
        "total": receipt.row_count,
        **{
            name: getattr(receipt, name)
            for name in ("key", "sha256", "mapping", "state", "known_basis", *COUNTS)
        },
        "known_at": receipt.known_at.isoformat(),
        "first_day": receipt.first_day,
        "last_day": receipt.last_day,
        "ignored_columns": ignored_columns(receipt),
        "rows": list(
            receipt_rows(receipt.key, actor=actor).values(
                "row_number", "column", "outcome", "reason", "params"
            )
        ),
    }


def _print(receipt: Receipt, path: Path, actor: Actor, lang: str) -> None:
    titles = {m.code: m.title_zh if lang == "zh" else m.title_en for m in mappings_at_hand()}
    title = titles.get(receipt.mapping, receipt.mapping)
    click.echo(word("cli.receive.mapping", lang, file=path.name, title=title, mapping=receipt.mapping))
    counts = {name: getattr(receipt, name) for name in COUNTS}
    click.echo("  " + word("cli.receive.sum", lang, total=receipt.row_count, **counts))
    known_at = receipt.known_at.astimezone(installation().zone).isoformat(timespec="minutes")
    basis = word(f"intake.known.{receipt.known_basis}", lang)
    click.echo("  " + word("cli.receive.known", lang, at=known_at, basis=basis))
    if ignored := ignored_columns(receipt):
        click.echo("  " + word("cli.receive.ignored", lang, columns=word("frame.and", lang).join(ignored)))
    rows = receipt_rows(receipt.key, actor=actor)
    for row in rows[:LISTED]:
        click.echo("  " + row_text(row, lang))
    if (more := receipt.held + receipt.rejected - LISTED) > 0:
        click.echo("  " + word("cli.receive.more", lang, n=more, option="--json"))


def row_text(row: ReceiptRow, lang: str) -> str:
    """Where in the file, what is wrong, what to do: one line for one held or rejected row."""
    params = {
        name: word("frame.and", lang).join(map(str, value)) if isinstance(value, list) else value
        for name, value in _with_places(row.params).items()
    }
    return word(
        "cli.receive.row" if row.column else "cli.receive.row_whole",
        lang,
        outcome=word(f"cli.receive.{row.outcome}", lang),
        row=str(row.row_number),
        column=row.column,
        reason=word(f"intake.reason.{row.reason}", lang),
        advice=word(f"intake.advice.{row.reason}", lang, **params),
    )
