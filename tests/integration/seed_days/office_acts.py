"""What the office does on the day beside the page: its own meeting, log, roster, plans, level, sweeps, comments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from fangkong.command.directives.actions import directive_tasks_create, recipient_acknowledge, recipient_reply
from fangkong.command.duty.actions import Team, roster_fill
from fangkong.command.listening.actions import concern_enter, concerns_merge, problem_raise
from fangkong.command.meetings.actions import meeting_call
from fangkong.command.models import Concern, Directive, DirectiveRecipient
from fangkong.command.response.actions import (
    level_record,
    plan_approve,
    plan_draft,
    plan_start,
    site_add,
)
from fangkong.command.tasks.actions import task_done
from fangkong.command.tasks.giving import NewTask
from fangkong.core.errors import InputError
from fangkong.desks.control.actions import Extent, order_propose_for_group
from fangkong.desks.control.tests.people import contact
from fangkong.record import audit, events
from fangkong.record.load import load
from fangkong.record.models import Area, Case, LabResult, PersonArea

from .gold import of_gold
from .lived_day import Day
from .small_city import CITY, DISEASE

#: Decisions that are carried out street by street with a count: the sweeps, and the grid down to the household.
COUNTED = {"S0": "S0-10", "S3": "S3-19", "S4": "S4-39"}

#: The statement of readiness, in the words of whoever gives it.
READY = "试剂、人员、组织均已就绪，可随时启动区域检测"

#: Comments that are one matter: (what is merged, into what).
ONE_MATTER = {"S4": ("S4-F4", "S4-F2")}

STEPS = [
    {"title": "通知负责人到岗", "owner_role": "general_group", "within_hours": 0.5},
    {"title": "清点备用房间", "owner_role": "supply_group", "within_hours": 2, "after": [1]},
]


def act(day: Day) -> None:
    """Everything below, between the morning and the close-out."""
    case_reported(day)
    meeting_of_the_day(day)
    problem_logged(day)
    roster_entered(day)
    report_by_telephone(day)
    comments_entered(day)
    for own in _BY_SEED.get(day.seed.name, ()):
        own(day)
    if day.seed.name in COUNTED:
        counted_street_by_street(day)


def case_reported(day: Day) -> None:
    """The positive of the morning's file is reported as a case at half past eight, with a contact soon after."""
    result = LabResult.objects.open().filter(result="positive").order_by("-known_from").first()
    assert result is not None
    at = day.city.at("08:30")
    row = {
        "key": "case-of-the-day",
        "case_no": f"{CITY}-{day.seed.day:%Y}-0999",
        "person_key": result.person_key,
        "disease": DISEASE,
        "area_code": result.area_code,
        "classification": "confirmed",
        "classified_on": day.seed.day,
        "reported_on": day.seed.day,
    }
    with audit.writing():
        load(Case, [row], actor="test", source_key="test", known_from=at)
        told = {name: row[name] for name in ("person_key", "disease", "classification")}
        events.emit("case.reported", row["key"], row["area_code"], at=at, params=told)
    neighbour = PersonArea.objects.open().filter(kind="home", area_code__startswith=result.area_code)
    contact(
        "contact-of-the-day",
        known=day.city.at("08:45"),
        last=day.seed.day - timedelta(days=1),
        person_key=neighbour.exclude(person_key=result.person_key).order_by("key")[0].person_key,
        area_code=result.area_code,
        case_key=row["key"],
        emit=True,
    )


def meeting_of_the_day(day: Day) -> None:
    """The office calls its meeting with the six standing reports."""
    day.keys["meeting"] = meeting_call(
        body="临江市疫情防控工作领导小组",
        area_code=CITY,
        starts_at=day.city.at("09:30"),
        chairs=[{"name": "沈望", "post": "组长"}],
        venues=[{"name": "主会场", "expected": 20}],
        actor=day.city.actor("general_group"),
        at=day.city.at("08:40"),
    )


