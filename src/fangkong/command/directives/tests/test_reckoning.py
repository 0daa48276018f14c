"""Found against expected: the counts that streets give as proof, and the places that have not reported."""

from __future__ import annotations

import pytest

from fangkong.command.directives.actions import directive_tasks_create
from fangkong.command.directives.reckoning import reckoning
from fangkong.command.tasks.actions import task_done, task_revoke

from .offices import DISTRICT, OTHER, STREET, after, drafter, issued, known, work

pytestmark = pytest.mark.django_db


def sweep() -> tuple[str, list[str]]:
    """A directive with a count asked of a street and of two districts."""
    key = issued()
    asked = [("street_officer", STREET), ("district_officer", DISTRICT), ("district_officer", OTHER)]
    rows = [
        work("全覆盖排摸", area, owner_role=role, evidence_kind="count_reconciled") for role, area in asked
    ]
    return key, directive_tasks_create(key, rows, actor=drafter(), at=after(1))


def counted(key: str, hours: float = 9):
    return reckoning("directive", [key], actor=drafter(), at=after(hours))


def test_who_has_not_reported_comes_first_and_is_no_zero():
    key, (street, district, _) = sweep()
    task_done(street, actor=known("street_officer", STREET), at=after(2), evidence=[{"text": "412/430"}])
    task_done(district, actor=known("district_officer", DISTRICT), at=after(3), evidence=[{"text": "90/90"}])
    found = counted(key)
    assert found is not None
    assert (found.found, found.expected, found.missed, found.silent) == (502, 520, 18, 1)
    assert [(row.area_code, row.missed) for row in found.rows] == [(OTHER, None), (STREET, 18), (DISTRICT, 0)]


def test_it_is_read_as_it_was_known():
    key, (street, *_) = sweep()
    task_done(street, actor=known("street_officer", STREET), at=after(2), evidence=[{"text": "1/2"}])
    earlier = counted(key, 1.5)
    assert earlier is not None
    assert (earlier.expected, earlier.silent) == (0, 3)


def test_a_task_revoked_does_not_count_and_a_directive_without_counts_has_none():
    key, tasks = sweep()
    for task in tasks:
        task_revoke(task, actor=drafter(), at=after(2), note="改由社区办理")
    assert counted(key) is None
    assert counted(issued(title="另一件")) is None
