"""Digests of identities: half as long, in one index instead of three, and beside the identity that they are of."""

from itertools import groupby

from django.db import migrations, models

KINDS = ("id_number", "phone", "name", "pinyin")
BYTES = 16
BATCH = 2000


def beside_the_identity(apps, schema_editor):
    """Copy the digests of each person to the identity; the longer forms are cut to their first 128 bits."""
    quote, connection = schema_editor.quote_name, schema_editor.connection
    identity = quote(apps.get_model("record", "Identity")._meta.db_table)
    digest = quote(apps.get_model("record", "IdentityDigest")._meta.db_table)
    last = ""
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT person_key FROM {identity} WHERE person_key > %s ORDER BY person_key LIMIT {BATCH}",  # noqa: S608
                [last],
            )
            people = [key for (key,) in cursor.fetchall()]
            if not people:
                break
            cursor.execute(
                f"SELECT person_key, kind, digest FROM {digest} "  # noqa: S608
                "WHERE person_key >= %s AND person_key <= %s ORDER BY person_key",
                [people[0], people[-1]],
            )
            packed = []
            for key, rows in groupby(cursor.fetchall(), key=lambda row: row[0]):
                held = {kind: bytes.fromhex(text)[:BYTES] for _, kind, text in rows}
                packed.append((b"".join(held.get(kind, bytes(BYTES)) for kind in KINDS), key))
            cursor.executemany(f"UPDATE {identity} SET digests = %s WHERE person_key = %s", packed)  # noqa: S608
            last = people[-1]
        cursor.execute(f"UPDATE {digest} SET digest = substr(digest, 1, {2 * BYTES})")  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("record", "0010_intake"),
    ]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="digests",
            field=models.BinaryField(default=b"", max_length=64),
        ),
        migrations.RunPython(beside_the_identity, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name="identitydigest",
            name="identitydigest_once",
        ),
        migrations.RemoveIndex(
            model_name="identitydigest",
            name="identitydigest_find",
        ),
        migrations.AlterField(
            model_name="identitydigest",
            name="digest",
            field=models.CharField(max_length=32),
        ),
        migrations.AlterField(
            model_name="identitydigest",
            name="person_key",
            field=models.CharField(max_length=96),
        ),
        migrations.AddConstraint(
            model_name="identitydigest",
            constraint=models.UniqueConstraint(
                fields=("digest", "kind", "person_key"), name="identitydigest_once"
            ),
        ),
    ]
