"""A day runs from its files to its report, and running it again changes nothing."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from fangkong.command.cycle import STEPS, run_cycle
from fangkong.command.reports import report_get
from fangkong.core.clock import FAR_FUTURE
from fangkong.core.errors import Forbidden, InputError
from fangkong.core.killpoints import registered
from fangkong.record import audit
from fangkong.record.access import actor_of, system_actor
from fangkong.record.actions import user_create
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation, installation_set
from fangkong.record.load import load
from fangkong.record.models import Contact, CycleStep, Document, Order, Signal

CLI = system_actor("cli")
CITY = "shanghai_2022_city_daily_to_0410.csv"
DISTRICTS = "shanghai_2022_district_daily_by_source_to_0410.csv"
AS_OF = date(2022, 3, 29)


@pytest.fixture
def inbox(db, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty inbox of an installation that speaks of COVID-19 in Shanghai."""
    monkeypatch.setattr(settings, "HOME", tmp_path)
    installation_set(actor="test", area_code="31", disease="covid-19")
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def filled(inbox: Path, real_data: Path) -> Path:
    """The inbox with both bulletins of Shanghai."""
    for name in (CITY, DISTRICTS):
        shutil.copy(real_data / name, inbox)
    return inbox


def outcomes(result: Any) -> dict[str, dict[str, Any]]:
    return {step.step: step.outcome for step in result.steps}


def test_the_day_runs_from_files_to_report(filled: Path) -> None:
    told: list[str] = []
    result = run_cycle(AS_OF, actor=CLI, progress=lambda step, done, total: told.append(step))
    found = outcomes(result)
    assert tuple(found) == STEPS == tuple(dict.fromkeys(told))
    assert found["receive"]["files"] == 2
    assert found["receive"]["accepted"] == 41 + 1423
    assert found["assess"]["figures"]["growth"] > 0
    assert result.report_key == found["publish"]["report"]
    report = report_get(AS_OF, actor=CLI, at=installation().now())
    assert report["issue"]["version"] == 1
    assert Document.objects.open().get(key=result.figures_key).content["known_through"] == "2022-03-29"
    assert set(CycleStep.objects.filter(as_of=AS_OF).values_list("step", flat=True)) == set(STEPS)
    assert sorted(path.name for path in filled.iterdir()) == [CITY, DISTRICTS]
    assert audit.verify().problem == ""


def test_running_the_day_again_changes_nothing(filled: Path) -> None:
    run_cycle(AS_OF, actor=CLI)
    before = record_digest()
    again = run_cycle(AS_OF, actor=CLI)
    assert not again.changed
    assert record_digest() == before


def test_what_a_past_day_writes_is_known_since_its_close(filled: Path) -> None:
    result = run_cycle(AS_OF, actor=CLI)
    close = installation().close_of(AS_OF)
    assert Document.objects.get(key=result.report_key).known_from == close
    assert Signal.objects.get(kind="missing_bulletin").known_from == close


def test_a_missing_bulletin_is_a_signal(filled: Path) -> None:
    found = outcomes(run_cycle(AS_OF, actor=CLI))
    assert found["command"]["missing_days"] == ["2022-03-28"]
    signal_row = Signal.objects.get(kind="missing_bulletin", known_to=FAR_FUTURE)
    assert signal_row.params == {"day": "2022-03-28"}
    # The day before, its own bulletin had not come either, and nothing else was missing.
    assert outcomes(run_cycle(date(2022, 3, 28), actor=CLI))["command"]["missing_days"] == ["2022-03-28"]
    assert outcomes(run_cycle(date(2022, 3, 27), actor=CLI))["command"]["missing_days"] == []


def test_a_file_that_is_refused_stops_nothing(filled: Path) -> None:
    (filled / "a-notes.csv").write_text("这不是,一张表\n1,2\n", encoding="utf-8")
    result = run_cycle(AS_OF, actor=CLI)
    assert outcomes(result)["receive"]["refused"] == 1
    assert [name for name, _ in result.steps[0].refused] == ["a-notes.csv"]
    assert result.report_key


def test_contacts_without_an_order_get_a_proposal(filled: Path) -> None:
    run_cycle(AS_OF, actor=CLI)
    contact = {
        "key": "contact-1",
        "case_key": "case-1",
        "person_key": "person-1",
        "disease": "covid-19",
        "area_code": "310115",
        "tier": "close",
        "last_exposure_on": AS_OF,
    }
    late = contact | {"key": "contact-2", "person_key": "person-2"}
    close = installation().close_of(AS_OF)
    load(Contact, [contact], actor="test", source_key="receipt-test", known_from=close)
    load(Contact, [late], actor="test", source_key="receipt-test", known_from=close + timedelta(days=1))
    result = run_cycle(AS_OF, actor=CLI)
    assert [order.reason_key for order in Order.objects.all()] == ["contact-1"]
    assert Order.objects.get().state == "proposed"
    assert outcomes(result)["control"] == {
        "orders": 1,
        "to_decide": 1,
        "undecided": 0,
        "rejudged": 0,
        "shorter": 0,
    }
    assert outcomes(result)["trace"]["total"] == 1
    assert result.changed
    assert not run_cycle(AS_OF, actor=CLI).changed


def test_a_day_that_has_not_come_is_refused(db) -> None:
    with pytest.raises(InputError, match=r"cycle\.future_day"):
        run_cycle(installation().today() + timedelta(days=1), actor=CLI)


def test_a_role_that_does_not_run_the_day_is_told_who_does(db) -> None:
    user = user_create(
        "street",
        "long-enough-password",
        role="street_officer",
        area_code="310115001",
        display_name="x",
        actor="test",
    )
    with pytest.raises(Forbidden) as told:
        run_cycle(AS_OF, actor=actor_of(user))
    assert told.value.params["roles"] == ["duty_officer"]


RUN = """
import sys
from datetime import date
import django
django.setup()
from fangkong.command.cycle import run_cycle
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
run_cycle(date(2022, 3, 29), actor=system_actor("cli"))
print(record_digest()["record"])
"""

MAKE = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
from fangkong.record.keyring import create
create(settings.KEYFILE)
call_command("migrate", verbosity=0)
from fangkong.desks.intake.actions import receive_file
from fangkong.record.access import system_actor
from fangkong.record.installation import installation_set
from pathlib import Path
installation_set(actor="test", area_code="31", disease="covid-19")
for path in sorted((settings.HOME / "inbox").iterdir()):
    receive_file(path, actor=system_actor("cli"))
"""


def in_process(home: Path, script: str, kill_at: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "FANGKONG_HOME": str(home),
        "FANGKONG_KILL_AT": kill_at,
        "DJANGO_SETTINGS_MODULE": "fangkong.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.kill
def test_a_day_that_was_killed_goes_on_to_the_same_record(real_data: Path, tmp_path: Path) -> None:
    points = [f"cycle.{step}_{when}" for step in STEPS for when in ("worked", "done")]
    assert set(points) <= set(registered())
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    (whole / "inbox").mkdir(parents=True)
    for name in (CITY, DISTRICTS):
        shutil.copy(real_data / name, whole / "inbox")
    made = in_process(whole, MAKE)
    assert made.returncode == 0, made.stderr
    shutil.copytree(whole, killed)
    uninterrupted = in_process(whole, RUN)
    assert uninterrupted.returncode == 0, uninterrupted.stderr
    # The documents are written and the row that says so is not.
    assert in_process(killed, RUN, kill_at="cycle.publish_worked").returncode == -signal.SIGKILL
    resumed = in_process(killed, RUN)
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == uninterrupted.stdout
