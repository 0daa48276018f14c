"""A gap has an owner and a day; it is closed by proof that a second person has seen, and told of when it is late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from fangkong.command.models import Gap, Plan
from fangkong.command.office_clocks import office_clock
from fangkong.command.reviews.actions import (
    gap_assign,
    gap_close,
    gap_prove,
    gap_raise,
    gap_return,
    review_open,
)
from fangkong.command.reviews.queries import gap_counts, gaps_list, gaps_of, gaps_of_week, plans_changed_by
from fangkong.command.timers.actions import timer_mark_missed
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import DISTRICT, NEIGHBOUR
from fangkong.record.load import load
from fangkong.record.models import Event, Task, Timer

from .made_case import AT, CITY, WORKER, after, known, office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _office():
    office()


def raised(**more) -> str:
    review = review_open("case", "C1", area_code=DISTRICT, disease="covid-19", actor=WORKER, at=AT)
    given = {
        "title": "夜间转运车辆不足",
        "cause": "transfer",
        "came_of_kind": "review",
        "came_of_key": review,
        "area_code": DISTRICT,
        "owner_role": "community_group",
        "actor": known("duty_officer"),
        "at": after(1),
    }
    return gap_raise(**(given | more))


def gap(key: str) -> Gap:
    return Gap.objects.open().get(key=key)


def test_raised_twice_it_is_one_gap_with_the_office_s_day_and_a_timer():
    key = raised()
    assert raised(at=after(5)) == key
    assert Gap.objects.count() == 1
    assert gap(key).due_at == office_clock("gap_close").due(after(1))
    assert Timer.objects.open().get(subject_key=key).due_at == gap(key).due_at
    assert Event.objects.filter(kind="gap.raised").count() == 1


def test_proof_by_the_owner_and_a_second_person_close_it():
    key = raised()
    owner, chair = known("community_group"), known("co_chair")
    with pytest.raises(Conflict, match=r"gap\.wrong_state"):
        gap_close(key, actor=chair, at=after(2))
    gap_prove(key, "已签订夜间车辆协议，附排班", actor=owner, at=after(3))
    gap_prove(key, "已签订夜间车辆协议，附排班", actor=owner, at=after(4))
    gap_close(key, actor=chair, at=after(5))
    closed = gap(key)
    assert (closed.state, closed.proof_by, closed.closed_by) == ("closed", owner.key, chair.key)
    assert Timer.objects.open().get(subject_key=key).state == "met"
    assert [each.kind for each in Event.objects.filter(subject_key=key)] == ["gap.raised", "gap.closed"]


def test_whoever_handed_the_proof_in_does_not_verify_it():
    key = raised()
    gap_prove(key, "已签协议", actor=known("general_group"), at=after(3))
    for deed in (
        lambda: gap_close(key, actor=known("general_group"), at=after(4)),
        lambda: gap_return(key, "不够", actor=known("general_group"), at=after(4)),
    ):
        with pytest.raises(Conflict, match=r"gap\.two_people"):
            deed()


def test_the_database_itself_refuses_a_closed_gap_without_proof():
    key = raised()
    with pytest.raises(IntegrityError), transaction.atomic():
        Gap.objects.filter(key=key).update(state="closed", closed_by="user-1")


def test_another_group_hands_nothing_in_and_a_proof_without_words_is_none():
    key = raised()
    with pytest.raises(Forbidden, match=r"gap\.not_owner"):
        gap_prove(key, "已办", actor=known("supply_group"), at=after(2))
    with pytest.raises(InputError, match=r"review\.words_needed"):
        gap_prove(key, "  ", actor=known("community_group"), at=after(2))
    with pytest.raises(NotFound):
        gap_prove(key, "已办", actor=known("community_group", NEIGHBOUR), at=after(2))


def test_a_plan_counts_as_changed_only_when_its_edition_names_the_gap():
    key, owner = raised(), known("community_group")
    plan = {
        "kind": "transfer",
        "title": "转运预案",
        "area_code": CITY,
        "state": "in_force",
        "written_by": "u",
    }
    load(Plan, [plan | {"key": "plan-1"}], actor="t", source_key="t", known_from=AT)
    with pytest.raises(InputError, match=r"gap\.plan_not_changed"):
        gap_prove(key, "已改预案", plan_key="plan-1", actor=owner, at=after(2))
    edition = plan | {"key": "plan-2", "series_key": "two", "edition": 2, "reason_key": key}
    load(Plan, [edition], actor="t", source_key="t", known_from=after(2))
    gap_prove(key, "已改预案", plan_key="plan-2", actor=owner, at=after(3))
    assert gap(key).plan_key == "plan-2"
    assert [each.key for each in plans_changed_by(key, actor=owner, at=after(3))] == ["plan-2"]


def test_a_late_gap_is_told_and_a_new_day_lets_its_clock_run_again():
    key = raised()
    late = gap(key).due_at + timedelta(hours=1)
    timer_mark_missed(late, actor=WORKER)
    told = Task.objects.open().get(kind="follow_up_limit", rule_row="office:gap_close")
    assert told.owner_role == office_clock("gap_close").escalates_to
    gap_assign(
        key,
        owner_role="supply_group",
        due_at=late + timedelta(days=7),
        reason="车辆改由物资组落实",
        actor=known("general_group"),
        at=late,
    )
    assert gap(key).owner_role == "supply_group"
    assert Timer.objects.open().get(subject_key=key).state == "running"


def test_the_week_s_list_holds_the_late_the_due_the_proved_and_the_closed():
    actor, now = known("general_group"), after(24 * 16)
    late = raised(title="一号短板")
    due = raised(title="二号短板", due_at=now + timedelta(days=3))
    later = raised(title="三号短板", due_at=now + timedelta(days=30))
    proved = raised(title="四号短板")
    closed = raised(title="五号短板")
    for key in (proved, closed):
        gap_prove(key, "已办妥", actor=known("community_group"), at=now - timedelta(days=2))
    gap_close(closed, actor=known("co_chair"), at=now - timedelta(days=1))
    week = gaps_of_week(actor=actor, at=now)
    assert [[each.key for each in part] for part in (week.late, week.due, week.to_verify, week.closed)] == [
        [late],
        [due],
        [proved],
        [closed],
    ]
    assert later in {each.key for each in gaps_list(actor=actor, at=now, state="open").rows}
    assert gap_counts(actor=actor, at=now) == {"late": 2, "open": 3, "to_verify": 1, "closed": 1}
    assert len(gaps_of(gap(late).came_of_key, actor=actor, at=now)) == 5


def test_an_owner_who_could_not_hand_in_proof_is_refused():
    with pytest.raises(InputError, match=r"gap\.owner_role"):
        raised(owner_role="grid_worker")
    with pytest.raises(InputError, match=r"gap\.due_past"):
        raised(due_at=AT)
    with pytest.raises(InputError, match=r"review\.unknown_cause"):
        raised(cause="culprit")
