"""A standing duty opens exactly one finishable task for each event of its trigger, or each day of the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from fangkong.command.directives.actions import (
    duties_ask_for_review,
    duties_open_for_day,
    standing_duty_end,
    standing_duty_establish,
    standing_duty_keep,
)
from fangkong.command.directives.duty_queries import duties_kept, duties_list, duty_tasks
from fangkong.command.directives.triggers import triggers
from fangkong.command.models import StandingDuty
from fangkong.command.reactions.running import react
from fangkong.command.reactions.table import TABLE
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import case, clock, positive
from fangkong.record import audit, events
from fangkong.record.load import load
from fangkong.record.models import Case, Task

from .offices import AT, CITY, DISTRICT, OTHER, WORKER, after, drafter, known

pytestmark = pytest.mark.django_db


def establish(**more: Any) -> str:
    given: dict[str, Any] = {
        "title": "每起病例当日复盘",
        "area_code": CITY,
        "owner_role": "general_group",
        "post": "综合组组长",
        "trigger": "new_confirmed_case",
        "starts_on": date(2022, 4, 11),
        "review_on": date(2022, 5, 10),
        "actor": drafter(),
        "at": AT,
    }
    return standing_duty_establish(**(given | more))


def tell_case(key: str, *, hours: float = 1, classification: str = "confirmed", area: str = DISTRICT) -> None:
    """A case comes in, or is corrected, with its event."""
    row = {
        "key": key,
        "case_no": key,
        "person_key": "p",
        "disease": "covid-19",
        "area_code": area,
        "classification": classification,
        "reported_on": date(2022, 4, 11),
    }
    with audit.writing():
        load(Case, [row], actor="test", source_key="t", known_from=after(hours))
        told = {"person_key": "p", "disease": "covid-19"}
        events.emit("case.reported", key, area, at=after(hours), params=told)


def opened(duty_key: str) -> list[Task]:
    return list(Task.objects.open().filter(carries_out_key=duty_key).order_by("known_from", "key"))


def test_one_task_for_each_confirmed_case_and_no_second_for_the_same():
    key = establish()
    tell_case("C1")
    tell_case("C2", classification="asymptomatic")
    react(actor=WORKER)
    assert [task.subject_key for task in opened(key)] == ["C1"]
    # Reported again, and the other one converted: one more task, for the other one.
    tell_case("C1", hours=2, area=OTHER)
    tell_case("C2", hours=3)
    react(actor=WORKER)
    react(actor=WORKER)
    assert [task.subject_key for task in opened(key)] == ["C1", "C2"]
    task = opened(key)[0]
    assert (task.title, task.post, task.owner_role) == ("每起病例当日复盘", "综合组组长", "general_group")
    assert task.due_at == clock("2022-04-11", "23:59") + timedelta(seconds=59)
    kept = duties_kept([key], actor=drafter(), at=after(4))[key]
    assert (kept.tasks, kept.tasks_open, kept.tasks_late) == (2, 2, 0)
    assert duty_tasks(key, actor=drafter(), at=after(4)).total == 2


def test_two_duties_on_one_event_open_one_task_each():
    first, second = establish(), establish(title="通报周边区县", trigger="new_case")
    tell_case("C1")
    react(actor=WORKER)
    assert len(opened(first)) == len(opened(second)) == 1


def test_a_duty_of_one_district_hears_of_its_own_cases_only():
    key = establish(
        area_code=DISTRICT, owner_role="district_officer", actor=known("district_officer", DISTRICT)
    )
    tell_case("C1", area=OTHER)
    tell_case("C2")
    react(actor=WORKER)
    assert [task.subject_key for task in opened(key)] == ["C2"]


def test_a_positive_result_pulls_its_trigger():
    key = establish(trigger="positive_result")
    positive("R1", known=after(1), person_key="p1")
    react(actor=WORKER)
    assert [(task.subject_kind, task.subject_key) for task in opened(key)] == [("result", "R1")]


def test_an_ended_duty_and_one_not_yet_begun_open_no_more():
    key = establish()
    later = establish(title="下月起执行", starts_on=date(2022, 4, 20))
    tell_case("C1")
    react(actor=WORKER)
    standing_duty_end(key, "改由专班负责", actor=drafter(), at=after(2))
    tell_case("C2", hours=3)
    react(actor=WORKER)
    assert len(opened(key)) == 1
    assert opened(later) == []
    with pytest.raises(Conflict, match=r"standing_duty\.over"):
        standing_duty_end(key, "再结束一次", actor=drafter(), at=after(4))
    with pytest.raises(Conflict, match=r"standing_duty\.over"):
        establish()
    assert duties_list(actor=drafter(), at=after(4), state="ended").total == 1


@pytest.mark.parametrize(("recurs", "days", "tasks"), [("day", 14, 14), ("week", 14, 2), ("month", 21, 2)])
def test_the_calendar_opens_one_task_for_each_period(recurs, days, tasks):
    key = establish(trigger="", recurs=recurs)
    for day in range(days):
        at = AT + timedelta(days=day)
        duties_open_for_day(at, actor=WORKER)
        assert duties_open_for_day(at + timedelta(hours=1), actor=WORKER) == 0
    assert len(opened(key)) == tasks
    hours = {task.due_at.astimezone(clock("2022-04-11").tzinfo).strftime("%H:%M") for task in opened(key)}
    assert hours == {"14:00"}, "22:00 of the office's day"
    assert {task.rule_row for task in opened(key)} == {"office:close_out"}


def test_after_the_close_out_the_day_opens_nothing_more():
    establish(trigger="", recurs="day")
    assert duties_open_for_day(clock("2022-04-11", "22:01"), actor=WORKER) == 0
    assert duties_open_for_day(clock("2022-04-12", "00:01"), actor=WORKER) == 1


def test_a_duty_that_has_come_to_its_review_is_put_before_somebody_once():
    key = establish(review_on=date(2022, 4, 13))
    assert duties_ask_for_review(clock("2022-04-12", "23:00"), actor=WORKER) == 0
    assert duties_ask_for_review(clock("2022-04-13", "08:00"), actor=WORKER) == 1
    assert duties_ask_for_review(clock("2022-04-14", "08:00"), actor=WORKER) == 0
    now = clock("2022-04-14", "09:00")
    standing_duty_keep(key, review_on=date(2022, 5, 1), reason="仍需要", actor=drafter(), at=now)
    assert duties_ask_for_review(now, actor=WORKER) == 0
    assert StandingDuty.objects.open().get(key=key).review_on == date(2022, 5, 1)


def test_the_same_words_twice_are_one_duty():
    assert establish() == establish()
    assert StandingDuty.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"title": ""}, "title_needed"),
        ({"owner_role": "mayor"}, "task.unknown_role"),
        ({"evidence_kind": "photo"}, "task.unknown_evidence"),
        ({"trigger": "full_moon"}, "unknown_trigger"),
        ({"trigger": "", "recurs": "year"}, "unknown_recurrence"),
        ({"recurs": "day"}, "one_opening"),
        ({"trigger": ""}, "measure_needed"),
        ({"review_on": date(2022, 4, 11)}, "review_early"),
        ({"review_on": date(2022, 5, 12)}, "review_late"),
    ],
)
def test_what_a_duty_may_not_lack(more, code):
    with pytest.raises(InputError, match=code):
        establish(**more)


def test_a_duty_without_a_trigger_stands_by_what_measures_it():
    key = establish(trigger="", measure="夜间抽查到岗率")
    tell_case("C1")
    react(actor=WORKER)
    duties_open_for_day(after(2), actor=WORKER)
    assert opened(key) == []


def test_whoever_may_not_draft_establishes_and_ends_nothing():
    with pytest.raises(Forbidden):
        establish(actor=known("community_group"))
    key = establish()
    with pytest.raises(NotFound):
        standing_duty_end(key, "越权", actor=drafter(OTHER), at=after(1))


def test_every_trigger_names_an_event_that_carries_its_reaction():
    assert triggers()
    for trigger in triggers().values():
        assert "standing_duty" in [name for name, _ in TABLE[trigger.event]], trigger.code
        assert trigger.about
        assert not trigger.fact or trigger.of


def test_a_confirmed_case_of_the_register_is_what_the_trigger_asks_for():
    case("C9", known=AT, person_key="p9")
    assert Case.objects.known_at(AT).filter(key="C9", **triggers()["new_confirmed_case"].fact).exists()
