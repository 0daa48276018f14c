"""What Django's schema cannot say: an append-only audit, and a schema of its own for identities."""

from django.db import migrations

AUDIT = "record_auditrow"
IDENTITY_TABLES = ("record_identity", "record_identitykey", "record_identitydigest")


def forwards(apps, schema_editor):
    apps.get_model("record", "AuditHead").objects.get_or_create(name="head")
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON {AUDIT} "
                f"BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END"
            )
        return
    schema_editor.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit rows are append-only'; END $$"
    )
    schema_editor.execute(
        f"CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {AUDIT} "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
    )
    schema_editor.execute(
        f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {AUDIT} "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
    )
    schema_editor.execute("CREATE SCHEMA IF NOT EXISTS identity")
    schema_editor.execute("REVOKE ALL ON SCHEMA identity FROM PUBLIC")
    for table in IDENTITY_TABLES:
        schema_editor.execute(f"ALTER TABLE {table} SET SCHEMA identity")
    # A role that may read identities; the operator grants it to nobody but the application.
    schema_editor.execute(
        "DO $$ BEGIN "
        "IF (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) THEN "
        "  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'fangkong_identity') THEN "
        "    CREATE ROLE fangkong_identity NOLOGIN; END IF; "
        "  GRANT USAGE ON SCHEMA identity TO fangkong_identity; "
        "  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA identity TO fangkong_identity; "
        "END IF; END $$"
    )


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER audit_no_{verb}")
        return
    schema_editor.execute(f"DROP TRIGGER audit_append_only ON {AUDIT}")
    schema_editor.execute(f"DROP TRIGGER audit_no_truncate ON {AUDIT}")
    schema_editor.execute("DROP FUNCTION audit_append_only()")
    for table in IDENTITY_TABLES:
        schema_editor.execute(f"ALTER TABLE identity.{table} SET SCHEMA public")


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
