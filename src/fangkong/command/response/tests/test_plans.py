"""A plan: written by one, approved by another; started, all its items are tasks in one act; a drill is a drill."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fangkong.command.directives.tests.offices import OTHER, WORKER
from fangkong.command.models import PlanRun
from fangkong.command.reactions.running import react
from fangkong.command.response.actions import (
    plan_approve,
    plan_draft,
    plan_end,
    plan_reject,
    plan_retire,
    yields_suspend,
)
from fangkong.command.response.plan_rows import in_order
from fangkong.command.response.plan_runs import drill_mark
from fangkong.command.response.queries import plan_editions, plan_kinds, plans_list, plans_offered, run_times
from fangkong.command.tasks.actions import task_done
from fangkong.core.errors import Conflict, Forbidden, InputError, NotFound
from fangkong.record.access import system_actor
from fangkong.record.audit import verify
from fangkong.record.digest import record_digest
from fangkong.record.models import Event, Task

from .flooded import (
    ALERT,
    CITY,
    DISTRICT,
    STEPS,
    after,
    approved,
    chair,
    declared,
    draft,
    health,
    known,
    level,
    plan,
    proposer,
    quarantined,
    run,
    start,
    states,
)


def tasks(run_key: str) -> list[Task]:
    found = Task.objects.open().filter(carries_out_kind="plan_run", carries_out_key=run_key)
    return sorted(found, key=lambda task: task.params["n"])


@pytest.mark.django_db
class TestWriting:
    def test_the_same_words_twice_are_one_draft(self):
        key = draft()
        before = record_digest()
        assert draft() == key
        assert record_digest() == before

    def test_whoever_wrote_it_does_not_approve_it(self):
        writer = known("general_group")
        key = draft(writer)
        with pytest.raises(Forbidden, match=r"plan\.two_people"):
            plan_approve(key, actor=writer, at=ALERT)
        with pytest.raises(Forbidden, match="system_never_acts"):
            plan_approve(key, actor=system_actor("worker"), at=ALERT)
        with pytest.raises(Forbidden, match="not_your_role"):
            plan_approve(key, actor=proposer(), at=ALERT)
        with pytest.raises(NotFound):
            plan_approve(key, actor=chair(OTHER), at=ALERT)
        plan_approve(key, actor=chair(), at=ALERT)
        assert plan(key).state == "in_force"
        with pytest.raises(Conflict, match="wrong_state"):
            plan_approve(key, actor=chair(), at=ALERT)

    def test_the_kind_is_the_office_s_own_word(self):
        approved()
        approved(kind="一院一策", title="养老院", evacuates=False, hazard="epidemic")
        assert plan_kinds(actor=chair(), at=ALERT) == ["一院一策", "三紧急"]
        assert plans_list(actor=chair(), at=ALERT, kind="三紧急").total == 1

    def test_the_next_edition_retires_the_one_before(self):
        first = approved()
        more = [*STEPS, {"title": "复盘", "owner_role": "general_group", "within_hours": 24}]
        second = draft(replaces_key=first, checklist=more, at=ALERT)
        assert (plan(second).edition, plan(first).state) == (2, "in_force")
        other = draft(replaces_key=first, title="另一稿", at=ALERT)
        plan_approve(second, actor=chair(), at=after(1))
        assert (plan(first).state, plan(second).state) == ("retired", "in_force")
        assert next(each.edition for each in plan_editions(plan(second), actor=chair(), at=after(2))) == 2
        with pytest.raises(Conflict, match="edition_taken"):
            plan_approve(other, actor=chair(), at=after(2))
        plan_reject(other, "已有新版", actor=chair(), at=after(3))
        plan_retire(second, "不再使用", actor=chair(), at=after(4))
        with pytest.raises(Conflict, match="wrong_state"):
            start(second, at=after(5))

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"kind": " "}, "kind_needed"),
            ({"title": ""}, "title_needed"),
            ({"checklist": []}, "items_needed"),
            ({"checklist": [STEPS[0] | {"title": " "}]}, "item_title"),
            ({"checklist": [STEPS[0] | {"within_hours": 0}]}, "item_hours"),
            ({"checklist": [STEPS[0] | {"after": [1]}]}, "item_after"),
            ({"checklist": [STEPS[0] | {"after": [2]}, STEPS[1] | {"after": [1]}]}, r"plan\.cycle"),
            ({"checklist": [STEPS[0], STEPS[0]]}, "item_twice"),
            ({"checklist": [STEPS[0] | {"owner_role": "auditor"}]}, "role_does_no_tasks"),
            ({"checklist": [STEPS[0] | {"evidence_kind": "photo"}]}, "unknown_evidence"),
            ({"hazard": "epidemic"}, "evacuates_hazard"),
            ({"levels": [7]}, "unknown_level"),
        ],
    )
    def test_what_a_plan_may_not_be(self, more, code):
        with pytest.raises(InputError, match=code):
            draft(**more)

    @given(st.integers(2, 8).flatmap(lambda n: st.lists(st.sets(st.integers(1, n)), min_size=n, max_size=n)))
    def test_every_item_stands_behind_those_it_waits_for(self, after_sets):
        items = [
            {"n": n, "after": sorted(b for b in before if b < n)} for n, before in enumerate(after_sets, 1)
        ]
        order = [item["n"] for item in in_order(items)]
        assert sorted(order) == [item["n"] for item in items]
        assert all(order.index(b) < order.index(item["n"]) for item in items for b in item["after"])


@pytest.mark.django_db
class TestStarting:
    def test_all_items_become_tasks_in_one_act(self):
        key = start(approved())
        rows = tasks(key)
        assert [row.title for row in rows] == [step["title"] for step in STEPS]
        assert [row.due_at - ALERT for row in rows] == [timedelta(hours=h) for h in (0.5, 1, 3)]
        assert rows[2].depends_on == [rows[0].key, rows[1].key]
        assert rows[1].evidence_kind == "number"
        assert Event.objects.get(kind="plan.started").subject_key == key
        verify()

    def test_the_same_submit_twice_is_one_run(self):
        plan_key = approved()
        key = start(plan_key)
        before = record_digest()
        assert start(plan_key, reason="再按一次", at=after(0.1)) == key
        assert record_digest() == before
        assert (PlanRun.objects.open().count(), len(tasks(key))) == (1, len(STEPS))
        with pytest.raises(Conflict, match="already_running"):
            start(plan_key, known("co_chair"), submit="another form", at=after(0.2))

    def test_only_who_may_and_only_where(self):
        plan_key = approved()
        for actor, code in [(known("treatment_group"), "not_your_role"), (WORKER, "system_never_acts")]:
            with pytest.raises(Forbidden, match=code):
                start(plan_key, actor)
        with pytest.raises(InputError, match="other_area"):
            start(plan_key, area_code="9902")
        with pytest.raises(InputError, match="reason_needed"):
            start(plan_key, reason=" ")
        key = start(plan_key, area_code=DISTRICT)
        assert {task.area_code for task in tasks(key)} == {DISTRICT}

    def test_each_step_is_timed_against_its_hours(self):
        plan_key = approved()
        key = start(plan_key)
        rows = tasks(key)
        task_done(rows[0].key, actor=known("community_group"), at=after(0.25))
        found = run_times(run(key), plan(plan_key), at=after(2))
        assert [(step.took, step.late) for step in found] == [
            (timedelta(minutes=15), False),
            (None, True),
            (None, False),
        ]

    def test_the_end_revokes_what_is_left_and_tells_whoever_reviews(self):
        key = start(approved())
        task_done(tasks(key)[0].key, actor=known("community_group"), at=after(0.25))
        assert plan_end(key, "洪水退去", actor=proposer(), at=after(9)) == 2
        assert [task.state for task in tasks(key)] == ["done", "revoked", "revoked"]
        assert Event.objects.get(kind="plan.ended").params["drill"] is False
        with pytest.raises(Conflict, match="run_over"):
            plan_end(key, "又一次", actor=proposer(), at=after(10))

    def test_a_level_offers_the_plans_of_its_hazard_and_says_what_was_started(self):
        level_key = declared()
        fits = approved(hazard="epidemic", evacuates=False, levels=[3, 2], title="三级响应")
        approved(hazard="epidemic", evacuates=False, levels=[1], title="一级响应")
        approved()
        offered = plans_offered(level(level_key), actor=chair(), at=after(2))
        assert [each.key for each in offered] == [fits]
        key = start(fits, level_key=level_key, at=after(2))
        assert [entry["key"] for entry in level(level_key).taken] == [key]


@pytest.mark.django_db
class TestDrills:
    def test_every_task_says_that_it_is_a_drill(self):
        key = start(approved(), drill=True)
        assert all(task.title.startswith(drill_mark()) and task.params["drill"] for task in tasks(key))

    def test_a_drill_changes_no_order_and_tells_nobody_that_a_plan_was_started(self):
        quarantined(5)
        before = states()
        key = start(approved(), drill=True)
        react(actor=WORKER)
        assert run(key).yields == []
        with pytest.raises(Conflict, match="drill_touches_no_order"):
            yields_suspend(key, reason="演练", actor=health(), at=after(1))
        plan_end(key, "演练结束", actor=proposer(), at=after(2))
        react(actor=WORKER)
        assert states() == before
        assert not Event.objects.filter(kind="plan.started").exists()
        assert not Task.objects.filter(kind__in=("suspend_for_evacuation", "decide_resumption")).exists()

    def test_a_plan_may_be_drilled_while_it_runs_in_earnest(self):
        plan_key = approved()
        assert start(plan_key) != start(plan_key, drill=True)

    def test_a_draft_is_not_started(self):
        with pytest.raises(Conflict, match="wrong_state"):
            start(draft(), drill=True)

    def test_the_gap_that_brought_an_edition_about_is_kept(self):
        key = plan_draft(
            kind="三紧急",
            title="补充版",
            area_code=CITY,
            checklist=STEPS,
            reason_key="gap-1",
            actor=known("general_group"),
            at=ALERT,
        )
        assert plan(key).reason_key == "gap-1"
