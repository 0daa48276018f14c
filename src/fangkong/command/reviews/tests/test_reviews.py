"""A review opens by itself, once, shows what was known when, and closes with a finding or the reason for none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fangkong.command.models import Gap, PlanRun, ResponseLevel, Review
from fangkong.command.office_clocks import office_clock
from fangkong.command.reviews.actions import (
    gap_close,
    gap_prove,
    gap_raise,
    gap_return,
    review_cause,
    review_close,
    review_hold,
    review_key_of,
    review_open,
    review_open_case,
    review_remark,
)
from fangkong.command.reviews.case_steps import case_steps
from fangkong.command.reviews.queries import (
    limits_missed,
    review_counts,
    review_get,
    review_timeline,
    review_versions,
    reviews_list,
)
from fangkong.command.reviews.rows import causes
from fangkong.command.reviews.steps import Limit, Step, codes_of, thawed
from fangkong.command.tasks.actions import task_acknowledge, task_done
from fangkong.command.timers.actions import timer_mark_missed
from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import DISTRICT, NEIGHBOUR, contact
from fangkong.record import audit, events
from fangkong.record.installation import installation
from fangkong.record.load import load
from fangkong.record.models import Task, Timer, User

from .made_case import AT, CITY, WORKER, after, case_reported, followed, known, office, positive_result


def one_review() -> Review:
    return Review.objects.open().get()


def opened(subject: str = "C1") -> str:
    return review_open("case", subject, area_code=DISTRICT, disease="covid-19", actor=WORKER, at=AT)


@pytest.mark.django_db
class TestOpening:
    @pytest.fixture(autouse=True)
    def _office(self):
        office()

    def test_a_case_event_twice_makes_one_review_due_by_the_office_s_clock(self):
        case_reported(at=AT)
        followed()
        case_reported(at=after(0.5), classification="asymptomatic")
        followed()
        review = one_review()
        assert (review.subject_kind, review.subject_key, review.state) == ("case", "C1", "open")
        assert review.due_at == office_clock("review_open").due(AT)
        timer = Timer.objects.open().get(subject_key=review.key)
        assert (timer.rule_row, timer.due_at) == ("office:review_open", review.due_at)
        assert events_of("review.opened") == 1

    def test_a_suspected_case_is_reviewed_once_it_is_confirmed(self):
        case_reported(at=AT, classification="suspected")
        followed()
        assert Review.objects.count() == 0
        case_reported(at=after(0.5))
        followed()
        assert one_review().opened_at == after(0.5)

    def test_a_case_of_another_jurisdiction_is_not_reviewed(self):
        case_reported(at=AT, area="980101")
        followed()
        assert Review.objects.count() == 0

    def test_history_from_a_file_opens_no_review(self):
        case_reported(at=after(-24 * 9))
        followed()
        assert Review.objects.count() == 0

    def test_a_case_of_yesterday_received_today_does(self):
        case_reported(at=after(-20))
        followed()
        assert one_review().opened_at == after(-20)

    def test_an_older_case_is_opened_by_hand_by_its_number(self):
        case_reported(at=after(-24 * 9))
        key = review_open_case(" No-C1 ", actor=known("duty_officer"), at=AT)
        assert (
            key
            == review_key_of("case", "C1")
            == review_open_case("No-C1", actor=known("duty_officer"), at=after(1))
        )
        with pytest.raises(InputError, match=r"review\.unknown_case"):
            review_open_case("No-C9", actor=known("duty_officer"), at=AT)

    def test_an_ended_drill_and_an_ended_response_are_reviewed(self):
        run = {"key": "run-1", "plan_key": "plan-1", "area_code": CITY, "drill": True, "started_by": "u"}
        run |= {"started_at": AT, "ended_at": after(0.5), "state": "ended"}
        level = {"key": "level-1", "area_code": CITY, "hazard": "epidemic", "level": 2, "rank": "prefecture"}
        level |= {"starts_on": date(2022, 4, 1), "review_on": date(2022, 4, 30), "state": "ended"}
        level |= {"proposed_by": "a", "declared_by": "b", "ended_on": date(2022, 4, 11)}
        with audit.writing():
            load(PlanRun, [run], actor="t", source_key="t", known_from=AT)
            load(ResponseLevel, [level], actor="t", source_key="t", known_from=AT)
            events.emit("plan.ended", "run-1", CITY, at=AT)
            events.emit("level.ended", "level-1", CITY, at=AT)
        followed()
        due = {each.subject_kind: each.due_at for each in Review.objects.open()}
        assert due == {
            "drill": office_clock("review_open").due(AT),
            "event": office_clock("event_review").due(AT),
        }
        codes = {
            each.subject_kind: [step.code for step in steps_of(each.key)] for each in Review.objects.open()
        }
        assert codes["drill"] == ["plan_started", "plan_ended"]
        assert codes["event"][0] == "level_proposed"
        assert codes["event"][-1] == "level_ended"

    def test_a_review_that_nobody_closes_in_time_is_told(self):
        opened()
        timer_mark_missed(after(25), actor=WORKER)
        told = Task.objects.open().get(kind="follow_up_limit")
        assert told.owner_role == office_clock("review_open").escalates_to


def events_of(kind: str) -> int:
    from fangkong.record.models import Event

    return Event.objects.filter(kind=kind).count()


def steps_of(key: str, hours: float = 20, **more) -> list[Step]:
    at = after(hours)
    return review_timeline(review_get(key, actor=known("duty_officer"), at=at), at=at, **more)


def by_code(steps: list[Step]) -> dict[str, Step]:
    return {step.code: step for step in steps}


def lived_case() -> str:
    """A case: result at 9, reported an hour later, investigation taken after two hours and done after three."""
    office()
    positive_result(at=AT)
    followed()
    case_reported(at=after(1), onset=date(2022, 4, 9))
    followed()
    for n in range(3):
        contact(f"K{n}", known=after(3 + n), last=date(2022, 4, 10), case_key="C1", person_key=f"q{n}")
    task = Task.objects.open().get(kind="investigate")
    task_acknowledge(task.key, actor=known("investigation_group"), at=after(2))
    task_done(task.key, actor=known("investigation_group"), at=after(30))
    return review_key_of("case", "C1")


@pytest.mark.django_db
class TestTimeline:
    def test_each_step_says_when_since_when_and_against_which_limit(self):
        key = lived_case()
        steps = steps_of(key, hours=40)
        assert tuple(step.code for step in steps) == codes_of("case")
        found = by_code(steps)
        assert found["onset"].on == date(2022, 4, 9)
        assert found["sample"].at == after(-4)
        assert found["sample"].known_from == AT
        assert found["result"].took == timedelta(hours=4)
        assert found["report"].known_from == after(1)
        assert found["investigation_started"].at == after(2)
        assert found["investigation_core"].at == after(30)
        assert found["contacts_found"].n == 3
        assert (found["contacts_found"].at, found["contacts_found"].until) == (after(3), after(5))

    def test_a_step_that_nobody_recorded_stands_there_as_not_recorded(self):
        found = by_code(steps_of(lived_case(), hours=40))
        assert not found["first_care"].recorded
        assert not found["exposure"].recorded
        assert not found["contacts_transferred"].recorded

    def test_a_limit_that_was_kept_and_one_that_was_missed(self):
        found = by_code(steps_of(lived_case(), hours=40))
        assert {limit.state for limit in found["report"].limits} == {"kept"}
        core = found["investigation_core"]
        assert core.missed
        late = [limit for limit in core.limits if limit.missed]
        assert all(limit.late_by == after(30) - limit.due_at for limit in late)
        review = review_get(review_key_of("case", "C1"), actor=known("duty_officer"), at=after(40))
        assert limits_missed([review], at=after(40))[review.key] >= 1

    def test_as_of_an_earlier_day_it_shows_what_was_known_then(self):
        key = lived_case()
        before = by_code(steps_of(key, hours=40, as_of=after(1.5)))
        assert before["report"].recorded
        assert not before["investigation_started"].recorded
        assert not before["contacts_found"].recorded
        # What is learnt later changes nothing of it.
        contact("K9", known=after(20), last=date(2022, 4, 10), case_key="C1", person_key="q9")
        case_reported(at=after(21), onset=date(2022, 4, 5))
        assert by_code(steps_of(key, hours=40, as_of=after(1.5))) == before
        assert by_code(steps_of(key, hours=40))["onset"].on == date(2022, 4, 5)
        assert by_code(steps_of(key, hours=40))["onset"].known_from == after(21)

    def test_it_takes_no_more_queries_for_more_contacts(self):
        lived_case()
        zone = installation().zone
        with CaptureQueriesContext(connection) as few:
            case_steps("C1", at=after(40), zone=zone)
        for n in range(40):
            contact(f"L{n}", known=after(6), last=date(2022, 4, 10), case_key="C1", person_key=f"r{n}")
        with CaptureQueriesContext(connection) as many:
            assert by_code(case_steps("C1", at=after(40), zone=zone))["contacts_found"].n == 43
        assert len(few) == len(many) <= 8

    def test_a_closed_review_keeps_its_timeline(self):
        key = lived_case()
        review_cause(key, "tracing", "流调力量不足", actor=known("duty_officer"), at=after(40))
        shown = steps_of(key, hours=41)
        review_close(key, actor=known("health_authority"), at=after(41))
        case_reported(at=after(50), onset=date(2022, 4, 1))
        assert steps_of(key, hours=60) == shown
        assert by_code(steps_of(key, hours=60, as_of=after(55)))["onset"].on == date(2022, 4, 1)

    def test_the_reader_of_a_neighbouring_district_sees_nothing(self):
        key = lived_case()
        other = known("district_officer", NEIGHBOUR)
        with pytest.raises(NotFound):
            review_get(key, actor=other, at=after(40))
        with pytest.raises(NotFound):
            review_versions(key, actor=other, at=after(40))
        assert reviews_list(actor=other, at=after(40)).rows == []
        assert reviews_list(actor=known("district_officer", DISTRICT), at=after(40)).total == 1


moments = st.datetimes(
    min_value=(AT - timedelta(days=99)).replace(tzinfo=None),
    max_value=(AT + timedelta(days=99)).replace(tzinfo=None),
).map(lambda moment: moment.replace(tzinfo=AT.tzinfo))
limits = st.builds(
    Limit,
    st.sampled_from(["", "report.case_hours"]),
    st.just("row"),
    moments,
    late_by=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)),
)


@given(
    st.builds(
        Step,
        st.sampled_from(codes_of("case")),
        at=st.none() | moments,
        on=st.none() | st.dates(),
        known_from=st.none() | moments,
        n=st.none() | st.integers(0, 9),
        limits=st.lists(limits, max_size=2).map(tuple),
        took=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9)),
    )
)
def test_what_is_frozen_thaws_as_it_was(step):
    assert thawed(step.frozen()) == step


@pytest.mark.django_db
class TestHolding:
    @pytest.fixture(autouse=True)
    def _office(self):
        office()

    def test_without_a_finding_or_a_reason_for_none_it_does_not_close(self):
        key = opened()
        with pytest.raises(InputError, match=r"review\.finding_needed"):
            review_close(key, actor=known("co_chair"), at=after(1))
        review_close(key, no_gap_because="各环节均在时限内完成", actor=known("co_chair"), at=after(1))
        closed = one_review()
        assert (closed.state, closed.closed_by) == ("closed", known("co_chair").key)
        assert Timer.objects.open().get(subject_key=key).state == "met"
        assert events_of("review.closed") == 1

    def test_a_gap_is_a_finding(self):
        key = opened()
        raised(key)
        review_close(key, actor=known("co_chair"), at=after(2))
        assert one_review().state == "closed"

    def test_after_closing_nothing_is_added_and_the_second_person_is_told(self):
        key = opened()
        review_close(key, no_gap_because="已逐项核对", actor=known("co_chair"), at=after(1))
        for deed in (
            lambda: review_remark(key, "report", "当晚系统繁忙", actor=known("duty_officer"), at=after(2)),
            lambda: review_cause(key, "rules", "条款不清", actor=known("duty_officer"), at=after(2)),
            lambda: review_hold(key, actor=known("duty_officer"), at=after(2)),
            lambda: raised(key),
            lambda: review_close(key, no_gap_because="再次", actor=known("health_authority"), at=after(2)),
        ):
            with pytest.raises(Conflict, match=r"review\.is_closed"):
                deed()

    def test_remarks_carry_the_post_and_no_person_and_are_kept_once(self):
        key = opened()
        for hours in (1, 2):
            review_remark(key, "first_care", "先到诊所购药", actor=known("duty_officer"), at=after(hours))
        assert one_review().remarks == [
            {"step": "first_care", "words": "先到诊所购药", "role": "duty_officer"}
        ]

    @pytest.mark.parametrize("words", ["建议给予处分", "应当追责", "somebody is to blame"])
    def test_discipline_is_refused(self, words):
        key = opened()
        with pytest.raises(InputError, match=r"review\.discipline"):
            review_cause(key, "other", words, actor=known("duty_officer"), at=after(1))
        with pytest.raises(InputError, match=r"review\.discipline"):
            raised(key, title=words)

    def test_a_colleague_s_name_is_refused_and_the_name_of_a_post_is_not(self):
        key = opened()
        User.objects.filter(username="duty_officer-9901").delete()
        actor = known("duty_officer")
        User.objects.filter(key=known("investigation_group").key).update(display_name="陆川")
        User.objects.filter(key=known("community_group").key).update(display_name="社区防控组")
        with pytest.raises(InputError, match=r"review\.names_person"):
            review_remark(key, "", "陆川当晚未接电话", actor=actor, at=after(1))
        review_remark(key, "", "社区防控组当晚未接到电话", actor=actor, at=after(1))
        # Three scattered analysis points are no discipline.
        review_remark(key, "", "三处分析点样本积压", actor=actor, at=after(1))

    def test_whoever_may_not_close_does_not(self):
        key = opened()
        with pytest.raises(Forbidden):
            review_close(key, no_gap_because="无", actor=known("investigation_group"), at=after(1))
        with pytest.raises(NotFound):
            review_close(key, no_gap_because="无", actor=known("health_authority", NEIGHBOUR), at=after(1))

    def test_the_counts_know_the_late_ones(self):
        opened("C1")
        review_hold(opened("C2"), actor=known("duty_officer"), at=after(1))
        assert review_counts(actor=known("duty_officer"), at=after(2)) == {"late": 0, "open": 1, "held": 1}
        assert review_counts(actor=known("duty_officer"), at=after(25))["late"] == 2


def raised(review_key: str, **more) -> str:
    """A gap of the review, owned by the investigation group."""
    given = {
        "title": "夜间流调人员不足",
        "cause": "tracing",
        "came_of_kind": "review",
        "came_of_key": review_key,
        "area_code": DISTRICT,
        "owner_role": "investigation_group",
        "actor": known("duty_officer"),
        "at": after(1),
    }
    return gap_raise(**(given | more))


#: Deeds that anybody may try on a review and its gap, in any order.
_DEEDS = ("cause", "gap", "close", "close_why", "prove", "verify", "verify_self", "return", "remark")


class NoWayRound(TestCase):
    """Whatever is tried in whatever order: no closed review without a finding, no closed gap without two people."""

    @settings(max_examples=25)
    @given(st.lists(st.sampled_from(_DEEDS), max_size=9))
    def test_no_closed_review_without_finding_and_no_closed_gap_without_proof(self, deeds):
        office()
        key, gap = opened(), ""
        owner, chair = known("investigation_group"), known("general_group")
        for n, deed in enumerate(deeds):
            at = after(2 + n)
            try:
                if deed == "cause":
                    review_cause(key, "rules", "条款不清", actor=owner, at=at)
                elif deed == "remark":
                    review_remark(key, "", "当晚系统繁忙", actor=owner, at=at)
                elif deed == "gap":
                    gap = raised(key, at=at)
                elif deed == "close":
                    review_close(key, actor=chair, at=at)
                elif deed == "close_why":
                    review_close(key, no_gap_because="逐项核对，均在时限内", actor=chair, at=at)
                elif deed == "prove":
                    gap_prove(gap, "已增设夜班", actor=chair if n % 2 else owner, at=at)
                elif deed == "verify":
                    gap_close(gap, actor=chair, at=at)
                elif deed == "verify_self":
                    gap_close(gap, actor=known("health_authority"), at=at)
                else:
                    gap_return(gap, "没有排班表", actor=chair, at=at)
            except FangkongError:
                pass
            for review in Review.objects.open().filter(state="closed"):
                gaps = Gap.objects.open().filter(came_of_key=review.key).exists()
                assert review.causes or review.no_gap_because or gaps
            for held in Gap.objects.open():
                assert held.owner_role
                if held.state == "closed":
                    assert held.proof
                    assert held.closed_by not in ("", held.proof_by)
                elif held.state == "open":
                    assert Timer.objects.open().filter(subject_key=held.key, state="running").exists()


def test_every_cause_is_about_the_work():
    assert "other" in causes()
    assert not {"person", "individual", "negligence"} & set(causes())
