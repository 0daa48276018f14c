"""What every test shares: a home of its own, fresh keys, the real data where they are, the kill registry."""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

# CI repeats itself; `make deep` (FANGKONG_DEEP) looks further, and anew each time.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("deep", max_examples=2000, deadline=None)
hypothesis.settings.load_profile("deep" if os.environ.get("FANGKONG_DEEP") else "ci")

CHECKOUT = Path(__file__).resolve().parent
_home = tempfile.TemporaryDirectory(prefix="fangkong-test-")
# pytest-django has read the settings before this file runs, so the home is changed in them, not only around them.
settings.HOME = Path(_home.name)
settings.KEYFILE = Path(_home.name) / "keys" / "keyring.json"
# Passwords of tests guard nothing; the real hasher is slow on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
os.environ["FANGKONG_HOME"] = _home.name
os.environ.pop("FANGKONG_KEYFILE", None)


@pytest.fixture(scope="session", autouse=True)
def _keys():
    """Every test process has its own key file; identities made in tests can be opened in tests only."""
    from fangkong.record.keyring import create

    create(settings.KEYFILE)


@pytest.fixture
def cpu_seconds() -> Callable[[Callable[[], object]], float]:
    """The least processor time of three runs of a deed, in seconds.

    A crowded machine and the collector walking the heap of all earlier tests only ever add to a run, so the least
    of a few is the deed's own; a deed that is really slow is slow in all three.
    """

    def least(deed: Callable[[], object]) -> float:
        seconds = []
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                began = time.process_time()
                deed()
                seconds.append(time.process_time() - began)
        finally:
            gc.enable()
        return min(seconds)

    return least


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real data sets (FANGKONG_REAL_DATA); where it is absent the test says so and is not run."""
    folder = Path(os.environ.get("FANGKONG_REAL_DATA", CHECKOUT.parent / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip("no real data: set FANGKONG_REAL_DATA to the folder that holds them")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that kill processes work on SQLite files of their own; the report says so for scripts/run_tests.py."""
    for item in items:
        if item.get_closest_marker("kill"):
            item.user_properties.append(("sqlite_only", "kill"))
