"""Tasks are worked from the pages: given, taken, closed with proof on a phone, checked, handed over by the dozen."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from fangkong.command.models import Directive, DirectiveRecipient, DutyShift
from fangkong.command.tasks.evidence import FORMS, evidence_kinds
from fangkong.command.tasks.giving import PARTIES, NewTask, key_of, tasks_create
from fangkong.faces.web.board.tests.made_city import CITY, FAR, NEAR, NOW, browser, made_city, put
from fangkong.faces.web.board.tests.test_board import text_of
from fangkong.faces.web.command.task_rows import CARRIED
from fangkong.faces.words.catalogue import has_word
from fangkong.record.access import system_actor
from fangkong.record.installation import installation
from fangkong.record.models import Document, Task, Timer, User

pytestmark = pytest.mark.django_db
STREET = f"{NEAR}001"


@pytest.fixture(autouse=True)
def _city() -> None:
    made_city(2)


def now() -> datetime:
    return installation().now()


def new(title: str = "清点防护物资", **more) -> NewTask:
    given = {
        "owner_role": "grid_worker",
        "area_code": STREET,
        "due_at": NOW + timedelta(hours=10),
        **more,
    }
    return NewTask(title=title, **given)


def give(*rows: NewTask) -> list[str]:
    at = now() - timedelta(minutes=1)
    return tasks_create(rows or [new()], actor=system_actor("reaction"), at=at)


def worker(language: str = "zh-hans") -> Client:
    return browser("grid_worker", STREET, language)


def person(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def open_task(key: str) -> Task:
    return Task.objects.open().get(key=key)


def take(client: Client, key: str, step: str, **more):
    return client.post(f"/tasks/{key}/step/", {"step": step, **more})


def test_a_grid_worker_takes_and_closes_a_task_with_proof_from_the_page_of_the_day():
    (key,) = give(new(evidence_kind="number", post="一号门"))
    phone = worker()
    page = text_of(phone.get("/my-day/"))
    assert "今天还有 1 件" in page
    assert "清点防护物资" in page
    assert "一号门" in page
    assert take(phone, key, "acknowledge", back="my_day").url == "/my-day/?done=acknowledge"
    assert 'name="proof"' in phone.get("/my-day/").content.decode()
    assert take(phone, key, "done", back="my_day", proof="128").url == "/my-day/?done=done"
    page = text_of(phone.get("/my-day/"))
    assert "没有要办的任务" in page
    assert "今天已办 1 件" in page
    assert (open_task(key).state, open_task(key).evidence[0]["text"]) == ("to_verify", "128")


def test_without_proof_the_page_says_what_is_missing_and_nothing_is_closed():
    (key,) = give(new(evidence_kind="number"))
    answer = take(worker(), key, "done", proof="很多")
    assert answer.status_code == 400
    assert "“很多”不是数字" in text_of(answer)
    assert 'value="很多"' in answer.content.decode()
    assert open_task(key).state == "awaiting"


def test_the_second_of_two_people_is_told_who_closed_it_and_when():
    (key,) = give()
    one, two = browser("duty_officer", language="en"), browser("general_group", language="en")
    User.objects.filter(pk=person(one).pk).update(display_name="Chen Qing")
    seen = open_task(key).known_from.isoformat()
    take(one, key, "done", seen=seen)
    answer = take(two, key, "done", seen=seen)
    assert answer.status_code == 409
    assert "Chen Qing changed it at" in text_of(answer)
    assert "done" in text_of(answer)


def test_the_page_shows_proof_history_dependencies_parties_and_what_it_carries_out():
    first = new("先封样")
    second = new(
        "再送检",
        depends_on=[key_of(first)],
        evidence_kind="list",
        four_parties={"locality": "柳堤街道", "unit": "中心实验室"},
        carries_out_kind="directive",
        carries_out_key="directive-1",
    )
    before, key = give(first, second)
    put(Directive, directive())
    office, phone = browser("duty_officer"), worker()
    page = text_of(office.get(f"/tasks/{key}/"))
    for words in (
        "先封样",
        "前置任务还有 1 件未办结",
        "属地责任",
        "柳堤街道",
        "单位责任",
        "落实",
        "物资保障",
        "清单",
    ):
        assert words in page
    assert take(phone, key, "done", proof="一\n二").status_code == 409
    take(phone, before, "done")
    take(phone, key, "done", proof="一\n二", note="已送")
    page = text_of(office.get(f"/tasks/{key}/"))
    for words in ("已交的凭据", "一 二", "已送", "待核实", "待签收"):
        assert words in page
    take(office, key, "verify")
    assert open_task(key).state == "done"


def directive() -> dict:
    return {
        "key": "directive-1",
        "directive_no": "ZL-1",
        "title": "物资保障",
        "area_code": CITY,
        "issuer_role": "general_group",
        "purpose": "保障",
        "due_at": NOW + timedelta(days=1),
        "sunset_on": (NOW + timedelta(days=9)).date(),
        "state": "issued",
        "drafted_by": "user-1",
        "drafted_at": NOW,
        "issued_by": "user-2",
        "issued_at": NOW,
    }


def test_the_day_shows_the_directive_that_waits_and_the_own_shift():
    street = browser("street_officer", STREET)
    put(Directive, directive())
    put(
        DirectiveRecipient,
        {
            "key": "recipient-1",
            "directive_key": "directive-1",
            "area_code": STREET,
            "role": "street_officer",
            "state": "awaiting",
            "acknowledge_by": NOW + timedelta(hours=2),
        },
    )
    put(
        DutyShift,
        {
            "key": "shift-1",
            "area_code": STREET,
            "starts_at": NOW,
            "ends_at": NOW + timedelta(hours=24),
            "chief_key": person(street).key,
            "state": "planned",
            "entered_by": "user-1",
        },
    )
    page = text_of(street.get("/my-day/"))
    assert "物资保障" in page
    assert "今天值班：带班" in page
    assert "物资保障" not in text_of(browser("street_officer", f"{FAR}001").get("/my-day/"))


def test_the_call_for_a_doctor_is_always_in_reach_and_needs_no_test():
    phone = worker()
    assert "先救人，不看核酸" in text_of(phone.get("/my-day/"))
    assert phone.post("/my-day/emergency/", {"where": " "}).status_code == 400
    assert phone.post("/my-day/emergency/", {"where": "3 幢 501"}).url == "/my-day/?done=emergency"
    call = Task.objects.open().get(kind="arrange_care")
    assert (call.owner_role, call.area_code) == ("duty_officer", STREET)
    assert "安排急救就医 · 3 幢 501" in text_of(browser("duty_officer").get("/tasks/"))


class TestHandingOver:
    def test_fourteen_chosen_tasks_are_assigned_after_their_number_is_shown(self):
        keys = give(*[new(f"走访第 {n} 幢") for n in range(16)])
        office, phone = browser("duty_officer"), worker()
        page = office.get("/tasks/assign/", {"key": keys[:14]})
        assert "指派 14 件任务" in text_of(page)
        form = {"key": keys[:14], "n": "14", "person": person(phone).username}
        assert office.post("/tasks/assign/", form).status_code == 302
        assert Task.objects.open().filter(owner_key=person(phone).key).count() == 14

    def test_all_that_fit_a_filter_go_together_and_a_changed_number_is_said(self):
        give(*[new(f"走访第 {n} 幢") for n in range(40)], new("别处", area_code=f"{FAR}001"))
        office = browser("duty_officer")
        assert "指派本列表全部 40 件" in text_of(office.get("/tasks/", {"area": STREET}))
        assert "指派 40 件任务" in text_of(office.get("/tasks/assign/", {"all": "yes", "area": STREET}))
        form = {"all": "yes", "area": STREET, "owner_role": "street_officer"}
        answer = office.post("/tasks/assign/", {**form, "n": "39"})
        assert answer.status_code == 409
        assert "现在是 40 件" in text_of(answer)
        assert office.post("/tasks/assign/", {**form, "n": "40"}).status_code == 302
        assert Task.objects.open().filter(owner_role="street_officer").count() == 40

    def test_a_wrong_name_is_said_in_place(self):
        keys = give()
        answer = browser("duty_officer").post("/tasks/assign/", {"key": keys, "n": "1", "person": "nobody"})
        assert answer.status_code == 400
        assert "没有登录名是 nobody 的人" in text_of(answer)
        answer = browser("general_group").post("/tasks/assign/", {"key": keys, "n": "1"})
        assert "每件任务都要有人负责" in text_of(answer)

    def test_everything_of_somebody_on_leave_goes_to_another(self):
        away, here = worker(), browser("grid_worker", STREET, "en")
        give(*[new(f"{n}", owner_key=person(away).key) for n in range(3)])
        office = browser("duty_officer")
        assert "· 3" in text_of(office.get("/tasks/reassign/"))
        form = {"from": person(away).key, "person": person(here).username, "reason": "病假", "area": ""}
        assert office.post("/tasks/reassign/", form).status_code == 302
        assert Task.objects.open().filter(owner_key=person(here).key).count() == 3

    def test_one_task_is_split_among_several(self):
        one, two = worker(), browser("grid_worker", STREET, "en")
        (key,) = give()
        names = f"{person(one).username}，{person(two).username}"
        assert browser("duty_officer").post(f"/tasks/{key}/split/", {"people": names}).status_code == 302
        assert len(open_task(key).depends_on) == 2

    def test_who_gives_no_tasks_is_told_who_does(self):
        phone = worker()
        for path in ("/tasks/assign/", "/tasks/reassign/", "/tasks/new/"):
            answer = phone.get(path)
            assert answer.status_code == 403
            assert "办公室值班长" in text_of(answer)


def test_tasks_are_given_one_for_each_line_in_each_area_and_twice_is_once():
    office = browser("duty_officer")
    form = {
        "titles": "查消毒记录\n查值守\n",
        "area": [NEAR, FAR],
        "owner_role": "street_officer",
        "due_at": "2022-04-18T18:00",
        "evidence_kind": "list",
        "party_unit": "学校",
    }
    for _ in range(2):
        assert office.post("/tasks/new/", form).status_code == 302
    given = Task.objects.open().filter(kind="directed")
    assert sorted(given.values_list("title", "area_code")) == [
        ("查值守", NEAR),
        ("查值守", FAR),
        ("查消毒记录", NEAR),
        ("查消毒记录", FAR),
    ]
    assert given.first().four_parties == {"unit": "学校"}
    answer = office.post("/tasks/new/", form | {"due_at": "tomorrow"})
    assert answer.status_code == 400
    assert "查消毒记录" in answer.content.decode()


def test_the_board_counts_by_state_and_area_and_leads_to_the_lists():
    phone = worker()
    give(*[new(f"走访第 {n} 幢", owner_key=person(phone).key, post="楼长") for n in range(5)])
    give(new("别处", area_code=f"{FAR}001", due_at=now() + timedelta(seconds=1)))
    office = browser("duty_officer", language="en")
    page = office.get("/tasks/board/")
    assert "7 open, 1 overdue" in text_of(page)
    assert f"?area={NEAR}" in page.content.decode()
    assert "?post=" in page.content.decode()
    assert "走访第" in text_of(office.get("/tasks/", {"person": person(phone).key}))
    assert "别处" not in text_of(office.get("/tasks/", {"post": "楼长"}))
    assert "清点" not in text_of(office.get("/tasks/", {"state": "returned"}))


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("grid_worker", "/my-day/"),
        ("grid_worker", "/tasks/"),
        ("duty_officer", "/my-day/"),
        ("duty_officer", "/tasks/"),
        ("duty_officer", "/tasks/board/"),
        ("duty_officer", "/tasks/assign/?all=yes"),
        ("duty_officer", "/tasks/reassign/"),
        ("duty_officer", "/tasks/new/"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_page_asks_more_than_twenty_questions_whatever_the_rows(
    role, path, language, django_assert_max_num_queries
):
    client = browser(role, STREET if role == "grid_worker" else CITY, language)
    first = new("先做")
    rest = [new(f"走访第 {n} 幢", depends_on=[key_of(first)], evidence_kind="text") for n in range(60)]
    give(first, *rest)
    with django_assert_max_num_queries(20):
        assert client.get(path).status_code == 200


def test_one_task_s_page_asks_no_more_than_twenty_questions(django_assert_max_num_queries):
    rows = [new(f"第 {n} 步") for n in range(30)]
    last = new(
        "最后",
        depends_on=[key_of(row) for row in rows],
        evidence_kind="text",
        carries_out_kind="directive",
        carries_out_key="directive-1",
    )
    key = give(*rows, last)[-1]
    put(Directive, directive())
    client = browser("duty_officer")
    with django_assert_max_num_queries(20):
        assert client.get(f"/tasks/{key}/").status_code == 200


def test_every_code_that_a_given_task_carries_has_its_words():
    codes = {f"task.evidence.{kind}" for kind in evidence_kinds()} | {f"task.form.{form}" for form in FORMS}
    codes |= {f"task.party.{party}" for party in PARTIES} | {f"task.carries.{kind}" for kind in CARRIED}
    assert sorted(code for code in codes if not has_word(code)) == []


def minutes_on_record() -> None:
    put(
        Document,
        {
            "key": "document-1",
            "kind": "minutes",
            "title": "领导小组第九次会议纪要",
            "area_code": CITY,
            "as_of": NOW.date(),
            "content": {},
        },
        {"key": "document-2", "kind": "open_figures", "title": "x", "area_code": CITY, "content": {}},
    )


def test_a_document_on_record_is_chosen_as_proof_and_opened_from_the_task():
    minutes_on_record()
    key, other = give(
        *(
            new(f"印发纪要{n}", owner_role="duty_officer", area_code=CITY, evidence_kind="roster")
            for n in "一二"
        )
    )
    office = browser("duty_officer")
    for each in (key, other):
        take(office, each, "acknowledge")
    for page in (f"/tasks/{key}/", "/my-day/"):
        form = office.get(page).content.decode()
        assert '<option value="document-1"' in form
        assert "document-2" not in form, "open figures prove nothing"
    assert take(office, key, "done", proof_document="document-9").status_code == 400
    assert open_task(key).state == "in_progress"
    assert take(office, key, "done", proof_document="document-1").status_code == 302
    assert open_task(key).evidence[0]["document_key"] == "document-1"
    assert "/minutes/document-1/" in office.get(f"/tasks/{key}/").content.decode()
    assert take(office, other, "done", proof="临防办〔2022〕18号").status_code == 302
    assert open_task(other).evidence[0]["text"] == "临防办〔2022〕18号"


def test_a_worker_who_may_open_no_document_names_it_and_does_not_see_its_title():
    minutes_on_record()
    (key,) = give(new("印发纪要", evidence_kind="roster"))
    phone, office = worker(), browser("duty_officer")
    take(phone, key, "acknowledge")
    assert "proof_document" not in phone.get(f"/tasks/{key}/").content.decode()
    assert take(office, key, "done", proof_document="document-1").status_code == 302
    page = text_of(phone.get(f"/tasks/{key}/"))
    assert "领导小组第九次会议纪要" not in page
    assert "您的岗位不能查看" in page


def test_the_task_that_follows_up_a_limit_shows_what_was_missed_and_leads_there():
    put(Directive, directive())
    receipt = {"directive_key": "directive-1", "role": "district_officer", "state": "awaiting"}
    late = NOW - timedelta(hours=2)
    put(
        DirectiveRecipient,
        {"key": "recipient-1", "area_code": NEAR, "acknowledge_by": late, **receipt},
        {"key": "recipient-2", "area_code": FAR, "acknowledge_by": late, **receipt},
    )
    limit = {
        "clock": "directive_acknowledge",
        "disease": "covid-19",
        "subject_kind": "recipient",
        "started_at": late - timedelta(hours=2),
        "due_at": late,
        "rule_row": "office:directive_acknowledge",
        "state": "missed",
        "escalated_to": "general_group",
    }
    put(
        Timer,
        {"key": "timer-1", "subject_key": "recipient-1", "area_code": NEAR, **limit},
        {"key": "timer-2", "subject_key": "recipient-2", "area_code": FAR, **limit},
    )
    put(
        Task,
        {
            "key": "task-follow",
            "kind": "follow_up_limit",
            "title": "",
            "params": {"clock": "directive_acknowledge", "disease": "covid-19"},
            "area_code": NEAR,
            "owner_role": "general_group",
            "due_at": NOW + timedelta(hours=3),
            "state": "awaiting",
            "rule_row": "office:directive_acknowledge",
        },
    )
    office = browser("general_group")
    page = office.get("/tasks/task-follow/")
    assert [row["href"] for row in page.context["limits"]["rows"]] == ["/directives/directive-1/"]
    assert "office:" not in text_of(page)
    assert "本办公室自定的时限" in text_of(page)
    Timer.objects.filter(key="timer-1").update(met_at=NOW)
    assert "可以办结这件任务" in text_of(office.get("/tasks/task-follow/"))


def test_what_somebody_holds_who_can_no_longer_sign_in_stands_first_on_the_board():
    gone, here = worker(), browser("street_officer", STREET)
    give(new("一", owner_key=person(gone).key))
    give(*(new(f"二{n}", owner_role="street_officer", owner_key=person(here).key) for n in range(3)))
    User.objects.filter(pk=person(gone).pk).update(is_active=False)
    page = browser("duty_officer").get("/tasks/board/")
    assert [(each["n"], each["gone"]) for each in page.context["holders"]] == [(1, True), (3, False)]
    assert "账号已停用" in text_of(page)


def test_a_part_of_a_task_without_words_of_its_own_is_called_by_the_kind_of_the_whole():
    give(new("decide_order"))
    page = text_of(browser("duty_officer").get("/tasks/"))
    assert "审批管控令" in page
    assert "decide_order" not in page
