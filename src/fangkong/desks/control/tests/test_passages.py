"""A checkpoint asks, the rules answer, and the checkpoint learns nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Forbidden, InputError, NotFound
from fangkong.desks.control.actions import (
    Holder,
    Shown,
    passage_emergency,
    passage_record,
    passage_refuse,
    permit_issue,
    permit_propose,
)
from fangkong.desks.control.queries import gates_of, passages_of_person
from fangkong.record.access import system_actor
from fangkong.record.models import AuditRow, Identity, Passage, Person

from .gates import GATE, HOSPITAL, NEXT_GATE, gates, result
from .people import clock, colleague

pytestmark = pytest.mark.django_db
AT = clock("2022-07-06", "12:00")
HOUR = timedelta(hours=1)
DRIVER = Holder(number="P-7781-2291", plate="示A·12345")
COVID = {"disease": "covid-19"}


@pytest.fixture
def guard():
    return gates(AT - 90 * 24 * HOUR)


def ask(guard, shown: Shown, *, kind: str = "freight", holder: Holder = DRIVER, at=AT, **more):
    return passage_record(GATE, kind=kind, holder=holder, shown=shown, actor=guard, at=at, **COVID, **more)


class TestTruck:
    def test_an_expired_test_and_a_negative_antigen_release_it_at_once_and_nothing_says_who(self, guard):
        shown = Shown(tested_at=AT - 52 * HOUR, antigen="negative", stay=timedelta(hours=3, minutes=50))
        told = ask(guard, shown)
        assert (told.answer, told.rule_answer, told.test_valid) == ("pass", "pass_and_test_on_site", False)
        assert told.details["star"] is False
        assert {"hold", "turn_back", "stop_for_star"} <= set(told.details["must_not"])
        kept = Passage.objects.open().get()
        assert kept.area_code == "990101001"
        assert any("freight.expired_pcr_action" in row for row in kept.rule_rows)
        everything = str(list(Passage.objects.values())) + str(list(AuditRow.objects.values()))
        assert kept.vehicle_digest in everything
        assert not [part for part in ("7781-2291", "77812291", "示A") if part in everything]

    def test_before_the_antigen_it_is_taken_and_a_valid_test_simply_passes(self, guard):
        assert ask(guard, Shown(tested_at=AT - 52 * HOUR)).answer == "test"
        later = AT + HOUR
        assert ask(guard, Shown(tested_at=later - 48 * HOUR), at=later).answer == "pass"

    def test_before_the_freight_rules_somebody_is_called_and_nobody_is_turned_back(self, guard):
        day = clock("2022-04-16", "12:00")
        told = ask(guard, Shown(tested_at=day - 10 * HOUR), at=day)
        assert (told.answer, told.rule_answer) == ("call_help", "person_decides")

    def test_the_same_driver_is_the_same_person_however_the_number_is_typed(self, guard):
        ask(guard, Shown(tested_at=AT - HOUR))
        ask(guard, Shown(tested_at=AT - HOUR), holder=Holder(number="p77812291"), at=AT + HOUR)
        assert len(set(Passage.objects.open().values_list("person_key", flat=True))) == 1
        assert Identity.objects.count() == 1

    def test_whoever_s_last_result_is_positive_gets_help_and_the_gate_is_not_told_why(self, guard):
        ask(guard, Shown(tested_at=AT - HOUR))
        person_key = Passage.objects.open().get().person_key
        result("r-1", person_key, known=AT + HOUR, value="positive")
        told = ask(guard, Shown(tested_at=AT - HOUR), at=AT + 2 * HOUR)
        assert (told.answer, told.rule_answer) == ("call_help", "call_help")
        assert told.reasons == ("passage.reason.call_help",)
        # Long after, an old result says nothing any more.
        much_later = AT + 60 * 24 * HOUR
        assert ask(guard, Shown(tested_at=much_later - HOUR), at=much_later).answer == "pass"


class TestCommuter:
    """Home in Zhuozhou, work in Wujiang: both ends' local rows, one test."""

    WHO = Holder(number="C-1002-3344")

    def test_one_test_known_to_the_record_is_accepted_at_both_ends(self, guard):
        office = colleague("district_officer", "130681")
        decider = colleague("health_authority", "130681")
        asked_at = AT - 3 * 24 * HOUR
        ends = Shown(from_area="130681", to_area="320509")
        key = permit_propose(
            "commuter",
            holder=self.WHO,
            shown=ends,
            starts_on=date(2022, 7, 4),
            actor=office,
            at=asked_at,
            **COVID,
        )
        permit_issue(key, reason="已核对", actor=decider, at=asked_at + HOUR)
        told = ask(guard, Shown(), kind="commuter", holder=self.WHO)
        assert (told.answer, told.rule_answer) == ("test", "test_first")
        person_key = Passage.objects.open().get().person_key
        result("r-1", person_key, known=AT + HOUR, area="320509")
        told = ask(guard, Shown(), kind="commuter", holder=self.WHO, at=AT + 2 * HOUR)
        assert (told.answer, told.test_valid) == ("pass", True)
        assert told.details["ends"] == {"home": True, "work": True}
        # The stricter end: one test a day. A day later the same test no longer does.
        told = ask(guard, Shown(), kind="commuter", holder=self.WHO, at=AT + 26 * HOUR)
        assert (told.answer, told.test_valid, told.details["ends"]) == (
            "test",
            False,
            {"home": True, "work": False},
        )

    def test_without_permit_and_registration_the_other_way_is_shown_and_both_ends_are_needed(self, guard):
        ends = Shown(from_area="130681", to_area="320509", tested_at=AT - HOUR)
        assert ask(guard, ends, kind="commuter", holder=self.WHO).answer == "divert"
        with pytest.raises(InputError, match=r"passage\.ends_needed"):
            ask(guard, Shown(tested_at=AT - HOUR), kind="commuter", holder=self.WHO)

    def test_where_the_packs_are_silent_somebody_is_called(self, guard):
        ends = Shown(from_area="990101", to_area="990102", tested_at=AT - HOUR)
        told = ask(guard, ends, kind="commuter", holder=self.WHO)
        assert (told.answer, told.rule_answer) == ("call_help", "not_decided")


