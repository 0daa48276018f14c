"""What comes from below is kept without names, merged where it is one matter, and answered with what came of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from fangkong.command.listening import actions, queries
from fangkong.command.models import Concern, GrassrootsProposal, NewProblem, StandingDuty
from fangkong.command.office_clocks import office_clock
from fangkong.command.reviews.tests.made_case import AT, CITY, WORKER, after, known, office
from fangkong.command.timers.actions import timer_mark_missed
from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.desks.control.tests.people import DISTRICT, NEIGHBOUR
from fangkong.record.load import load
from fangkong.record.models import Event, Task, Timer

TODAY = date(2022, 4, 11)
MEETING = "meeting-1"


def enter(words: str = "小区买不到菜", **more) -> str:
    given = {"channel": "hotline", "area_code": DISTRICT, "voiced_on": TODAY, "votes": 2}
    given |= {"actor": known("communication_group"), "at": AT}
    return actions.concern_enter(words, **(given | more))


def paste(text: str, **more) -> actions.Pasted:
    given = {"channel": "comments", "area_code": DISTRICT, "voiced_on": TODAY}
    given |= {"actor": known("communication_group"), "at": AT}
    return actions.concerns_paste(text, **(given | more))


def duty(area: str = CITY) -> str:
    """A standing duty of the office, decided in the meeting."""
    row = {"key": f"duty-{area}", "title": "每日保供巡查", "area_code": area, "owner_role": "supply_group"}
    row |= {"starts_on": TODAY, "review_on": TODAY + timedelta(days=20), "state": "in_force"}
    row |= {"decided_by": "u", "meeting_key": MEETING}
    load(StandingDuty, [row], actor="t", source_key="t", known_from=AT)
    return str(row["key"])


def concern(key: str) -> Concern:
    return Concern.objects.open().get(key=key)


def answer(key: str, **more) -> None:
    given = {"actor": known("communication_group"), "at": after(3)}
    actions.concern_answer(key, **(given | more))


@pytest.mark.django_db
class TestConcerns:
    @pytest.fixture(autouse=True)
    def _office(self):
        office()

    def test_entered_twice_it_is_one_with_the_office_s_limit(self):
        key = enter()
        assert enter(at=after(1)) == key
        held = concern(key)
        assert (held.theme, held.rude, held.state) == ("food", False, "open")
        timer = Timer.objects.open().get(subject_key=key)
        assert (timer.rule_row, timer.due_at) == (
            "office:concern_answer",
            office_clock("concern_answer").due(AT),
        )
        timer_mark_missed(after(24 * 8), actor=WORKER)
        told = Task.objects.open().get(kind="follow_up_limit")
        assert told.owner_role == office_clock("concern_answer").escalates_to

    def test_no_field_holds_who_said_it(self):
        fields = {field.name for field in Concern.fact_fields()}
        assert not {name for name in fields if "name" in name or "person" in name or "phone" in name}
        assert "138" not in concern(enter("请打13800000000")).words

    def test_pasted_twice_nothing_is_doubled_and_votes_grow(self):
        text = "买不到菜 +3\n透析病人怎么出小区 +2\n一群饭桶\n买不到菜 +1"
        assert paste(text) == actions.Pasted(new=4, known=0, votes_changed=0, left_out=0)
        assert paste(text, at=after(1)) == actions.Pasted(new=0, known=4, votes_changed=0, left_out=0)
        more = paste(text.replace("+2", "+9"), at=after(2))
        assert (more.new, more.votes_changed) == (0, 1)
        assert sorted(Concern.objects.open().values_list("votes", flat=True)) == [0, 1, 3, 9]
        assert Concern.objects.open().filter(rude=True).count() == 1

    def test_a_paste_costs_the_same_queries_for_many_lines(self):
        with CaptureQueriesContext(connection) as few:
            paste("买不到菜 +3\n药买不到 +2")
        lines = "\n".join(f"第{n}小区买不到菜 +{n}" for n in range(200))
        with CaptureQueriesContext(connection) as many:
            paste(lines)
        assert len(many) <= len(few) + 4

    def test_one_matter_sums_its_voices_and_votes_and_can_be_taken_apart(self):
        first, second, third = (enter(f"买不到菜{n}", votes=n) for n in (5, 3, 1))
        actor = known("communication_group")
        actions.concerns_merge([third], second, actor=actor, at=after(1))
        actions.concerns_merge([second, first], first, actor=actor, at=after(2))
        page = queries.concerns_list(actor=actor, at=after(3))
        assert [each.key for each in page.rows] == [first]
        summed = queries.voices_of(page.rows, actor=actor, at=after(3))[first]
        assert (summed.voices, summed.votes) == (3, 9)
        assert Timer.objects.open().filter(state="running").count() == 1
        actions.concern_split(third, actor=actor, at=after(4))
        page = queries.concerns_list(actor=actor, at=after(5))
        assert len(page.rows) == 2
        assert queries.voices_of(page.rows, actor=actor, at=after(5))[first].votes == 8

    def test_a_matter_that_is_answered_takes_nothing_in(self):
        first, second = enter("买不到菜"), enter("没有菜")
        answer(first, answer="已由社区统一配送，暂无新增措施")
        with pytest.raises(Conflict, match=r"concern\.wrong_state"):
            actions.concerns_merge([second], first, actor=known("communication_group"), at=after(4))

    def test_an_answer_needs_a_decision_or_a_reason(self):
        key = enter()
        with pytest.raises(InputError, match=r"concern\.reason_needed"):
            answer(key)
        with pytest.raises(InputError, match=r"concern\.changed_by_what"):
            answer(key, answer="见公告", changed="每栋楼每日送菜")
        with pytest.raises(InputError, match=r"listening\.unknown_reference"):
            answer(key, answered_in_kind="directive", answered_in_key="directive-none")
        answer(key, answered_in_kind="duty", answered_in_key=duty(), changed="每栋楼每日送菜")
        assert (concern(key).state, concern(key).meeting_key) == ("answered", MEETING)
        assert Timer.objects.open().get(subject_key=key).state == "met"
        assert Event.objects.filter(kind="concern.answered").count() == 1
        with pytest.raises(Conflict, match=r"concern\.wrong_state"):
            answer(key, answer="再答一次")

    def test_the_database_itself_refuses_an_answer_without_either(self):
        key = enter()
        with pytest.raises(IntegrityError), transaction.atomic():
            Concern.objects.filter(key=key).update(state="answered")

    def test_a_duty_of_the_neighbour_answers_nothing_here(self):
        key = enter()
        actor = known("district_officer", DISTRICT)
        with pytest.raises(InputError, match=r"listening\.unknown_reference"):
            answer(key, answered_in_kind="duty", answered_in_key=duty(NEIGHBOUR), actor=actor)
        answer(key, answered_in_kind="duty", answered_in_key=duty(CITY), actor=actor)

    def test_a_meeting_shows_what_changed_for_citizens(self):
        actor = known("communication_group")
        first, second, quiet = enter("买不到菜", votes=4), enter("没有菜", votes=3), enter("太吵", votes=9)
        actions.concerns_merge([second], first, actor=actor, at=after(1))
        answer(first, answered_in_kind="duty", answered_in_key=duty(), changed="每栋楼每日送菜")
        answer(quiet, answer="夜间消杀已改到白天以外无法调整")
        (changed,) = queries.changed_for_citizens(MEETING, actor=actor, at=after(4))
        assert (changed.changed, changed.voices.voices, changed.voices.votes) == ("每栋楼每日送菜", 2, 7)
        assert changed.reference is not None
        assert changed.reference.title == "每日保供巡查"
        assert queries.changed_for_citizens(MEETING, actor=actor, at=after(2)) == []
        assert queries.changed_for_citizens("", actor=actor, at=after(4)) == []

    def test_themes_count_rude_ones_like_all_others(self):
        paste("买不到菜 +3\n菜价疯了，一群饭桶 +5\n孩子上学怎么办")
        first, *_ = queries.concern_themes(actor=known("communication_group"), at=after(1))
        assert (first.theme, first.voices, first.votes, first.rude) == ("food", 2, 8, 1)

    def test_scope_and_role(self):
        key = enter()
        with pytest.raises(NotFound):
            queries.concern_get(key, actor=known("district_officer", NEIGHBOUR), at=after(1))
        with pytest.raises(Forbidden):
            answer(key, answer="不受理", actor=known("supply_group"))
        with pytest.raises(Forbidden):
            queries.concerns_list(actor=known("grid_worker", f"{DISTRICT}001"), at=after(1))


_DEEDS = ("answer", "reason", "nothing", "outside", "outside_nothing", "merge", "split")


class NoAnswerWithoutWords(TestCase):
    """Whatever is tried: no concern is answered without a decision or a reason, and none is lost."""

    @settings(max_examples=25)
    @given(st.lists(st.tuples(st.sampled_from(_DEEDS), st.integers(0, 2)), max_size=9))
    def test_answered_only_with_a_reference_or_a_reason(self, deeds):
        office()
        keys = [enter(f"买不到菜{n}", votes=n) for n in range(3)]
        decided, actor = duty(), known("communication_group")
        for n, (deed, which) in enumerate(deeds):
            key, at = keys[which], after(1 + n)
            try:
                if deed == "answer":
                    answer(key, answered_in_kind="duty", answered_in_key=decided, at=at)
                elif deed == "reason":
                    answer(key, answer="已由热线答复", at=at)
                elif deed == "nothing":
                    answer(key, answer=" ", at=at)
                elif deed.startswith("outside"):
                    reason = "" if "nothing" in deed else "转市场监管部门"
                    actions.concern_set_outside(key, reason, actor=actor, at=at)
                elif deed == "merge":
                    actions.concerns_merge([key], keys[(which + 1) % 3], actor=actor, at=at)
                else:
                    actions.concern_split(key, actor=actor, at=at)
            except FangkongError:
                pass
            held = list(Concern.objects.open())
            assert len(held) == 3
            for each in held:
                if each.state in ("answered", "outside"):
                    assert each.answer or each.answered_in_key
                if each.state == "merged":
                    assert concern(each.same_as_key).state != "merged"
            heads = [each for each in held if not each.same_as_key]
            summed = queries.voices_of(heads, actor=actor, at=at)
            assert sum(each.votes for each in summed.values()) == 3


@pytest.mark.django_db
class TestProblems:
    @pytest.fixture(autouse=True)
    def _office(self):
        office()

    def raised(self) -> str:
        return actions.problem_raise(
            title="冷链货物查不到消毒记录",
            words="三家冷库的货主都不在本市",
            area_code=DISTRICT,
            owner_role="supply_group",
            actor=known("grid_worker", DISTRICT),
            at=AT,
        )

    def test_raised_studied_and_answered_in_time(self):
        key = self.raised()
        assert self.raised() == key
        problem = NewProblem.objects.open().get()
        assert problem.due_at == office_clock("problem_study").due(AT)
        owner = known("supply_group")
        actions.problem_study(key, "货主登记只在进口环节", actor=owner, at=after(2))
        assert Timer.objects.open().get(subject_key=key).state == "met"
        actions.problem_answer(
            key, "纳入日常巡查", leads_to_kind="duty", leads_to_key=duty(), actor=owner, at=after(3)
        )
        assert NewProblem.objects.open().get().state == "answered"
        kinds = list(Event.objects.filter(subject_key=key).values_list("kind", flat=True))
        assert kinds == ["problem.raised", "problem.answered"]

    def test_another_group_does_not_answer_and_whoever_holds_meetings_may(self):
        key = self.raised()
        with pytest.raises(Forbidden, match=r"problem\.not_owner"):
            actions.problem_answer(key, "无须处理", actor=known("treatment_group"), at=after(1))
        actions.problem_answer(key, "并入现有预案", actor=known("co_chair"), at=after(1))

    def test_the_owner_reads_in_this_room(self):
        with pytest.raises(InputError, match=r"problem\.owner_role"):
            actions.problem_raise(
                title="x",
                words="y",
                area_code=DISTRICT,
                owner_role="grid_worker",
                actor=known("duty_officer"),
                at=AT,
            )


@pytest.mark.django_db
class TestProposals:
    @pytest.fixture(autouse=True)
    def _office(self):
        office()

    def made(self) -> str:
        return actions.proposal_make(
            title="楼道长分时取菜",
            words="按单元分时段，避免聚集",
            area_code=DISTRICT,
            actor=known("district_officer", DISTRICT),
            at=AT,
        )

    def test_tried_somewhere_and_adopted_in_a_duty_by_another_person(self):
        key = self.made()
        assert self.made() == key
        actions.proposal_tried(
            key,
            tried_in="一个小区",
            result="排队时间减半",
            actor=known("district_officer", DISTRICT),
            at=after(2),
        )
        with pytest.raises(InputError, match=r"listening\.unknown_reference"):
            actions.proposal_adopt(
                key, adopted_in_kind="", adopted_in_key="", actor=known("co_chair"), at=after(3)
            )
        actions.proposal_adopt(
            key, adopted_in_kind="duty", adopted_in_key=duty(), actor=known("co_chair"), at=after(3)
        )
        held = GrassrootsProposal.objects.open().get()
        assert (held.state, held.decided_by) == ("adopted", known("co_chair").key)
        assert Event.objects.filter(kind="proposal.decided").count() == 1

    def test_nobody_decides_on_their_own_and_declining_needs_words(self):
        key = self.made()
        with pytest.raises(Conflict, match=r"proposal\.two_people"):
            actions.proposal_decline(key, "不用", actor=known("district_officer", DISTRICT), at=after(1))
        with pytest.raises(InputError, match=r"listening\.words_needed"):
            actions.proposal_decline(key, " ", actor=known("co_chair"), at=after(1))
        actions.proposal_decline(key, "已有同类做法", actor=known("co_chair"), at=after(1))

    def test_a_grid_worker_sees_what_became_of_their_own(self):
        worker = known("grid_worker", DISTRICT)
        key = actions.proposal_make(
            title="门铃登记", words="按门铃登记需求", area_code=DISTRICT, actor=worker, at=AT
        )
        _, proposals = queries.own_entries(actor=worker, at=after(1))
        assert [each.key for each in proposals] == [key]
