"""A directive that is taken back leaves the levels below to decide on theirs: each is asked, once, and told why."""

from __future__ import annotations

import pytest

from fangkong.command.directives.actions import (
    directive_carry_on,
    directive_complete,
    directive_issue,
    directive_withdraw,
)
from fangkong.command.directives.tests import offices
from fangkong.command.directives.tests.offices import DISTRICT, STREET, WORKER, after, known
from fangkong.command.directives.tree import directive_tree
from fangkong.command.reactions.directives import DECIDE
from fangkong.command.reactions.running import react
from fangkong.command.tasks.actions import task_done
from fangkong.core.errors import InputError
from fangkong.record.access import Actor
from fangkong.record.digest import record_digest
from fangkong.record.models import Task, User

pytestmark = pytest.mark.django_db


def district() -> Actor:
    """Who carries directives on in the district."""
    return known("district_officer", DISTRICT)


def head() -> Actor:
    """Who issues them there."""
    return known("co_chair", DISTRICT)


def carried(top: str, *, issue: bool = True) -> str:
    """The district's own directive to a street."""
    below = directive_carry_on(
        offices.taken(top, DISTRICT, district()),
        measures=[{"text": "各街道逐户走访", "evidence_kind": ""}],
        recipients=offices.to(STREET, role="street_officer"),
        due_at=after(20),
        actor=district(),
        at=after(2),
    )
    if issue:
        directive_issue(below, actor=head(), at=after(3))
    return below


def followed() -> None:
    """Everything that follows from what has been told so far."""
    assert react(actor=WORKER).failed == 0


def asked() -> Task:
    return Task.objects.open().get(kind=DECIDE)


@pytest.mark.parametrize("end", [directive_withdraw, directive_complete])
def test_whoever_issued_the_directive_below_is_asked_once(end):
    top = offices.issued()
    below = carried(top)
    end(top, "政策调整", actor=offices.issuer(), at=after(5))
    followed()
    before = record_digest()
    followed()
    assert record_digest() == before
    task = asked()
    assert (task.subject_key, task.owner_role, task.owner_key) == (below, "co_chair", head().key)
    assert (task.area_code, task.state, task.params["parent_key"]) == (DISTRICT, "awaiting", top)
    assert task.due_at > after(5)
    assert offices.directive(below).state == "issued", "nobody below loses a directive without a decision"


def test_kept_with_a_reason_or_not_at_all():
    top = offices.issued()
    below = carried(top)
    directive_withdraw(top, "政策调整", actor=offices.issuer(), at=after(5))
    followed()
    with pytest.raises(InputError, match="evidence_needed"):
        task_done(asked().key, actor=head(), at=after(6))
    task_done(asked().key, evidence=[{"text": "街道走访已过半，继续"}], actor=head(), at=after(6))
    assert (asked().state, offices.directive(below).state) == ("done", "issued")


def test_withdrawing_the_one_below_is_the_decision():
    top = offices.issued()
    below = carried(top)
    directive_withdraw(top, "政策调整", actor=offices.issuer(), at=after(5))
    followed()
    directive_withdraw(below, "随市级撤销", actor=head(), at=after(6))
    followed()
    assert asked().state == "done"
    assert asked().evidence[0]["text"] == "随市级撤销"


def test_a_draft_below_asks_nobody_and_an_issuer_who_left_leaves_it_to_the_role():
    top, other = offices.issued(), offices.issued(title="核对药品库存")
    carried(top, issue=False)
    directive_withdraw(top, "政策调整", actor=offices.issuer(), at=after(5))
    followed()
    assert not Task.objects.filter(kind=DECIDE).exists()
    carried(other)
    User.objects.filter(key=head().key).update(is_active=False)
    directive_withdraw(other, "政策调整", actor=offices.issuer(), at=after(5))
    followed()
    assert (asked().owner_role, asked().owner_key) == ("co_chair", "")


def test_the_tree_says_whose_parent_is_over():
    top = offices.issued()
    below = carried(top)
    shown = {
        node.key: node.parent_over for node in directive_tree(top, actor=offices.issuer(), at=after(4)).nodes
    }
    assert shown == {top: False, below: False}
    directive_withdraw(top, "政策调整", actor=offices.issuer(), at=after(5))
    shown = {
        node.key: node.parent_over for node in directive_tree(top, actor=offices.issuer(), at=after(6)).nodes
    }
    assert shown == {top: False, below: True}
