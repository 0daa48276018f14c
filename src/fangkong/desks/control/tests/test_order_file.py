"""What belongs to an order is read with it: its reason, appeals, consents, days against the cap, its ending."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fangkong.core.errors import Forbidden, InputError
from fangkong.desks.control import actions, queries
from fangkong.record.access import system_actor
from fangkong.record.load import load
from fangkong.record.models import Order, Person

from .people import NEIGHBOUR, case, clock, colleague, contact, positive

pytestmark = pytest.mark.django_db
HAND = system_actor("reaction")
AT = clock("2022-07-11")
LATER = AT + timedelta(hours=1)
END = AT + timedelta(days=1)


@pytest.fixture
def running() -> str:
    """The quarantine of a close contact, exposed on 9 July, approved on the 11th."""
    case(known=AT, person_key="person-0")
    contact(known=AT, last=date(2022, 7, 9))
    key = actions.order_propose_for_contact("contact-1", actor=HAND, at=AT).order_key
    actions.order_approve(key, actor=colleague("health_authority", name="signer"), at=LATER)
    return key


def got(key: str, at=END) -> Order:
    return queries.order_get(key, actor=HAND, at=at)


def reads(actor, at=END):
    return {"actor": actor, "at": at}


class TestReason:
    def test_a_contact_s_order_names_the_contact_and_the_case_it_met(self, running):
        reason = queries.order_reason(got(running), **reads(colleague("duty_officer")))
        assert reason.contact.last_exposure_on == date(2022, 7, 9)
        assert reason.case.case_no == "case-1"

    def test_who_may_not_read_cases_learns_the_exposure_and_not_the_case(self, running):
        reason = queries.order_reason(got(running), **reads(colleague("street_officer")))
        assert reason.contact is not None
        assert reason.case is None

    def test_a_case_of_another_city_is_not_named(self):
        case("case-far", known=AT, person_key="person-far", area_code=NEIGHBOUR)
        contact(known=AT, last=date(2022, 7, 9), case_key="case-far")
        key = actions.order_propose_for_contact("contact-1", actor=HAND, at=AT).order_key
        reason = queries.order_reason(got(key), **reads(colleague("health_authority", "9901")))
        assert reason.contact is not None
        assert reason.case is None

    def test_a_positive_person_s_order_names_the_result(self):
        positive("result-1", known=AT, person_key="person-1")
        proposal = actions.order_propose_for_positive(
            "person-1", "covid-19", "990101", "result-1", actor=HAND, at=AT
        )
        reason = queries.order_reason(got(proposal.order_key), **reads(colleague("duty_officer")))
        assert reason.result.key == "result-1"

    def test_reading_takes_the_permission(self, running):
        with pytest.raises(Forbidden):
            queries.order_reason(got(running), **reads(colleague("laboratory")))


class TestDays:
    def test_a_running_order_counts_to_its_end_and_stays_within_its_rule(self, running):
        held = queries.restricted_days_of_order(got(running), **reads(HAND))
        assert (
            held.days
            == sum(
                (date.fromisoformat(s["last_on"]) - date.fromisoformat(s["first_on"])).days + 1
                for s in got(running).stages
            )
            - (got(running).starts_on - date.fromisoformat(got(running).stages[0]["first_on"])).days
        )
        assert not held.over

    def test_isolation_has_no_cap_in_days(self):
        positive("result-1", known=AT, person_key="person-1")
        key = actions.order_propose_for_positive(
            "person-1", "covid-19", "990101", "result-1", actor=HAND, at=AT
        ).order_key
        assert queries.restricted_days_of_order(got(key), **reads(HAND)).cap is None

    def test_an_order_that_runs_longer_than_its_stages_is_over(self, running):
        order = got(running)
        order.stages = order.stages[:1]
        order.stages[0]["last_on"] = order.stages[0]["first_on"]
        assert queries.restricted_days_of_order(order, **reads(HAND)).over


class TestAppeals:
    def test_what_waits_comes_earliest_deadline_first_and_leaves_when_answered(self, running):
        citizen_desk = colleague("duty_officer")
        late = actions.appeal_file(
            running, ground="hardship", actor=citizen_desk, at=LATER + timedelta(hours=2)
        )
        soon = actions.appeal_file(running, ground="wrong_date", actor=citizen_desk, at=LATER)
        page = queries.appeals_to_answer(**reads(HAND))
        assert [appeal.key for appeal in page.rows] == [soon, late]
        first = queries.appeals_to_answer(**reads(HAND), limit=1)
        second = queries.appeals_to_answer(**reads(HAND), limit=1, after=first.after)
        assert [appeal.key for appeal in first.rows + second.rows] == [soon, late]
        actions.appeal_decide(
            soon, upheld=False, answer="核对过", actor=colleague("health_authority", name="other"), at=END
        )
        assert queries.appeals_to_answer_count(**reads(HAND, END + timedelta(hours=1))) == 1
        assert [appeal.state for appeal in queries.appeals_of_order(running, **reads(HAND, END))] == [
            "filed",
            "dismissed",
        ]

    def test_another_city_s_appeals_do_not_show(self, running):
        actions.appeal_file(running, ground="hardship", actor=colleague("duty_officer"), at=LATER)
        elsewhere = colleague("health_authority", "9902")
        assert queries.appeals_to_answer(**reads(elsewhere)).rows == []
        assert queries.appeals_to_answer_count(**reads(elsewhere)) == 0

    def test_a_place_that_no_page_gave_out_is_refused(self):
        with pytest.raises(InputError, match="bad_place"):
            queries.appeals_to_answer(**reads(HAND), after="nowhere")


class TestConsents:
    def test_a_child_needs_the_carer_s_consent_until_it_is_on_record(self):
        load(
            Person,
            [{"key": "child", "birth_year": 2015, "carer_key": "carer"}],
            actor="t",
            source_key="t",
            known_from=AT,
        )
        contact(known=AT, last=date(2022, 7, 9), person_key="child")
        key = actions.order_propose_for_contact("contact-1", actor=HAND, at=AT).order_key
        needed = queries.consents_needed(got(key), **reads(HAND))
        assert [(need.person_key, need.carer_key) for need in needed] == [("child", "carer")]
        actions.consent_record(key, "child", carer_key="carer", actor=colleague("community_group"), at=LATER)
        assert queries.consents_needed(got(key), **reads(HAND)) == []
        assert [consent.state for consent in queries.consents_of_order(key, **reads(HAND))] == ["given"]


class TestEnding:
    def ending(self, key: str, at):
        return queries.order_ending(queries.order_history(key, actor=HAND, at=at))

    def test_an_order_that_runs_its_term_has_not_ended(self, running):
        assert self.ending(running, END) is None

    def test_a_rejected_or_unapproved_order_has_nothing_to_release_from(self):
        contact(known=AT, last=date(2022, 7, 9))
        key = actions.order_propose_for_contact("contact-1", actor=HAND, at=AT).order_key
        actions.order_reject(key, actor=colleague("health_authority"), at=LATER, reason="not needed")
        assert self.ending(key, END) is None

    def test_it_lapses_on_its_last_day(self, running):
        last = got(running).expires_on
        after = clock(str(last + timedelta(days=1)))
        actions.order_lapse_due(after, actor=HAND)
        ended = self.ending(running, after + timedelta(hours=1))
        assert (ended.code, ended.on) == ("lapsed", last)

    def test_withdrawn_and_shortened_keep_their_reasons(self, running):
        authority = colleague("health_authority", name="other")
        last = got(running).expires_on
        sooner = last - timedelta(days=2)
        actions.order_shorten(running, expires_on=sooner, reason="复核后缩短", actor=authority, at=END)
        at = END + timedelta(hours=1)
        ended = self.ending(running, at)
        assert (ended.code, ended.on, ended.before_on, ended.reason) == (
            "shortened",
            sooner,
            last,
            "复核后缩短",
        )
        actions.order_withdraw(running, reason="检测有误", actor=authority, at=at)
        ended = self.ending(running, at + timedelta(hours=1))
        assert (ended.code, ended.reason) == ("withdrawn", "检测有误")

    def test_the_isolation_that_takes_its_place_is_named_and_linked(self, running):
        positive("result-1", known=END, person_key="person-1")
        follower = actions.order_propose_for_positive(
            "person-1", "covid-19", "990101", "result-1", actor=HAND, at=END
        ).order_key
        actions.order_approve(follower, actor=colleague("health_authority", name="b"), at=END)
        at = END + timedelta(hours=1)
        assert actions.order_supersede(running, by_key=follower, actor=HAND, at=at)
        later = at + timedelta(hours=1)
        assert self.ending(running, later).follower_key == follower
        before, after = queries.orders_linked(got(running, later), actor=HAND, at=later)
        assert before == []
        assert [order.key for order in after] == [follower]


def test_lists_are_narrowed_to_a_kind_of_subject_and_suspended_orders_have_their_own(running):
    reader = colleague("duty_officer")
    assert queries.orders_in_force_list(**reads(reader), subject_kind="person").total == 1
    assert queries.orders_in_force_list(**reads(reader), subject_kind="area").total == 0
    actions.order_suspend(running, reason="查实中", actor=colleague("oversight"), at=END)
    at = END + timedelta(minutes=1)
    assert queries.orders_in_force_list(**reads(reader, at)).total == 0
    assert [order.key for order in queries.orders_suspended_list(**reads(reader, at)).rows] == [running]
    assert queries.orders_suspended_list(**reads(reader, at), subject_kind="area").total == 0


def test_a_suspended_order_restricts_until_the_day_it_was_suspended(running):
    actions.order_suspend(running, reason="查实中", actor=colleague("oversight"), at=clock("2022-07-13"))
    weight = queries.orders_in_force(actor=HAND, at=clock("2022-07-16"))
    assert (weight.orders, weight.person_days) == (0, 3)
