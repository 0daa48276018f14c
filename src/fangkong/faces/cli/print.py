"""``fangkong print``: one PDF for a day without network."""

from __future__ import annotations

import hashlib
import os
from datetime import date
from pathlib import Path

import click

from fangkong.command.reports import day_pack
from fangkong.core.errors import InputError
from fangkong.faces.papers import day_pack_pdf
from fangkong.faces.words import catalogue
from fangkong.record.access import system_actor

from .days import Day


@click.command("print")
@click.option("--as-of", "as_of", type=Day(), required=True, help="The business day, e.g. 2022-03-27.")
@click.option("--area", help="Area code, e.g. 31; default: the installation's jurisdiction.")
@click.option("--disease", help="Disease code; default: what the installation speaks of.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of the paper.")
@click.argument("out", type=click.Path(path_type=Path))
@click.pass_context
def command(
    ctx: click.Context, as_of: date, area: str | None, disease: str | None, lang: str | None, out: Path
) -> None:
    """Write the paper pack of one day to OUT: what an office needs when no page opens. It names nobody."""
    lang = lang or ctx.obj
    _check_writable(out)
    content = day_pack(as_of, actor=system_actor("cli"), disease=disease, area_code=area)
    paper = day_pack_pdf(content, lang)
    # Written beside and then moved: a disk that fills up leaves no half pack under the name.
    beside = out.with_name(f".{out.name}.part")
    try:
        beside.write_bytes(paper)
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError("report.cannot_write", path=str(out), reason=error.strerror or str(error)) from error
    digest = hashlib.sha256(paper).hexdigest()
    click.echo(catalogue.word("print.written", lang, path=str(out), digest=digest))


def _check_writable(out: Path) -> None:
    """Nothing when ``out`` can be written; said before the work and not after it."""
    folder = out.parent
    if out.is_dir():
        why = "is_folder"
    elif not folder.is_dir():
        why = "no_folder"
    elif not os.access(folder, os.W_OK) or (out.exists() and not os.access(out, os.W_OK)):
        why = "not_allowed"
    else:
        return
    raise InputError(f"print.{why}", path=str(out))
