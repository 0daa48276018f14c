"""Nothing is left overnight without a reason; the hand-over is signed by two people; the worker opens both once."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.command.duty.actions import (
    RosterBroken,
    close_out_carry,
    handover_draw_up,
    handover_sign_in,
    handover_sign_out,
    phone_test_record,
    shift_cancel,
    shift_change,
)
from fangkong.command.duty.closing import close_out_day
from fangkong.command.duty.handovers import handover_key_of
from fangkong.command.duty.queries import close_out, handover_lines, holes_of_the_day
from fangkong.command.duty.watch import duty_watch
from fangkong.command.models import CarryOver, Gap, Handover
from fangkong.command.tasks.actions import task_done
from fangkong.command.timers.missed import timer_mark_missed
from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError
from fangkong.desks.control.tests.people import clock
from fangkong.record.digest import record_digest
from fangkong.record.load import load
from fangkong.record.models import Event, Receipt, Signal, Task, Timer

from .offices import (
    AT,
    CITY,
    DISTRICT,
    MONDAY,
    OTHER,
    WORKER,
    keeper,
    known,
    monday,
    office,
    officer,
    shift,
    week,
)

pytestmark = pytest.mark.django_db
NIGHT = monday(22.2)
TOMORROW = monday(24 + 12)


@pytest.fixture(autouse=True)
def _home(tmp_path, settings):
    settings.HOME = tmp_path
    office()


@pytest.fixture
def roster() -> list[str]:
    return week()


def task(key: str, *, due: float = 20, area: str = CITY, **more) -> str:
    row = {
        "key": key,
        "kind": "directed",
        "title": f"任务 {key}",
        "area_code": area,
        "owner_role": "community_group",
        "due_at": monday(due),
        "state": "in_progress",
        "created_by": "test",
    }
    load(Task, [row | more], actor="test", source_key="t", known_from=AT)
    return f"task|{key}"


def lines(actor=None, at=NIGHT, area: str = CITY, on: date = MONDAY) -> list[str]:
    return [item.name for item in close_out(area, on, actor=actor or keeper(), at=at).items]


def carry(
    *names: str, at=NIGHT, actor=None, area: str = CITY, on: date = MONDAY, why: str = "等待外地回函"
) -> int:
    given = {"area_code": area, "on": on, "why": why, "until_at": at + timedelta(hours=14), "at": at}
    return close_out_carry(list(names), actor=actor or keeper(), **given)


def drawn(actor=None, at=NIGHT) -> str:
    return handover_draw_up(CITY, MONDAY, actor=actor or officer(0), at=at)


def begun(roster: list[str]) -> None:
    """Monday's shift is on and both have answered the telephone; at 22:12 the worker opens the close-out."""
    duty_watch(monday(8), WORKER)
    for n in (0, 2):
        phone_test_record(roster[0], officer(n).key, answered=True, actor=keeper(), at=monday(8.5))
    duty_watch(NIGHT, WORKER)


def handover() -> Handover:
    return Handover.objects.open().get(area_code=CITY, on=MONDAY)


