"""A throw-away installation, and the cases that the benchmarks load into it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

SEED, DISEASE, AREA = 7, "covid-19", "9901"

#: The console and the modules under test come from this checkout, by this interpreter.
FANGKONG = [sys.executable, "-c", "from fangkong.faces.cli.main import main; main()"]


@contextmanager
def throwaway_home() -> Iterator[dict[str, str]]:
    """The environment of an installation that is gone afterwards."""
    with TemporaryDirectory(prefix="fangkong-bench-") as folder:
        environment = {**os.environ, "FANGKONG_HOME": folder, "DJANGO_SETTINGS_MODULE": "fangkong.settings"}
        for name in ("FANGKONG_KEYFILE", "FANGKONG_DATABASE_URL", "FANGKONG_KILL_AT"):
            environment.pop(name, None)
        yield environment


def run_part(module: str, *arguments: str, environment: dict[str, str]) -> str:
    """What ``python -m benchmarks.<module>`` printed; what it says on standard error is shown."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def prepare() -> None:
    """Django, the keys and the tables of this process's FANGKONG_HOME."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from fangkong.record import keyring

    Path(settings.HOME).mkdir(parents=True, exist_ok=True)
    keyring.create(Path(settings.KEYFILE))
    call_command("migrate", verbosity=0, interactive=False)


def case_rows(batch: Any) -> list[dict[str, Any]]:
    """Rows of the record for a ``CaseBatch``, in its order."""
    onset = [None if np.isnat(day) else day.astype(object) for day in batch.onset_on]
    year = batch.reported_on.astype("datetime64[Y]").astype(int) + 1970
    columns = zip(
        batch.key.tolist(),
        batch.person.tolist(),
        batch.building.tolist(),
        batch.classification.tolist(),
        batch.severity.tolist(),
        batch.reported_on.astype(object),
        onset,
        batch.sampled_at.astype("datetime64[D]").astype(object),
        batch.channel.tolist(),
        (year - batch.birth_year).tolist(),
        batch.known_at.astype("datetime64[s]").astype(object),
        strict=True,
    )
    return [
        {
            "key": key,
            "case_no": f"B{number:07d}",
            "person_key": person,
            "disease": DISEASE,
            "area_code": building[:12],
            "classification": classification,
            "classified_on": reported,
            "severity": severity,
            "reported_on": reported,
            "onset_on": onset_on,
            "sampled_on": sampled,
            "diagnosed_on": reported,
            "channel": channel,
            "age_years": age,
            "known_from": _utc(known_at),
        }
        for number, (
            key,
            person,
            building,
            classification,
            severity,
            reported,
            onset_on,
            sampled,
            channel,
            age,
            known_at,
        ) in enumerate(columns)
    ]


def link_rows(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A known source for every fifth of ``cases``: the case before it."""
    return [
        {
            "key": f"link-{cases[n]['key']}",
            "disease": DISEASE,
            "from_case_key": cases[n - 1]["key"],
            "to_case_key": cases[n]["key"],
            "known_from": cases[n]["known_from"],
        }
        for n in range(5, len(cases), 5)
    ]


def contact_rows(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A contact of every fifth of ``cases``, where the case lives; every second one is found already."""
    return [
        {
            "key": f"contact-{cases[n]['key']}",
            "case_key": cases[n]["key"],
            "person_key": cases[n - 1]["person_key"],
            "disease": DISEASE,
            "area_code": cases[n]["area_code"],
            "tier": "close",
            "last_exposure_on": cases[n]["reported_on"],
            "identified": True,
            "located": n % 2 == 0,
            "known_from": cases[n]["known_from"],
        }
        for n in range(5, len(cases), 5)
    ]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
