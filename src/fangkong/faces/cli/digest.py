"""``fangkong digest``: equal digests mean equal records."""

from __future__ import annotations

import json
from datetime import datetime

import click

from fangkong.faces.words.catalogue import word
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation


@click.command("digest")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Only what was known by the close of this day."
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def command(lang: str, as_of: datetime | None, as_json: bool) -> None:
    """Print the digest of the record and of each of its tables."""
    close = installation().close_of(as_of.date()) if as_of else None
    parts = record_digest(close)
    if as_json:
        click.echo(json.dumps(parts, indent=1))
        return
    day = as_of.date().isoformat() if as_of else ""
    label = word("cli.digest.as_of", lang, day=day) if as_of else word("cli.digest.all", lang)
    click.echo(f"{parts.pop('record')}  {label}")
    for name, digest in sorted(parts.items()):
        click.echo(f"{digest}  {name}")
