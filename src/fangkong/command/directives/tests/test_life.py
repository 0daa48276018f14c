"""A directive: drafted by one, issued by another, acknowledged by each office, carried on, done, or over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.command.directives.actions import (
    directive_carry_on,
    directive_complete,
    directive_draft,
    directive_issue,
    directive_tasks_create,
    directive_withdraw,
    directives_complete_due,
    directives_lapse_due,
    recipient_acknowledge,
    recipient_done,
    recipient_reply,
)
from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.command.tasks.actions import task_done
from fangkong.command.timers.actions import timer_mark_missed
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import clock
from fangkong.record.access import system_actor
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import AuditRow, Event, Task, Timer

from .offices import (
    AT,
    CITY,
    DISTRICT,
    OTHER,
    PROVINCE,
    STREET,
    SUNSET,
    WORKER,
    after,
    directive,
    draft,
    drafter,
    issued,
    issuer,
    known,
    recipient,
    taken,
    to,
    work,
)

pytestmark = pytest.mark.django_db


def timer(recipient_key: str) -> Timer:
    return Timer.objects.open().get(subject_key=recipient_key, clock="directive_acknowledge")


def test_the_same_words_twice_are_one_directive():
    actor = drafter()
    key = draft(actor)
    before = record_digest()
    assert draft(actor) == key
    assert draft(actor, recipients=to(OTHER, DISTRICT, DISTRICT)) == key
    assert record_digest() == before
    assert draft(actor, title="另一件事") != key


def test_its_number_names_office_and_year_and_nothing_of_its_order():
    key = draft(drafter())
    number = directive(key).directive_no
    assert number.startswith("ZL-9901-2022-")
    assert number == directive(key).directive_no


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"title": " "}, "title_needed"),
        ({"title": "长" * 201}, "title_long"),
        ({"purpose": ""}, "purpose_needed"),
        ({"measures": [{"text": " "}]}, "measure_needed"),
        ({"recipients": []}, "recipient_needed"),
        ({"recipients": to("990201")}, "recipient_outside"),
        ({"recipients": to(DISTRICT, role="grid_worker")}, "recipient_role"),
        ({"due_at": AT}, "due_past"),
        ({"sunset_on": date(2022, 4, 11)}, "sunset_early"),
        ({"reply_by": AT}, "reply_outside"),
        ({"measures": [{"text": "对全部小区实行封闭管理"}]}, "proportionality_needed"),
        ({"measures": [{"text": "Quarantine every traveller"}]}, "proportionality_needed"),
    ],
)
def test_what_a_directive_may_not_lack(more, code):
    with pytest.raises(InputError, match=code):
        draft(drafter(), **more)
    assert not Directive.objects.exists()


def test_a_measure_that_restricts_people_says_why_nothing_milder_would_do():
    measure = [{"text": "两处楼栋限制外出三日"}]
    key = draft(drafter(), measures=measure, proportionality_note="已核对：仅限检出阳性的两栋楼")
    assert directive(key).proportionality_note


def test_whoever_drafts_does_not_issue_and_the_platform_never_does():
    general = drafter()
    key = draft(general)
    with pytest.raises(Forbidden, match="two_people"):
        directive_issue(key, actor=general, at=after(1))
    with pytest.raises(Forbidden, match="system_never_acts"):
        directive_issue(key, actor=system_actor("reaction"), at=after(1))
    with pytest.raises(Forbidden, match=r"access\.not_your_role"):
        directive_issue(key, actor=known("duty_officer"), at=after(1))
    with pytest.raises(NotFound):
        directive_issue(key, actor=issuer(OTHER), at=after(1))
    assert not DirectiveRecipient.objects.exists()


def test_issued_it_waits_for_each_office_with_a_clock():
    key = issued()
    rows = list(DirectiveRecipient.objects.open().order_by("area_code"))
    assert [(row.area_code, row.state) for row in rows] == [(DISTRICT, "awaiting"), (OTHER, "awaiting")]
    for row in rows:
        assert timer(row.key).state == "running"
        assert timer(row.key).due_at == row.acknowledge_by == AT + timedelta(minutes=10, hours=2)
        assert timer(row.key).rule_row == "office:directive_acknowledge"
    assert directive(key).state == "issued"
    with pytest.raises(Conflict, match="wrong_state"):
        directive_issue(key, actor=known("co_chair", CITY, "second chair"), at=after(1))


def test_nobody_has_longer_to_acknowledge_than_to_do_it():
    key = issued(due_at=after(1))
    assert recipient(key, DISTRICT).acknowledge_by == after(1)


def test_a_draft_whose_deadline_has_passed_is_not_issued():
    key = draft(drafter(), due_at=after(1))
    with pytest.raises(Conflict, match="due_passed"):
        directive_issue(key, actor=issuer(), at=after(1))


def test_acknowledging_meets_the_clock_and_the_second_person_is_told():
    key = issued()
    first, second = (known("district_officer", DISTRICT, name=name) for name in ("first", "second"))
    held = taken(key, DISTRICT, first)
    assert (recipient(key, DISTRICT).state, timer(held).state) == ("acknowledged", "met")
    with pytest.raises(Conflict, match="already_acknowledged") as told:
        recipient_acknowledge(held, actor=second, at=after(1.1))
    assert told.value.params["when"] == "2022-04-11 10:00"
    assert recipient(key, DISTRICT).acknowledged_by == first.key


def test_nobody_acknowledges_in_another_office_s_name():
    held = recipient(issued(), DISTRICT).key
    with pytest.raises(Forbidden, match="not_addressed"):
        recipient_acknowledge(held, actor=known("general_group", CITY), at=after(1))
    with pytest.raises(Forbidden, match="not_addressed"):
        recipient_acknowledge(held, actor=known("district_officer", CITY), at=after(1))
    with pytest.raises(NotFound):
        recipient_acknowledge(held, actor=known("district_officer", OTHER), at=after(1))
    with pytest.raises(Forbidden, match="system_never_acts"):
        recipient_acknowledge(held, actor=WORKER, at=after(1))


def test_a_missed_acknowledgement_is_told_to_the_role_that_the_clock_names():
    key = issued()
    late = recipient(key, DISTRICT).key
    taken(key, OTHER, known("district_officer", OTHER))
    assert timer_mark_missed(after(3), actor=WORKER) == 1
    told = Task.objects.open().get(kind="follow_up_limit")
    assert (told.owner_role, told.area_code) == ("general_group", DISTRICT)
    assert timer(late).state == "missed"
    taken(key, DISTRICT, known("district_officer", DISTRICT), hours=4)
    assert (timer(late).state, timer(late).met_at) == ("missed", after(4))


def test_replied_and_done_and_completed_with_the_last_office():
    key = issued()
    officers = {area: known("district_officer", area) for area in (DISTRICT, OTHER)}
    held = taken(key, DISTRICT, officers[DISTRICT])
    with pytest.raises(InputError, match="reply_needed"):
        recipient_reply(held, " ", actor=officers[DISTRICT], at=after(2))
    recipient_reply(held, "已复核 412 户", actor=officers[DISTRICT], at=after(2))
    assert recipient(key, DISTRICT).reply == "已复核 412 户"
    assert recipient_done(held, actor=officers[DISTRICT], at=after(3)) is False
    other = recipient(key, OTHER).key
    with pytest.raises(Conflict, match="acknowledge_first"):
        recipient_done(other, actor=officers[OTHER], at=after(3))
    taken(key, OTHER, officers[OTHER], hours=3)
    assert recipient_done(other, actor=officers[OTHER], at=after(4)) is True
    assert directive(key).state == "completed"
    kinds = list(Event.objects.filter(subject_key=key).order_by("pk").values_list("kind", flat=True))
    assert kinds[:2] == ["directive.drafted", "directive.issued"]
    assert kinds[-1] == "directive.completed"
    assert verify().problem == ""


def test_an_office_is_not_done_while_its_tasks_are_open():
    key = issued(recipients=to(DISTRICT))
    officer = known("district_officer", DISTRICT)
    held = taken(key, DISTRICT, officer)
    (task,) = directive_tasks_create(key, [work()], actor=officer, at=after(2))
    assert directive_tasks_create(key, [work()], actor=officer, at=after(2)) == [task]
    with pytest.raises(Conflict, match="tasks_open"):
        recipient_done(held, actor=officer, at=after(3))
    task_done(task, actor=WORKER, at=after(4))
    assert recipient_done(held, actor=officer, at=after(5))


def test_a_task_of_the_office_itself_keeps_the_directive_open_until_it_is_closed():
    key = issued(recipients=to(DISTRICT))
    officer = known("district_officer", DISTRICT)
    held = taken(key, DISTRICT, officer)
    rows = [work("汇总两区名册", CITY, owner_role="general_group")]
    (task,) = directive_tasks_create(key, rows, actor=known("general_group", CITY), at=after(2))
    assert recipient_done(held, actor=officer, at=after(5)) is False
    assert directives_complete_due(after(5), actor=WORKER) == 0
    task_done(task, actor=WORKER, at=after(6))
    assert directives_complete_due(after(6), actor=WORKER) == 1
    assert directives_complete_due(after(6), actor=WORKER) == 0
    assert directive(key).state == "completed"


def test_tasks_stay_inside_the_directive():
    key = issued()
    officer = known("district_officer", DISTRICT)
    with pytest.raises(InputError, match="task_outside"):
        directive_tasks_create(key, [work(area="990201")], actor=officer, at=after(1))
    with pytest.raises(InputError, match="task_after_sunset"):
        directive_tasks_create(key, [work(hours=24 * 25)], actor=officer, at=after(1))
    stranger = known("district_officer", "990201")
    with pytest.raises(NotFound):
        directive_tasks_create(key, [work()], actor=stranger, at=after(1))
    with pytest.raises(Conflict, match="wrong_state"):
        directive_tasks_create(draft(drafter(), title="草稿"), [work()], actor=drafter(), at=after(1))


def test_withdrawn_its_tasks_are_revoked_and_its_clocks_stop():
    key = issued()
    officer = known("district_officer", DISTRICT)
    taken(key, DISTRICT, officer)
    (task,) = directive_tasks_create(key, [work()], actor=officer, at=after(2))
    with pytest.raises(InputError, match="reason_needed"):
        directive_withdraw(key, " ", actor=issuer(), at=after(3))
    with pytest.raises(Forbidden):
        directive_withdraw(key, "改由省里统一部署", actor=known("duty_officer"), at=after(3))
    directive_withdraw(key, "改由省里统一部署", actor=issuer(), at=after(3))
    assert {row.state for row in DirectiveRecipient.objects.open()} == {"withdrawn"}
    assert timer(recipient(key, OTHER).key).state == "cancelled"
    assert timer(recipient(key, DISTRICT).key).state == "met"
    assert Task.objects.open().get(key=task).state == "revoked"
    assert AuditRow.objects.filter(verb="task.revoke", object_key=task).count() == 1
    with pytest.raises(Conflict, match=r"directive\.over"):
        draft(drafter())


def test_closed_by_hand_with_a_reason():
    key = issued()
    directive_complete(key, "两区已当面报告", actor=issuer(), at=after(4))
    assert directive(key).state == "completed"
    assert directive(key).change_reason == "两区已当面报告"
    assert {row.state for row in DirectiveRecipient.objects.open()} == {"ended"}


def test_after_its_last_day_it_lapses_by_itself_and_once():
    key = issued()
    draft(drafter(), title="没有签发的草稿")
    last = clock("2022-04-30", "23:59")
    assert directives_lapse_due(last, actor=WORKER) == 0
    assert directives_lapse_due(last + timedelta(minutes=2), actor=WORKER) == 2
    assert directives_lapse_due(last + timedelta(minutes=2), actor=WORKER) == 0
    assert directive(key).state == "lapsed"
    with pytest.raises(Conflict, match="wrong_state"):
        taken(key, DISTRICT, known("district_officer", DISTRICT), hours=500)


def test_a_directive_is_carried_on_from_province_to_street():
    top = issued(area_code=PROVINCE, recipients=to(CITY, role="general_group"), due_at=after(40))
    city = drafter()
    above = taken(top, CITY, city)
    steps = {"measures": [{"text": "本级细化措施"}], "due_at": after(36), "actor": city, "at": after(2)}
    below = directive_carry_on(above, recipients=to(DISTRICT), **steps)
    assert directive_carry_on(above, recipients=to(DISTRICT), **steps) == below
    child = directive(below)
    assert (child.parent_key, child.purpose, child.sunset_on) == (top, directive(top).purpose, SUNSET)
    directive_issue(below, actor=issuer(), at=after(3))
    officer = known("district_officer", DISTRICT)
    held = taken(below, DISTRICT, officer, hours=4)
    last = directive_carry_on(
        held,
        measures=[{"text": "逐户上门"}],
        recipients=to(STREET, role="street_officer"),
        due_at=after(30),
        actor=officer,
        at=after(5),
    )
    directive_issue(last, actor=known("health_authority", DISTRICT), at=after(6))
    with pytest.raises(Conflict, match="child_open"):
        recipient_done(held, actor=officer, at=after(7))
    street = known("street_officer", STREET)
    assert recipient_done(taken(last, STREET, street, hours=7), actor=street, at=after(8))
    assert recipient_done(held, actor=officer, at=after(9))
    assert recipient_done(above, actor=city, at=after(10))
    assert {directive(key).state for key in (top, below, last)} == {"completed"}


def test_what_is_carried_on_is_neither_later_nor_longer_and_only_once_acknowledged():
    top = issued(area_code=PROVINCE, recipients=to(CITY, role="general_group"))
    city = drafter()
    above = recipient(top, CITY).key
    steps = {"measures": [{"text": "细化"}], "recipients": to(DISTRICT), "actor": city, "at": after(2)}
    with pytest.raises(Conflict, match="acknowledge_first"):
        directive_carry_on(above, due_at=after(20), **steps)
    taken(top, CITY, city)
    with pytest.raises(InputError, match="later_than_parent"):
        directive_carry_on(above, due_at=after(31), **steps)
    with pytest.raises(InputError, match="later_than_parent"):
        directive_carry_on(above, due_at=after(20), sunset_on=SUNSET + timedelta(days=1), **steps)
    with pytest.raises(NotFound):
        directive_carry_on(above, due_at=after(20), **(steps | {"actor": drafter(OTHER)}))
    child = directive_carry_on(above, due_at=after(20), **steps)
    directive_withdraw(top, "撤回", actor=issuer(PROVINCE), at=after(3))
    with pytest.raises(Conflict, match="parent_over"):
        directive_issue(child, actor=issuer(), at=after(4))


def test_a_draft_under_a_directive_that_the_office_has_not_received_is_refused():
    top = issued()
    with pytest.raises(NotFound):
        directive_draft(
            title="冒名续办",
            purpose="目的",
            measures=[{"text": "措施"}],
            area_code="990201",
            recipients=to("990201001", role="street_officer"),
            due_at=after(9),
            sunset_on=SUNSET,
            parent_key=top,
            actor=known("district_officer", "990201"),
            at=after(1),
        )
