"""The pages of duty: what is wrong stands beside its shift, the night has a reason, two people sign, both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fangkong.command.duty.actions import NewShift, Team, roster_fill, shift_enter, swap_agree, swap_ask
from fangkong.command.duty.watch import duty_watch
from fangkong.command.models import DirectiveRecipient, DutyShift, Handover, ShiftSwap
from fangkong.faces.web.board.tests.made_city import CITY, NEAR, made_city, put
from fangkong.faces.web.board.tests.test_board import CHINESE, text_of
from fangkong.record.access import Actor, actor_of, system_actor
from fangkong.record.actions import user_create
from fangkong.record.installation import installation, installation_set
from fangkong.record.models import Order, Signal, Task, Timer, User

pytestmark = pytest.mark.django_db

#: Monday 18 April 2022, 22:30 in the office.
NIGHT = datetime(2022, 4, 18, 14, 30, tzinfo=UTC)
ROLES = ("duty_officer", "health_authority", "investigation_group", "community_group", "supply_group")


def at_office(now: datetime) -> None:
    """The office's clock stands on ``now``."""
    installation_set(actor="test", clock_offset=int((now - datetime.now(UTC)).total_seconds()))


def somebody(role: str, name: str = "", area: str = CITY) -> Actor:
    username = name or role
    held = User.objects.filter(username=username).first()
    given = {"role": role, "area_code": area, "display_name": f"P {username[:4]}", "actor": "test"}
    return actor_of(held or user_create(username, "x" * 12, **given))


def client(role: str, language: str = "zh-hans", name: str = "", area: str = CITY) -> Client:
    somebody(role, name, area)
    made = Client()
    made.force_login(User.objects.get(username=name or role))
    made.cookies["django_language"] = language
    return made


@pytest.fixture
def day(tmp_path, settings) -> list[str]:
    """A week of 24-hour shifts from Monday 08:00; it is 22:30 of Monday and the worker has been there."""
    settings.HOME = tmp_path
    made_city(4)
    at_office(NIGHT)
    people = [somebody(role).key for role in ROLES]
    keys = roster_fill(
        area_code=CITY,
        first_on=NIGHT.date(),
        days=7,
        changes=[time(8)],
        teams=[Team(people[n], people[(n + 2) % 5]) for n in range(5)],
        actor=somebody("general_group"),
        at=NIGHT - timedelta(days=7),
    )
    Task.objects.all().delete()
    duty_watch(NIGHT, system_actor("worker"))
    return keys


def open_task(key: str = "t1", **more) -> None:
    row = {
        "key": key,
        "kind": "directed",
        "title": "逐户复核名册",
        "area_code": NEAR,
        "owner_role": "community_group",
        "due_at": NIGHT - timedelta(hours=1),
        "state": "overdue",
        "created_by": "test",
    }
    put(Task, row | more)


def receipt() -> dict[str, object]:
    """A directive's recipient that has not acknowledged it in time."""
    return {
        "key": "recipient-1",
        "directive_key": "directive-1",
        "area_code": NEAR,
        "role": "district_officer",
        "state": "awaiting",
        "acknowledge_by": NIGHT - timedelta(hours=3),
    }


