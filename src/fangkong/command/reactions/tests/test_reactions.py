"""What happens is answered at the hour it happens, once, and one bad event stops nobody."""

from __future__ import annotations

import logging
import threading
from datetime import date, timedelta

import pytest

from fangkong.command import worker
from fangkong.command.reactions import running
from fangkong.command.reactions.running import pending_count, react, run_reactions
from fangkong.command.reactions.table import TABLE
from fangkong.command.tasks.actions import task_done
from fangkong.command.tasks.states import task_kinds
from fangkong.command.worker import run_forever, tick
from fangkong.core.errors import Forbidden
from fangkong.desks.control.actions import order_approve, order_reject, order_withdraw
from fangkong.desks.control.tests.people import case, clock, colleague, contact, positive
from fangkong.record import audit, events
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.models import Order, Reaction, Signal, Task

pytestmark = pytest.mark.django_db
WORKER = system_actor("worker")
AT = clock("2022-04-11", "14:10")


def task(kind: str, subject: str = "") -> Task:
    found = Task.objects.open().filter(kind=kind)
    return (found.filter(subject_key=subject) if subject else found).get()


def kinds() -> list[str]:
    return sorted(Task.objects.open().values_list("kind", flat=True))


class TestPositiveResult:
    def test_at_ten_past_two_it_yields_its_alert_its_order_and_its_tasks_without_the_cycle(self):
        positive("result-1", known=AT, person_key="person-1")
        passed = tick(AT + timedelta(seconds=1), WORKER)
        assert (passed.failed, passed.overdue, passed.lapsed) == (0, 0, 0)
        signal = Signal.objects.open().get()
        assert (signal.subject_key, signal.raised_at) == ("result-1", AT)
        order = Order.objects.open().get()
        assert (order.kind, order.state, order.known_from) == ("isolation", "proposed", AT)
        assert kinds() == ["decide_order", "investigate", "report_case"]
        assert task("report_case").due_at == AT + timedelta(hours=2)
        assert task("investigate").due_at == AT + timedelta(hours=4)
        assert task("decide_order").due_at == clock("2022-04-11", "23:59:59")
        assert task("decide_order").owner_role == "health_authority"
        assert "report.case_hours" in task("report_case").rule_row

    def test_contacts_that_the_person_s_case_already_has_get_their_orders(self):
        case(known=AT, person_key="person-1")
        contact(known=AT, last=date(2022, 4, 10), person_key="person-2")
        positive("result-1", known=AT + timedelta(hours=1), person_key="person-1")
        tick(AT + timedelta(hours=1), WORKER)
        assert Order.objects.open().get(person_key="person-2").kind == "quarantine"
        assert Reaction.objects.get(name="contacts").outcome == "proposed:1"
        # The case stands in the record: it is investigated as a case, and reported already.
        assert task("investigate").subject_key == "case-1"
        assert "report_case" not in kinds()

    def test_the_case_that_follows_asks_for_no_second_investigation_and_ends_the_report_task(self):
        positive("result-1", known=AT, person_key="person-1")
        tick(AT, WORKER)
        reported = AT + timedelta(hours=1)
        case(known=reported, person_key="person-1")
        with audit.writing():
            params = {"person_key": "person-1", "disease": "covid-19"}
            events.emit("case.reported", "case-1", "990101", at=reported, params=params)
        tick(reported, WORKER)
        assert task("investigate").subject_key == "result-1"
        assert task("report_case").state == "done"

    def test_where_the_packs_are_silent_a_named_person_decides(self):
        positive("result-1", known=AT, person_key="person-1", disease="unheard-of")
        tick(AT, WORKER)
        assert Order.objects.count() == 0
        decision = task("rule_decision")
        assert (decision.owner_role, decision.params["why"]) == ("health_authority", "not_in_pack")
        assert task("report_case").due_at == clock("2022-04-11", "23:59:59")


