"""``fangkong purge``: destroy the keys of identities, for every backup too; the facts stay."""

from __future__ import annotations

import click

from fangkong.desks.intake.actions import sealed_keys_remove
from fangkong.faces.words.catalogue import word
from fangkong.record.access import system_actor
from fangkong.record.identities import person_purge, storage_scrub
from fangkong.record.models import IdentityKey


@click.command("purge")
@click.option(
    "--person", "people", multiple=True, metavar="KEY", help="A person's key; may be given several times."
)
@click.option("--all-identities", is_flag=True, help="Everybody: the end of the outbreak.")
@click.option("--reason", required=True, help="The legal reason; enters the audit chain as a digest.")
@click.pass_obj
def command(lang: str, people: tuple[str, ...], all_identities: bool, reason: str) -> None:
    """Destroy identities. It cannot be undone, not even from a backup."""
    if bool(people) == all_identities:
        raise click.UsageError(word("cli.purge.choose", lang, person="--person", everyone="--all-identities"))
    keys = IdentityKey.objects.values_list("person_key", flat=True) if all_identities else people
    count = person_purge(list(keys), actor=system_actor("cli").key, reason=reason)
    receipts = sealed_keys_remove()
    storage_scrub()
    click.echo(word("cli.purge.done", lang, n=count, receipts=receipts))