def problem_logged(day: Day) -> None:
    day.keys["problem"] = problem_raise(
        title="返岗人员集中到达，登记来不及",
        words="火车站一小时到达两千人，登记点只有四个",
        area_code=CITY,
        owner_role="community_group",
        actor=day.city.actor("duty_officer"),
        at=day.city.at("10:30"),
    )


def report_by_telephone(day: Day) -> None:
    """Somebody rings the hotline about people who have come back: logged without who rang."""
    day.keys["call"] = concern_enter(
        "隔壁楼有外地返回人员未登记",
        channel="hotline",
        area_code=CITY,
        voiced_on=day.seed.day,
        actor=day.city.actor("duty_officer"),
        at=day.city.at("10:35"),
    )


def roster_entered(day: Day) -> None:
    """A 24-hour roster for the ten days from the day on: three teams, so that everybody rests between two shifts."""
    people = [
        day.city.actor(role).key
        for role in (
            "duty_officer",
            "health_authority",
            "investigation_group",
            "community_group",
            "supply_group",
        )
    ]
    roster_fill(
        area_code=CITY,
        first_on=day.seed.day,
        days=10,
        changes=[time(8)],
        teams=[Team(people[n], people[(n + 2) % 5]) for n in range(5)],
        actor=day.city.actor("general_group"),
        at=day.city.at("07:30"),
    )


def comments_entered(day: Day) -> None:
    """What readers wrote below the page goes to Listening by the page's own button; one matter is merged."""
    if not day.seed.feedback:
        return
    client = Client()
    day.city.set_clock("10:00")
    client.force_login(day.user("general_group"))
    answer = client.post(reverse("minutes_voices", args=[day.document_key]))
    assert answer.status_code == 302
    merged, into = ONE_MATTER[day.seed.name]
    words = {each["id"]: each["quote"] for each in day.seed.feedback}
    found = {each.words: each.key for each in Concern.objects.open()}
    concerns_merge(
        [found[words[merged]]],
        found[words[into]],
        actor=day.city.actor("general_group"),
        at=day.city.at("10:40"),
    )


def counted_street_by_street(day: Day) -> None:
    """One task for each street with a count as proof: one reports all, one misses some, the others are silent."""
    key = led_from(day, COUNTED[day.seed.name])
    assert Directive.objects.open().get(key=key).state == "issued"
    day.keys["counted"] = key
    streets = day.city.areas("street")
    rows = [
        NewTask(
            title="全覆盖排摸，应查与实查核对",
            owner_role="street_officer",
            area_code=street,
            due_at=day.city.at("21:00"),
            post="街道排摸专班",
            evidence_kind="count_reconciled",
        )
        for street in streets
    ]
    tasks = directive_tasks_create(key, rows, actor=day.city.actor("general_group"), at=day.city.at("11:40"))
    for street, task, count in zip(streets, tasks, ("430/430", "412/430"), strict=False):
        person = day.city.actor("street_officer", street)
        task_done(task, actor=person, at=day.city.at("17:00"), evidence=[{"text": count}])


def level_one_since(on: date, day: Day) -> None:
    """The level that the province declared two days before: entered as a fact with its document, no new order."""
    day.keys["level"] = level_record(
        area_code=CITY,
        hazard="epidemic",
        disease=DISEASE,
        level=1,
        rank="province",
        document="省人民政府关于启动重大突发公共卫生事件一级响应的公告",
        starts_on=on,
        actor=day.city.actor("duty_officer"),
        at=day.city.at("07:20"),
    )


