"""What neighbours say opens a verification for the investigators, and never a measure."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.command.worker import tick
from fangkong.core.errors import Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import clock, colleague, person
from fangkong.public.third_party import TOPICS, third_party_report
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import Case, Contact, ExposureJudgement, Order, Place, Signal, Task, Timer

pytestmark = pytest.mark.django_db
AT = clock("2022-07-11", "09:00")
#: What would restrict somebody or say something about them.
MEASURES = (Case, Contact, Order, ExposureJudgement, Signal, Timer)


@pytest.fixture(autouse=True)
def somebody(db):
    person("person-1", "990101", known=AT)
    place = {"key": "market-1", "kind": "market", "name_zh": "市场", "area_code": "990102"}
    load(Place, [place], actor="test", source_key="test", known_from=AT)


def report(about="person", key="person-1", *, topic="symptoms", area="9901", at=AT) -> str:
    return third_party_report(about, key, topic=topic, actor=colleague("duty_officer", area), at=at)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_report_is_a_task_to_verify_and_nothing_else(topic):
    colleague("investigation_group", "9901")
    key = report(topic=topic)
    tick(AT + timedelta(minutes=1), system_actor("worker"))
    task = Task.objects.open().get()
    assert (task.key, task.kind, task.owner_role) == (key, "verify_report", "investigation_group")
    assert task.params == {"about": "person", "about_key": "person-1", "topic": topic}
    assert [model.__name__ for model in MEASURES if model.objects.exists()] == []


def test_however_many_say_it_on_one_day_it_is_one_task_and_the_next_day_another():
    assert len({report() for _ in range(20)}) == 1
    assert report(at=AT + timedelta(days=1)) != report()
    tick(AT + timedelta(days=2), system_actor("worker"))
    assert [model.__name__ for model in MEASURES if model.objects.exists()] == []


def test_it_is_verified_where_the_person_or_the_place_is():
    report()
    report("place", "market-1")
    report("area", "990103")
    areas = {task.subject_kind: task.area_code for task in Task.objects.open()}
    assert areas == {"person": "990101", "place": "990102", "area": "990103"}


def test_what_cannot_be_taken():
    with pytest.raises(NotFound):
        report(key="nobody")
    with pytest.raises(NotFound):
        report("place", "market-1", area="990101")
    with pytest.raises(NotFound):
        report("area", "the old town")
    with pytest.raises(Forbidden):
        report("area", "990202")
    with pytest.raises(InputError, match="unknown_about"):
        report("family", "person-1")
    with pytest.raises(InputError, match="unknown_topic"):
        report(topic="rumour")
    with pytest.raises(Forbidden):
        third_party_report("person", "person-1", topic="other", actor=colleague("laboratory"), at=AT)
    assert not Task.objects.exists()
