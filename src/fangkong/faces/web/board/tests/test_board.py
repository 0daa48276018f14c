"""The board: who sees which figures, in which words, at what cost."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fangkong.command.models import Gap
from fangkong.faces.web.board.districts import breaks_for
from fangkong.faces.web.board.rhythm import rhythm
from fangkong.record.access.actor import roles
from fangkong.record.installation import installation_set
from fangkong.record.load import revise
from fangkong.record.models import Case, DailyCount, Timer

from .made_city import CITY, DISEASE, FAR, LAST, NAMES, NEAR, NOW, browser, made_city, put

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def text_of(answer) -> str:
    """The words of a page, without its scripts and markup."""
    body = re.sub(r"(?s)<script.*?</script>|<style.*?</style>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"(?s)<[^>]+>", " ", body))


def values(answer) -> dict[str, str]:
    """Label -> value of each tile that has one."""
    return {
        tile["label"]: tile["value"]
        for group in answer.context["groups"]
        for tile in group["tiles"]
        if "value" in tile
    }


def test_an_empty_record_invites_to_receive_files():
    answer = browser("duty_officer").get("/")
    assert answer.status_code == 200
    assert "还没有数字" in text_of(answer)


def test_the_board_speaks_of_the_last_closed_day_with_every_part_of_a_figure():
    made_city(10)
    answer = browser("duty_officer").get("/")
    assert answer.status_code == 200
    found = values(answer)
    assert found["新增感染"] == "1"  # case 0 of the fourteen-day round is reported on the 17th
    assert found["未找到上游"] == "7"  # ten cases, three of them with a known source
    assert found["逾期任务"] == "1"
    assert found["待批管控令"] == "1"
    for group in answer.context["groups"]:
        for tile in group["tiles"]:
            assert tile.get("refusal") or all(
                tile[part] for part in ("value", "interval", "source", "as_of")
            ), tile


def test_what_the_record_does_not_carry_is_refused_and_never_zero():
    made_city(10)
    answer = browser("duty_officer").get("/")
    lines = [line for group in answer.context["groups"] for line in group["unreported"]]
    named = "".join(names for names, why in lines if why == "未报送，还没有业务组承接")
    for label in ("污水病毒量", "重症床使用", "80 岁以上接种", "协查函回复", "每避免一例的成本"):
        assert label in named
        assert label not in values(answer)
    entered = "".join(names for names, why in lines if why == "尚无登记")
    for label in ("指令待签收", "短板未补", "在班电话已抽查", "群众投诉"):
        assert label in entered
    tiles = {tile["label"]: tile for group in answer.context["groups"] for tile in group["tiles"]}
    assert "病例太少" in tiles["有效再生数 Rt"]["refusal"]
    assert all(len(group["tiles"]) <= 6 for group in answer.context["groups"])


def test_the_morning_screen_has_the_groups_of_the_office_in_order():
    made_city(10)
    answer = browser("duty_officer").get("/")
    keys = [group["key"] for group in answer.context["groups"]]
    assert keys == ["spread", "timeliness", "care", "command", "people", "precision"]


def test_limits_gaps_and_receipts_show_on_the_morning_screen():
    made_city(10)
    timer = {
        "disease": DISEASE,
        "area_code": NEAR,
        "subject_kind": "case",
        "started_at": NOW - timedelta(hours=5),
        "due_at": NOW - timedelta(hours=3),
        "rule_row": "made",
        "clock": "report.case_hours",
    }
    put(
        Timer,
        *[
            {**timer, "key": f"TM{n}", "subject_key": f"C{n}", "state": state}
            for n, state in enumerate(("met", "met", "missed", "running", "cancelled"))
        ],
    )
    gap = {"came_of_kind": "review", "came_of_key": "R", "area_code": NEAR, "owner_role": "general_group"}
    gap |= {"title": "夜间转运车不够", "raised_by": "user-x"}
    put(
        Gap,
        {**gap, "key": "G0", "state": "open", "due_at": NOW - timedelta(days=1)},
        {**gap, "key": "G1", "state": "open", "due_at": NOW + timedelta(days=1)},
        {
            **gap,
            "key": "G2",
            "state": "closed",
            "due_at": NOW - timedelta(days=1),
            "proof": "两辆车已到位",
            "closed_by": "user-y",
        },
    )
    groups = browser("duty_officer").get("/").context["groups"]
    tiles = {tile["label"]: tile for group in groups for tile in group["tiles"]}
    # Two of four kept: the one that still runs is past its time, the cancelled one counts nowhere.
    assert (tiles["按时网报"]["value"], tiles["按时网报"]["interval"]) == ("50", "2 / 4")
    assert (tiles["短板未补"]["value"], tiles["短板未补"]["interval"]) == ("2", "其中逾期 1 件")
    assert tiles["短板未补"]["state"] == "watch"


def test_a_district_sees_its_own_figures_and_no_other():
    made_city(11)
    answer = browser("district_officer", NEAR).get("/")
    body = answer.content.decode()
    assert answer.context["area"] == NAMES[NEAR][0]
    assert NAMES[FAR][0] not in body
    assert FAR not in body
    assert values(answer)["未找到上游"] == "4"  # six of the eleven cases are here, two of them linked


def test_a_street_officer_reads_the_board_without_cases():
    made_city(10)
    answer = browser("street_officer", NEAR).get("/")
    assert answer.status_code == 200
    tiles = {tile["label"]: tile for group in answer.context["groups"] for tile in group["tiles"]}
    assert tiles["未找到上游"]["refusal"] == "你的岗位不看这一项。"
    assert "value" in tiles["新增感染"]


def test_only_roles_with_the_permission_see_the_board():
    for role, entry in roles().items():
        expected = 200 if "board.read" in entry["may"] else 403
        assert browser(role).get("/").status_code == expected, role


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(client):
    answer = client.get("/assess/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in/?next=/assess/"


def test_the_english_board_has_no_chinese_but_the_switch():
    made_city(10)
    text = text_of(browser("duty_officer", language="en").get("/")).replace("中文", "")
    assert not CHINESE.search(text), CHINESE.findall(text)


@pytest.mark.parametrize(("role", "area"), [("duty_officer", CITY), ("district_officer", NEAR)])
def test_the_number_of_queries_does_not_grow_with_the_cases(role, area):
    made_city(10)
    client = browser(role, area)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    more = Case.objects.get(key="C1")
    put(
        Case,
        *[
            {
                "key": f"M{n}",
                "case_no": f"M-{n}",
                "person_key": f"M{n}",
                "disease": more.disease,
                "area_code": more.area_code,
                "classification": "confirmed",
                "reported_on": more.reported_on,
                "channel": "screening",
            }
            for n in range(490)
        ],
    )
    with CaptureQueriesContext(connection) as many:
        client.get("/")
    assert len(many) == len(few)
    # Counted cases cost most; a city with published figures needs some five fewer.
    assert len(few) <= 40
    settings = [query for query in few.captured_queries if "record_setting" in query["sql"]]
    assert len(settings) == 1


def test_settings_changed_between_two_requests_reach_the_second():
    made_city(10)
    client = browser("duty_officer")
    assert client.get("/").context["area"] == NAMES[CITY][0]
    installation_set(actor="test", area_code=FAR)
    assert client.get("/").context["area"] == NAMES[FAR][0]


def test_a_correction_since_yesterday_is_said_with_its_days():
    made_city(10)
    client = browser("duty_officer")
    before = text_of(client.get("/"))
    assert "过去数日有修订" not in before
    revise(Case.objects.get(key="C3"), at=NOW, actor="test", verb="case.correct", classification="excluded")
    after = text_of(client.get("/"))
    assert "过去数日有修订" in after
    assert "04-14，合计 −1" in after


def test_the_as_of_line_names_the_district_that_has_not_reported():
    made_city(2)
    rows = [
        {
            "key": f"figure-{code}-{n}",
            "disease": DISEASE,
            "area_code": code,
            "day": LAST - timedelta(days=n),
            "measure": "confirmed",
            "value": 3 if code == CITY else n % 2,
        }
        for code in (CITY, NEAR, FAR)
        for n in range(10)
        if not (code == FAR and n == 0)
    ]
    put(DailyCount, *rows)
    line = browser("duty_officer").get("/").context["as_of"]
    assert (line["feeds_in"], line["feeds_due"], line["missing"]) == (1, 2, ["望潮区"])


def test_looking_back_shows_that_day_and_offers_no_deed():
    made_city(10)
    client = browser("duty_officer")
    client.post("/look-back/", {"day": "2022-04-10", "next": "/"})
    answer = client.get("/")
    assert answer.context["through"].isoformat() == "2022-04-10"
    assert answer.context["may_run"] is False
    assert client.post("/cycle/").status_code == 409


def test_the_map_classes_reach_up_to_the_highest_value():
    assert breaks_for([]) == [0.5, 1, 2, 5]
    assert breaks_for([0.0, 56.8]) == [5, 10, 20, 50]
    assert breaks_for([9000.0]) == [200, 500, 1000, 2000]


def test_the_rhythm_knows_what_is_done_and_what_is_now():
    steps = rhythm(NOW, ZoneInfo("Asia/Shanghai"), {"report": "x"}, over=False)
    states = {step["at"]: step["state"] for step in steps}
    assert states["06:00"] == "done"
    assert states["07:00"] == "now"  # it is 08:00 in the city
    assert states["08:30"] == ""
    assert all(step["state"] == "done" for step in rhythm(NOW, ZoneInfo("UTC"), {}, over=True))


def test_search_leads_to_the_case_the_order_or_the_place():
    made_city(10)
    client = browser("duty_officer")
    assert client.get("/find/?q=LJ-0001").headers["Location"] == "/cases/C1/"
    assert client.get("/find/?q=GL-0417-000").headers["Location"] == "/orders/O0/"
    assert client.get("/find/?q=liudi").headers["Location"] == f"/assess/{NEAR}/"
    assert client.get(f"/find/?q={CITY}").headers["Location"] == f"/assess/{CITY}/"


def test_search_finds_nothing_beyond_the_scope_and_no_names():
    made_city(10)
    client = browser("district_officer", NEAR)
    for asked in ("LJ-0001", NAMES[FAR][0], FAR, "测试甲"):
        answer = client.get("/find/", {"q": asked})
        assert answer.status_code == 200
        assert answer.context["found"] == []