class TestContact:
    def test_an_order_is_proposed_and_the_transfer_has_its_clock(self):
        contact(known=AT, last=date(2022, 4, 10), emit=True)
        tick(AT, WORKER)
        assert Order.objects.open().get().expires_on == date(2022, 5, 1)
        assert task("transfer_contact").due_at == AT + timedelta(hours=12)
        assert task("transfer_contact").owner_role == "community_group"

    def test_a_secondary_contact_has_no_clock_of_its_own_so_the_day_is_the_limit(self):
        contact(known=AT, last=date(2022, 4, 10), tier="secondary", emit=True)
        tick(AT, WORKER)
        assert (task("transfer_contact").due_at, task("transfer_contact").rule_row) == (
            clock("2022-04-11", "23:59:59"),
            "",
        )

    def test_who_stays_at_home_is_not_transferred(self):
        contact(known=clock("2022-12-20"), last=date(2022, 12, 19), emit=True)
        tick(clock("2022-12-20"), WORKER)
        assert kinds() == ["decide_order"]
        assert Reaction.objects.get(name="transfer").outcome == "stays_at_home"

    def test_an_unknown_exposure_is_a_task_and_no_guess(self):
        contact(known=AT, last=None, emit=True)
        tick(AT, WORKER)
        assert kinds() == ["find_exposure_date"]
        assert Order.objects.count() == 0

    def test_where_the_packs_are_silent_a_named_person_decides(self):
        contact(known=AT, last=date(2022, 4, 10), disease="unheard-of", emit=True)
        tick(AT, WORKER)
        assert kinds() == ["rule_decision"]

    def test_a_day_without_rules_asks_for_nothing(self):
        contact(known=clock("2023-02-01"), last=date(2023, 1, 31), emit=True)
        tick(clock("2023-02-01"), WORKER)
        assert (kinds(), Order.objects.count()) == ([], 0)


class TestOrder:
    @pytest.fixture
    def order_key(self) -> str:
        contact(known=AT, last=date(2022, 4, 10), emit=True)
        tick(AT, WORKER)
        return Order.objects.open().get().key

    def test_the_approval_ends_the_task_to_decide_and_asks_for_the_notice(self, order_key):
        order_approve(
            order_key, actor=colleague("health_authority"), at=AT + timedelta(hours=1), reason="checked"
        )
        tick(AT + timedelta(hours=1), WORKER)
        assert task("decide_order").state == "done"
        assert (task("serve_notice").state, task("serve_notice").area_code) == ("awaiting", "990101")
        assert task("transfer_contact").state == "awaiting"

    def test_the_refusal_ends_the_transfer_too(self, order_key):
        order_reject(
            order_key, actor=colleague("health_authority"), at=AT + timedelta(hours=1), reason="no contact"
        )
        tick(AT + timedelta(hours=1), WORKER)
        assert (task("decide_order").state, task("transfer_contact").state) == ("done", "revoked")
        assert "serve_notice" not in kinds()

    def test_a_withdrawal_ends_what_is_left_and_leaves_what_is_done(self, order_key):
        authority = colleague("health_authority")
        order_approve(order_key, actor=authority, at=AT + timedelta(hours=1), reason="checked")
        tick(AT + timedelta(hours=1), WORKER)
        task_done(task("serve_notice").key, actor=colleague("community_group"), at=AT + timedelta(hours=2))
        order_withdraw(order_key, actor=authority, at=AT + timedelta(hours=3), reason="mistake")
        tick(AT + timedelta(hours=3), WORKER)
        states = {kind: task(kind).state for kind in kinds()}
        assert states == {
            "decide_order": "done",
            "serve_notice": "done",
            "transfer_contact": "revoked",
            # Whoever was bound is told that they are free.
            "serve_release_notice": "awaiting",
        }

    def test_what_nobody_decided_is_late_at_night_and_gone_with_the_order(self, order_key):
        assert tick(clock("2022-04-12", "08:00"), WORKER).overdue == 2
        assert task("decide_order").state == "overdue"
        passed = tick(clock("2022-05-02", "00:01"), WORKER)
        assert passed.lapsed == 1
        assert Order.objects.open().get().state == "lapsed"
        assert task("decide_order").state == "revoked"


class TestOnce:
    def test_twice_yields_nothing_new(self):
        positive("result-1", known=AT, person_key="person-1")
        contact(known=AT, last=date(2022, 4, 10), person_key="person-2", emit=True)
        first = tick(AT, WORKER)
        before = record_digest()
        again = tick(AT, WORKER)
        assert (first.reactions > 0, again.reactions) == (True, 0)
        assert pending_count() == 0
        assert record_digest() == before

    def test_late_and_at_once_write_the_same(self):
        """Carried out three days late, or in pieces, the record is the same: ``at`` is the event's own."""
        for n in range(3):
            contact(f"contact-{n}", known=AT, last=date(2022, 4, 10 - n), person_key=f"person-{n}", emit=True)
        assert pending_count() == 3 * len(TABLE["contact.registered"])
        assert run_reactions(actor=WORKER, limit=4) == 4
        assert pending_count() > 0
        run_reactions(actor=system_actor("cycle"))
        assert pending_count() == 0
        assert set(Order.objects.values_list("known_from", flat=True)) == {AT}
        assert set(Task.objects.values_list("created_by", flat=True)) == {"system:reaction"}

    def test_who_may_not_run_the_day_is_refused(self):
        with pytest.raises(Forbidden):
            react(actor=colleague("laboratory"))