class TestWhatIsOpen:
    def test_what_is_due_today_and_not_what_is_due_tomorrow(self):
        today, late = task("today"), task("late", due=-30)
        task("tomorrow", due=30)
        task("done", state="done")
        task("far", area="9902")
        assert lines() == [late, today]

    def test_every_kind_of_open_thing(self):
        task("t")
        known_from = {"actor": "test", "source_key": "t", "known_from": AT}
        signal = {"key": "s", "kind": "laboratory_positive", "disease": "d", "area_code": DISTRICT}
        load(Signal, [signal | {"raised_at": AT, "state": "open"}], **known_from)
        gap = {"key": "g", "title": "缺口", "area_code": CITY, "owner_role": "supply_group", "raised_by": "x"}
        gap |= {"due_at": monday(12), "state": "open", "came_of_kind": "review"}
        load(Gap, [gap], **known_from)
        timer = {
            "key": "l",
            "clock": "report.case_hours",
            "disease": "d",
            "area_code": DISTRICT,
            "state": "missed",
        }
        timer |= {
            "subject_kind": "case",
            "subject_key": "c",
            "started_at": AT,
            "due_at": monday(3),
            "rule_row": "r",
        }
        load(Timer, [timer], **known_from)
        given = {"byte_count": 1, "mapping": "m", "area_code": CITY, "state": "staged", "received_by": "x"}
        Receipt.objects.create(
            key="f", sha256="0", file_name="a.csv", known_at=AT, known_basis="option", received_at=AT, **given
        )
        assert lines() == ["task|t", "signal|s", "limit|l", "gap|g", "receipt|f"]
        counts = close_out(CITY, MONDAY, actor=keeper(), at=NIGHT).counts
        assert counts["signal"] == (1, 1)
        # A street reads tasks and orders here, and neither signals nor receipts.
        street = known("street_officer", CITY)
        assert "signal|s" not in lines(street)

    def test_a_district_closes_out_its_own(self):
        mine = task("m", area=DISTRICT)
        task("o", area=OTHER)
        officer_there = known("district_officer", DISTRICT)
        assert lines(officer_there, area=DISTRICT) == [mine]
        with pytest.raises(Forbidden):
            lines(officer_there, area=CITY)

    def test_the_number_of_queries_does_not_grow_with_the_lines(self):
        actor = keeper()
        counted = []
        for n in (3, 300):
            for i in range(n):
                task(f"{n}-{i}")
            with CaptureQueriesContext(connection) as queries:
                close_out(CITY, MONDAY, actor=actor, at=NIGHT)
            counted.append(len(queries))
        assert counted[0] == counted[1] <= 10

    def test_the_night_belongs_to_the_day_before(self):
        assert close_out_day(monday(22)) == MONDAY
        assert close_out_day(monday(24 + 7.9)) == MONDAY
        assert close_out_day(monday(24 + 8)) == MONDAY + timedelta(days=1)


class TestTheReason:
    def test_is_kept_for_each_line_and_said_again_it_changes(self):
        first, second = task("a"), task("b")
        assert carry(first, second) == 2
        assert carry(first, at=NIGHT + timedelta(minutes=1), why="已联系，明早办") == 1
        found = {
            item.name: item.why
            for item in close_out(CITY, MONDAY, actor=keeper(), at=NIGHT + timedelta(hours=1)).items
        }
        assert found == {first: "已联系，明早办", second: "等待外地回函"}
        assert CarryOver.objects.open().count() == 2

    def test_of_a_district_serves_the_city_too(self):
        line = task("a", area=DISTRICT)
        carry(line, area=DISTRICT, actor=known("district_officer", DISTRICT))
        assert close_out(CITY, MONDAY, actor=keeper(), at=NIGHT + timedelta(hours=1)).without_reason == 0

    @pytest.mark.parametrize(
        ("names", "more", "code"),
        [
            ([], {}, "closeout.none_ticked"),
            (["task|a"], {"why": " "}, "closeout.why_needed"),
            (["task|a", "task|zzz"], {}, "closeout.not_open"),
        ],
    )
    def test_is_refused_where_it_says_nothing(self, names, more, code):
        task("a")
        with pytest.raises(InputError) as refused:
            carry(*names, **more)
        assert refused.value.code == code
        assert CarryOver.objects.count() == 0

    def test_is_given_by_who_leads_the_shift_or_keeps_the_roster(self, roster):
        line = task("a")
        duty_watch(NIGHT, WORKER)
        # Officer 0 is chief, officer 2 deputy of Monday; officer 1 comes on Tuesday.
        assert carry(line, actor=officer(2)) == 1
        with pytest.raises(Forbidden, match=r"duty\.not_on"):
            carry(line, actor=officer(1))


