"""``fangkong keys rotate``: a fresh master key; resumes where a kill stopped it."""

from __future__ import annotations

import click

from fangkong.faces.words.catalogue import word
from fangkong.record.access import system_actor
from fangkong.record.identity_purging import keys_rotate


@click.group("keys")
def command() -> None:
    """The installation's keys."""


@command.command("rotate")
@click.pass_obj
def rotate(lang: str) -> None:
    """Wrap every personal key under a fresh master and drop the old one."""
    click.echo(word("cli.keys.rotated", lang, n=keys_rotate(actor=system_actor("cli").key)))
