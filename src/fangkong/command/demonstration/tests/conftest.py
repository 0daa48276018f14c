"""A small demonstration city, loaded once for each test that reads it."""

from __future__ import annotations

import pytest

from fangkong.command.demonstration.actions import Summary, load_demonstration
from fangkong.record.access import system_actor

SEED, POPULATION = 3, 2000


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory) -> Summary:
    """The summary of a small city that is in the record while the tests of one module run."""
    from django.db import transaction
    from django.test.utils import override_settings

    home = tmp_path_factory.mktemp("home")
    with django_db_blocker.unblock(), override_settings(HOME=home), transaction.atomic():
        try:
            yield load_demonstration(actor=system_actor("cli"), seed=SEED, population=POPULATION)
        finally:
            transaction.set_rollback(True)