class TestTheHandOver:
    def test_from_drawn_up_to_signed(self, roster):
        line = task("a")
        begun(roster)
        with pytest.raises(Conflict, match=r"closeout\.whys_missing"):
            drawn()
        carry(line)
        key = drawn(at=NIGHT + timedelta(minutes=5))
        assert [row["why"] for row in handover().open_items] == ["等待外地回函"]
        handover_sign_out(key, actor=officer(0), at=monday(31.9))
        handover_sign_in(key, actor=officer(1), at=monday(32))
        found = handover()
        assert (found.state, found.signed_out_by, found.signed_in_by) == (
            "signed",
            officer(0).key,
            officer(1).key,
        )
        assert shift(roster[0]).state == "handed_over"
        assert Timer.objects.open().get(clock="handover").state == "met"
        assert Event.objects.filter(kind="handover.signed", subject_key=key).count() == 1
        assert Task.objects.open().get(kind="close_out").state == "done"

    def test_an_empty_night_is_handed_over_too(self, roster):
        begun(roster)
        assert close_out(CITY, MONDAY, actor=keeper(), at=NIGHT).items == []
        key = drawn()
        handover_sign_out(key, actor=officer(2), at=monday(32))
        assert handover().open_items == []

    def test_drawn_up_again_it_says_what_stands_then(self, roster):
        first, second = task("a"), task("b")
        carry(first, second)
        drawn(at=NIGHT + timedelta(minutes=1))
        assert drawn(at=NIGHT + timedelta(minutes=2)) == handover_key_of(CITY, MONDAY)
        assert Handover.objects.count() == 1, "twice the same is once"
        task_done("b", actor=known("community_group"), at=NIGHT + timedelta(minutes=3))
        drawn(at=NIGHT + timedelta(minutes=4))
        assert [row["key"] for row in handover().open_items] == ["a"]

    def test_signing_out_writes_what_the_night_changed(self, roster):
        first, second = task("a"), task("b")
        carry(first, second)
        key = drawn(at=NIGHT + timedelta(minutes=1))
        task_done("b", actor=known("community_group"), at=monday(25))
        task("c", due=26)
        handover_sign_out(key, actor=officer(0), at=monday(31))
        shown, hidden = handover_lines(handover(), officer(1))
        assert [(item.key, mark) for item, mark in shown] == [("a", ""), ("b", "closed"), ("c", "since")]
        assert hidden == 0

    def test_only_who_goes_signs_out_and_who_comes_signs_in(self, roster):
        key = drawn()
        with pytest.raises(Forbidden, match=r"handover\.not_going"):
            handover_sign_out(key, actor=officer(1), at=monday(31))
        with pytest.raises(Conflict, match=r"handover\.wrong_state"):
            handover_sign_in(key, actor=officer(1), at=monday(31))
        handover_sign_out(key, actor=officer(0), at=monday(31))
        with pytest.raises(Forbidden, match=r"handover\.not_coming"):
            handover_sign_in(key, actor=officer(2), at=monday(32))
        with pytest.raises(Conflict, match=r"handover\.wrong_state"):
            drawn(at=monday(32))

    def test_of_somebody_else_s_version_is_told(self, roster):
        line = task("a")
        carry(line)
        key = drawn(at=NIGHT + timedelta(minutes=1))
        seen = handover().known_from.isoformat()
        task_done("a", actor=known("community_group"), at=NIGHT + timedelta(minutes=2))
        drawn(at=NIGHT + timedelta(minutes=3))
        with pytest.raises(Conflict, match=r"handover\.changed_meanwhile"):
            handover_sign_out(key, seen=seen, actor=officer(0), at=monday(31))

    def test_where_nobody_comes_there_is_none(self, roster):
        token = _token(roster[1])
        shift_cancel(roster[1], knowingly=token, actor=keeper(), at=AT + timedelta(hours=1))
        # Wednesday's shift is the next one: it takes over, however late.
        drawn()
        assert handover().to_shift_key == roster[2]

    def test_unsigned_at_the_hour_it_goes_to_whom_the_clock_names(self, roster):
        begun(roster)
        drawn()
        assert timer_mark_missed(monday(31.9), actor=WORKER) == 0
        assert timer_mark_missed(monday(32.1), actor=WORKER) == 1
        follow = {
            row.params["clock"]: row.owner_role for row in Task.objects.open().filter(kind="follow_up_limit")
        }
        assert follow["handover"] == "general_group"

    def test_no_hand_over_is_ever_signed_by_one_person(self):
        """Whatever people try in whatever order: two different people have signed, each for their own shift."""
        people = [officer(n) for n in range(5)] + [keeper()]
        rng = random.Random(4)
        signed = 0
        for n in range(12):
            on = MONDAY + timedelta(days=7 * n)
            keys = week(first_on=on, at=AT + timedelta(minutes=n))
            at = clock(on.isoformat(), "22:30")
            key = handover_draw_up(CITY, on, actor=keeper(), at=at)
            for _ in range(14):
                at += timedelta(minutes=1)
                sign = rng.choice([handover_sign_out, handover_sign_in])
                with suppress(FangkongError):
                    sign(key, actor=rng.choice(people), at=at)
                held = Handover.objects.open().get(key=key)
                going, coming = shift(keys[0]), shift(keys[1])
                assert held.signed_out_by in ("", going.chief_key, going.deputy_key)
                assert held.signed_in_by in ("", coming.chief_key, coming.deputy_key)
                if held.signed_in_by:
                    assert held.signed_out_by
                    assert held.signed_in_by != held.signed_out_by
                assert (held.state == "signed") == bool(held.signed_in_by)
            signed += held.state == "signed"
        assert signed >= 3, "some of the nights were signed by two"

    def test_one_person_on_both_shifts_needs_their_deputy(self, roster):
        with pytest.raises(RosterBroken) as refused:
            shift_change(roster[1], deputy_key=officer(0).key, actor=keeper(), at=AT + timedelta(hours=1))
        given = {"deputy_key": officer(0).key, "actor": keeper(), "at": AT + timedelta(hours=1)}
        shift_change(roster[1], knowingly=refused.value.token, **given)
        key = drawn()
        handover_sign_out(key, actor=officer(0), at=monday(31))
        with pytest.raises(Forbidden, match=r"handover\.two_people"):
            handover_sign_in(key, actor=officer(0), at=monday(32))
        handover_sign_in(key, actor=officer(1), at=monday(32))