class TestEmergency:
    LABOUR = Shown(condition="labour", from_risk="high", tested_at=AT - 52 * HOUR)

    def test_it_passes_with_escort_to_the_buffer_ward_and_nothing_is_asked(self, guard):
        told = passage_emergency(GATE, shown=self.LABOUR, actor=guard, at=AT, **COVID)
        assert (told.answer, told.details["escort"], told.details["ward"]) == (
            "escort",
            "ambulance_or_escort",
            "buffer_ward",
        )
        kept = Passage.objects.open().get()
        assert (kept.emergency, kept.person_key, kept.vehicle_digest) == (True, "", "")

    def test_where_no_rule_lets_the_office_ask_the_patient_passes_and_no_name_is_kept(self, guard):
        today = clock("2026-06-01", "03:00")
        with pytest.raises(Forbidden, match=r"retention\.limited"):
            ask(guard, Shown(tested_at=today - HOUR), at=today)
        told = passage_emergency(
            GATE,
            shown=Shown(condition="stroke"),
            holder=Holder(number="X-9981-1"),
            actor=guard,
            at=today,
            **COVID,
        )
        assert told.answer == "escort"
        assert Passage.objects.open().get().person_key == ""
        assert Person.objects.count() == 0

    def test_any_word_passes_when_the_carer_calls_it_urgent_and_the_word_is_not_kept(self, guard):
        shown = Shown(condition="snake bite of Li", urgent=True)
        assert passage_emergency(GATE, shown=shown, actor=guard, at=AT, **COVID).answer == "escort"
        assert Passage.objects.open().get().condition == "other"
        with pytest.raises(InputError, match=r"passage\.not_an_emergency"):
            passage_emergency(GATE, shown=Shown(condition="check_up"), actor=guard, at=AT, **COVID)

    def test_a_refusal_is_kept_with_its_reason_and_the_answer_does_not_change(self, guard):
        with pytest.raises(InputError, match=r"passage\.reason_needed"):
            passage_refuse(
                HOSPITAL, shown=self.LABOUR, refused_by="", reason=" ", actor=guard, at=AT, **COVID
            )
        told = passage_refuse(
            HOSPITAL, shown=self.LABOUR, refused_by="", reason="无核酸证明", actor=guard, at=AT, **COVID
        )
        assert (told.answer, told.rule_answer) == ("turned_away", "pass")


class TestWho:
    def test_the_platform_itself_and_other_roles_record_nothing(self, guard):
        with pytest.raises(Forbidden, match=r"order\.system_never_decides"):
            ask(system_actor("worker"), Shown())
        with pytest.raises(Forbidden, match=r"access\.not_your_role"):
            ask(colleague("supply_group"), Shown())

    def test_another_district_s_gate_is_not_there(self, guard):
        assert {place.key for place in gates_of(actor=guard, at=AT)} == {GATE, HOSPITAL}
        with pytest.raises(NotFound, match=r"passage\.no_checkpoint"):
            passage_record(
                NEXT_GATE, kind="freight", holder=DRIVER, shown=Shown(), actor=guard, at=AT, **COVID
            )

    def test_a_plate_alone_names_nobody_and_a_short_number_is_no_number(self, guard):
        with pytest.raises(InputError, match=r"passage\.who_needed"):
            ask(guard, Shown(), holder=Holder(plate="示A·12345"))
        with pytest.raises(InputError, match=r"holder\.too_short"):
            ask(guard, Shown(), holder=Holder(number="12"))

    def test_the_gate_reads_no_history_and_the_investigators_do(self, guard):
        ask(guard, Shown(tested_at=AT - HOUR))
        person_key = Passage.objects.open().get().person_key
        with pytest.raises(Forbidden, match=r"access\.not_your_role"):
            passages_of_person(person_key, actor=guard, at=AT)
        tracer = colleague("investigation_group")
        assert [each.place_key for each in passages_of_person(person_key, actor=tracer, at=AT)] == [GATE]
