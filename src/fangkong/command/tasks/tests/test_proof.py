"""A task is closed with its proof, after what comes before it, and by two people where somebody has to look."""

from __future__ import annotations

import pytest

from fangkong.command.tasks.actions import (
    task_acknowledge,
    task_done,
    task_mark_overdue,
    task_refuse,
    task_return,
    task_revoke,
    task_verify,
    version_of,
)
from fangkong.command.tasks.evidence import FORMS, evidence_kinds
from fangkong.command.tasks.giving import key_of, tasks_create
from fangkong.core.errors import Conflict, Forbidden, InputError
from fangkong.record.load import load
from fangkong.record.models import Document
from fangkong.science.minutes.vocabulary import topics

from .offices import AT, HAND, STREET, after, give, grid, leaves, new, officer, open_task, told

pytestmark = pytest.mark.django_db


def proof(text: str = "", document_key: str = "") -> list[dict[str, str]]:
    return [{"text": text, "document_key": document_key}]


@pytest.mark.parametrize("kind", sorted(evidence_kinds()))
def test_without_the_proof_that_it_asks_for_no_task_is_closed(kind):
    key, worker = give(evidence_kind=kind), grid()
    for empty in ((), proof("  ")):
        with pytest.raises(InputError, match="evidence_needed"):
            task_done(key, actor=worker, at=after(1), evidence=empty)
    with pytest.raises(InputError, match="evidence_needed"):
        task_done(key, actor=HAND, at=after(1))
    assert open_task(key).state == "awaiting"


def test_every_kind_of_proof_has_a_form_and_the_reader_of_minutes_proposes_only_such():
    assert {kind.form for kind in evidence_kinds().values()} == set(FORMS)
    assert {topic.evidence for topic in topics()} <= set(evidence_kinds())


@pytest.mark.parametrize(
    ("kind", "typed", "kept", "state"),
    [
        ("text", " 已逐户告知 ", "已逐户告知", "done"),
        ("number", "1,280.50", "1280.5", "to_verify"),
        ("count_reconciled", "1,412 ／ 1,430", "1412/1430", "to_verify"),
        ("list", "一号门\n\n 二号门 \n", "一号门\n二号门", "to_verify"),
        ("document", "临防办〔2022〕18号", "临防办〔2022〕18号", "to_verify"),
    ],
)
def test_proof_is_kept_with_who_gave_it_and_when(kind, typed, kept, state):
    key, worker = give(evidence_kind=kind), grid()
    assert task_done(key, actor=worker, at=after(1), evidence=proof(typed)) == state
    item = open_task(key).evidence[0]
    assert (item["kind"], item["text"], item["by"], item["at"]) == (
        kind,
        kept,
        worker.key,
        after(1).isoformat(),
    )


def test_a_number_is_a_number():
    key = give(evidence_kind="number")
    for wrong in ("很多", "12 户", "NaN"):
        with pytest.raises(InputError, match="evidence_number"):
            task_done(key, actor=grid(f"g{len(wrong)}"), at=after(1), evidence=proof(wrong))


def test_a_count_says_what_was_expected_and_finds_no_more():
    key = give(evidence_kind="count_reconciled")
    for wrong in ("412", "431/430", "约四百/430", "-1/430"):
        with pytest.raises(InputError, match="evidence_ratio"):
            task_done(key, actor=grid(f"r{len(wrong)}"), at=after(1), evidence=proof(wrong))


def test_a_paper_of_the_record_is_proof_where_the_giver_may_see_it():
    for name, area in (("here", STREET), ("there", "990201001")):
        row = {"key": name, "kind": "notice", "title": "通知", "area_code": area}
        load(Document, [row], actor="t", source_key="t", known_from=AT)
    key, worker = give(evidence_kind="document"), grid()
    with pytest.raises(InputError, match="evidence_document"):
        task_done(key, actor=worker, at=after(1), evidence=proof(document_key="there"))
    task_done(key, actor=worker, at=after(2), evidence=proof(document_key="here"))
    assert open_task(key).evidence[0]["document_key"] == "here"