def two_plans_and_a_flood(day: Day) -> None:
    """A plan for extreme events and one of the office's own kind; a flood response beside the epidemic."""
    for name, given in {
        "extreme": {"kind": "极端情况应急预案", "title": "汛期转移", "hazard": "flood", "evacuates": True},
        "urgent": {"kind": "三紧急", "title": "三紧急响应预案"},
    }.items():
        day.keys[name] = plan_draft(
            area_code=CITY,
            checklist=STEPS,
            actor=day.city.actor("duty_officer"),
            at=day.city.at("10:50"),
            **given,
        )
        plan_approve(day.keys[name], actor=day.city.actor("co_chair"), at=day.city.at("11:10"))
    day.keys["flood_level"] = level_record(
        area_code=CITY,
        hazard="flood",
        level=4,
        rank="prefecture",
        document="市防汛抗旱指挥部关于启动防汛四级应急响应的通知",
        starts_on=day.seed.day,
        actor=day.city.actor("duty_officer"),
        at=day.city.at("11:15"),
    )
    danger, safe, *_ = day.city.areas("street")
    day.keys["run"] = plan_start(
        day.keys["extreme"],
        area_code=danger,
        reason="低洼街道积水",
        submit="form-1",
        actor=day.city.actor("duty_officer"),
        at=day.city.at("12:00"),
    )
    site: dict[str, Any] = {"rooms": 40, "actor": day.city.actor("duty_officer"), "at": day.city.at("12:10")}
    try:
        site_add(day.keys["run"], name="低洼处旅馆", area_code=danger, **site)
    except InputError as refused:
        day.keys["site_refused"] = refused.code
    site_add(day.keys["run"], name="高处学校宿舍", area_code=safe, **site)


def posts_and_persons(day: Day) -> None:
    """The decision that every task has a post and a person: one task for each group, to its own person."""
    key = led_from(day, "S2-36")
    rows = [
        NewTask(
            title="列出本组岗位与责任人",
            owner_role=role,
            owner_key=day.city.actor(role).key,
            area_code=CITY,
            due_at=day.city.at("20:00"),
            post=f"{role} 责任岗",
        )
        for role in ("investigation_group", "treatment_group", "supply_group")
    ]
    directive_tasks_create(key, rows, actor=day.city.actor("general_group"), at=day.city.at("11:45"))


def readiness_stated(day: Day) -> None:
    """The office that was asked to be ready says so in writing: its words and their moment stay with the directive."""
    recipient = DirectiveRecipient.objects.open().filter(directive_key=led_from(day, "S2-29")).first()
    assert recipient is not None
    person = day.city.actor(recipient.role, recipient.area_code)
    if recipient.state == "awaiting":
        recipient_acknowledge(recipient.key, actor=person, at=day.city.at("11:30"))
    recipient_reply(recipient.key, READY, actor=person, at=day.city.at("16:00"))


def smaller_extent_beside(day: Day) -> None:
    """An order on a street is proposed; the smallest lawful extent stands beside it with both costs."""
    case = Case.objects.open().get(key="case-of-the-day")
    street = case.area_code[:9]
    people = Area.objects.open().get(key=street).population or 0
    proposal = order_propose_for_group(
        "stay_in",
        disease=DISEASE,
        area_code=street,
        extent=Extent("street", 100, people, more={"smaller_unit": "building", "smaller_residents": 60}),
        starts_on=day.seed.day,
        expires_on=day.seed.day + timedelta(days=4),
        evidence="一例新增阳性",
        proportionality_note="范围待研判",
        legal_basis="区指挥部通告",
        actor=day.city.actor("district_officer", street[:6]),
        at=day.city.at("13:00"),
    )
    day.keys["order"] = proposal.order_key


def led_from(day: Day, gold_id: str) -> str:
    """The directive or duty that the annotated clause led to."""
    found = [each for each in of_gold(day.clauses(), day.seed.clauses[gold_id]) if each.key in day.led]
    return day.led[found[0].key]


_BY_SEED: dict[str, tuple[Callable[[Day], None], ...]] = {
    "S3": (lambda day: level_one_since(day.seed.day - timedelta(days=2), day),),
    "S0": (lambda day: level_one_since(date(2020, 1, 24), day),),
    "S2": (two_plans_and_a_flood, posts_and_persons, readiness_stated),
    "S4": (smaller_extent_beside,),
}
