"""``fangkong purge``: destroy the keys of identities, for every backup too; the facts stay."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fangkong.core.errors import NotFound
from fangkong.desks.intake.actions import sealed_keys_remove
from fangkong.faces.words.catalogue import has_word, word
from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.identity_purging import person_purge, storage_scrub
from fangkong.record.installation import installation
from fangkong.record.models import IdentityKey, PurgeCertificate, User
from fangkong.record.retention.purging import DueLine, purge_due, purge_run

_CATEGORY = click.option(
    "--category",
    "categories",
    multiple=True,
    metavar="CODE",
    help="Only this category; may be given several times.",
)
_OVER = click.option(
    "--over", metavar="DISEASE", default="", help="The response to this disease is declared over."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.group("purge", invoke_without_command=True)
@click.option(
    "--person", "people", multiple=True, metavar="KEY", help="A person's key; may be given several times."
)
@click.option("--all-identities", is_flag=True, help="Everybody: the end of the outbreak.")
@click.option(
    "--reason", help="The legal reason; enters the audit chain as a digest. Required without a command."
)
@click.pass_context
def command(ctx: click.Context, people: tuple[str, ...], all_identities: bool, reason: str | None) -> None:
    """Destroy identities. It cannot be undone, not even from a backup."""
    if ctx.invoked_subcommand is not None:
        return
    lang: str = ctx.obj
    if bool(people) == all_identities:
        raise click.UsageError(word("cli.purge.choose", lang, person="--person", everyone="--all-identities"))
    if not reason:
        raise click.MissingParameter(param_hint="--reason", param_type="option", ctx=ctx)
    keys = IdentityKey.objects.values_list("person_key", flat=True) if all_identities else people
    count = person_purge(list(keys), actor=system_actor("cli").key, reason=reason)
    receipts = sealed_keys_remove()
    storage_scrub()
    click.echo(word("cli.purge.done", lang, n=count, receipts=receipts))


@command.command("due")
@_CATEGORY
@_OVER
@_JSON
@click.pass_obj
def due(lang: str, categories: tuple[str, ...], over: str, as_json: bool) -> None:
    """List what is due for purge, by rule or on release, and what holds it back. Changes nothing."""
    found = purge_due(installation().now(), actor=system_actor("cli"), categories=categories, over=over)
    if as_json:
        click.echo(json.dumps([_plain(line) for line in found], ensure_ascii=False, indent=1, default=str))
        return
    if not found:
        click.echo(word("cli.purge.nothing_due", lang))
        return
    shown = Table(*(word(f"retention.column.{name}", lang) for name in _COLUMNS))
    for each in found:
        shown.add_row(*_cells(each, lang))
    Console().print(shown)
    if any(each.needs_release and each.people for each in found):
        click.echo(
            word(
                "cli.purge.how_to_release",
                lang,
                command="fangkong purge run --released-by USER --reason TEXT",
            )
        )


@command.command("run")
@_CATEGORY
@_OVER
@click.option(
    "--released-by",
    metavar="USER",
    help="Sign-in name of the person who releases what no rule ends by itself.",
)
@click.option("--reason", default="", help="Why it is released. Required with --released-by.")
@_JSON
@click.pass_obj
def run(
    lang: str, categories: tuple[str, ...], over: str, released_by: str | None, reason: str, as_json: bool
) -> None:
    """Purge what is due and print the certificates; goes on where a killed run stopped."""
    found = purge_run(
        actor=_actor(released_by),
        at=installation().now(),
        categories=categories,
        release=bool(released_by) and not over,
        over=over,
        reason=reason,
    )
    if as_json:
        click.echo(
            json.dumps([_certificate(each) for each in found], ensure_ascii=False, indent=1, default=str)
        )
        return
    if not found:
        click.echo(word("cli.purge.nothing_done", lang))
    for each in found:
        click.echo(
            word(
                "cli.purge.certificate",
                lang,
                n=each.people,
                category=word(f"retention.category.{each.category}", lang),
                disease=_disease(each.disease, lang),
                area=each.area_code,
                trigger=word(f"retention.trigger.{each.trigger}", lang),
                rule_row=each.rule_row or "-",
                key=each.key,
            )
        )


_COLUMNS = ("category", "disease", "area", "trigger", "rule_row", "lapsed_on", "people", "held_back", "by")


def _cells(each: DueLine, lang: str) -> list[str]:
    line = each.line
    held = [f"{word(f'retention.hold.{code}', lang)} {n}" for code, n in each.held_back]
    return [
        word(f"retention.category.{line.category}", lang),
        _disease(line.disease, lang),
        line.area_code,
        word(f"retention.trigger.{line.trigger}", lang),
        line.rule_row or "-",
        str(line.lapsed_on or "-"),
        f"{each.people:,}",
        word("frame.and", lang).join(held) or "-",
        word(f"retention.by.{'person' if each.needs_release else 'rule'}", lang),
    ]


def _disease(code: str, lang: str) -> str:
    return word(f"disease.{code}", lang) if has_word(f"disease.{code}") else code or "-"


def _actor(released_by: str | None) -> Actor:
    if released_by is None:
        return system_actor("cli")
    user = User.objects.filter(username=released_by, is_active=True).first()
    if user is None:
        raise NotFound("retention.no_such_user", user=released_by)
    return actor_of(user)


def _plain(each: DueLine) -> dict[str, Any]:
    return {
        **asdict(each.line),
        "purpose": each.purpose,
        "needs_release": each.needs_release,
        "people": each.people,
        "held_back": dict(each.held_back),
    }


def _certificate(each: PurgeCertificate) -> dict[str, Any]:
    names = (
        "key",
        "category",
        "purpose",
        "disease",
        "area_code",
        "trigger",
        "rule_row",
        "lapsed_on",
        "people",
        "rows",
        "digest",
        "by",
        "at",
        "issued_at",
    )
    return {name: getattr(each, name) for name in names}