@pytest.mark.parametrize("page", ["/duty/", "/duty/mine/", "/duty/swaps/", "/duty/enter/", "/close-out/"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_page_speaks_its_reader_s_language_within_its_queries(day, page, language):
    open_task()
    reader = client("duty_officer", language)
    with CaptureQueriesContext(connection) as queries:
        answer = reader.get(page)
    assert answer.status_code == 200
    assert len(queries) <= 20
    if language == "en":
        body = re.sub(r'(?s)<span lang="zh-CN">.*?</span>', "", answer.content.decode())
        assert not CHINESE.search(re.sub(r"(?s)<header class=\"bar\">.*?</header>|<[^>]+>", "", body))


class TestTheRoster:
    def test_shows_the_week_and_who_is_on(self, day):
        page = text_of(client("duty_officer", "en").get("/duty/"))
        assert "On duty now" in page
        assert page.count("on duty") >= 1
        assert "Keeps every rule" in page

    def test_a_role_that_keeps_no_roster_reads_it_and_enters_nothing(self, day):
        reader = client("community_group", "en")
        assert "Enter shifts" not in text_of(reader.get("/duty/"))
        assert reader.get("/duty/enter/").status_code == 403
        assert reader.post(f"/duty/shifts/{day[2]}/cancel/").status_code == 403

    def test_what_a_change_would_break_is_shown_and_kept_only_when_ticked(self, day):
        keeper = client("general_group", "en")
        link = f"/duty/shifts/{day[3]}/cancel/"
        refused = keeper.post(link)
        assert refused.status_code == 400
        assert "Nobody is on duty from" in text_of(refused)
        token = refused.context["token"]
        assert keeper.post(link, {"knowingly": token}).status_code == 302
        assert DutyShift.objects.open().get(key=day[3]).state == "cancelled"
        assert "Nobody is on duty from" in text_of(keeper.get("/duty/"))

    def test_the_second_of_two_keepers_is_told(self, day):
        one, other = client("general_group", "en"), client("duty_officer", "en")
        seen = one.get(f"/duty/shifts/{day[2]}/").context["seen"]
        shift = DutyShift.objects.open().get(key=day[2])
        typed = {"chief": shift.chief_key, "ends_at": "2022-04-21T08:00", "seen": seen}
        assert one.post(f"/duty/shifts/{day[2]}/change/", typed | {"deputy": ""}).status_code == 302
        free = somebody("supply_group", "free").key
        late = other.post(f"/duty/shifts/{day[2]}/change/", typed | {"deputy": free})
        assert late.status_code == 409
        assert "Somebody has just changed this shift" in text_of(late)
        assert DutyShift.objects.open().get(key=day[2]).deputy_key == ""

    def test_pasted_rows_name_row_and_column(self, day):
        keeper = client("general_group", "en")
        given = {"way": "rows", "rows": "2022-05-09,duty_officer,nobody"}
        refused = keeper.post("/duty/enter/", given)
        assert refused.status_code == 400
        assert "Row 1, column 3" in text_of(refused)
        kept = keeper.post("/duty/enter/", given | {"rows": "2022-05-09,duty_officer,supply_group"})
        assert kept["Location"] == "/duty/?week=2022-05-09"

    def test_a_pattern_is_entered_from_the_form(self, day):
        keeper = client("general_group", "en")
        teams = {f"chief{n}": somebody(ROLES[n]).key for n in range(3)}
        given = {"way": "pattern", "first_on": "2022-05-09", "days": "3", "changes": "08:00 20:00"}
        answer = keeper.post("/duty/enter/", given | teams)
        assert answer.status_code == 302, text_of(answer)
        assert DutyShift.objects.count() == len(day) + 1 + 6

    @pytest.mark.parametrize(
        ("field", "typed", "told"),
        [
            ("first_on", "9 May", "First day: give a day"),
            ("days", "ten", "“ten” is none"),
            ("days", "1000", "1 to"),
            ("changes", "eight", "“eight”"),
        ],
    )
    def test_a_refusal_names_the_field_and_keeps_what_was_typed(self, day, field, typed, told):
        given = {"way": "pattern", "first_on": "2022-05-09", "days": "3", "changes": "08:00", field: typed}
        given["chief0"] = somebody(ROLES[0]).key
        refused = client("general_group", "en").post("/duty/enter/", given)
        assert refused.status_code == 400
        assert told in text_of(refused)
        assert refused.context["typed"][field] == typed

    def test_the_telephone_test_is_recorded_by_somebody_else(self, day):
        keeper = client("general_group", "en")
        shift = DutyShift.objects.open().get(key=day[0])
        link = f"/duty/shifts/{day[0]}/phone/"
        assert keeper.post(link, {"user": shift.chief_key, "answered": "yes"}).status_code == 302
        assert (
            client("duty_officer").post(link, {"user": shift.chief_key, "answered": "yes"}).status_code == 403
        )
        assert "not all answered" in text_of(keeper.get(f"/duty/shifts/{day[0]}/"))


class TestTheBoard:
    def test_warns_of_a_hole(self, day):
        keeper = client("general_group", "en")
        assert "nobody is on duty" not in text_of(keeper.get("/"))
        link = f"/duty/shifts/{day[1]}/cancel/"
        keeper.post(link, {"knowingly": keeper.post(link).context["token"]})
        assert "nobody is on duty" in text_of(keeper.get("/"))


class TestSwaps:
    def test_each_of_the_three_takes_their_own_step(self, day):
        chief, other = somebody(ROLES[1]), somebody("treatment_group")
        asked = client(ROLES[1]).post(
            f"/duty/shifts/{day[1]}/ask/", {"post": "chief", "to": other.key, "reason": "出差"}
        )
        assert asked.status_code == 302
        swap = ShiftSwap.objects.open().get()
        step = f"/duty/swaps/{swap.key}/"
        page = client("treatment_group", "en").get("/duty/mine/")
        assert "Agree" in text_of(page)
        assert client("treatment_group").post(step, {"step": "agree"}).status_code == 302
        assert client(ROLES[1]).post(step, {"step": "apply"}).status_code == 403
        keeper = client("general_group", "en")
        assert "Apply the swap" in text_of(keeper.get("/duty/swaps/"))
        assert keeper.post(step, {"step": "apply"}).status_code == 302
        assert DutyShift.objects.open().get(key=day[1]).chief_key == other.key != chief.key

    def test_one_that_breaks_a_rule_says_which(self, day):
        chief, other = somebody(ROLES[1]), somebody(ROLES[2])
        key = swap_ask(day[1], post="chief", to_key=other.key, actor=chief, at=NIGHT)
        swap_agree(key, actor=other, at=NIGHT)
        refused = client("general_group", "en").post(f"/duty/swaps/{key}/", {"step": "apply"})
        assert refused.status_code == 400
        assert "rests only" in text_of(refused)


class TestTheCloseOut:
    def test_an_empty_night_says_so(self, day):
        # What the made city left open, and the telephone that nobody tried.
        for model in (Task, Timer, Order, Signal):
            model.objects.all().delete()
        page = client("duty_officer", "en").get("/close-out/")
        assert page.context["total"] == 0
        assert "Nothing is left overnight" in text_of(page)

    def test_from_the_reasons_to_both_signatures(self, day):
        open_task()
        officer = client("duty_officer", "en")
        page = officer.get("/close-out/")
        assert "no reason yet" in text_of(page)
        early = officer.post("/close-out/2022-04-18/draw-up/", {"note": ""})
        assert early.status_code == 409
        assert "no reason yet; the hand-over cannot be drawn up" in text_of(early)
        every = [row["item"].name for row in page.context["rows"]]
        given = {"line": every, "why": "等待外地回函", "until_at": "2022-04-19T12:00"}
        assert officer.post("/close-out/2022-04-18/carry/", given).status_code == 302
        assert officer.post("/close-out/2022-04-18/draw-up/", {"note": "注意东区"}).status_code == 302
        assert officer.post("/close-out/2022-04-18/sign-out/").status_code == 302
        assert officer.post("/close-out/2022-04-18/sign-in/").status_code == 403
        next_chief = client(ROLES[1], "en")
        assert "Sign as the coming shift" in text_of(next_chief.get("/close-out/2022-04-18/"))
        assert next_chief.post("/close-out/2022-04-18/sign-in/").status_code == 302
        held = Handover.objects.open().get()
        assert (held.state, held.signed_out_by != held.signed_in_by) == ("signed", True)
        at_office(NIGHT + timedelta(hours=8.6))
        morning = text_of(next_chief.get("/close-out/"))
        assert "Close-out of the day" in morning
        for ending, magic in (("pdf", b"%PDF"), ("docx", b"PK")):
            paper = next_chief.get(f"/close-out/2022-04-18/handover.{ending}")
            assert paper.content.startswith(magic)

    def test_what_is_open_is_told_apart_and_opens_on_its_page(self, day):
        Task.objects.all().delete()
        for n, clock in enumerate(("handover", "phone_test")):
            key = f"t{n}"
            open_task(
                key=key, kind="follow_up_limit", title="", params={"clock": clock, "disease": "covid-19"}
            )
        open_task(key="t9", title="decide_order")
        put(DirectiveRecipient, receipt())
        page = client("duty_officer", "en").get("/close-out/")
        rows = {row["item"].name: row for row in page.context["rows"]}
        assert rows["task|t0"]["what"] == "Follow up missed time limits: sign the hand-over"
        assert rows["task|t1"]["what"] != rows["task|t0"]["what"]
        assert rows["task|t9"]["what"] == "Decide on the order", "a part without words is called by its kind"
        assert rows["task|t9"]["title"] == ""
        assert rows["directive|recipient-1"]["href"] == "/directives/directive-1/"

    def test_what_whoever_leads_the_shift_has_to_sign_stands_on_their_day(self, day):
        Task.objects.all().delete()
        officer, coming = client("duty_officer", "en"), client(ROLES[1], "en")
        every = [row["item"].name for row in officer.get("/close-out/").context["rows"]]
        given = {"line": every, "why": "等待外地回函", "until_at": "2022-04-19T12:00"}
        officer.post("/close-out/2022-04-18/carry/", given)
        assert officer.post("/close-out/2022-04-18/draw-up/", {"note": "注意东区"}).status_code == 302
        assert '<textarea class="input input--area" name="note" maxlength="2000" lang="zh-CN">' in (
            officer.get("/close-out/").content.decode()
        )
        place = f"/close-out/2022-04-18/?area={CITY}#handover"
        at_office(NIGHT + timedelta(hours=8.5))
        assert place in officer.get("/my-day/").content.decode()
        assert place not in coming.get("/my-day/").content.decode()
        officer.post("/close-out/2022-04-18/sign-out/")
        assert place not in officer.get("/my-day/").content.decode()
        assert place in coming.get("/my-day/").content.decode()

    def test_at_seven_the_next_officer_opens_the_night_s_list(self, day):
        open_task()
        at_office(NIGHT + timedelta(hours=8.5))
        page = client(ROLES[1], "en").get("/close-out/")
        assert page.context["on"].isoformat() == "2022-04-18"
        assert "逐户复核名册" in text_of(page)

    def test_a_reason_without_words_is_refused_in_place(self, day):
        open_task()
        officer = client("duty_officer", "en")
        given = {"line": ["task|t1"], "why": " ", "until_at": "2022-04-19T12:00"}
        refused = officer.post("/close-out/2022-04-18/carry/", given)
        assert refused.status_code == 400
        assert "Give the reason" in text_of(refused)

    def test_whoever_is_not_on_duty_reads_and_writes_nothing(self, day):
        open_task()
        reader = client("supply_group", "en")
        page = reader.get("/close-out/")
        assert not page.context["may_close"]
        given = {"line": ["task|t1"], "why": "x", "until_at": "2022-04-19T12:00"}
        assert reader.post("/close-out/2022-04-18/carry/", given).status_code == 403

    def test_a_thousand_lines_cost_no_more_queries(self, day):
        officer = client("duty_officer")
        counted = []
        for n in (2, 200):
            rows = [{"key": f"k{n}-{i}"} for i in range(n)]
            for row in rows:
                open_task(**row)
            with CaptureQueriesContext(connection) as queries:
                officer.get("/close-out/")
            counted.append(len(queries))
        assert counted[0] == counted[1]


def test_a_district_has_a_roster_and_a_close_out_of_its_own(day):
    chief = somebody("district_officer", "near", NEAR)
    new = NewShift(NIGHT, NIGHT + timedelta(hours=10), chief.key)
    shift_enter(new, area_code=NEAR, actor=chief, at=NIGHT)
    page = client("district_officer", "en", "near", NEAR)
    assert "P near" in text_of(page.get("/duty/"))
    assert page.get(f"/duty/?area={CITY}").context["area"] == NEAR
    assert page.get("/close-out/").context["area"] == NEAR
    assert installation().area_code == CITY
