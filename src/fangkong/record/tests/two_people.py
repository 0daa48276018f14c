"""Two people at the same thing in the same instant: the second one begins before the first has committed.

``met`` plays the scenes of a room in a process with an installation of its own (``main``). The first person's deed is
done inside a transaction that stays open; the second one's begins in another thread, on a connection of its own, and
waits; only when it is seen to wait, or has ended, does the first one commit. Each scene begins with an empty record.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlparse

from .killed_process import run

Act = Callable[[], Any]

#: Both deeds, and what says how the record stands afterwards.
Scene = tuple[Act, Act, Act]

_MAKE = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
"""

_MEET = """
import django
django.setup()
from {module} import SCENES
from fangkong.record.tests.two_people import main
main(SCENES)
"""


class Told(NamedTuple):
    """What the second person reads: ``refusal`` ("" for an answer), what it ``names``, and how the record stands."""

    refusal: str
    names: str
    stood: Any


def met(module: str, folder: Path) -> dict[str, Any]:
    """What came of every scene in ``SCENES`` of ``module``, each in an empty record, in one process.

    It works on the engine that the tests run on: on PostgreSQL in a database of its own, dropped at the end.
    """
    home = folder / "home"
    home.mkdir()
    with _database() as address:
        made = run(_MAKE, home, database=address)
        assert made.returncode == 0, made.stderr
        done = run(_MEET.format(module=module), home, seconds=300, database=address)
        assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check(came: dict[str, Any], told: Told) -> None:
    """Nothing when one deed stands and the other person read what ``told`` says; ``came`` is of ``met``."""
    first, second = came["outcomes"]
    assert "answer" in first, first
    if told.refusal:
        assert f"{second.get('kind')} {second.get('refused')}" == told.refusal, second
        assert told.names in second["params"], second
    else:
        assert "answer" in second, second
    assert came["stood"] == repr(told.stood)
    assert came["chain"] == ""


@contextmanager
def _database() -> Iterator[str]:
    """The address of an empty PostgreSQL database; "" where the tests run on SQLite."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield ""
        return
    import psycopg

    server = os.environ["FANGKONG_DATABASE_URL"]
    name = f"two_people_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlparse(server)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


#: How long the second person is given to begin waiting, in seconds.
_PATIENCE = 5.0


def together(first: Act, second: Act) -> list[dict[str, Any]]:
    """What came of both: {answer} or {refused, params} each; the first one's was done and not yet committed."""
    from django.db import connection, transaction

    ended = threading.Event()
    found: dict[str, Any] = {}

    def follow() -> None:
        try:
            found.update(outcome_of(second))
        finally:
            connection.close()
            ended.set()

    thread = threading.Thread(target=follow)
    with transaction.atomic():
        before = outcome_of(first)
        thread.start()
        _until_it_waits(ended)
    thread.join(_PATIENCE * 4)
    assert ended.is_set(), "the second one waits for ever"
    return [before, found]


def outcome_of(act: Act) -> dict[str, Any]:
    """``{answer}``, or ``{refused, params}`` for a refusal."""
    from fangkong.core.errors import FangkongError

    try:
        return {"answer": repr(act())}
    except FangkongError as refused:
        return {"refused": refused.code, "params": repr(refused.params), "kind": type(refused).__name__}
    except Exception as failure:
        return {"refused": repr(failure), "params": "", "kind": type(failure).__name__}


def _until_it_waits(ended: threading.Event) -> None:
    """Comes back when the other connection waits for a lock of this one, or has ended."""
    from django.db import connection

    if connection.vendor != "postgresql":
        # One writer: whoever comes second waits before its first statement.
        ended.wait(0.05)
        return
    until = time.monotonic() + _PATIENCE
    while not ended.wait(0.01) and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return


@contextmanager
def scene() -> Iterator[None]:
    """An empty record for what is done inside: on SQLite a copy of the empty file, on PostgreSQL emptied tables."""
    from django.db import connection, connections

    if connection.vendor == "postgresql":
        _empty()
        yield
        return
    settings = connections.databases["default"]
    empty = settings["NAME"]
    with tempfile.TemporaryDirectory() as folder:
        connection.close()
        copied = shutil.copyfile(empty, Path(folder) / "fangkong.sqlite3")
        settings["NAME"] = connection.settings_dict["NAME"] = copied
        try:
            yield
        finally:
            connection.close()
            settings["NAME"] = connection.settings_dict["NAME"] = empty


def _empty() -> None:
    """Every table of the record but the audit chain, which nobody empties: it goes on through all scenes."""
    from django.apps import apps
    from django.db import connection

    models = [model for model in apps.get_models() if model.__module__.startswith("fangkong.")]
    tables = [
        connection.ops.quote_name(model._meta.db_table)
        for model in models
        if not model._meta.object_name.startswith("Audit")
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY")


def main(scenes: dict[str, Callable[[], Scene]]) -> None:
    """Print name -> {outcomes, stood, chain}; a scene gives both deeds and what says how the record stands then."""
    import django

    django.setup()
    from django.conf import settings

    from fangkong.record.audit import verify

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    found = {}
    for name, ready in scenes.items():
        with scene():
            first, second, stands = ready()
            outcomes = together(first, second)
            found[name] = {"outcomes": outcomes, "stood": repr(stands()), "chain": verify().problem}
    print(json.dumps(found))