class TestTheSecondPerson:
    def test_looks_at_the_proof_and_closes_the_task(self):
        key, worker, boss = give(evidence_kind="number"), grid(), officer()
        task_done(key, actor=worker, at=after(1), evidence=proof("12"))
        assert told("task.done") == []
        task_verify(key, actor=boss, at=after(2))
        assert open_task(key).state == "done"
        assert [(event.subject_key, event.params["by"]) for event in told("task.done")] == [(key, boss.key)]

    def test_is_not_the_one_who_reported_it_done_for_somebody_else(self):
        worker, boss = grid(), officer()
        key = give(evidence_kind="number", owner_key=worker.key)
        task_done(key, actor=boss, at=after(1), evidence=proof("12"))
        with pytest.raises(Forbidden, match="two_people"):
            task_verify(key, actor=boss, at=after(2))
        task_verify(key, actor=officer("other"), at=after(3))

    def test_sends_it_back_and_it_needs_new_proof(self):
        key, worker, boss = give(evidence_kind="number"), grid(), officer()
        task_done(key, actor=worker, at=after(1), evidence=proof("12"))
        task_refuse(key, actor=boss, at=after(2), note="与台账不符")
        assert (open_task(key).state, open_task(key).evidence) == ("in_progress", [])
        with pytest.raises(InputError, match="evidence_needed"):
            task_done(key, actor=worker, at=after(3))

    def test_sends_it_to_the_role_when_the_doer_has_left(self):
        key, worker, boss = give(evidence_kind="number"), grid(), officer()
        task_done(key, actor=worker, at=after(1), evidence=proof("12"))
        leaves(worker)
        task_refuse(key, actor=boss, at=after(2), note="与台账不符")
        assert (open_task(key).state, open_task(key).owner_key) == ("awaiting", "")


class TestWhatComesFirst:
    def test_is_named_until_it_is_done(self):
        first = new(title="先封样")
        second = new(title="再送检", depends_on=[key_of(first)])
        before, key = tasks_create([first, second], actor=HAND, at=AT)
        worker = grid()
        with pytest.raises(Conflict, match=r"task\.waits_for") as refused:
            task_done(key, actor=worker, at=after(1))
        assert refused.value.params == {"n": 1, "keys": [before]}
        task_done(before, actor=worker, at=after(2))
        assert task_done(key, actor=worker, at=after(3)) == "done"

    def test_holds_up_nothing_once_it_is_revoked(self):
        first = new(title="先封样")
        second = new(title="再送检", depends_on=[key_of(first)])
        before, key = tasks_create([first, second], actor=HAND, at=AT)
        task_revoke(before, actor=officer(), at=after(1), note="不再需要")
        assert task_done(key, actor=grid(), at=after(2)) == "done"


class TestTwoPeopleOnOneTask:
    def test_the_second_is_told_who_closed_it_and_when(self):
        key, boss, other = give(), officer(), officer("other")
        task_done(key, actor=boss, at=after(1))
        with pytest.raises(Conflict, match="wrong_state") as refused:
            task_done(key, actor=other, at=after(2))
        assert refused.value.params["by"] == boss.key
        assert refused.value.params["since"] == after(1).isoformat()
        assert refused.value.params["state"] == "done"

    def test_the_second_is_told_of_a_change_after_the_page_was_shown(self):
        key, boss, other = give(), officer(), officer("other")
        seen = version_of(open_task(key))
        task_acknowledge(key, actor=boss, at=after(1), seen=seen)
        with pytest.raises(Conflict, match="changed_meanwhile") as refused:
            task_done(key, actor=other, at=after(2), seen=seen)
        assert refused.value.params["by"] == boss.key
        task_done(key, actor=boss, at=after(3), seen=seen)

    def test_what_the_platform_changes_stands_in_nobody_s_way(self):
        key, worker = give(due_at=after(10)), grid()
        seen = version_of(open_task(key))
        task_mark_overdue(after(20), actor=HAND)
        assert task_done(key, actor=worker, at=after(21), seen=seen) == "done"

    def test_a_version_that_no_page_gave_out_counts_as_old(self):
        key, boss, other = give(), officer(), officer("other")
        task_acknowledge(key, actor=boss, at=after(1))
        with pytest.raises(Conflict, match="changed_meanwhile"):
            task_done(key, actor=other, at=after(2), seen="yesterday")


def test_what_is_given_back_has_a_clock_of_its_own_and_is_told():
    key, worker = give(due_at=after(6000)), grid()
    task_acknowledge(key, actor=worker, at=after(1))
    task_return(key, actor=worker, at=after(200), note="不在本网格")
    assert open_task(key).acknowledged_at is None
    assert open_task(key).acknowledge_by > after(200)
    assert [event.params["by"] for event in told("task.returned")] == [worker.key]