class TestFailure:
    def test_a_reaction_that_raises_blocks_nobody_and_is_tried_again(self, monkeypatch, caplog):
        def broken(event, actor):
            Signal(key="half").full_clean()

        monkeypatch.setitem(TABLE, "contact.registered", [("broken", broken), *TABLE["contact.registered"]])
        contact(known=AT, last=date(2022, 4, 10), emit=True)
        with caplog.at_level(logging.ERROR):
            found = react(actor=WORKER)
        # What follows from the contact, and from the order that is proposed for it.
        follows = len(TABLE["contact.registered"]) - 1 + len(TABLE["order.proposed"])
        assert (found.done, found.failed) == (follows, 1)
        assert "broken" in caplog.text
        assert pending_count() == 1
        caplog.clear()
        assert react(actor=WORKER).failed == 1
        assert caplog.text == ""
        monkeypatch.setitem(
            TABLE,
            "contact.registered",
            [("broken", lambda event, actor: "mended"), *TABLE["contact.registered"][1:]],
        )
        assert (react(actor=WORKER).done, pending_count()) == (1, 0)

    def test_what_a_failing_reaction_wrote_is_not_there(self, monkeypatch):
        def half(event, actor):
            TABLE_ORDER(event, actor)
            raise RuntimeError("after the write")

        TABLE_ORDER = dict(TABLE["contact.registered"])["order"]
        monkeypatch.setitem(TABLE, "contact.registered", [("order", half)])
        contact(known=AT, last=date(2022, 4, 10), emit=True)
        before = record_digest()
        assert react(actor=WORKER).failed == 1
        assert record_digest() == before
        assert audit.verify().problem == ""

    def test_the_walk_starts_behind_what_is_settled_and_never_behind_a_failure(self, monkeypatch):
        settled = running._Settled()
        monkeypatch.setattr(running, "_settled", settled)
        monkeypatch.setattr(running, "_SETTLING", timedelta(seconds=-60))
        contact(known=AT, last=date(2022, 4, 10), emit=True)
        react(actor=WORKER)
        reached = settled.event_id
        assert reached > 0
        monkeypatch.setitem(TABLE, "order.approved", [("broken", lambda event, actor: 1 // 0)])
        order = Order.objects.open().get()
        order_approve(order.key, actor=colleague("health_authority"), at=AT + timedelta(hours=1), reason="x")
        contact("contact-2", known=AT, last=date(2022, 4, 10), person_key="person-2", emit=True)
        assert react(actor=WORKER).failed == 1
        assert settled.event_id == reached
        assert Order.objects.filter(person_key="person-2").exists()


class TestWorker:
    def test_pass_after_pass_until_it_is_stopped(self, monkeypatch):
        stop, passes = threading.Event(), []

        def counted(now, actor):
            passes.append(actor.key)
            if len(passes) == 2:
                stop.set()
            return tick(now, actor)

        monkeypatch.setattr(worker, "tick", counted)
        monkeypatch.setattr(worker, "INTERVAL_SECONDS", 0.0)
        contact(known=AT, last=date(2022, 4, 10), emit=True)
        alarm = threading.Timer(10, stop.set)
        alarm.start()
        run_forever(stop)
        alarm.cancel()
        assert passes == ["system:worker"] * 2
        assert pending_count() == 0
        # The installation's now is years later: the order of 2022 is over.
        assert Order.objects.open().get().state == "lapsed"


def test_every_kind_of_task_that_a_reaction_makes_is_known():
    made = {"investigate", "report_case", "transfer_contact", "find_exposure_date", "rule_decision"}
    made |= {"decide_order", "serve_notice", "serve_change_notice", "request_assistance", "report_cluster"}
    made |= {"serve_release_notice"}
    made |= {"meet_traveller", "trace_journey", "receive_emergency", "follow_refusal", "decide_permit"}
    # The cycle chases bulletins, missed limits are followed up, the public line asks for a verification.
    assert made | {"chase_report", "follow_up_limit", "verify_report"} <= set(task_kinds())
