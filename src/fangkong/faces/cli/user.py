"""``fangkong user``: the people who sign in. Without the first of them an installation has no console."""

from __future__ import annotations

import os
import secrets
import sys

import click
from django.conf import settings
from rich.console import Console
from rich.table import Table

from fangkong.core.areas import level_of
from fangkong.faces.words.catalogue import word
from fangkong.record.access import system_actor
from fangkong.record.access.actor import roles
from fangkong.record.actions import user_create, user_email_set
from fangkong.record.installation import installation
from fangkong.record.models import Area, User

#: Where a script leaves the password: an argument would stand in the list of processes and in the shell's history.
PASSWORD_VARIABLE = "FANGKONG_PASSWORD"  # noqa: S105 (the name of the variable)
LEAST_LETTERS = 10
#: Letters that nobody misreads when a password is read out or copied by hand.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LETTERS = 3, 5
LANGUAGES = {"zh": "zh-hans", "en": "en"}


@click.group("user")
def command() -> None:
    """The people who sign in: add one, list them, give a new password or an address for notices."""


@command.command("add")
@click.argument("name")
@click.option(
    "--role", required=True, metavar="ROLE", help="What the person does; `fangkong user roles` lists them."
)
@click.option(
    "--area", "area_code", metavar="CODE", help="Area the person works in; the installation's without it."
)
@click.option(
    "--display-name", metavar="NAME", help="Name shown on pages and papers; the sign-in name without it."
)
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Language of the first page.")
@click.option("--generate", is_flag=True, help="Make a password and print it once.")
@click.pass_obj
def add(
    lang: str,
    name: str,
    role: str,
    area_code: str | None,
    display_name: str | None,
    language: str | None,
    generate: bool,
) -> None:
    """Make a user. The password comes from FANGKONG_PASSWORD, from you, or is made and shown once."""
    if role not in roles():
        raise click.UsageError(word("cli.user.no_role", lang, role=role, command="fangkong user roles"))
    if User.objects.filter(username=name).exists():
        raise click.UsageError(
            word("cli.user.exists", lang, name=name, command=f"fangkong user password {name}")
        )
    area = area_code or installation().area_code
    if not area:
        raise click.UsageError(
            word("cli.user.no_area", lang, option="--area", command="fangkong init --area CODE")
        )
    try:
        level_of(area)
    except ValueError:
        raise click.UsageError(word("cli.init.bad_area", lang, area=area)) from None
    password, shown = _password(name, lang, generate=generate)
    user = user_create(
        name,
        password,
        role=role,
        area_code=area,
        display_name=display_name or name,
        actor=system_actor("cli").key,
        language=LANGUAGES[language or lang],
    )
    click.echo(word("cli.user.added", lang, name=user.username, role=word(f"role.{role}", lang), area=area))
    _show(shown, lang)


@command.command("password")
@click.argument("name")
@click.option("--generate", is_flag=True, help="Make a password and print it once.")
@click.pass_obj
def password(lang: str, name: str, generate: bool) -> None:
    """Give a user a new password; it ends every session of that user."""
    user = User.objects.filter(username=name).first()
    if user is None:
        raise click.UsageError(word("cli.user.unknown", lang, name=name, command="fangkong user list"))
    chosen, shown = _password(name, lang, generate=generate)
    user_create(
        name,
        chosen,
        role=user.role,
        area_code=user.area_code,
        display_name=user.display_name,
        actor=system_actor("cli").key,
        language=user.language,
    )
    click.echo(word("cli.user.password_set", lang, name=name))
    _show(shown, lang)


@command.command("email")
@click.argument("name")
@click.argument("address", default="")
@click.pass_obj
def email(lang: str, name: str, address: str) -> None:
    """Send a user's notices to ADDRESS; without one, nowhere."""
    user_email_set(name, address, actor=system_actor("cli").key)
    code = "cli.user.email_set" if address else "cli.user.email_off"
    click.echo(word(code, lang, name=name))
    if address and not settings.EMAIL_HOST:
        click.echo(word("cli.user.no_mail", lang, variable="FANGKONG_SMTP_URL"))


@command.command("list")
@click.pass_obj
def listed(lang: str) -> None:
    """Who may sign in, as what, and where."""
    rows = list(User.objects.filter(is_active=True).order_by("area_code", "role", "username"))
    if not rows:
        click.echo(word("cli.user.none", lang, command="fangkong user add NAME --role ROLE"))
        return
    names = dict(Area.objects.open().values_list("key", "name_zh" if lang == "zh" else "name_en"))
    table = _table("user", "name", "role", "area", lang=lang)
    for row in rows:
        area = names.get(row.area_code) or row.area_code
        table.add_row(row.username, row.display_name, word(f"role.{row.role}", lang), area)
    Console().print(table, highlight=False)


@command.command("roles")
@click.pass_obj
def role_list(lang: str) -> None:
    """The roles: their code, and what they are called on pages."""
    table = _table("code", "role", lang=lang)
    for role in roles():
        table.add_row(role, word(f"role.{role}", lang))
    Console().print(table, highlight=False)


def _table(*columns: str, lang: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(word(f"cli.user.column.{column}", lang), no_wrap=True)
    return table


def _password(name: str, lang: str, *, generate: bool) -> tuple[str, str]:
    """(the password, the same when it has to be shown because nobody chose it, else "")."""
    if generate:
        made = _generated()
        return made, made
    if given := os.environ.get(PASSWORD_VARIABLE, ""):
        return _long_enough(given, lang), ""
    if not sys.stdin.isatty():
        # Nobody to ask: one is made, so that a script never leaves an account without a password.
        made = _generated()
        return made, made
    typed = click.prompt(
        word("cli.user.prompt", lang, name=name, n=LEAST_LETTERS), hide_input=True, confirmation_prompt=True
    )
    return _long_enough(typed, lang), ""


def _long_enough(given: str, lang: str) -> str:
    if len(given) < LEAST_LETTERS:
        raise click.UsageError(word("cli.user.short", lang, n=LEAST_LETTERS))
    return given


def _generated() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS))
    return "-".join(groups)


def _show(password: str, lang: str) -> None:
    if password:
        click.echo(word("cli.user.made", lang, password=password))
