"""What a page costs does not grow with the record: the number of its queries is bounded, and equal for more rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fangkong.faces.web.board.tests.made_city import CITY, browser, made_city

pytestmark = pytest.mark.django_db

#: Page -> role that reads it, and the most queries that it may take (session, user and settings among them).
PAGES = {
    "/": ("duty_officer", 40),
    "/assess/9901/": ("duty_officer", 40),
    "/cases/": ("duty_officer", 20),
    "/cases/C0/": ("investigation_group", 40),
    "/cases/C0/chain/": ("duty_officer", 20),
    "/orders/": ("health_authority", 20),
    "/orders/?show=in_force": ("health_authority", 20),
    "/orders/O0/": ("health_authority", 40),
    "/orders/O0/notice.pdf": ("health_authority", 40),
    "/orders/O0/notice.docx": ("health_authority", 40),
    "/rules/": ("duty_officer", 20),
    "/rules/key/?key=contact.close.stages": ("duty_officer", 20),
    "/tasks/": ("duty_officer", 20),
    "/receive/": ("duty_officer", 20),
    "/matching/": ("investigation_group", 20),
    "/report/": ("duty_officer", 60),
    "/oversight/": ("oversight", 20),
    "/oversight/reports/": ("oversight", 20),
    "/oversight/alarms/": ("oversight", 20),
    "/oversight/limits/": ("oversight", 20),
    "/protected/": ("grid_worker", 20),
    "/people/": ("investigation_group", 20),
    "/my-day/": ("grid_worker", 20),
    "/notices/": ("duty_officer", 20),
    "/tasks/board/": ("duty_officer", 20),
    "/tasks/new/": ("duty_officer", 20),
    "/signals/": ("duty_officer", 20),
    "/orders/propose/": ("duty_officer", 20),
    "/orders/campaign/": ("duty_officer", 20),
    "/checkpoint/": ("checkpoint", 20),
    "/checkpoint/permits/": ("duty_officer", 20),
    "/meetings/": ("duty_officer", 20),
    "/minutes/": ("duty_officer", 20),
    "/directives/": ("duty_officer", 20),
    "/directives/new/": ("duty_officer", 20),
    "/duties/": ("duty_officer", 20),
    "/duty/": ("duty_officer", 20),
    "/duty/mine/": ("duty_officer", 20),
    "/close-out/": ("duty_officer", 40),
    "/response/": ("duty_officer", 20),
    "/plans/": ("duty_officer", 20),
    "/reviews/": ("duty_officer", 20),
    "/gaps/": ("duty_officer", 20),
    "/listening/": ("duty_officer", 20),
}


def cost(path: str, client: Client) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(path).status_code == 200, path
    return len(queries)


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_takes_no_more_queries_for_more_rows(path):
    role, most = PAGES[path]
    made_city(10)
    client = browser(role, CITY)
    few = cost(path, client)
    made_city(60)
    many = cost(path, client)
    assert few <= most, f"{path} takes {few} queries"
    assert many <= most, f"{path} takes {many} queries with six times the cases"
    assert abs(many - few) <= 2, f"{path}: {few} queries with 10 cases, {many} with 60"
