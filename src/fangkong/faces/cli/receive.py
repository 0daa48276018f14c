"""``fangkong receive``: files in, a receipt for each: rows in = accepted + held + rejected."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from django.db import close_old_connections
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from fangkong.core.errors import FangkongError, InputError
from fangkong.desks.intake.actions import in_receiving_order, receive_file
from fangkong.desks.intake.queries import ignored_columns, mappings_at_hand, receipt_rows
from fangkong.desks.intake.reason_codes import code_of_refusal
from fangkong.desks.intake.receipt_issues import receipt_issues
from fangkong.desks.intake.screening_results import receive_test_results
from fangkong.desks.intake.watched_folder import Receive, folder_watch
from fangkong.faces.words.catalogue import word
from fangkong.faces.words.errors import error_text
from fangkong.faces.words.receipt_words import issue_text, kind_text, reason_text, with_places
from fangkong.record.access import Actor, system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Receipt, ReceiptRow

from .instants import instant_of

#: How far a file steps back behind the console: where both want one core, pages get three quarters of it. No
#: further: on a busy machine a file that hardly runs would hold the database's one writer all the longer.
NICENESS = 5

#: Rows that are listed for each file before "and N more".
LISTED = 20

COUNTS = ("accepted", "held", "rejected", "inserted", "revised", "unchanged")


@click.command("receive")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--mapping", metavar="CODE", help="The mapping to use, when the columns alone do not decide.")
@click.option("--mapping-file", type=click.Path(path_type=Path), help="A mapping of your own, as TOML.")
@click.option(
    "--known-at", metavar="ISO", help="When the office knew it: 2022-04-12T09:30 or 2022-04-12 (its close)."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print each receipt as one line of JSON, with every issue found."
)
@click.option(
    "--stream", is_flag=True, help="Test results of a screening: to the lake by day, positives to the record."
)
@click.option("--watch", type=click.Path(path_type=Path), help="Receive what is put into this folder.")
@click.option("--once", is_flag=True, help="With --watch: one round, then end.")
@click.option(
    "--still", type=float, metavar="SECONDS", help="With --watch: how long a file must lie unchanged."
)
@click.pass_obj
def command(
    lang: str,
    files: tuple[Path, ...],
    mapping: str | None,
    mapping_file: Path | None,
    known_at: str | None,
    as_json: bool,
    stream: bool,
    watch: Path | None,
    once: bool,
    still: float | None,
) -> int:
    """Receive FILES. Exit code 1 when any file is refused; a refused file leaves nothing behind.

    With --watch, files put into a folder are received once they lie still, and move to its received/ or refused/
    with their receipt beside them.
    """
    if bool(files) == bool(watch) or (watch is None and (once or still is not None)):
        raise click.UsageError(word("cli.receive.files_or_watch", lang, option="--watch"))
    # A file of 50,000 rows keeps one core busy for a minute; officers must not wait for it at their pages.
    if hasattr(os, "nice"):  # Windows has none
        os.nice(NICENESS)
    actor = system_actor("cli")
    instant = instant_of(known_at, lang, "--known-at") if known_at else None

    def received(path: Path) -> tuple[bool, dict[str, Any]]:
        """Whether ``path`` was received, and its receipt, which is printed too."""
        # A watched folder may be quiet for hours: a connection that went stale meanwhile is opened anew.
        close_old_connections()
        try:
            with _shown(path, lang) as progress:
                receipt = (receive_test_results if stream else receive_file)(
                    path,
                    actor=actor,
                    mapping=mapping,
                    mapping_file=mapping_file,
                    known_at=instant,
                    progress=progress,
                )
        except InputError as refusal:
            said = _refused(refusal, path, lang)
            if as_json:
                _print_json(said)
            else:
                click.echo(word("cli.receive.refused", lang, text=refusal_text(refusal, lang)), err=True)
            return False, said
        said = _as_dict(receipt, path, actor, lang) if as_json or watch else {}
        if as_json:
            _print_json(said)
        else:
            _print(receipt, path, actor, lang)
        return True, said

    if watch is not None:
        return _watched(watch, received, once=once, still=still, quiet=as_json, lang=lang)
    taken = [
        received(path)[0] for path in in_receiving_order(files, mapping=mapping, mapping_file=mapping_file)
    ]
    return 0 if all(taken) else 1


def _watched(
    folder: Path, receive: Receive, *, once: bool, still: float | None, quiet: bool, lang: str
) -> int:
    """Exit code 1 when a file of the round was refused; without ``once`` it goes on until it is stopped."""
    if not once and not quiet:
        click.echo(word("cli.receive.watching", lang, folder=str(folder), keys="Ctrl-C"))
    refused = 0
    for filed in folder_watch(folder, receive, once=once, still_seconds=still):
        refused += not filed.received
        if not quiet:
            place = str(filed.path.relative_to(folder))
            click.echo("  " + word("cli.receive.filed", lang, file=filed.name, place=place))
    return 1 if refused else 0


def _print_json(receipt: dict[str, Any]) -> None:
    click.echo(json.dumps(receipt, ensure_ascii=False, default=str))


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


def refusal_text(refusal: FangkongError, lang: str) -> str:
    """Why a file is refused: its name, the row and column, what is wrong and what to do."""
    return error_text(type(refusal)(refusal.code, **with_places(refusal.params)), lang)


def _as_dict(receipt: Receipt, path: Path, actor: Actor, lang: str) -> dict[str, Any]:
    return {
        "file": path.name,
        "rows_in": receipt.row_count,
        **{
            name: getattr(receipt, name)
            for name in (*COUNTS, "key", "sha256", "mapping", "state", "known_basis")
        },
        "known_at": receipt.known_at.isoformat(),
        "first_day": receipt.first_day,
        "last_day": receipt.last_day,
        "ignored_columns": ignored_columns(receipt),
        "issues": [
            {
                "row": issue.row,
                "column": issue.column,
                "code": issue.code,
                "severity": issue.severity,
                "message": issue_text(issue, lang),
                **({"sheet": issue.sheet} if issue.sheet else {}),
            }
            for issue in receipt_issues(receipt, actor=actor)
        ],
    }


def _refused(refusal: InputError, path: Path, lang: str) -> dict[str, Any]:
    """A file of which nothing was taken, in the shape of a receipt: no row, and the one issue that says why."""
    code = refusal.params.get("issue") or code_of_refusal(refusal.code)
    row = refusal.params.get("row")
    issue = {
        "row": row if isinstance(row, int) and row > 1 else None,
        "column": refusal.params.get("column", ""),
        "code": code,
        "severity": "error",
        "message": refusal_text(refusal, lang),
    }
    return {
        "file": path.name,
        "rows_in": 0,
        "accepted": 0,
        "held": 0,
        "rejected": 0,
        "refused": {"code": refusal.code, "params": refusal.params},
        "issues": [issue] if code else [],
    }


def _print(receipt: Receipt, path: Path, actor: Actor, lang: str) -> None:
    title = kind_text(receipt.mapping, mappings_at_hand(), lang)
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
    return word(
        "cli.receive.row" if row.column else "cli.receive.row_whole",
        lang,
        outcome=word(f"cli.receive.{row.outcome}", lang),
        row=str(row.row_number),
        column=row.column,
        text=reason_text(row.reason, row.params, lang),
    )
