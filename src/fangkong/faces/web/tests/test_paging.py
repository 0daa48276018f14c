"""A link to the next page leads to the next page, also where its place holds an instant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.faces.web.board.tests.made_city import CITY, NOW, browser, made_city, put
from fangkong.faces.web.command.task_views import PAGE_ROWS
from fangkong.record.models import Task

pytestmark = pytest.mark.django_db


def test_the_tasks_of_the_second_page_are_the_rest():
    made_city(2)
    extra = [
        {
            "key": f"task-extra-{n:03}",
            "kind": "investigate",
            "area_code": "990101",
            "owner_role": "investigation_group",
            "due_at": NOW + timedelta(minutes=n),
            "state": "awaiting",
            "created_by": "test",
        }
        for n in range(PAGE_ROWS + 5)
    ]
    put(Task, *extra)
    client = browser("duty_officer", CITY)
    seen, address = [], "/tasks/"
    while address:
        answer = client.get(address)
        assert answer.status_code == 200, address
        seen += [row["task"].key for row in answer.context["rows"]]
        later = answer.context["pager"]["later_href"]
        address = f"/tasks/{later}" if later else ""
    assert len(seen) == len(set(seen)) == answer.context["pager"]["total"] > PAGE_ROWS


@pytest.mark.parametrize("asked", ["-1", "\u00b2", "x", ""])
def test_a_strange_first_row_is_read_as_the_first(asked):
    made_city(2)
    assert browser("duty_officer", CITY).get("/tasks/", {"from": asked}).context["pager"]["first"] == 1
