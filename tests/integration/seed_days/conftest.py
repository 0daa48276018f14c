"""Each of the five days, lived once for all tests that look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from .gold import SEEDS, seeds
from .lived_day import Day, live
from .office_acts import act


@pytest.fixture(scope="module", params=SEEDS)
def day(request: pytest.FixtureRequest, django_db_setup, django_db_blocker, real_data: Path) -> Iterator[Day]:
    """The day of one page, in the record while the tests of one module look at it."""
    from django.db import transaction

    found = seeds(real_data)[request.param]
    if not found.path.is_file():
        pytest.skip(f"no stored page {found.path.name} beside the real data")
    with django_db_blocker.unblock(), transaction.atomic():
        try:
            yield live(found, act)
        finally:
            transaction.set_rollback(True)
            shutil.rmtree(Path(settings.HOME) / "inbox", ignore_errors=True)
