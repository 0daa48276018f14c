"""A meeting from its call to its signed minutes: papers from the record, decisions with owners, dissent kept."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangkong.command.directives.actions import (
    directive_issue,
    directive_tasks_create,
    recipient_acknowledge,
)
from fangkong.command.directives.tests import offices
from fangkong.command.directives.tests.offices import AT, CITY, DISTRICT, OTHER, after, known
from fangkong.command.meetings.actions import (
    agenda_item_add,
    decision_strike,
    dissent_record,
    meeting_cancel,
    meeting_hold,
    minutes_correct,
    minutes_sign,
    minutes_write,
    papers_refresh,
)
from fangkong.command.meetings.agenda import standing_reports
from fangkong.command.meetings.decision_states import decision_states, inherited, open_first
from fangkong.command.meetings.queries import (
    chain_of,
    changed_by,
    meeting_get,
    meetings_list,
    minutes_editions,
)
from fangkong.command.minutes.actions import minutes_receive
from fangkong.command.minutes.coverage import coverage
from fangkong.command.minutes.queries import document_clauses
from fangkong.command.minutes.tests.texts import MINUTES
from fangkong.command.models import Clause, Concern, Meeting
from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError, NotFound
from fangkong.record.access import Actor, system_actor
from fangkong.record.load import load
from fangkong.record.models import Event

from . import meetings
from .meetings import (
    called,
    clause,
    closed,
    confirmed,
    decided,
    directive,
    followed,
    held,
    meeting,
    signer,
    writer,
)

pytestmark = pytest.mark.django_db


def test_a_call_fills_six_standing_reports_each_figure_with_its_source_or_a_reason():
    found = meeting(called())
    assert [item["code"] for item in found.agenda] == [report.code for report in standing_reports()]
    assert len(found.agenda) == 6
    for item in found.agenda:
        assert item["paper"]["entries"], item["code"]
        for entry in item["paper"]["entries"]:
            if "value" in entry:
                assert entry["sources"], entry
                assert entry["as_of"], entry
            else:
                assert entry["refusal"], entry
    (supplies,) = [item for item in found.agenda if item["code"] == "supplies"]
    assert {entry["refusal"] for entry in supplies["paper"]["entries"]} == {"no_desk_yet"}
    assert Event.objects.get(kind="meeting.called").subject_key == found.key


def test_the_same_call_twice_is_one_meeting():
    assert called() == called()
    assert Meeting.objects.open().count() == 1
    assert Event.objects.filter(kind="meeting.called").count() == 1
    with pytest.raises(Conflict) as taken:
        called(starts_at=after(30))
    assert taken.value.code == "meeting.number_taken"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"body": " "}, "meeting.body_needed"),
        ({"kind": "secret"}, "meeting.unknown_kind"),
        ({"number": None}, "meeting.number_needed"),
        ({"number": 0}, "meeting.bad_number"),
        ({"chairs": [{"name": "", "post": ""}]}, "meeting.chair_needed"),
        ({"venues": []}, "meeting.venue_needed"),
        ({"venues": [{"name": "主会场", "expected": -1}]}, "meeting.bad_expected"),
        ({"agenda": []}, "meeting.agenda_needed"),
        ({"agenda": ["weather"]}, "meeting.unknown_report"),
        ({"agenda": [{"title": " "}]}, "meeting.item_title_needed"),
        ({"kind": "follow_on"}, "meeting.follows_needed"),
    ],
)
def test_what_a_call_lacks_is_said(wrong, code):
    with pytest.raises(InputError) as refused:
        called(**wrong)
    assert refused.value.code == code
    assert not Meeting.objects.exists()


def test_a_role_without_the_right_calls_nothing_nor_does_anybody_outside_their_area():
    with pytest.raises(Forbidden):
        called(actor=known("community_group"))
    with pytest.raises(Forbidden):
        called(actor=known("district_officer", DISTRICT))


def test_papers_follow_the_record_until_the_meeting_is_held_and_stand_from_then_on():
    key = called()
    before = meeting(key).agenda
    offices.issued(at=AT, due_at=after(30))
    assert meeting(key).agenda == before, "the record moves, the paper does not"
    papers_refresh(key, actor=writer(), at=after(0.5))
    fresh = meeting(key).agenda
    assert fresh != before
    (guidance,) = [item["paper"] for item in fresh if item["code"] == "guidance"]
    assert [table["rows"][0]["title"] for table in guidance["tables"] if table["code"] == "directives"] == [
        "复核独居老人名册"
    ]
    agenda_item_add(key, "春耕物资通行", by="市农业农村局", actor=writer(), at=after(0.6))
    meeting_hold(key, present=[28, None], heard=[1], actor=writer(), at=after(1))
    stood = meeting(key).agenda
    with pytest.raises(Conflict) as frozen:
        papers_refresh(key, actor=writer(), at=after(1.1))
    assert frozen.value.code == "meeting.papers_frozen"
    with pytest.raises(Conflict):
        agenda_item_add(key, "另一项", actor=writer(), at=after(1.1))
    offices.issued(title="核对药品库存", at=after(1.2), due_at=after(30))
    assert meeting(key).agenda == stood
    assert [item["heard"] for item in stood] == [True, *[False] * 6]


def test_attendance_is_counted_venue_by_venue_and_corrected_until_signed():
    key = called()
    with pytest.raises(Conflict) as early:
        meeting_hold(key, present=[1, 1], actor=writer(), at=AT - timedelta(days=1))
    assert early.value.code == "meeting.too_early"
    for present, code in (([None, 3], "present_needed"), ([1], "bad_present"), ([-1, 3], "bad_present")):
        with pytest.raises(InputError) as wrong:
            meeting_hold(key, present=present, actor=writer(), at=after(1))
        assert wrong.value.code == f"meeting.{code}"
    meeting_hold(key, present=[28, 11], actor=writer(), at=after(1))
    meeting_hold(key, present=[28, 12], heard=[1, 6], actor=writer(), at=after(1.1))
    meeting_hold(key, present=[28, 12], heard=[1, 6], actor=writer(), at=after(1.2))
    assert [venue["present"] for venue in meeting(key).venues] == [28, 12]
    assert Event.objects.filter(kind="meeting.held").count() == 1
    closed(key)
    with pytest.raises(Conflict):
        meeting_hold(key, present=[1, 1], actor=writer(), at=after(3))


def test_a_decision_is_kept_word_for_word_and_leads_to_a_directive_of_two_people():
    meetings.areas()
    key = held()
    first, second = decided(key), decided(key, "每日报告慢性病断药户数", clause_class="standing_duty")
    assert decided(key) == first, "the same words again are the same clause"
    text = meetings.minutes(key).content["text"]
    for each in (clause(first), clause(second)):
        assert text[each.span_start : each.span_end] == each.quote
    led = confirmed(first)
    assert confirmed(first) == led
    draft = directive(led)
    assert (draft.state, draft.meeting_key, draft.clause_key) == ("draft", key, first)
    assert [each["area_code"] for each in draft.addressed_to] == [DISTRICT, OTHER]
    directive_issue(led, actor=signer(), at=after(1.7))
    (state, duty) = decision_states([meeting(key)], actor=writer(), at=after(2))[key]
    assert (state.standing, state.recipients, state.acknowledged) == ("running", 2, 0)
    assert duty.standing == "waiting"
    directive_tasks_create(led, [offices.work(), offices.work("复核第二网格")], actor=writer(), at=after(2))
    (state, _) = decision_states([meeting(key)], actor=writer(), at=after(3))[key]
    assert (state.tasks, state.tasks_open, state.tasks_done) == (2, 2, 0)


def test_the_clauses_of_a_meeting_stand_on_the_coverage_table_like_those_of_a_text():
    meetings.areas()
    key = held()
    confirmed(decided(key))
    decided(key, "设立夜间送药专线")
    table = coverage(meetings.minutes(key).key, actor=writer(), at=after(9))
    assert [row.standing for row in table.rows] == ["drafted", "not_covered"]
    assert len(document_clauses(meetings.minutes(key).key, actor=writer(), at=after(9))) == 2


def test_a_broad_restriction_raises_its_alarm_and_asks_for_proportionality():
    meetings.areas()
    key = decided(held(), "对来自重点地区的人员一律实行集中隔离")
    assert "broad_isolation" in clause(key).alarms
    with pytest.raises(InputError) as needed:
        confirmed(key)
    assert needed.value.code == "directive.proportionality_needed"


def test_dissent_stands_in_the_signed_minutes_beside_its_decision():
    key = held()
    choice = decided(key)
    said = {"by": "市民政局局长", "clause_key": choice, "words": "名册上月刚复核，建议只查新增户。"}
    for _ in range(2):
        dissent_record(key, **said, actor=writer(), at=after(1.3))
    with pytest.raises(InputError):
        dissent_record(
            key, by="某局", clause_key="clause-else", words="不同意", actor=writer(), at=after(1.3)
        )
    closed(key)
    (edition,) = minutes_editions(meeting(key), actor=writer(), at=after(9))
    assert edition.content["paper"]["dissent"] == [said]
    with pytest.raises(Conflict):
        dissent_record(key, **(said | {"by": "另一人"}), actor=writer(), at=after(3))


def test_whoever_writes_does_not_sign_and_what_changed_since_is_written_anew():
    key = held()
    decided(key)
    with pytest.raises(Conflict) as unwritten:
        minutes_sign(key, actor=signer(), at=after(2))
    assert unwritten.value.code == "meeting.minutes_not_written"
    general = known("general_group")
    minutes_write(key, actor=general, at=after(2))
    with pytest.raises(Forbidden) as same:
        minutes_sign(key, actor=general, at=after(2.1))
    assert same.value.code == "meeting.two_people"
    with pytest.raises(Forbidden):
        minutes_sign(key, actor=system_actor("worker"), at=after(2.1))
    decided(key, "再议一项")
    with pytest.raises(Conflict) as behind:
        minutes_sign(key, actor=signer(), at=after(2.2))
    assert behind.value.code == "meeting.minutes_behind"
    minutes_write(key, actor=general, at=after(2.3))
    minutes_sign(key, actor=signer(), at=after(2.4))
    found, paper = meeting(key), meetings.minutes(key)
    assert (found.state, found.minutes_by, found.signed_by) == ("closed", general.key, signer().key)
    assert paper.content_hash
    assert paper.audit_head
    with pytest.raises(Conflict):
        minutes_sign(key, actor=signer(), at=after(2.5))
    with pytest.raises(Conflict):
        decided(key, "散会之后", hours=3)


def test_a_struck_decision_is_not_in_the_minutes():
    key = held()
    keep, drop = decided(key), decided(key, "口误的一条")
    decision_strike(drop, "记录有误", actor=writer(), at=after(1.5))
    closed(key)
    assert [each["key"] for each in meetings.minutes(key).content["paper"]["decisions"]] == [keep]


def test_a_correction_is_the_next_edition_and_the_first_can_still_be_read():
    key = held()
    decided(key)
    closed(key)
    first = minutes_editions(meeting(key), actor=writer(), at=after(3))[0]
    assert minutes_correct(key, "分会场实到应为 12 人。", actor=writer(), at=after(4)) == 2
    assert minutes_correct(key, "分会场实到应为 12 人。", actor=writer(), at=after(4)) == 2
    with pytest.raises(Conflict):
        minutes_correct(key, "另一处", actor=writer(), at=after(4.1))
    with pytest.raises(Forbidden):
        minutes_sign(key, actor=writer(), at=after(4.2))
    assert meeting(key).signed_by == signer().key, "what was signed stands while the correction waits"
    minutes_sign(key, actor=signer(), at=after(5))
    one, two = minutes_editions(meeting(key), actor=writer(), at=after(6))
    assert one == first
    assert two.signed_by == signer().key
    assert two.content["paper"]["decisions"] == one.content["paper"]["decisions"]
    assert [each["words"] for each in two.content["paper"]["corrections"]] == ["分会场实到应为 12 人。"]
    assert Event.objects.filter(kind="meeting.closed").count() == 1


def test_the_database_itself_keeps_no_closed_meeting_without_another_s_signature():
    key = held()
    for changes in ({"state": "closed"}, {"minutes_by": "a", "signed_by": "a"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Meeting.objects.open().filter(key=key).update(**changes)


def test_a_meeting_read_from_the_office_s_own_text_is_minuted_and_a_superior_s_is_not():
    minutes_receive(MINUTES, area_code=CITY, actor=known("general_group"), at=AT)
    own = Meeting.objects.open().get()
    assert own.state == "held"
    extra = decided(own.key)
    closed(own.key)
    words = [each["text"] for each in meetings.minutes(own.key).content["paper"]["decisions"]]
    assert clause(extra).text in words
    assert len(words) > 1, "what was read from the text is decided too"
    minutes_receive(MINUTES + "附", source="superior", area_code=CITY, actor=known("general_group"), at=AT)
    (other,) = Meeting.objects.open().exclude(key=own.key)
    with pytest.raises(Conflict) as superior:
        decided(other.key)
    assert superior.value.code == "meeting.of_a_superior"


def test_a_follow_on_meeting_inherits_what_binds_its_area_and_refines_it_down_the_tree():
    meetings.areas()
    key = held()
    for_all, city_only = decided(key), decided(key, "市级库存盘点")
    led = confirmed(for_all)
    confirmed(city_only, where="own", owner_role="supply_group")
    with pytest.raises(NotFound):
        followed(key, hours=3)
    directive_issue(led, actor=signer(), at=after(1.7))
    below = followed(key)
    assert meeting(below).kind == "follow_on"
    district = writer(DISTRICT)
    top = meeting_get(key, actor=district, at=after(6))
    assert top.dissent == []
    assert {venue["present"] for venue in top.venues} == {None}
    states = decision_states([top, meeting(below)], actor=district, at=after(6))
    (one,) = inherited(DISTRICT, states[key], states[below])
    assert (one.decision.clause.key, one.receipt) == (for_all, "awaiting")
    meeting_hold(below, present=[18], actor=district, at=after(5))
    finer = decided(below, "由各街道社工站两人一组复核", hours=5.2, refines_key=for_all, actor=district)
    with pytest.raises(InputError):
        decided(below, "无根据", hours=5.2, refines_key=city_only + "x", actor=district)
    given = {"where": "own", "owner_role": "street_officer", "due_at": after(30), "actor": district}
    with pytest.raises(Conflict) as first:
        confirmed(finer, hours=5.4, **given)
    assert first.value.code == "directive.acknowledge_first"
    recipient_acknowledge(offices.recipient(led, DISTRICT).key, actor=district, at=after(5.5))
    child = confirmed(finer, hours=5.6, **given)
    assert confirmed(finer, hours=5.6, **given) == child
    assert directive(child).parent_key == led
    states = decision_states([top, meeting(below)], actor=district, at=after(7))
    (one,) = inherited(DISTRICT, states[key], states[below])
    assert [each.key for each in one.refined_by] == [child]
    assert [each.key for each in chain_of(meeting(key), actor=writer(), at=after(7)).below] == [below]
    assert [each.key for each in chain_of(meeting(below), actor=district, at=after(7)).above] == [key]
    with pytest.raises(NotFound):
        meeting_get(below, actor=known("district_officer", OTHER), at=after(7))


def test_every_meeting_begins_with_what_became_of_the_last_one():
    meetings.areas()
    first = held(number=11, starts_at=after(1))
    done, waiting = decided(first), decided(first, "无人认领的一条")
    led = confirmed(done, where="own", owner_role="community_group")
    directive_issue(led, actor=signer(), at=after(1.7))
    second = called(number=12, starts_at=after(25), at=after(20))
    previous = chain_of(meeting(second), actor=writer(), at=after(21)).previous
    assert previous is not None
    assert previous.key == first
    rows = open_first(decision_states([previous], actor=writer(), at=after(21))[first])
    assert [each.clause.key for each in rows] == [waiting, done]
    assert chain_of(previous, actor=writer(), at=after(21)).previous is None


def test_what_changed_for_citizens_is_what_answers_that_name_the_meeting_say():
    key, other = held(number=11, starts_at=after(0.5)), called(number=12)
    shared = {
        "words": "几号能买到降压药",
        "channel": "hotline",
        "theme": "medicine",
        "area_code": CITY,
        "voiced_on": AT.date(),
        "entered_by": "test",
        "state": "answered",
        "answer": "已开专线",
        "meeting_key": key,
    }
    rows = [
        shared | {"key": "concern-1", "changed": "药品当天送到楼下"},
        shared | {"key": "concern-2", "changed": ""},
        shared | {"key": "concern-3", "changed": "尚未答复", "state": "open"},
    ]
    load(Concern, rows, actor="test", source_key="test", known_from=after(2))
    told = [("medicine", "药品当天送到楼下")]
    assert changed_by(meeting(key), actor=writer(), at=after(3)) == told
    assert changed_by(meeting(key), actor=writer(), at=after(1)) == []
    assert changed_by(meeting(other), actor=writer(), at=after(3)) == []
    assert changed_by(meeting(key), actor=known("district_officer", DISTRICT), at=after(3)) == []


def test_lists_are_paged_and_cancelled_meetings_leave_them():
    keys = [called(number=n, starts_at=after(24 * n), at=AT) for n in range(1, 6)]
    page = meetings_list(actor=writer(), at=after(1), show="coming", limit=2)
    assert [each.key for each in page.rows] == keys[:2]
    assert page.total == 5
    meeting_cancel(keys[0], "并入下次会议", actor=writer(), at=after(1))
    with pytest.raises(Conflict):
        called(number=1, starts_at=after(24))
    for n in (2, 3, 4):
        meeting_hold(keys[n - 1], present=[1, None], actor=writer(), at=after(24 * n))
    seen, place = [], ""
    while True:
        page = meetings_list(actor=writer(), at=after(24 * 9), limit=2, after=place)
        seen += [each.key for each in page.rows]
        place = page.after
        if not place:
            break
    assert seen == [keys[3], keys[2], keys[1]]
    assert [each.key for each in meetings_list(actor=writer(), at=after(24 * 9), number=5).rows] == [keys[4]]


def test_reads_cost_the_same_for_many_decisions():
    meetings.areas()
    key = held()

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            decision_states([meeting(key)], actor=writer(), at=after(9))
        return len(queries)

    for n in range(2):
        confirmed(decided(key, f"事项 {n}"))
    few = cost()
    for n in range(2, 9):
        confirmed(decided(key, f"事项 {n}"))
    assert cost() == few


STEPS = ("hold", "decide", "write", "sign", "correct", "refresh", "cancel", "strike")


def walk(step: str, key: str, n: int, actor: Actor) -> None:
    """One step of somebody who may or may not take it now."""
    at = after(1 + n / 10)
    if step == "hold":
        meeting_hold(key, present=[9, 9], actor=actor, at=at)
    elif step == "decide":
        decided(key, f"事项 {n}", actor=actor, hours=1 + n / 10)
    elif step == "write":
        minutes_write(key, actor=actor, at=at)
    elif step == "sign":
        minutes_sign(key, actor=actor, at=at)
    elif step == "correct":
        minutes_correct(key, f"更正 {n}", actor=actor, at=at)
    elif step == "refresh":
        papers_refresh(key, actor=actor, at=at)
    elif step == "cancel":
        meeting_cancel(key, "并会", actor=actor, at=at)
    else:
        held_keys = Clause.objects.open().order_by("key").values_list("key", flat=True)
        decision_strike(held_keys.first() or "clause-none", "误", actor=actor, at=at)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), max_size=12))
def test_no_walk_reaches_a_closed_meeting_that_another_person_has_not_signed_nor_moves_a_frozen_paper(steps):
    with transaction.atomic():
        people = [known("general_group"), known("general_group", name="second"), signer()]
        key, frozen = called(agenda=["guidance", "supplies"]), None
        for n, (step, who) in enumerate([("hold", 0), ("write", 0), *steps]):
            with contextlib.suppress(FangkongError):
                walk(step, key, n, people[who])
            found = meeting(key)
            if found.state in ("held", "closed"):
                papers = [item["paper"] for item in found.agenda]
                frozen = frozen or papers
                assert papers == frozen
            assert (found.state == "closed") == bool(found.signed_by)
            if found.signed_by:
                assert found.minutes_by
                assert found.minutes_by != found.signed_by
        transaction.set_rollback(True)
