"""The day's list of tasks: what each is about, and who may know it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fangkong.faces.web.board.tests.made_city import CITY, NEAR, NOW, browser, made_city, put
from fangkong.faces.web.board.tests.test_board import text_of
from fangkong.record.models import Task

pytestmark = pytest.mark.django_db


def task(key: str, kind: str, subject: tuple[str, str], **more) -> None:
    row = {
        "key": key,
        "kind": kind,
        "area_code": NEAR,
        "owner_role": "health_authority",
        "due_at": NOW + timedelta(hours=3),
        "state": "awaiting",
        "subject_kind": subject[0],
        "subject_key": subject[1],
        "created_by": "system:reaction",
    }
    put(Task, row | more)


@pytest.fixture
def day() -> None:
    made_city(10)
    task("task-2", "decide_order", ("order", "O1"))
    task("task-3", "transfer_contact", ("contact", "K0"))
    task("task-4", "report_case", ("result", "R0"))
    task("task-5", "chase_report", ("bulletin", ""), area_code=CITY, params={"day": "2022-04-16"})


@pytest.mark.usefixtures("day")
def test_each_task_says_what_it_is_about():
    page = text_of(browser("duty_officer").get("/tasks/"))
    for about in ("病例 LJ-0000", "GL-0417-001", "病例 LJ-0000 的密接", "出的检测结果", "04-16 的日报"):
        assert about in page


@pytest.mark.usefixtures("day")
def test_a_role_that_reads_no_cases_sees_the_task_and_no_case_number():
    page = text_of(browser("community_group").get("/tasks/"))
    assert "转运密接" in page
    assert "GL-0417-001" in page
    assert "LJ-0000" not in page


@pytest.mark.usefixtures("day")
def test_the_list_opens_with_how_many_and_how_many_late():
    assert "5 open, 1 of them overdue." in text_of(browser("duty_officer", language="en").get("/tasks/"))
