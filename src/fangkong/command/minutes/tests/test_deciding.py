"""A person decides clause by clause; nothing becomes work by itself, nothing is decided twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fangkong.command.directives.actions import directive_issue, directive_withdraw
from fangkong.command.minutes.actions import (
    clause_confirm,
    clause_edit,
    clause_link,
    clause_reopen,
    clause_set_aside,
    clauses_confirm,
    clauses_merge,
)
from fangkong.command.minutes.proposals import offered, owner_of
from fangkong.command.minutes.rows import TASK_CLASSES
from fangkong.command.models import Clause, Directive, StandingDuty
from fangkong.command.reactions.running import run_reactions
from fangkong.core.errors import Conflict, FangkongError, Forbidden, InputError
from fangkong.record.access import system_actor
from fangkong.record.actions import areas_load
from fangkong.record.models import Event, Task

from ...directives.tests.offices import AT, CITY, DISTRICT, after, drafter, issuer, known
from .texts import clauses, colleague, confirmed, decision, received, saying

pytestmark = pytest.mark.django_db


def test_a_decision_becomes_the_draft_of_a_directive_that_names_its_clause():
    key = received()
    clause = saying(key, "接诊流程")
    led = confirmed(clause, owner_role="health_authority")
    draft = Directive.objects.open().get(key=led)
    assert draft.state == "draft"
    assert draft.clause_key == clause.key
    assert draft.measures[0]["evidence_kind"] == "document_issued"
    assert clause.quote in draft.evidence
    now = saying(key, "接诊流程")
    assert (now.state, now.leads_to_kind, now.leads_to_key) == ("confirmed", "directive", led)
    assert now.owner["role"] == "health_authority"
    assert Event.objects.get(kind="clause.confirmed").params["leads_to_key"] == led


def test_each_district_receives_what_all_of_them_were_asked():
    rows = [{"key": code, "name_zh": code} for code in (CITY, DISTRICT, "990102")]
    areas_load(rows, actor="test", known_from=AT, source_key="test")
    led = confirmed(saying(received(), "名册"), owner_role="district_officer", where="below")
    addressed = Directive.objects.open().get(key=led).addressed_to
    assert [each["area_code"] for each in addressed] == [DISTRICT, "990102"]


def test_several_clauses_become_one_directive_with_a_measure_each():
    key = received()
    some = [saying(key, "名册"), saying(key, "接诊流程")]
    led = clauses_confirm([c.key for c in some], decision(), actor=drafter(), at=after(1))
    assert len(set(led)) == 1
    assert [m["text"] for m in Directive.objects.open().get(key=led[0]).measures] == [c.text for c in some]
    apart = received("会议强调，要印发采样规范。要制定预检分诊流程。", at=after(2))
    both = [c.key for c in clauses(apart)]
    assert len(set(clauses_confirm(both, decision(), together=False, actor=drafter(), at=after(3)))) == 2


def test_a_standing_duty_takes_the_trigger_that_its_words_propose():
    clause = saying(received(), "每一例新增阳性")
    found = offered(clause)
    assert (found.trigger, found.owner_role) == ("positive_result", "investigation_group")
    assert found.due_at is None
    led = clause_confirm(
        clause.key,
        as_="standing_duty",
        title="",
        owner_role="investigation_group",
        area_code=CITY,
        trigger=found.trigger,
        actor=drafter(),
        at=after(1),
    )
    duty = StandingDuty.objects.open().get(key=led)
    assert (duty.trigger, duty.clause_key, duty.evidence_kind) == (
        "positive_result",
        clause.key,
        "turnaround",
    )


def test_a_deadline_is_offered_only_where_the_text_states_one():
    key = received()
    assert offered(saying(key, "名册")).due_at == AT.replace(day=13, hour=10)
    assert [c.position for c in clauses(key) if offered(c).due_at] == [saying(key, "名册").position]


def test_the_same_person_sending_twice_makes_one_directive_and_another_person_is_told():
    clause = saying(received(), "接诊流程")
    first = confirmed(clause)
    assert confirmed(clause) == first
    with pytest.raises(Conflict, match="clause_decided"):
        confirmed(clause, colleague())
    with pytest.raises(Conflict, match="clause_decided"):
        confirmed(clause, due_at=AT + timedelta(hours=40))
    assert Directive.objects.open().count() == 1
    assert Event.objects.filter(kind="clause.confirmed").count() == 1


def test_whoever_decides_on_an_old_form_is_told_that_it_changed():
    clause = saying(received(), "接诊流程")
    seen = {clause.key: clause.known_from.isoformat()}
    clause_edit(clause.key, text="印发发热门诊接诊规程", actor=colleague(), at=after(1))
    with pytest.raises(Conflict, match="clause_changed"):
        confirmed(clause, seen=seen)
    assert saying(clause.document_key, "接诊规程").quote == clause.quote


def test_of_many_at_once_all_are_confirmed_or_none():
    key = received()
    good, principle = saying(key, "接诊流程"), saying(key, "政治站位")
    with pytest.raises(InputError, match="reason_needed_here"):
        clauses_confirm([good.key, principle.key], decision(), actor=drafter(), at=after(1))
    assert not Directive.objects.exists()
    assert {c.state for c in clauses(key)} == {"read"}


def test_a_principle_becomes_work_only_by_a_person_s_reason():
    principle = saying(received(), "政治站位")
    led = confirmed(principle, reason="会上明确由办公室印发动员通知")
    assert led
    assert saying(principle.document_key, "政治站位").decision_reason == "会上明确由办公室印发动员通知"


def test_calling_a_principle_a_decision_needs_a_reason_that_stays():
    principle = saying(received(), "政治站位")
    with pytest.raises(InputError, match="reason_needed"):
        clause_edit(principle.key, clause_class="decision", actor=drafter(), at=after(1))
    clause_edit(principle.key, clause_class="decision", reason="有具体安排", actor=drafter(), at=after(1))
    confirmed(principle)
    assert saying(principle.document_key, "政治站位").decision_reason == "有具体安排"


def test_set_aside_says_why_and_can_be_taken_back():
    clause = saying(received(), "24小时值班")
    with pytest.raises(InputError, match="reason_needed"):
        clause_set_aside(clause.key, " ", actor=drafter(), at=after(1))
    clause_set_aside(clause.key, "属街道", not_for_us=True, actor=drafter(), at=after(1))
    clause_set_aside(clause.key, "属街道", not_for_us=True, actor=drafter(), at=after(1))
    with pytest.raises(Conflict):
        confirmed(clause)
    clause_reopen(clause.key, "经核实属本级", actor=drafter(), at=after(2))
    assert saying(clause.document_key, "24小时值班").state == "read"


def test_merged_clauses_follow_the_one_that_stands_for_them():
    key = received()
    a, b, c = saying(key, "名册"), saying(key, "接诊流程"), saying(key, "物资储备")
    clauses_merge([a.key], b.key, actor=drafter(), at=after(1))
    clauses_merge([a.key], b.key, actor=drafter(), at=after(1))
    clauses_merge([b.key], c.key, actor=drafter(), at=after(2))
    states = {each.key: each for each in clauses(key)}
    assert states[a.key].leads_to_key == states[b.key].leads_to_key == c.key
    with pytest.raises(InputError, match="merge_itself"):
        clauses_merge([c.key], c.key, actor=drafter(), at=after(3))
    with pytest.raises(Conflict):
        clauses_merge([c.key], a.key, actor=drafter(), at=after(3))


def test_what_stands_cannot_be_reopened_what_is_over_can():
    clause = saying(received(), "接诊流程")
    led = confirmed(clause)
    with pytest.raises(Conflict, match="still_carried"):
        clause_reopen(clause.key, "改由他人", actor=drafter(), at=after(2))
    directive_withdraw(led, "重拟", actor=drafter(), at=after(2))
    clause_reopen(clause.key, "重拟", actor=drafter(), at=after(3))
    assert confirmed(clause, due_at=after(50)) != led


def test_a_clause_may_be_carried_by_what_is_there_already():
    key = received()
    led = confirmed(saying(key, "接诊流程"))
    clause_link(saying(key, "物资储备").key, "directive", led, actor=drafter(), at=after(2))
    clause_link(saying(key, "24小时值班").key, "page", "directives", actor=drafter(), at=after(2))
    with pytest.raises(FangkongError, match="no_such_carrier"):
        clause_link(saying(key, "名册").key, "directive", "directive-none", actor=drafter(), at=after(2))
    assert saying(key, "物资储备").leads_to_key == led


def test_the_person_named_gets_the_task_when_another_person_issues_the_directive():
    clause = saying(received(), "接诊流程")
    person = known("health_authority", CITY)
    led = confirmed(clause, owner_role="health_authority", owner_key=person.key)
    assert not Task.objects.exists()
    directive_issue(led, actor=issuer(), at=after(2))
    for _ in range(2):
        run_reactions(actor=system_actor("worker"))
    (task,) = Task.objects.open().filter(carries_out_key=led)
    assert (task.owner_key, task.evidence_kind) == (person.key, "document_issued")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"due_at": None}, "minutes.due_needed"),
        ({"as_": "order"}, "minutes.unknown_way"),
        ({"as_": "standing_duty", "where": "below"}, "minutes.one_owner"),
        ({"owner_key": "user-none"}, "task.owner_unknown"),
        ({"where": "below"}, "minutes.no_office_below"),
    ],
)
def test_what_a_decision_lacks_is_said(more, code):
    clause = saying(received(), "接诊流程")
    with pytest.raises(InputError) as refused:
        confirmed(clause, **more)
    assert refused.value.code == code


def test_who_reads_minutes_does_not_confirm_them():
    clause = saying(received(), "接诊流程")
    with pytest.raises(Forbidden):
        confirmed(clause, issuer())
    with pytest.raises(FangkongError):
        confirmed(clause, known("district_officer", DISTRICT))


def test_names_of_minutes_are_the_roles_of_the_platform():
    assert owner_of("各街镇") == ("street_officer", "below")
    assert owner_of("社区防控组") == ("community_group", "own")
    assert owner_of("某某") == ("", "")


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(("confirm", "duty", "aside", "merge", "edit", "reopen", "link")),
        st.integers(0, 7),
        st.integers(0, 7),
        st.sampled_from(("", "有具体安排")),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_no_exhortation_ever_leads_to_work_without_somebody_s_reason(deeds, django_db_blocker):
    from django.db import transaction

    with transaction.atomic():
        key = received()
        read = {c.key: c.clause_class for c in clauses(key)}
        keys, people = list(read), (drafter(), colleague())
        for n, (deed, one, other, reason, first) in enumerate(deeds):
            by = {"actor": people[first], "at": after(1 + n / 10)}
            clause = keys[one % len(keys)]
            try:
                _do(deed, clause, keys[other % len(keys)], reason, by)
            except FangkongError:
                continue
        for clause in Clause.objects.open():
            if clause.state != "confirmed":
                continue
            assert clause.leads_to_key
            assert read[clause.key] in TASK_CLASSES or clause.decision_reason
        led = set(Clause.objects.open().filter(state="confirmed").values_list("leads_to_key", flat=True))
        made = {*Directive.objects.open().values_list("key", flat=True)}
        assert made | {*StandingDuty.objects.open().values_list("key", flat=True)} <= led | {"directives"}
        transaction.set_rollback(True)


def _do(deed, clause, other, reason, by):
    if deed == "confirm":
        clauses_confirm([clause], decision(reason=reason), **by)
    elif deed == "duty":
        clauses_confirm([clause], decision(as_="standing_duty", recurs="day", reason=reason), **by)
    elif deed == "aside":
        clause_set_aside(clause, reason, **by)
    elif deed == "merge":
        clauses_merge([clause], other, **by)
    elif deed == "edit":
        clause_edit(clause, clause_class="decision", reason=reason, **by)
    elif deed == "reopen":
        clause_reopen(clause, reason, **by)
    else:
        clause_link(clause, "page", "directives", reason=reason, **by)
