"""Every limit of the rules runs from its event, is met by its deed, and is told to somebody when it is missed."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest

from fangkong.command.reactions.running import react
from fangkong.command.tasks.actions import task_done, task_key_of, task_refuse, task_revoke, task_verify
from fangkong.command.tasks.states import UNFINISHED, task_kinds
from fangkong.command.timers import limits
from fangkong.command.timers.actions import (
    timer_cancel,
    timer_key_of,
    timer_mark_missed,
    timer_met,
    timer_start,
)
from fangkong.command.timers.queries import timeliness, timers_missed, timers_of_subject, timers_running
from fangkong.command.worker import tick
from fangkong.core.errors import Conflict, Forbidden, NotFound
from fangkong.desks.control.rulebook import rulebook
from fangkong.desks.control.tests.people import case, clock, colleague, contact, positive
from fangkong.desks.monitor.actions import signal_close, signal_raise, signal_verify
from fangkong.record import audit, events
from fangkong.record.access import system_actor
from fangkong.record.access.actor import roles
from fangkong.record.digest import record_digest
from fangkong.record.models import Task, Timer
from fangkong.science.rules.clocks import clock_keys, clocks_for, triggers

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
WORKER = system_actor("worker")
AT = clock("2022-07-11", "14:10")  # edition 9: 2 h report, 8 h transfer
TRANSFER = "contact.close.transfer_within_hours"


def later(**passed: float):
    return AT + timedelta(**passed)


def running(subject: str) -> dict[str, Timer]:
    return {timer.clock: timer for timer in Timer.objects.open().filter(subject_key=subject)}


def start(subject: str = "contact-1", area: str = "990101", trigger: str = "contact_determined") -> str:
    clocks = clocks_for(rulebook(), trigger, at=AT, on=date(2022, 7, 11), disease="covid-19", area=area)
    keys = timer_start(
        clocks,
        subject_kind="contact",
        subject_key=subject,
        disease="covid-19",
        area_code=area,
        actor=HAND,
        at=AT,
    )
    return keys[0]


@pytest.fixture
def contact_timer() -> Timer:
    contact(known=AT, last=date(2022, 7, 10), emit=True)
    react(actor=WORKER)
    return running("contact-1")[TRANSFER]


class TestData:
    def test_every_trigger_clock_task_and_event_that_the_file_names_exists(self):
        starts = [start for event in limits.starting_events() for start in limits.starts_on(event)]
        assert {start.trigger for start in starts} <= set(triggers())
        assert set(limits.kept_clocks()) <= clock_keys()
        tasks = {kept.task for kept in limits.kept_clocks().values() if kept.task}
        assert tasks <= set(task_kinds())
        assert all(kept.task or kept.met_by or kept.at_start for kept in limits.kept_clocks().values())

    def test_every_event_that_starts_or_meets_a_clock_is_reacted_to(self):
        from fangkong.command.reactions.table import TABLE

        for kind in (*limits.starting_events(), *limits.meeting_events()):
            assert {"timers", "cluster"} & {name for name, _ in TABLE[kind]}, kind

    def test_whoever_hears_of_a_missed_limit_is_a_role_that_may_read_and_do_tasks(self):
        start("contact-1")
        hears = set(Timer.objects.values_list("escalated_to", flat=True))
        assert hears
        assert all("task.read" in roles()[role]["may"] for role in hears)


class TestStarting:
    def test_a_positive_result_starts_the_limits_to_report_and_to_investigate(self):
        positive("result-1", known=AT, person_key="person-1")
        react(actor=WORKER)
        due = {name: timer.due_at - AT for name, timer in running("result-1").items()}
        assert due["report.case_hours"] == timedelta(hours=2)
        assert due["report.preliminary_positive_hours"] == timedelta(hours=2)
        assert due["investigation.first_report_hours"] == timedelta(hours=24)
        assert all(timer.rule_row for timer in running("result-1").values())
        assert {timer.known_from for timer in running("result-1").values()} == {AT}

    def test_the_case_that_follows_meets_the_report_and_starts_no_second_investigation(self):
        positive("result-1", known=AT, person_key="person-1")
        react(actor=WORKER)
        reported = later(hours=1)
        case(known=reported, person_key="person-1")
        with audit.writing():
            params = {"person_key": "person-1", "disease": "covid-19"}
            events.emit("case.reported", "case-1", "990101", at=reported, params=params)
        react(actor=WORKER)
        met = running("result-1")["report.case_hours"]
        assert (met.state, met.met_at) == ("met", reported)
        assert running("case-1") == {}
        assert running("result-1")["investigation.core_hours"].state == "running"

    def test_a_contact_that_nobody_transfers_has_no_transfer_limit(self):
        contact(known=clock("2022-12-20"), last=date(2022, 12, 19), emit=True)
        react(actor=WORKER)
        assert not Timer.objects.exists()

    def test_the_same_again_starts_nothing(self):
        assert start() == start() == timer_key_of(TRANSFER, "contact", "contact-1")
        assert Timer.objects.count() == 1

    def test_where_no_rule_is_in_force_no_limit_is_invented(self):
        positive("result-1", known=AT, person_key="person-1", disease="unheard-of")
        react(actor=WORKER)
        assert not Timer.objects.exists()

    def test_one_event_costs_a_few_milliseconds(self, cpu_seconds):
        contacts = itertools.count()

        def fifty():
            for _ in range(50):
                start(f"contact-{next(contacts)}", trigger="case_found")

        start("warm")
        assert cpu_seconds(fifty) / 50 < 0.02


class TestMeeting:
    def test_the_deed_meets_it_also_before_a_second_person_has_checked(self, contact_timer):
        key = task_key_of("transfer_contact", "contact", "contact-1")
        community = colleague("community_group")
        task_done(key, actor=community, at=later(hours=3))
        assert running("contact-1")[TRANSFER].met_at == later(hours=3)
        task_refuse(key, actor=colleague("duty_officer"), at=later(hours=4), note="not there")
        again = running("contact-1")[TRANSFER]
        assert (again.state, again.met_at) == ("running", None)
        task_done(key, actor=community, at=later(hours=5))
        task_verify(key, actor=colleague("duty_officer"), at=later(hours=9))
        timer = running("contact-1")[TRANSFER]
        assert (timer.state, timer.met_at) == ("met", later(hours=5))

    def test_done_late_is_missed_for_good(self, contact_timer):
        key = task_key_of("transfer_contact", "contact", "contact-1")
        task_done(key, actor=HAND, at=later(hours=9))
        timer = running("contact-1")[TRANSFER]
        assert (timer.state, timer.met_at) == ("missed", later(hours=9))
        assert timer_mark_missed(later(hours=10), actor=WORKER) == 0

    def test_what_is_no_longer_asked_for_is_cancelled(self, contact_timer):
        task_revoke(
            task_key_of("transfer_contact", "contact", "contact-1"),
            actor=HAND,
            at=later(hours=1),
            note="order refused",
        )
        assert running("contact-1")[TRANSFER].state == "cancelled"
        assert timer_mark_missed(later(hours=10), actor=WORKER) == 0

    def test_by_hand_in_the_own_area_only(self):
        key = start()
        with pytest.raises(NotFound):
            timer_met(key, actor=colleague("duty_officer", "990102"), at=later(hours=1))
        with pytest.raises(Forbidden):
            timer_met(key, actor=colleague("oversight"), at=later(hours=1))
        timer_met(key, actor=colleague("duty_officer"), at=later(hours=1))
        timer_met(key, actor=colleague("duty_officer"), at=later(hours=2))
        assert running("contact-1")[TRANSFER].met_at == later(hours=1)
        with pytest.raises(Conflict):
            timer_cancel(key, actor=colleague("duty_officer"), at=later(hours=2))
        other = start("contact-2")
        timer_cancel(other, actor=HAND, at=later(hours=1))
        with pytest.raises(Conflict):
            timer_met(other, actor=HAND, at=later(hours=2))


class TestMissing:
    def test_a_second_after_the_limit_it_is_missed_and_its_role_has_a_task(self, contact_timer):
        assert tick(contact_timer.due_at, WORKER).missed == 0
        assert tick(contact_timer.due_at + timedelta(seconds=1), WORKER).missed == 1
        assert running("contact-1")[TRANSFER].state == "missed"
        told = Task.objects.open().get(kind="follow_up_limit")
        assert told.owner_role == contact_timer.escalated_to == "duty_officer"
        assert (told.area_code, told.params["clock"]) == ("990101", TRANSFER)

    def test_twice_marks_and_tells_nothing_new(self, contact_timer):
        tick(later(hours=9), WORKER)
        before = record_digest()
        versions = Timer.objects.count()
        assert tick(later(hours=9), WORKER).missed == 0
        assert tick(later(hours=9, seconds=1), WORKER).missed == 0
        assert (record_digest(), Timer.objects.count()) == (before, versions)

    def test_many_missed_in_one_district_are_one_task_until_it_is_done(self):
        for n in range(7):
            start(f"contact-{n}", area="990101001" if n % 2 else "990101002")
        start("contact-elsewhere", area="990201")
        assert timer_mark_missed(later(hours=9), actor=WORKER) == 8
        told = Task.objects.open().filter(kind="follow_up_limit", state__in=UNFINISHED)
        assert sorted(told.values_list("area_code", flat=True)) == ["990101", "990201"]
        task_done(told.get(area_code="990101").key, actor=HAND, at=later(hours=10))
        clocks = clocks_for(
            rulebook(), "contact_determined", at=later(hours=11), on=date(2022, 7, 11), disease="covid-19"
        )
        timer_start(
            clocks,
            subject_kind="contact",
            subject_key="new",
            disease="covid-19",
            area_code="990101",
            actor=HAND,
            at=later(hours=11),
        )
        assert timer_mark_missed(later(hours=30), actor=WORKER) == 1
        assert told.filter(area_code="990101").count() == 1

    def test_chunk_after_chunk_until_none_is_left(self, monkeypatch):
        monkeypatch.setattr("fangkong.command.timers.missed._CHUNK", 2)
        for n in range(5):
            start(f"contact-{n}")
        assert timer_mark_missed(later(hours=9), actor=WORKER) == 5
        assert Task.objects.open().filter(kind="follow_up_limit").count() == 1

    def test_who_may_not_write_tasks_is_refused(self):
        with pytest.raises(Forbidden):
            timer_mark_missed(AT, actor=colleague("laboratory"))


class TestCluster:
    """A cluster is measured by 7-1-7 beside the duty to report it."""

    @pytest.fixture
    def cluster(self) -> str:
        key = signal_raise(
            "cluster",
            disease="covid-19",
            area_code="990101",
            subject_key="school|2022-07-11",
            params={"emerged_on": "2022-07-03"},
            actor=HAND,
            at=AT,
        )
        react(actor=WORKER)
        return key

    def test_it_is_reported_within_hours_and_was_detected_too_late(self, cluster):
        timers = running(cluster)
        assert timers["report.cluster_hours"].due_at == later(hours=2)
        assert not timers["report.cluster_hours"].target
        detected = timers["target.detect_days"]
        assert (detected.state, detected.met_at, detected.target) == ("missed", AT, True)
        assert timers["target.notify_days"].due_at == later(days=1)

    def test_the_report_meets_the_duty_and_the_target(self, cluster):
        task_done(task_key_of("report_cluster", "signal", cluster), actor=HAND, at=later(hours=1))
        states = {name: timer.state for name, timer in running(cluster).items()}
        assert states["report.cluster_hours"] == states["target.notify_days"] == "met"

    def test_the_response_runs_from_the_verified_signal_to_its_close(self, cluster):
        signal_verify(cluster, actor=HAND, at=later(hours=2))
        react(actor=WORKER)
        assert running(cluster)["target.respond_days"].due_at == later(hours=2, days=7)
        signal_close(cluster, outcome="event", actor=HAND, at=later(days=3))
        react(actor=WORKER)
        assert running(cluster)["target.respond_days"].state == "met"

    def test_a_missed_target_is_measured_and_tells_nobody(self, cluster):
        task_done(task_key_of("report_cluster", "signal", cluster), actor=HAND, at=later(hours=1))
        signal_verify(cluster, actor=HAND, at=later(hours=2))
        react(actor=WORKER)
        assert timer_mark_missed(later(days=8), actor=WORKER) == 1
        assert running(cluster)["target.respond_days"].escalated_to == ""
        assert not Task.objects.filter(kind="follow_up_limit").exists()

    def test_any_other_signal_starts_nothing(self):
        signal_raise(
            "missing_bulletin", disease="covid-19", area_code="990101", subject_key="x", actor=HAND, at=AT
        )
        react(actor=WORKER)
        assert not Timer.objects.exists()


class TestReading:
    @pytest.fixture(autouse=True)
    def timers(self) -> None:
        for n in range(6):
            start(f"contact-{n}", area="990101" if n < 4 else "990102")

    def test_by_area_running_then_missed_then_done_late(self):
        city, district = colleague("duty_officer"), colleague("street_officer", "990101")
        assert timers_running(actor=city, at=AT).total == 6
        assert timers_running(actor=district, at=AT).total == 4
        assert timers_missed(actor=city, at=later(hours=9)).total == 6, "marked or not"
        timer_mark_missed(later(hours=9), actor=WORKER)
        timer_met(timer_key_of(TRANSFER, "contact", "contact-0"), actor=city, at=later(hours=10))
        assert timers_missed(actor=city, at=later(hours=11)).total == 6
        assert timers_missed(actor=city, at=later(hours=11), open_only=True).total == 5
        assert timers_running(actor=city, at=later(hours=11)).total == 0
        assert timers_running(actor=city, at=AT).total == 6, "as it was known then"
        assert timeliness(actor=city, at=later(hours=11)) == {TRANSFER: (0, 6)}

    def test_who_reads_no_board_reads_no_limits(self):
        for role in ("grid_worker", "laboratory", "auditor"):
            with pytest.raises(Forbidden):
                timers_running(actor=colleague(role), at=AT)

    def test_pages_hold_every_limit_once(self):
        seen, place = [], ""
        while True:
            page = timers_running(actor=HAND, at=AT, limit=4, after=place)
            seen += [timer.key for timer in page.rows]
            if not (place := page.after):
                break
        assert len(seen) == len(set(seen)) == 6
        assert len(timers_of_subject("contact-1", actor=HAND, at=AT)) == 1
