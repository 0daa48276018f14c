"""``fangkong audit verify``: is the audit chain what was written?"""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from fangkong.faces.words.catalogue import word
from fangkong.record.audit import verify as verify_chain


@click.group("audit")
def command() -> None:
    """The audit chain."""


@command.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_obj
def verify(lang: str, as_json: bool) -> int:
    """Walk the chain. Exit code 1 names the first row that was altered, removed or reordered."""
    verdict = verify_chain()
    if as_json:
        click.echo(json.dumps({"sound": not verdict.problem, **asdict(verdict)}))
    elif verdict.problem:
        click.echo(word(f"cli.audit.{verdict.problem}", lang, seq=str(verdict.seq)))
    else:
        click.echo(word("cli.audit.sound", lang, n=verdict.rows))
    return 1 if verdict.problem else 0