def _token(shift_key: str) -> str:
    with pytest.raises(RosterBroken) as refused:
        shift_cancel(shift_key, actor=keeper(), at=AT + timedelta(hours=1))
    return refused.value.token


class TestTheWorker:
    def test_opens_the_close_out_once_a_day_for_each_office(self, roster):
        assert duty_watch(monday(21.9), WORKER) == 1, "Monday's shift began"
        assert not Task.objects.filter(kind="close_out").exists()
        assert duty_watch(NIGHT, WORKER) == 1
        task = Task.objects.open().get(kind="close_out")
        assert (task.owner_key, task.params) == (officer(0).key, {"on": "2022-04-18"})
        before = record_digest()
        assert duty_watch(NIGHT, WORKER) == duty_watch(NIGHT + timedelta(hours=3), WORKER) == 0
        assert record_digest() == before

    def test_asks_nothing_of_an_office_without_a_roster(self):
        assert duty_watch(NIGHT, WORKER) == 0
        assert not Task.objects.exists()

    def test_tells_of_a_hole_a_day_ahead_and_is_content_when_it_is_filled(self, roster):
        token = _token(roster[3])
        shift_cancel(roster[3], knowingly=token, actor=keeper(), at=AT + timedelta(hours=1))
        assert holes_of_the_day(actor=keeper(), at=monday(3 * 24 + 7)) == {
            CITY: [(monday(3 * 24 + 8), monday(4 * 24 + 8))]
        }
        assert holes_of_the_day(actor=keeper(), at=monday(2 * 24 + 7)) == {}
        duty_watch(monday(2 * 24 + 9), WORKER)
        hole = Task.objects.open().get(kind="fill_duty")
        assert (hole.owner_role, hole.due_at) == ("general_group", monday(3 * 24 + 8))
        duty_watch(monday(2 * 24 + 10), WORKER)
        assert Task.objects.open().filter(kind="fill_duty").count() == 1
        week(at=monday(2 * 24 + 11))
        duty_watch(monday(2 * 24 + 12), WORKER)
        assert Task.objects.open().get(kind="fill_duty").state == "done"

    def test_a_hole_that_passed_unfilled_stays_with_somebody(self, roster):
        after = 7 * 24 + 8
        duty_watch(monday(after + 1), WORKER)
        first = Task.objects.open().filter(kind="fill_duty").count()
        duty_watch(monday(after + 60), WORKER)
        assert first == Task.objects.open().filter(kind="fill_duty").count() == 1
        assert Task.objects.open().get(kind="fill_duty").state == "awaiting"
