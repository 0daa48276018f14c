"""What the worker watches every second each step of the day watches too: clocks run on without a worker, and once."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from fangkong.command.cycle import run_cycle
from fangkong.command.directives.tests import offices
from fangkong.command.directives.tests.offices import CITY, DISTRICT, known, work
from fangkong.command.duty.actions import NewShift, RosterBroken, shift_enter
from fangkong.command.models import DutyShift
from fangkong.command.tasks.giving import tasks_create
from fangkong.command.worker import tick
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation, installation_set
from fangkong.record.models import Event, Task, User

pytestmark = pytest.mark.django_db

CLI = system_actor("cli")
AS_OF = date(2022, 4, 12)


@pytest.fixture(autouse=True)
def _office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    installation_set(actor="test", area_code=CITY, disease="covid-19")


def left_alone() -> tuple[str, str]:
    """A task that nobody takes and a directive whose last day is the eleventh; a shift that began at eight."""
    known("co_chair"), known("district_officer", DISTRICT), known("street_officer", "990101001")
    task = tasks_create([work(hours=60)], actor=system_actor("reaction"), at=offices.AT)[0]
    directive = offices.issued(due_at=offices.after(8), sunset_on=date(2022, 4, 11))
    chief, keeper = known("duty_officer"), known("general_group", name="keeper")
    shift = NewShift(offices.after(-1), offices.after(23), chief.key)
    given = {"area_code": CITY, "actor": keeper, "at": offices.after(-2)}
    try:
        shift_enter(shift, **given)
    except RosterBroken as seen:
        shift_enter(shift, **given, knowingly=seen.token)
    return task, directive


def test_the_day_keeps_the_clocks_of_tasks_directives_and_duty():
    task, directive = left_alone()
    run_cycle(AS_OF, actor=CLI)
    assert Task.objects.open().get(key=task).params["escalated_to"]
    assert Event.objects.filter(kind="task.escalated", subject_key=task).count() == 1
    assert offices.directive(directive).state == "lapsed"
    assert DutyShift.objects.open().get().state == "on"
    assert Task.objects.open().filter(kind="close_out").count() == 1


def test_a_second_run_of_the_day_changes_nothing():
    left_alone()
    run_cycle(AS_OF, actor=CLI)
    before = record_digest()
    assert not run_cycle(AS_OF, actor=CLI).changed
    assert record_digest() == before


def test_a_worker_that_was_faster_leaves_the_day_nothing_to_watch():
    left_alone()
    close = installation().close_of(AS_OF)
    tick(close, system_actor("worker"))
    told = Event.objects.filter(kind__in=("task.escalated", "directive.lapsed", "tasks.assigned")).count()
    run_cycle(AS_OF, actor=CLI)
    after = Event.objects.filter(kind__in=("task.escalated", "directive.lapsed", "tasks.assigned")).count()
    assert after == told


def test_a_past_day_takes_nothing_out_of_hands_that_left_since():
    worker = known("street_officer", "990101001")
    key = tasks_create(
        [work(area="990101001", hours=24 * 9, owner_key=worker.key)],
        actor=system_actor("reaction"),
        at=offices.AT,
    )[0]
    User.objects.filter(key=worker.key).update(is_active=False)
    known("street_officer", "990101001", name="next")
    run_cycle(AS_OF, actor=CLI)
    assert Task.objects.open().get(key=key).owner_key == worker.key, "of that day nobody knows who had left"
    today = installation().today()
    run_cycle(today, actor=CLI)
    assert Task.objects.open().get(key=key).owner_key == ""
    assert Task.objects.open().get(key=key).known_from > installation().now() - timedelta(minutes=5)
