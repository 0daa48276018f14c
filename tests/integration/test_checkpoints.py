"""Scenarios 8 and 10 on the record: a truck released at once and found again, a birth that no gate stops."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from fangkong.command.tasks.queries import tasks_open
from fangkong.command.worker import tick
from fangkong.core.errors import Forbidden
from fangkong.desks.control.actions import Holder, Shown, passage_emergency, passage_record, passage_refuse
from fangkong.desks.control.tests.gates import GATE, GATE_AREA, HOSPITAL, NEXT_AREA, NEXT_GATE, gates
from fangkong.desks.control.tests.people import case, clock, colleague, positive
from fangkong.desks.monitor.actions import signal_close
from fangkong.desks.trace.actions import exposure_judge
from fangkong.public.oversight import alarms_list
from fangkong.record.access import system_actor
from fangkong.record.digest import record_digest
from fangkong.record.installation import installation_set
from fangkong.record.models import Passage, Signal, Task
from fangkong.record.retention.clocks import purge_clock
from fangkong.record.retention.purging import purge_run

pytestmark = pytest.mark.django_db
WORKER = system_actor("worker")
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
DRIVER = Holder(number="D-4410-9002", plate="示B·77K21")
DISEASE = "covid-19"
AT = clock("2022-07-06", "12:00")


@pytest.fixture
def guard():
    installation_set(actor="test", area_code="9901", disease=DISEASE)
    return gates(AT - 90 * DAY)


def truck(
    guard, at: datetime, *, age: timedelta, stay: timedelta, next_gate: str = NEXT_GATE, to_area: str = ""
):
    shown = Shown(tested_at=at - age, antigen="negative", stay=stay, to_area=to_area)
    return passage_record(
        GATE, kind="freight", holder=DRIVER, shown=shown, next_place_key=next_gate, actor=guard, at=at
    )


def driver() -> str:
    return str(Passage.objects.open().order_by("passed_at").values_list("person_key", flat=True)[0])


def open_tasks(actor, at: datetime) -> dict[str, Task]:
    return {task.kind: task for task in tasks_open(actor=actor, at=at).rows}


class TestScenario8:
    @pytest.mark.parametrize(
        ("day", "age", "stay", "star"),
        [
            ("2022-07-06", 52 * HOUR, timedelta(hours=3, minutes=50), False),
            ("2022-04-20", 49 * HOUR, 4 * HOUR, False),
            ("2022-11-30", 200 * HOUR, 4 * HOUR + MINUTE, True),
        ],
    )
    def test_a_later_positive_reaches_the_next_checkpoint_and_the_investigators_in_a_minute(
        self, guard, day, age, stay, star
    ):
        at = clock(day, "12:00")
        told = truck(guard, at, age=age, stay=stay)
        assert (told.answer, told.test_valid) == ("pass", False)
        assert (told.details["star"], told.details["follow"]) == (star, "pcr")
        tick(at, WORKER)
        assert not Signal.objects.filter(kind="journey_alert").exists()

        positive_at = at + 5 * HOUR
        positive("result-1", known=positive_at, person_key=driver())
        tick(positive_at + timedelta(seconds=1), WORKER)

        met = open_tasks(colleague("checkpoint", "990102"), positive_at + MINUTE)["meet_traveller"]
        assert (met.area_code, met.known_from) == (NEXT_AREA, positive_at)
        traced = open_tasks(colleague("investigation_group"), positive_at + MINUTE)["trace_journey"]
        assert (traced.known_from, traced.params["why"]) == (positive_at, "result")
        signal = Signal.objects.open().get(kind="journey_alert")
        assert signal.raised_at - positive_at <= MINUTE
        # The gate is told that somebody comes: not who, and not why.
        assert driver() not in str(met.params)
        assert "why" not in met.params

        # There the same number is answered with help, until the alert is closed.
        there = colleague("checkpoint", "990102", name="second-guard")
        shown = Shown(tested_at=positive_at - HOUR)
        ask = {"kind": "freight", "holder": DRIVER, "shown": shown, "actor": there}
        assert passage_record(NEXT_GATE, at=positive_at + HOUR, **ask).answer == "call_help"

    def test_another_driver_of_the_same_truck_is_met_too_and_not_once_the_alert_is_closed(self, guard):
        truck(guard, AT, age=52 * HOUR, stay=HOUR)
        positive("result-1", known=AT + HOUR, person_key=driver())
        tick(AT + HOUR, WORKER)
        there = colleague("checkpoint", "990102")
        other = Holder(number="E-1000-2000", plate=DRIVER.plate)
        ask = {"kind": "freight", "holder": other, "shown": Shown(tested_at=AT), "actor": there}
        assert passage_record(NEXT_GATE, at=AT + 2 * HOUR, **ask).answer == "call_help"
        signal_close(
            Signal.objects.open().get(kind="journey_alert").key,
            outcome="event",
            actor=colleague("investigation_group"),
            at=AT + 3 * HOUR,
        )
        assert passage_record(NEXT_GATE, at=AT + 4 * HOUR, **ask).answer == "pass"

    def test_a_journey_out_of_the_city_is_told_at_its_last_gate_with_where_it_goes(self, guard):
        truck(guard, AT, age=52 * HOUR, stay=HOUR, next_gate="", to_area="320100")
        positive("result-1", known=AT + HOUR, person_key=driver())
        tick(AT + HOUR, WORKER)
        assert Task.objects.open().get(kind="meet_traveller").area_code == GATE_AREA
        assert Task.objects.open().get(kind="trace_journey").params["to_area"] == "320100"

    @pytest.mark.parametrize(("later", "told"), [(2 * DAY, True), (3 * DAY, False)])
    def test_a_passage_before_the_two_days_of_look_back_is_history(self, guard, later, told):
        truck(guard, AT, age=52 * HOUR, stay=HOUR)
        positive("result-1", known=AT + later, person_key=driver())
        tick(AT + later, WORKER)
        assert Task.objects.filter(kind="meet_traveller").exists() is told

    def test_an_exposure_judged_by_hand_does_what_a_result_does(self, guard):
        truck(guard, AT, age=52 * HOUR, stay=HOUR)
        case(known=AT + HOUR, person_key="index-1")
        exposure_judge(
            "case-1",
            driver(),
            last_exposure_on=date(2022, 7, 6),
            evidence="同桌用餐",
            reason="未佩戴口罩，时间较长",
            actor=colleague("investigation_group"),
            at=AT + 2 * HOUR,
        )
        tick(AT + 2 * HOUR, WORKER)
        assert Task.objects.open().get(kind="trace_journey").params["why"] == "judgement"

    def test_a_second_pass_of_the_worker_and_a_second_result_change_nothing(self, guard):
        truck(guard, AT, age=52 * HOUR, stay=HOUR)
        positive("result-1", known=AT + HOUR, person_key=driver())
        tick(AT + HOUR, WORKER)
        before = record_digest()
        tick(AT + HOUR, WORKER)
        assert record_digest() == before
        positive("result-2", known=AT + 2 * HOUR, person_key=driver())
        tick(AT + 2 * HOUR, WORKER)
        assert Task.objects.open().filter(kind="meet_traveller").count() == 1


class TestScenario10:
    @pytest.mark.parametrize(
        ("day", "condition"),
        [("2022-07-06", "labour"), ("2020-02-10", "dialysis"), ("2026-03-01", "infant")],
    )
    def test_from_a_high_risk_building_with_an_expired_test_she_passes_and_the_ward_expects_her(
        self, guard, day, condition
    ):
        at = clock(day, "03:10")
        shown = Shown(condition=condition, from_risk="high", tested_at=at - 52 * HOUR)
        told = passage_emergency(GATE, shown=shown, actor=guard, at=at)
        assert (told.answer, told.details["ward"]) == ("escort", "buffer_ward")
        assert told.details["test_with_care"]
        tick(at + timedelta(seconds=1), WORKER)
        ward = open_tasks(colleague("hospital", "990101"), at + MINUTE)["receive_emergency"]
        assert (ward.known_from, ward.state) == (at, "awaiting")
        assert ward.due_at - at < HOUR
        assert not Signal.objects.filter(kind="care_refused").exists()

    def test_a_refusal_is_an_incident_that_oversight_sees_at_once_and_the_patient_is_received_all_the_same(
        self, guard
    ):
        shown = Shown(condition="labour", from_risk="high", tested_at=AT - 52 * HOUR)
        passage_refuse(HOSPITAL, shown=shown, refused_by="", reason="核酸过期四小时", actor=guard, at=AT)
        tick(AT + timedelta(seconds=1), WORKER)
        (alarm,) = alarms_list(actor=colleague("oversight"), at=AT + MINUTE).rows
        assert (alarm.kind, alarm.raised_at, alarm.params["named"]) == ("care_refused", AT, False)
        followed = open_tasks(colleague("health_authority"), AT + MINUTE)
        assert followed["follow_refusal"].params["condition"] == "labour"
        assert Task.objects.open().filter(kind="receive_emergency").exists()

    def test_somebody_who_is_looked_for_still_passes_as_an_emergency(self, guard):
        truck(guard, AT, age=52 * HOUR, stay=HOUR)
        positive("result-1", known=AT + HOUR, person_key=driver())
        tick(AT + HOUR, WORKER)
        told = passage_emergency(
            GATE, shown=Shown(condition="chest_pain"), holder=DRIVER, actor=guard, at=AT + 2 * HOUR
        )
        assert told.answer == "escort"


def test_whereabouts_go_with_the_identity_when_the_rules_have_ended(guard):
    truck(guard, AT, age=52 * HOUR, stay=HOUR)
    running = purge_clock(driver(), at=AT + DAY)
    assert running is not None
    assert (running.state, running.deciding.link.category, running.purge_by) == (
        "open",
        "movement",
        date(2023, 1, 8),
    )
    (certificate,) = purge_run(actor=WORKER, at=clock("2023-01-09", "00:10"))
    assert (certificate.category, certificate.people, certificate.rows) == ("movement", 1, 1)
    assert Passage.objects.count() == 0


def test_after_checks_of_travellers_have_ended_no_gate_asks_anybody(guard):
    with pytest.raises(Forbidden, match=r"retention\.limited"):
        truck(guard, clock("2022-12-07", "12:00"), age=HOUR, stay=HOUR)
    assert Passage.objects.count() == 0
