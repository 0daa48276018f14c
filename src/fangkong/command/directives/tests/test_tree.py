"""The tree of a directive: down to the last receipt and the last task, scoped, in a bounded number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.command.directives.actions import (
    directive_carry_on,
    directive_issue,
    directive_tasks_create,
    recipient_acknowledge,
)
from fangkong.command.directives.queries import (
    directive_counts,
    directives_list,
    directives_progress,
    recipients_to_acknowledge,
    recipients_to_acknowledge_count,
    recipients_waiting,
)
from fangkong.command.directives.tree import directive_tree
from fangkong.command.models import Directive, DirectiveRecipient
from fangkong.core.errors import Forbidden, NotFound
from fangkong.record.load import load
from fangkong.record.models import Task

from . import offices
from .offices import AT, DISTRICT, OTHER, STREET, after, known

pytestmark = pytest.mark.django_db


def grown() -> tuple[str, str]:
    """The city's directive, carried on by one district to a street, with a task at each level."""
    top = offices.issued()
    officer = known("district_officer", DISTRICT)
    held = offices.taken(top, DISTRICT, officer)
    below = directive_carry_on(
        held,
        measures=[{"text": "逐户上门"}],
        recipients=offices.to(STREET, role="street_officer"),
        due_at=after(20),
        actor=officer,
        at=after(2),
    )
    directive_issue(below, actor=known("health_authority", DISTRICT), at=after(3))
    directive_tasks_create(top, [offices.work("汇总", OTHER)], actor=offices.drafter(), at=after(3))
    directive_tasks_create(below, [offices.work("上门", STREET)], actor=officer, at=after(3))
    return top, below


def test_the_office_sees_the_last_receipt_and_the_last_task():
    top, below = grown()
    tree = directive_tree(top, actor=offices.issuer(), at=after(4))
    assert [(node.key, node.depth) for node in tree.nodes] == [(top, 0), (below, 1)]
    assert [each.area_code for node in tree.nodes for each in node.recipients] == [DISTRICT, OTHER, STREET]
    assert dict(tree.recipients) == {"acknowledged": 1, "awaiting": 2}
    assert dict(tree.tasks) == {"awaiting": 2}
    assert tree.tasks_by_area[STREET]["awaiting"] == 1
    assert tree.nodes[0].acknowledged == 1


def test_a_district_sees_its_own_branch_only():
    top, below = grown()
    tree = directive_tree(top, actor=known("district_officer", OTHER), at=after(4))
    assert [node.key for node in tree.nodes] == [top]
    assert [each.area_code for each in tree.nodes[0].recipients] == [OTHER]
    assert [task.title for task in tree.nodes[0].tasks] == ["汇总"]
    with pytest.raises(NotFound):
        directive_tree(below, actor=known("district_officer", OTHER), at=after(4))
    with pytest.raises(Forbidden):
        directive_tree(top, actor=known("grid_worker", DISTRICT), at=after(4))


def test_what_is_shown_as_of_a_moment_is_what_was_known_then():
    top, _ = grown()
    tree = directive_tree(top, actor=offices.issuer(), at=AT + timedelta(minutes=30))
    assert len(tree.nodes) == 1
    assert dict(tree.recipients) == {"awaiting": 2}


def test_lists_and_counts_follow_scope_and_state():
    top, below = grown()
    offices.draft(offices.drafter(), title="只是草稿")
    chair, officer, other = (
        offices.issuer(),
        known("district_officer", DISTRICT),
        known("district_officer", OTHER),
    )
    assert directive_counts(actor=chair, at=after(4)) == {"draft": 1, "issued": 2}
    assert directive_counts(actor=other, at=after(4)) == {"issued": 1}
    assert {row.key for row in directives_list(actor=officer, at=after(4)).rows} == {top, below}
    assert [row.key for row in directives_list(actor=officer, at=after(4), ours=True).rows] == [below]
    assert [row.key for row in directives_list(actor=chair, at=after(4), area_code=STREET).rows] == [below]
    assert recipients_to_acknowledge(actor=other, at=after(4)).rows[0].directive_key == top
    assert recipients_to_acknowledge_count(actor=officer, at=after(4)) == 0
    waiting = recipients_waiting(actor=chair, at=after(4))
    assert waiting[OTHER] == {"awaiting": 1}
    assert waiting[DISTRICT] == {"acknowledged": 1}
    progress = directives_progress([top, below], actor=chair, at=after(40))
    assert (progress[top].recipients, progress[top].acknowledged, progress[top].tasks_late) == (2, 1, 1)


def planted(directives: int, tasks: int) -> str:
    """A tree of three levels, written past the actions: one directive, some below it, the rest below those."""
    top = offices.issued()
    given = {f.name: getattr(offices.directive(top), f.name) for f in Directive.fact_fields()}
    middle = max(1, directives // 10)
    rows, recipients = [], []
    for n in range(directives - 1):
        key = f"directive-{n}"
        parent = top if n < middle else f"directive-{n % middle}"
        rows.append({**given, "key": key, "directive_no": key, "parent_key": parent, "area_code": DISTRICT})
        recipients.append(
            {
                "key": f"recipient-{n}",
                "directive_key": key,
                "area_code": STREET,
                "role": "street_officer",
                "state": "awaiting",
                "acknowledge_by": after(9),
            }
        )
    load(Directive, rows, actor="test", source_key="t", known_from=after(1))
    load(DirectiveRecipient, recipients, actor="test", source_key="t", known_from=after(1))
    work = [
        {
            "key": f"task-{n}",
            "kind": "directed",
            "title": f"任务 {n}",
            "area_code": STREET,
            "owner_role": "street_officer",
            "due_at": after(9),
            "state": "awaiting",
            "created_by": "test",
            "carries_out_kind": "directive",
            "carries_out_key": f"directive-{n % (directives - 1)}",
        }
        for n in range(tasks)
    ]
    load(Task, work, actor="test", source_key="t", known_from=after(1))
    return top


def cost(top: str) -> tuple[int, int, int]:
    actor = offices.issuer()
    with CaptureQueriesContext(connection) as queries:
        tree = directive_tree(top, actor=actor, at=after(4))
    return len(queries), len(tree.nodes), sum(tree.tasks.values())


def test_two_hundred_directives_cost_no_more_queries_than_twenty():
    few, nodes, _ = cost(planted(20, 40))
    assert nodes == 20
    Directive.objects.all().delete()
    DirectiveRecipient.objects.all().delete()
    Task.objects.all().delete()
    many, nodes, tasks = cost(planted(200, 1000))
    assert (nodes, tasks) == (200, 1000)
    assert many == few <= 8


def test_acknowledging_twice_at_once_is_said_to_the_second():
    top = offices.issued()
    key = offices.recipient(top, DISTRICT).key
    recipient_acknowledge(key, actor=known("district_officer", DISTRICT), at=after(1))
    tree = directive_tree(top, actor=offices.issuer(), at=after(2))
    assert tree.nodes[0].acknowledged == 1
