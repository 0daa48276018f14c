"""``fangkong init``: the folder, the keys and the tables. Running it again changes nothing."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.core.management import call_command

from fangkong.core.areas import canonical_code, level_of
from fangkong.faces.words.catalogue import word
from fangkong.record import keyring
from fangkong.record.access import system_actor
from fangkong.record.installation import installation, installation_set


@click.command("init")
@click.option("--area", "area_code", metavar="CODE", help="Area code of the jurisdiction, e.g. 31 or 990103.")
@click.option("--disease", metavar="CODE", help="Disease that the office works on, e.g. covid-19.")
@click.option("--organisation-zh", metavar="NAME", help="The office's name in Chinese, for its papers.")
@click.option("--organisation-en", metavar="NAME", help="The office's name in English, for its papers.")
@click.pass_obj
def command(
    lang: str,
    area_code: str | None,
    disease: str | None,
    organisation_zh: str | None,
    organisation_en: str | None,
) -> None:
    """Make FANGKONG_HOME, its keys and tables. Safe to run again."""
    if area_code is not None:
        area_code = canonical_code(area_code)
        try:
            level_of(area_code)
        except ValueError:
            raise click.UsageError(word("cli.init.bad_area", lang, area=area_code)) from None
    home = Path(settings.HOME)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring.create(Path(settings.KEYFILE))
    call_command("migrate", verbosity=0, interactive=False)
    stated = {
        "area_code": area_code,
        "disease": disease,
        "organisation_zh": organisation_zh,
        "organisation_en": organisation_en,
    }
    choices = {name: value for name, value in stated.items() if value is not None}
    if choices:
        installation_set(actor=system_actor("cli").key, **choices)
    now = installation()
    click.echo(word("cli.init.done", lang, home=str(home)))
    if now.area_code and now.disease:
        click.echo(word("cli.init.jurisdiction", lang, area=now.area_code, disease=now.disease))
    else:
        click.echo(word("cli.init.choose", lang, command="fangkong init --area … --disease …"))
    click.echo(
        word(
            "cli.init.next",
            lang,
            user="fangkong user add NAME --role duty_officer",
            receive="fangkong receive FILE…",
            demo="fangkong demo",
            serve="fangkong serve",
        )
    )
