"""The pages of response levels and plans, in both languages: read, propose, declare, start, drill, suspend, end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fangkong.command.models import Plan, PlanRun, ResponseLevel
from fangkong.command.response.actions import (
    level_declare,
    level_propose,
    level_record,
    plan_approve,
    plan_draft,
    plan_start,
)
from fangkong.command.response.examples import example_plans
from fangkong.desks.control.tests.people import colleague
from fangkong.faces.papers.plan_paper import PlanNames, plan_docx, plan_view
from fangkong.faces.web.board.tests.made_city import CITY, browser
from fangkong.record.installation import installation
from fangkong.record.load import load
from fangkong.record.models import Order, Task

pytestmark = pytest.mark.django_db

STREET, SAFE = f"{CITY}01001", f"{CITY}01002"


@pytest.fixture
def office() -> dict[str, Any]:
    """A duty officer and a chair, a level in force, one proposed, a flood, a plan, its run and orders in its way."""
    at = installation().now() - timedelta(hours=3)
    today = installation().today()
    duty, chair = colleague("duty_officer", CITY, "d"), colleague("co_chair", CITY, "c")
    shared: dict[str, Any] = {"disease": "covid-19", "hazard": "epidemic", "area_code": CITY}
    dates = {"starts_on": today, "review_on": today + timedelta(days=7)}
    dates |= {"expected_until": today + timedelta(days=20)}
    words = {"matters": "聚集性疫情", "measures": ["每日会商"]}
    level = level_propose(**shared, **dates, **words, level=3, actor=duty, at=at)
    level_declare(level, actor=chair, at=at + timedelta(minutes=5))
    waiting = level_propose(**shared, **dates, **words, level=2, actor=duty, at=at + timedelta(minutes=9))
    level_record(
        area_code=CITY,
        hazard="flood",
        level=3,
        rank="prefecture",
        document="防汛指挥部通知",
        starts_on=today,
        actor=duty,
        at=at,
    )
    example = example_plans("zh")[0]
    plan = plan_draft(
        kind=example.kind,
        title=example.title,
        area_code=CITY,
        hazard="flood",
        evacuates=True,
        checklist=example.checklist,
        actor=duty,
        at=at,
    )
    plan_approve(plan, actor=chair, at=at + timedelta(minutes=1))
    quarantines(3, at)
    run = plan_start(
        plan, reason="暴雨", submit="s", area_code=STREET, actor=duty, at=at + timedelta(minutes=10)
    )
    return {"level": level, "waiting": waiting, "plan": plan, "run": run}


def quarantines(n: int, at: Any) -> None:
    today = installation().today()
    rows = [
        {
            "key": f"O{STREET}{i}",
            "order_no": f"GL-{i}",
            "kind": "quarantine",
            "disease": "covid-19",
            "subject_kind": "person",
            "person_key": f"secret-person-{i}",
            "area_code": STREET,
            "state": "approved",
            "proposed_by": "system:reaction",
            "proposed_at": at,
            "starts_on": today - timedelta(days=1),
            "expires_on": today + timedelta(days=5),
            "stages": [
                {
                    "place": "central",
                    "first_on": (today - timedelta(days=1)).isoformat(),
                    "last_on": (today + timedelta(days=5)).isoformat(),
                }
            ],
            "confidence": "verified",
            "remedy": "review_suit_or_appeal",
            "proportionality": "as_the_rule_row_asks",
        }
        for i in range(n)
    ]
    load(Order, rows, actor="t", source_key="t", known_from=at)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def paths(office: dict[str, Any]) -> list[str]:
    return [
        "/response/",
        "/response/propose/",
        "/response/enter/",
        f"/response/{office['level']}/",
        f"/response/{office['waiting']}/",
        "/plans/",
        "/plans/new/",
        "/plans/new/?example=first_case",
        f"/plans/new/?replaces={office['plan']}",
        f"/plans/{office['plan']}/",
        f"/plans/runs/{office['run']}/",
    ]


class TestReading:
    @pytest.mark.parametrize("lang", ["zh-hans", "en"])
    def test_no_page_shows_a_raw_code_or_a_person(self, office, lang):
        client = browser("duty_officer", CITY)
        client.cookies["django_language"] = lang
        for path in paths(office):
            page = text(client, path)
            assert "secret-person" not in page
            # The stable names of rule rows are shown as such.
            rows_left_out = re.sub(r'<small class="rule mono">.*?</small>', "", page)
            visible = re.sub(r"<[^>]+>|&[a-z]+;", " ", rows_left_out)
            raw = re.findall(r"\b(?:plan|response|level|role)\.[a-z_]+\b|‹[^›]*›", visible)
            assert raw == [], path

    def test_pages_take_few_queries_whatever_the_rows(self, office):
        client = browser("duty_officer", CITY)

        def cost(path: str) -> int:
            text(client, path)
            with CaptureQueriesContext(connection) as queries:
                text(client, path)
            return len(queries)

        few = {path: cost(path) for path in paths(office)}
        assert {path: n for path, n in few.items() if n > 20} == {}

    def test_who_may_not_read_plans_does_not(self, office):
        client = browser("grid_worker", CITY)
        assert [client.get(path).status_code for path in paths(office)] == [403] * len(paths(office))

    def test_another_city_finds_nothing(self, office):
        client = browser("duty_officer", "9902")
        for path in (
            f"/response/{office['level']}/",
            f"/plans/{office['plan']}/",
            f"/plans/runs/{office['run']}/",
        ):
            assert client.get(path).status_code == 404

    @pytest.mark.parametrize("ending", ["pdf", "docx"])
    def test_the_plan_is_a_paper(self, office, ending):
        client = browser("duty_officer", CITY)
        answer = client.get(f"/plans/{office['plan']}/plan.{ending}")
        assert answer.status_code == 200
        assert answer.content[:4] == {"pdf": b"%PDF", "docx": b"PK\x03\x04"}[ending]

    def test_the_paper_has_every_step_in_both_languages(self, office):
        plan = Plan.objects.open().get(key=office["plan"])
        for lang in ("zh-hans", "en"):
            view = plan_view(plan, PlanNames(area="X"), lang)
            assert len(view["sections"][-1]["rows"]) == len(plan.checklist)
            assert plan_docx(plan, PlanNames(area="X"), lang)


class TestDeeds:
    def test_a_level_is_proposed_by_one_and_signed_by_another(self, office):
        today = installation().today()
        form = {
            "area_code": f"{CITY}01",
            "hazard": "epidemic",
            "disease": "covid-19",
            "level": "4",
            "matters": "区内聚集",
            "measures": "每日会商\n值守",
            "starts_on": today.isoformat(),
            "review_on": (today + timedelta(days=5)).isoformat(),
            "expected_until": (today + timedelta(days=9)).isoformat(),
        }
        duty, chair = browser("duty_officer", CITY), browser("co_chair", CITY)
        refused = duty.post("/response/propose/", form | {"matters": ""})
        assert refused.status_code == 400
        made = duty.post("/response/propose/", form)
        assert made.status_code == 302
        key = made["Location"].rstrip("/").rpartition("/")[2]
        assert duty.post(f"/response/{key}/do/", {"deed": "declare"}).status_code == 403
        assert chair.post(f"/response/{key}/do/", {"deed": "declare"}).status_code == 302
        assert ResponseLevel.objects.open().get(key=key).state == "in_force"

    def test_the_page_says_which_rank_may_sign(self, office):
        chair = browser("co_chair", CITY)
        chair.cookies["django_language"] = "zh-hans"
        answer = chair.post(f"/response/{office['waiting']}/do/", {"deed": "declare"})
        assert answer.status_code == 403
        assert "省" in re.search(r'role="alert">.*?</p>', answer.content.decode(), re.S)[0]

    def test_an_offer_is_arranged_from_the_page(self, office):
        duty = browser("duty_officer", CITY)
        form = {"deed": "take", "code": "stock_count", "title": "清点", "owner_role": "supply_group"}
        assert duty.post(f"/response/{office['level']}/do/", form).status_code == 302
        assert duty.post(f"/response/{office['level']}/do/", form).status_code == 409

    def test_a_plan_is_written_in_rows_and_empty_ones_are_left_out(self, office):
        duty = browser("duty_officer", CITY)
        form = {
            "area_code": CITY,
            "kind": "自定",
            "title": "停电",
            "hazard": "",
            "step_title": ["查线路", "", "报告"],
            "step_owner_role": ["supply_group"] * 3,
            "step_post": [""] * 3,
            "step_within_hours": ["0.5", "", "2"],
            "step_evidence_kind": [""] * 3,
            "step_after": ["", "", "1"],
        }
        longer = duty.post("/plans/new/", form | {"more": "1"}).content.decode()
        assert longer.count('name="step_title"') == 3 + 6
        assert "停电" in longer
        assert not Plan.objects.open().filter(title="停电").exists()
        made = duty.post("/plans/new/", form)
        assert made.status_code == 302
        plan = Plan.objects.open().get(title="停电")
        assert [(item["n"], item["after"]) for item in plan.checklist] == [(1, []), (2, [1])]
        assert duty.post("/plans/new/", form | {"step_after": ["", "", "9"]}).status_code == 400

    def test_the_same_form_twice_is_one_run(self, office):
        duty = browser("duty_officer", CITY)
        page = text(duty, f"/plans/{office['plan']}/")
        token = re.search(r'name="submit" value="([^"]+)"', page)[1]
        form = {"deed": "drill", "reason": "季度演练", "submit": token}
        first = duty.post(f"/plans/{office['plan']}/do/", form)
        second = duty.post(f"/plans/{office['plan']}/do/", form)
        assert first["Location"] == second["Location"]
        run = PlanRun.objects.open().get(drill=True)
        assert Task.objects.open().filter(carries_out_key=run.key).count() == 6
        assert "演练" in text(duty, first["Location"])

    def test_whoever_has_the_right_suspends_and_whoever_has_not_reads_only(self, office):
        duty, health = browser("duty_officer", CITY), browser("health_authority", CITY)
        path = f"/plans/runs/{office['run']}/"
        assert 'id="suspend"' not in text(duty, path)
        assert 'id="suspend"' in text(health, path)
        form = {"deed": "suspend", "reason": "洪水撤离"}
        assert duty.post(f"{path}do/", form).status_code == 403
        assert health.post(f"{path}do/", form).status_code == 302
        assert set(Order.objects.open().values_list("state", flat=True)) == {"suspended"}

    def test_a_site_in_danger_is_refused_where_it_was_typed(self, office):
        duty = browser("duty_officer", CITY)
        path = f"/plans/runs/{office['run']}/do/"
        inside = {"deed": "site", "name": "学校", "area_code": STREET, "rooms": "90"}
        answer = duty.post(path, inside)
        assert answer.status_code == 400
        assert 'value="学校"' in answer.content.decode()
        assert duty.post(path, inside | {"area_code": SAFE}).status_code == 302
        assert duty.post(path, {"deed": "end", "reason": "水退"}).status_code == 302
        assert PlanRun.objects.open().get(key=office["run"]).state == "ended"
